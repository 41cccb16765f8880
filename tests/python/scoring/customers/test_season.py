"""The clock of the base: seasons, shut shops and who they leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.customers.history import PurchaseHistory, day_number, told_closed
from scoring.customers.season import Clock, clock

START = day_number(date(2022, 1, 3))  # a Monday
YEAR = 364


def buyers(pace: np.ndarray, customers: int = 1500, seed: int = 3, dropout: float = 0.05):
    """Customers with rates and dropout of their own, who buy faster where ``pace`` is high."""
    rng = np.random.default_rng(seed)
    days = len(pace)
    begin = rng.integers(0, days - 30, customers)
    rate = rng.gamma(1.2, 1 / 40, customers)
    passed = np.r_[0.0, np.cumsum(pace)]
    at = passed[begin]
    ids, bought = [np.arange(customers)], [begin]
    active = np.arange(customers)
    while len(active):
        at[active] += rng.exponential(1 / rate[active])
        active = active[(at[active] < passed[-1]) & (rng.random(len(active)) > dropout)]
        ids.append(active)
        bought.append(np.searchsorted(passed, at[active], side="right") - 1)
    frame = pd.DataFrame({"customer_id": np.concatenate(ids), "day": np.concatenate(bought)})
    frame = frame.drop_duplicates()
    frame["purchase_date"] = pd.to_datetime(START + frame["day"], unit="D")
    return PurchaseHistory.from_frame(frame.assign(amount=10.0))


def christmas(years: int) -> np.ndarray:
    """Six weeks at three times the pace before each new year, a slow January."""
    week = np.arange(years * YEAR) // 7 % 52
    return np.where(week >= 46, 3.0, np.where(week < 4, 0.5, 1.0))


def test_the_pace_is_found_whoever_buys_and_stays():
    """With the base growing from nobody and a twentieth of all leaving at every purchase."""
    pace = christmas(2)
    found = clock(buyers(pace), START + len(pace) - 1)
    weeks = np.diff(found.elapsed)[4 : len(pace) // 7 - 2]
    truth = pace[::7][4:-2]
    assert np.corrcoef(np.log(weeks), np.log(truth))[0, 1] > 0.95
    assert weeks[truth == 3].mean() / weeks[truth == 1].mean() == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize(("before", "days"), [(90, 90), (42, 42), (0, 28)])
def test_a_season_seen_a_year_ago_is_foreseen(before, days):
    """Beside the pace of the year before the cut-off."""
    pace = christmas(3)
    cut = 3 * YEAR - 1 - before if before else 2 * YEAR - 1
    found = clock(buyers(pace[: cut + 1]), START + cut)
    ahead = pace[cut + 1 : cut + 1 + days].mean() / pace[cut + 1 - YEAR : cut + 1].mean()
    told = found.horizon(days) / days / (found.horizon(YEAR, START + cut - YEAR) / YEAR)
    assert told == pytest.approx(ahead, rel=0.1)


def test_a_base_without_a_season_has_an_even_clock():
    found = clock(buyers(np.ones(2 * YEAR)), START + 2 * YEAR - 1)
    assert np.abs(np.log(np.diff(found.elapsed))).mean() < 0.02
    assert found.horizon(90) == pytest.approx(90 / 7, rel=0.03)
    assert found.worth_of(90) == pytest.approx(1.0)


@pytest.mark.parametrize("regularity", [3, 100])
def test_regular_buyers_do_not_look_like_a_base_that_slows_down(regularity):
    """Nobody of them buys right before the last purchase, which is mostly near the cut-off."""
    rng = np.random.default_rng(7)
    customers, days = 1500, 2 * YEAR
    gap = rng.gamma(regularity, 1 / regularity, (customers, 60)) * rng.uniform(
        20, 60, (customers, 1)
    )
    day = rng.uniform(0, YEAR, (customers, 1)) + np.cumsum(gap, axis=1)
    stays = rng.geometric(0.04, (customers, 1))
    customer, nth = np.nonzero((day < days) & (np.arange(60) < stays))
    bought = np.floor(day[customer, nth]).astype(int)
    frame = pd.DataFrame({"customer_id": customer, "day": bought}).drop_duplicates()
    frame["purchase_date"] = pd.to_datetime(START + frame["day"], unit="D")
    found = clock(PurchaseHistory.from_frame(frame.assign(amount=1.0)), START + days - 1)
    assert found.horizon(90) == pytest.approx(90 / 7, rel=0.07)


def test_a_drop_of_the_level_lasts():
    """Everybody buys a third less for half a year: the days to come are as slow."""
    pace = np.where(np.arange(2 * YEAR) < 1.5 * YEAR, 1.0, 0.65)
    found = clock(buyers(pace), START + len(pace) - 1)
    earlier = found.horizon(YEAR, START) / YEAR
    assert found.horizon(90) / 90 / earlier == pytest.approx(0.65, rel=0.12)


def test_nothing_after_the_cutoff_reaches_the_clock():
    history, cut = buyers(christmas(2)), START + YEAR + 100
    known, then = clock(history, cut), clock(history.until(cut), cut)
    np.testing.assert_array_equal(known.elapsed, then.elapsed)
    np.testing.assert_array_equal(known.worth, then.worth)


def test_few_purchases_say_nothing_about_weeks():
    few = buyers(christmas(2), customers=20)
    assert clock(few, START + 2 * YEAR - 1).elapsed.tolist() == [0.0, 1.0]


def test_amounts_that_ended_long_ago_tell_no_worth():
    """Prices were recorded only before the weeks that are looked at."""
    history = buyers(np.ones(7 * YEAR), customers=800, dropout=0.002)
    priced = history.day < START + YEAR
    history = replace(history, amount=np.where(priced, history.amount, 0.0))
    assert (priced.sum(), (~priced).sum()) > (200, 200)
    found = clock(history, START + 7 * YEAR - 1)
    assert found.worth_of(90) == pytest.approx(1.0)
    assert len(found.elapsed) > 5 * YEAR // 7


@given(
    st.lists(st.floats(0.02, 5.0), min_size=1, max_size=150),
    st.lists(st.integers(-400, 2000), min_size=2, max_size=20),
)
def test_time_passes(paces, days):
    """The clock never stands still or runs back, before its start and after its end either."""
    found = Clock(START + 7 * len(paces), START, np.r_[0.0, np.cumsum(paces)], np.ones(len(paces)))
    ordered = np.unique(days)
    assert (np.diff(found.at(START + ordered)) > 0).all()


def test_a_given_index_overrules_the_clock():
    found = Clock(START, START, np.array([0.0, 1.0]), np.ones(1), {90: 1.5})
    assert found.horizon(90) == pytest.approx(1.5 * 90 / 7)
    assert found.horizon(30) == pytest.approx(30 / 7)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(60, 200), st.integers(29, 400)), min_size=1, max_size=3))
def test_times_when_all_was_shut_are_taken_out(shut):
    """Days keep their order and weekday, and ``date`` finds every one again."""
    history = buyers(np.ones(YEAR), customers=300)
    day = history.day.copy()
    for begin, length in shut:
        day = np.where(day >= START + begin, day + length, day)
    there = pd.DataFrame(
        {
            "customer_id": history.customer_ids[history.customer_of_row],
            "purchase_date": pd.to_datetime(day, unit="D"),
            "amount": history.amount,
        }
    )
    opened = PurchaseHistory.from_frame(there).without_closed()
    np.testing.assert_array_equal(opened.real(opened.day), day)
    np.testing.assert_array_equal(opened.day % 7, day % 7)
    assert len(told_closed(opened)) == len(opened.closed)
    if len(shut) == 1:
        assert len(opened.closed) == 1
        # All but the days that no whole week holds.
        assert np.diff(np.unique(opened.day)).max() < 7 + np.diff(np.unique(history.day)).max()
