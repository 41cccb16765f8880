"""Forecasts and evaluations of whole logs: what they may see, how they choose, how they cover."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from purchase_logs import transaction_log

from scoring.customers import forecast as module
from scoring.customers.champion import PastForecast, choose, relative_loss, stack
from scoring.customers.evaluation import evaluate
from scoring.customers.features import YEAR
from scoring.customers.forecast import BLEND, Forecaster, forecast
from scoring.customers.history import PurchaseHistory, day_number, purchase_days
from scoring.customers.learners import OUTCOME, Base, BtydOffset, Learner
from scoring.customers.level import Levels, levels
from scoring.customers.panel import Panel
from scoring.customers.season import Clock
from scoring.metrics import (
    _resampled_amounts,
    _resampled_probabilities,
    amount_metrics,
    probability_metrics,
    with_intervals,
)

CUT = date(2024, 3, 31)
HORIZON = 60


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return transaction_log(500)


@pytest.fixture(scope="module", autouse=True)
def small_base_is_smaller() -> Iterator[None]:
    """Trees on a base of a thousand customers would take most of the time of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALL_BASE", 400)
        yield


@pytest.fixture
def no_trees(monkeypatch) -> None:
    monkeypatch.setattr(module, "_LEAST_TREE_ROWS", 10**9)


@pytest.fixture(scope="module")
def evaluation(log, small_base_is_smaller):
    return evaluate(log, CUT, HORIZON)


def test_a_large_base_ends_with_the_blend(evaluation):
    summary = json.loads(evaluation.to_json())
    for task in ("purchases", "spend", "churn"):
        chosen = summary["tasks"][task]
        assert chosen["champion"] == BLEND
        weights = chosen["blend"]["weights"]
        assert {"btyd_offset", "boosted_trees", "extra_trees"} <= set(weights)
        assert min(weights.values()) >= 0
        # Weights are learned where everything was over by the cut.
        for window in chosen["past_windows"]:
            assert date.fromisoformat(window["cut"]) + timedelta(days=HORIZON) <= CUT
        worst = chosen["candidates"]["poisson/mean_spend" if task == "spend" else "poisson"]
        metric = "log_loss" if task == "churn" else "mae"
        for part in ("all", "active_last_90_days"):
            found = chosen["candidates"][BLEND][part][metric]
            assert found["low"] <= found["value"] <= found["high"]
            assert found["value"] < worst[part][metric]["value"]
    amounts = [summary["tasks"][task] for task in ("purchases", "spend")]
    assert sum(amounts[0]["blend"]["weights"].values()) == pytest.approx(1)
    for chosen in amounts:
        assert abs(chosen["candidates"][BLEND]["all"]["bias"]["value"]) < 0.15
        assert 0.74 < chosen["interval"]["coverage_of_expected_buyers"] < 0.88
    churn = summary["tasks"]["churn"]["candidates"][BLEND]["all"]
    assert churn["calibration_error"]["value"] < 0.05

    predictions = evaluation.predictions
    assert len(predictions) == summary["customers"] == predictions["customer_id"].nunique()
    assert (predictions["purchases_low"] <= predictions["expected_purchases"]).all()
    assert (predictions["expected_purchases"] <= predictions["purchases_high"]).all()
    assert predictions["p_no_purchase"].between(0, 1).all()
    told = predictions["reason_1"].dropna()
    assert len(told) > 0.9 * len(predictions)
    assert told.str.contains("raises churn|lowers churn").all()


def test_the_future_changes_nothing(log, evaluation):
    """Rows after the cut are swapped for others; every forecast stays, to the last bit."""
    past = log[log["date"] <= pd.Timestamp(CUT)]
    planted = pd.concat(
        [
            past.drop_duplicates("customer_id").assign(
                date=pd.Timestamp(CUT) + pd.Timedelta(days=20), amount=1e5
            ),
            past.tail(200).assign(date=pd.Timestamp("2024-05-01"), amount=lambda x: -x["amount"]),
        ]
    )
    again = evaluate(pd.concat([past, planted]).sample(frac=1, random_state=1), CUT, HORIZON)
    actual = [name for name in evaluation.predictions if name.startswith(("actual", "churned"))]
    pd.testing.assert_frame_equal(
        again.predictions.drop(columns=actual),
        evaluation.predictions.drop(columns=actual),
        check_exact=True,
    )
    assert not again.predictions["actual_purchases"].equals(
        evaluation.predictions["actual_purchases"]
    )


def test_learners_never_see_a_window_that_overlaps(log, monkeypatch):
    """Every fit is recorded: its windows are over by the cut-off that it forecasts."""
    seen: list[tuple[int, int]] = []

    class Recorder(Learner):
        name = "recorder"

        def fit(self, past, now, base):
            assert past[list(OUTCOME.values())].notna().all().all()
            seen.append((int(past["cutoff"].max()), int(now["cutoff"].iloc[0])))
            return self

        def predict(self, rows, tasks=()):
            return {}

    monkeypatch.setattr(module, "LEARNERS", {"recorder": Recorder})
    history = PurchaseHistory.from_frame(purchase_days(log))
    found = forecast(history, day_number(CUT), HORIZON)
    assert len(seen) > 1
    assert all(newest + HORIZON <= target for newest, target in seen)
    assert max(target for _, target in seen) == found.cutoff
    # The panel itself holds no outcome that was not known.
    panel = Panel.build(history, [found.cutoff, found.cutoff - 30], HORIZON, found.cutoff)
    assert panel.rows["purchases_after"].isna().all()


def test_weights_and_champion():
    rng = np.random.default_rng(5)
    truth = rng.gamma(1.0, 4.0, 2_000)
    actual = rng.poisson(truth).astype(float)
    windows = [
        PastForecast(
            day,
            actual,
            {
                "good": truth,
                "noise": rng.gamma(1.0, 4.0, 2_000),
                "zero": np.zeros(2_000),
            },
        )
        for day in (1, 2)
    ]
    prior = {"good": 1 / 3, "noise": 1 / 3, "zero": 1 / 3}
    weights = stack("purchases", windows, prior).members
    assert min(weights.values()) >= 0
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["good"] > 0.9
    assert stack("purchases", [], prior).members == pytest.approx(prior)
    # A member that leaves out half of the mean may take part with 6% at most.
    short = stack("purchases", windows, {"good": 0.5, "zero": 0.5}, {"zero": 0.5}).members
    assert short["zero"] <= 0.06 + 1e-6

    # A forecast of next to nothing has the lower absolute error here, and must not win.
    sparse = (rng.random(5_000) < 0.1) * 1.0
    low, fair = np.full(5_000, 0.01), np.full(5_000, 0.1)
    assert np.abs(sparse - low).mean() < np.abs(sparse - fair).mean()
    for task in ("purchases", "spend"):
        assert relative_loss(task, sparse, fair) < relative_loss(task, sparse, low)
    past = [PastForecast(day, sparse, {"fair": fair, "low": low}) for day in (1, 2)]
    assert choose("purchases", past, ["fair", "low"], preferred="low", why="").name == "fair"
    assert choose("purchases", past, ["fair", "low"], preferred="fair", why="").name == "fair"
    # Better on average, but not in every window.
    mixed = [
        PastForecast(1, actual, {"a": truth, "b": truth * 1.5}),
        PastForecast(2, actual, {"a": truth * 1.1, "b": truth}),
    ]
    assert choose("purchases", mixed, ["a", "b"], preferred="b", why="").name == "b"
    assert choose("purchases", mixed[:1], ["a", "b"], preferred="b", why="").name == "a"
    # A forecast of the middle does not compete, however well it did.
    middle = [
        PastForecast(day, actual, {"a": truth, "a_mean": truth, "b": truth * 1.5}) for day in (1, 2)
    ]
    assert choose("purchases", middle, ["a", "b", "a_mean"], preferred="b", why="").name == "a_mean"
    close = [PastForecast(1, actual, {"a": truth, "b": truth * 1.001})]
    assert choose("purchases", close, ["a", "b"], preferred="b", why="").name == "b"


def test_churn_weights_calibrate():
    rng = np.random.default_rng(6)
    truth = rng.beta(0.6, 1.4, 6_000)
    happened = (rng.random(6_000) < truth) * 1.0
    odds = np.log(truth / (1 - truth))
    shy = 1 / (1 + np.exp(-(odds / 2 + 0.7)))  # right order, wrong probabilities
    window = PastForecast(1, happened, {"shy": shy})
    blended = stack("churn", [window], {"shy": 1.0}).blend("churn", {"shy": shy})
    error = [probability_metrics(happened, p)["calibration_error"].value for p in (shy, blended)]
    assert error[1] < error[0] / 3


def test_one_order_decides_nothing_and_the_last_window_is_a_yardstick():
    rng = np.random.default_rng(8)
    truth = rng.gamma(1.0, 40.0, 3_000)
    actual = truth * rng.gamma(1.0, 1.0, 3_000)
    whole = actual.copy()
    whole[0] = 5e9
    told = relative_loss("spend", whole, truth)
    assert told == pytest.approx(relative_loss("spend", actual, truth), rel=0.2)
    past = [PastForecast(day, actual, {"btyd": truth * 1.6, "naive": truth}) for day in (1, 2)]
    chosen = choose("spend", past, ["btyd", "naive"], preferred="btyd", why="few")
    assert chosen.name == "btyd"
    assert "last window over again did better" in chosen.reason


BASE = Base("expected", "expected_spend", "none", "alive")
EVEN = Clock.even(YEAR)


def year_of_windows(level: dict[int, float], customers: int = 3_000) -> pd.DataFrame:
    """Windows of which some are off by a level; who has been silent comes for the first."""
    rng = np.random.default_rng(11)
    parts = []
    for cutoff in [0, *range(94, 334, 24)]:
        hiatus = rng.integers(0, 400, customers)
        expected = rng.gamma(0.8, 2.0, customers)
        factor = level.get(cutoff, level.get(-1, 1.0))
        silent = np.where((hiatus > 180) & (cutoff == 0), 2.0, 1.0)
        parts.append(
            pd.DataFrame(
                {
                    "cutoff": cutoff,
                    "hiatus": hiatus,
                    "expected": expected,
                    "expected_spend": expected * 2,
                    "purchases_after": rng.poisson(expected * factor * silent).astype(float),
                    "spend_after": rng.poisson(expected * factor * silent) * 2.0,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def found_levels(level: dict[int, float], clocks: dict[int, Clock] | None = None) -> Levels:
    past = year_of_windows(level)
    clocks = clocks or dict.fromkeys(past["cutoff"].unique().tolist(), EVEN)
    now = past[past["cutoff"] == 94]
    return levels(past, now, BASE, "purchases", clock=EVEN, clocks=clocks, horizon_days=30)


def test_the_level_is_what_windows_agree_on():
    """Apart from the one a year ago, in which half of the customers bought twice as much."""
    agreed = found_levels({-1: 0.8, 0: 0.8 / 1.55})
    assert agreed.expected == pytest.approx(0.8, rel=0.05)
    rng = np.random.default_rng(2)
    apart = {cut: float(np.exp(rng.normal(0, 0.4))) for cut in range(94, 334, 24)}
    mean = float(np.mean(np.log(list(apart.values()))))
    assert abs(np.log(found_levels({**apart, 0: 1.0}).expected)) < abs(mean) + 0.2
    # What was off because the pace was not known then says nothing about the next window.
    past = year_of_windows({-1: 0.5, 0: 0.5})
    twice = {cut: replace(EVEN, given={30: 2.0}) for cut in past["cutoff"].unique().tolist()}
    known = found_levels({-1: 0.5, 0: 0.5 / 1.55}, twice)
    assert known.expected == pytest.approx(1.0, abs=0.03)
    assert levels(
        past, past, BASE, "purchases", clock=EVEN, clocks=twice, horizon_days=30
    ).by_cutoff[94] == pytest.approx(np.log(0.5), abs=0.05)


def test_a_season_brings_back_the_silent():
    found = found_levels({})
    rows = pd.DataFrame({"hiatus": [5, 60, 200, 380]})
    factor = found.factor(rows)
    assert factor[2] > 1.4 * factor[0]
    assert factor[3] > 1.4 * factor[1]
    # What they buy more, others buy less: the total is the level's.
    now = year_of_windows({})
    now = now[now["cutoff"] == 94]
    total = float((now["expected"] * found.factor(now)).sum() / now["expected"].sum())
    assert total == pytest.approx(found.expected)


def test_the_offset_keeps_the_total(log):
    history = PurchaseHistory.from_frame(purchase_days(log, CUT))
    now = day_number(CUT)
    past = Panel.build(history, [now - 60, now - 90, now - 120], 60, now)
    rows = Panel.build(history, [now], 60, now).at(now)
    base = Base("bg_nbd:purchases", "bg_nbd/mean_spend:spend", "bg_nbd:churn", "bg_nbd:alive")
    offset = BtydOffset(60).fit(past.before(now), rows, base)
    for task, by_name in offset.predict(rows).items():
        if task != "churn":
            assert by_name["btyd_offset"].sum() == pytest.approx(rows[base.of(task)].sum())
            assert not np.allclose(by_name["btyd_offset"], rows[base.of(task)])


def test_bootstrap_repeats_the_metrics():
    """A resample's fast metrics are those of the customers drawn, repeated; ties included."""
    rng = np.random.default_rng(8)
    counts = rng.multinomial(300, np.full(300, 1 / 300), 5).astype(float)
    f = np.round(rng.gamma(1, 3, 300), 1)
    y = rng.poisson(f).astype(float)
    p = np.round(rng.random(300), 2)
    z = (rng.random(300) < p) * 1.0
    for fast, slow, actual, predicted in (
        (_resampled_amounts, amount_metrics, y, f),
        (_resampled_probabilities, probability_metrics, z, p),
    ):
        found = fast(counts, actual, predicted)
        for row, count in enumerate(counts.astype(int)):
            again = slow(np.repeat(actual, count), np.repeat(predicted, count))
            for metric, result in again.items():
                assert found[metric][row] == pytest.approx(result.value, rel=1e-9), metric
    interval = with_intervals(y, {"f": f}, probabilities=False)["f"]["mae"]
    assert interval.low < interval.value < interval.high


def degenerate(name: str) -> pd.DataFrame:
    log = transaction_log(120, seed=3)
    if name == "one_time_buyers":
        return transaction_log(600, seed=3).drop_duplicates("customer_id")
    if name == "no_amounts":
        return log.drop(columns="amount")
    if name == "one_customer":
        return log[log["customer_id"] == "c00007"]
    if name == "one_day":
        return log.head(50).assign(date=pd.Timestamp(CUT), customer_id=[*map(str, range(50))])
    if name == "short":
        return log[log["date"] >= pd.Timestamp("2024-01-10")]
    reversals = log.sample(frac=0.3, random_state=1).assign(amount=lambda x: -x["amount"])
    huge = log.head(5).assign(amount=77_169.6)
    back = huge.assign(amount=-77_169.6)
    return pd.concat([log, reversals, huge, back])


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(
    "name", ["one_time_buyers", "no_amounts", "one_customer", "one_day", "short", "reversals"]
)
def test_degenerate_bases_end_with_a_simple_model(name, request):
    if name != "one_time_buyers":  # there, trees could be chosen
        request.getfixturevalue("no_trees")
    found = evaluate(degenerate(name), CUT, HORIZON, unit="weeks", resamples=20)
    summary = json.loads(found.to_json())
    simple = {"btyd", "btyd_offset", "naive", "bg_nbd", "nbd", "poisson"}
    for task, chosen in summary["tasks"].items():
        if name == "no_amounts" and task == "spend":
            assert chosen["champion"] is None
            continue
        if name == "one_time_buyers" and task == "churn":
            continue  # certain either way
        assert chosen["champion"].partition("/")[0] in simple, task
        assert chosen["reason"]
    expected = found.predictions.filter(like="expected_")
    assert np.isfinite(expected.to_numpy()).all()
    assert (expected.to_numpy() >= 0).all()
    assert found.predictions["p_no_purchase"].between(0, 1).all()
    if name == "reversals":
        assert expected.to_numpy().max() < 10_000
    if name == "short":
        assert any("shorter" in warning for warning in summary["warnings"])


def test_models_are_averaged_where_no_window_is_as_long_as_the_horizon(log, no_trees):
    history = PurchaseHistory.from_frame(purchase_days(log, CUT))
    long = forecast(history, day_number(CUT), 365, None)
    assert not long.has_full_windows
    base = long.fitted.base
    assert base is not None
    assert {base.purchases, base.churn} == {"average:purchases", "average:churn"}
    rows = long.rows()
    models = ["bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd"]
    for output in ("churn", "purchases"):
        of = np.mean([rows[f"{name}:{output}"] for name in models], axis=0)
        assert np.allclose(rows[f"average:{output}"], of)
    full = forecast(history, day_number(CUT), HORIZON, None).fitted.base
    assert full is not None
    assert "average" not in full.purchases


def test_former_heavy_buyers_set_no_floor():
    """A few of them return and buy a lot: that is not what everybody does at least."""
    rng = np.random.default_rng(5)
    forecasts = np.sort(rng.gamma(1.0, 1.0, 5_000))
    actual = rng.poisson(forecasts * 0.1).astype(float)
    actual[:100] = 4.0  # the lowest forecasts
    learned = pd.DataFrame({"expected": forecasts, "purchases_after": actual})
    least, most = module._believed(learned, BASE, "purchases")
    assert least < actual[100:].mean() / 2
    assert least > 0
    assert most == actual.max()
    idle = learned.assign(purchases_after=np.where(forecasts > 3, 1.0, 0.0))
    assert module._believed(idle, BASE, "purchases")[0] > 0


def champion_total(found: Forecaster) -> float:
    return float(found.champions(found.rows())["purchases"].sum())


def test_a_season_is_foreseen_only_if_a_year_ago_was_seen(no_trees):
    log = transaction_log(
        1200, seed=4, start=date(2022, 6, 1), days=640, mean_gap=20, december=True
    )
    cut, horizon = date(2023, 11, 27), 30
    history = PurchaseHistory.from_frame(purchase_days(log, cut))
    foreseen = forecast(history, day_number(cut), horizon)
    total = champion_total(foreseen)
    actual = (
        purchase_days(log)["purchase_date"]
        .between(pd.Timestamp(cut) + pd.Timedelta(days=1), pd.Timestamp("2023-12-27"))
        .sum()
    )
    recent = PurchaseHistory.from_frame(
        purchase_days(log[log["date"] >= pd.Timestamp("2023-01-01")], cut)
    )
    blind = forecast(recent, day_number(cut), horizon)
    assert any("season" in warning for warning in blind.warnings)
    assert not any("season" in warning for warning in foreseen.warnings)
    low = champion_total(blind)
    assert low < 0.85 * actual
    assert abs(total / actual - 1) < abs(low / actual - 1)
    told = forecast(recent, day_number(cut), horizon, seasonal_index=1.5)
    assert champion_total(told) > 1.3 * low
