"""The worlds that scores are judged in: their moments, and what they call the best forecast."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import special


def _worlds() -> ModuleType:
    path = Path(__file__).resolve().parents[4] / "bench" / "worlds.py"
    spec = importlib.util.spec_from_file_location("worlds", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["worlds"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


worlds = _worlds()


def far(values: np.ndarray, expected: float) -> float:
    """Standard errors between a mean and what was expected of it."""
    error = values.std() / np.sqrt(len(values))
    return float(abs(values.mean() - expected) / max(error, 1e-12))


def test_repeat_purchases_of_bgnbd_have_the_known_mean() -> None:
    world = worlds.WORLDS["bgnbd"]
    sample, days = world.draw(20_000, 1), 300.0
    begin = np.searchsorted(sample.customer, np.arange(20_000))
    since = sample.at - sample.at[begin][sample.customer]
    repeats = np.bincount(sample.customer[(since > 0) & (since <= days)], minlength=20_000)
    (r, gap), (a, b) = world.rates, world.leaving
    alpha = r * gap
    series = special.hyp2f1(r, b, a + b - 1, days / (alpha + days))
    mean = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + days)) ** r * series)
    assert far(repeats.astype(float), mean) < 4


def test_subscriptions_are_kept_as_long_as_their_chance_to_cancel_says() -> None:
    world = worlds.WORLDS["subscription"]
    sample = world.draw(20_000, 1)
    renewals = np.bincount(sample.customer, minlength=20_000) - 1
    a, b = world.leaving
    for month in (1, 6, 12):
        kept = np.exp(special.betaln(a, b + month) - special.betaln(a, b))
        assert far((renewals >= month).astype(float), kept) < 4


def test_christmas_peaks_before_christmas_and_some_buy_then_only() -> None:
    world = worlds.WORLDS["christmas"]
    sample = world.draw(5_000, 1)
    dates = np.datetime64(worlds.START) + sample.day
    day = dates.astype("datetime64[D]").astype(str)
    # One purchase a day: a second one on Christmas Eve is made on the day after.
    season = np.array(["11-13" <= d[5:] <= "12-26" for d in day])
    only = sample.kind[sample.customer] == 1
    assert only.any()
    assert season[only].all()
    assert 0.25 < season[~only].mean() < 0.40
    of_year = np.arange(365.0)
    way, lull = worlds._season(of_year)
    assert np.isfinite(way).sum() == 42
    assert worlds.christmas(of_year)[np.isfinite(way)].mean() == pytest.approx(3.13, abs=0.01)
    assert (worlds.christmas(of_year)[lull] == 0.6).all()
    assert world.season_index(world.cuts["90 before"], 90) == pytest.approx(1.77, abs=0.02)


def test_nobody_buys_in_the_closed_year_and_nothing_after_the_cut_is_shown() -> None:
    world = worlds.WORLDS["closed_year"]
    sample = world.draw(2_000, 1)
    # A second purchase on the last open day is made on the next.
    assert not ((sample.day > 366) & (sample.day < 730)).any()
    cut = world.cuts["100 after"]
    shown = sample.purchase_days(cut)
    assert shown["purchase_date"].max() <= np.datetime64(worlds.START) + cut
    assert not shown.duplicated(["customer_id", "purchase_date"]).any()
    assert sorted(shown["customer_id"].unique()) == list(sample.known(cut).ids)
    assert sample.log().equals(world.draw(2_000, 1).log())


@pytest.mark.parametrize("name", list(worlds.WORLDS))
def test_the_best_possible_is_right_on_average_and_not_beaten(name: str) -> None:
    world = worlds.WORLDS[name]
    sample = world.draw(4_000, 7)
    for cut in world.cuts.values():
        known = sample.known(cut)
        actual, best, oracle = known.actual(90), known.best(90), known.oracle(90)
        for forecast in (best, oracle):
            for column in ("p_none", "purchases", "spend"):
                error = (forecast[column] - actual[column]).to_numpy()
                # What is known for certain has no error.
                assert abs(error.sum()) <= 4 * np.sqrt((error**2).sum()) + 1e-9, column
            assert (forecast["purchases"] >= 1 - forecast["p_none"] - 1e-9).all()

        y, p = actual["p_none"].to_numpy(), best["p_none"].to_numpy()

        def brier(forecast: np.ndarray, y: np.ndarray = y) -> float:
            return float(np.mean((forecast - y) ** 2))

        odds = special.logit(np.clip(p, 1e-9, 1 - 1e-9))
        others = [special.expit(odds + 0.5), special.expit(odds - 0.5), special.expit(odds * 0.7)]
        others += [special.expit(odds * 1.5), np.full(len(y), y.mean())]
        assert brier(oracle["p_none"].to_numpy()) < brier(p)
        assert brier(p) < min(brier(other) for other in others)


def test_a_lifetime_is_more_than_its_first_year_and_less_than_all_years_at_its_pace() -> None:
    known = worlds.WORLDS["pareto_nbd"].draw(1_000, 1).known(729)
    lifetime, spend = known.lifetime(), known.best(365)["spend"].to_numpy()
    assert (lifetime >= known.lifetime(years=1)).all()
    assert (lifetime <= 5 * spend).all()
    undiscounted = known.lifetime(years=1, rate=0.0)
    assert undiscounted == pytest.approx(spend)
