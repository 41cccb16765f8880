"""Figures that can be true together, whatever the champions say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.customers.history import PurchaseHistory
from scoring.customers.limits import (
    PurchaseValues,
    ends_that_agree,
    never_falling,
    purchase_values,
    reconcile,
    wait_that_agrees,
)
from scoring.customers.timing import SHARES, Wait

HORIZONS = (30, 90, 365)
AMOUNT = st.one_of(st.just(0.0), st.floats(1e-9, 1e9))
CHANCE = st.floats(1e-4, 1 - 1e-4)


@settings(deadline=None)
@given(
    st.lists(AMOUNT, min_size=3, max_size=3),
    st.lists(AMOUNT, min_size=3, max_size=3),
    st.lists(CHANCE, min_size=3, max_size=3),
    st.lists(AMOUNT, min_size=3, max_size=3),
    st.lists(AMOUNT, min_size=12, max_size=12),
)
def test_any_forecasts_end_as_one_story(purchases, spend, chances, values, ends):
    bought = {days: np.array([p]) for days, p in zip((30, 60, 90), chances, strict=True)}
    never_falling(bought, 90)
    count = {days: np.array([n]) for days, n in zip(HORIZONS, purchases, strict=True)}
    money = {days: np.array([n]) for days, n in zip(HORIZONS, spend, strict=True)}
    worth = PurchaseValues(*(np.array([value]) for value in sorted(values)))
    reconcile(count, money, bought, worth)
    for days in HORIZONS:
        assert bought[min(days, 90)] <= count[days] <= days
        # To a rounding of the last digit.
        assert count[days] * worth.low <= money[days] * (1 + 1e-12)
        assert money[days] <= count[days] * worth.high * (1 + 1e-12)
    for shorter, longer in ((30, 90), (90, 365)):
        assert count[shorter] <= count[longer]
        assert money[shorter] <= money[longer] * (1 + 1e-12)
    bounds = {
        days: (np.minimum(first, count[days]), np.maximum(second, count[days]))
        for days, first, second in zip(HORIZONS, ends[:3], ends[3:6], strict=True)
    }
    agreed = ends_that_agree(bounds, {days: float(days) for days in HORIZONS})
    for days in HORIZONS:
        assert agreed[days][0] <= count[days] <= agreed[days][1] <= days
    for shorter, longer in ((30, 90), (90, 365)):
        assert agreed[shorter][0] <= agreed[longer][0]
        assert agreed[shorter][1] <= agreed[longer][1]


def test_what_is_within_reason_stays():
    count = {30: np.array([1.0]), 90: np.array([3.0]), 365: np.array([11.0])}
    money = {30: np.array([12.0]), 90: np.array([30.0]), 365: np.array([100.0])}
    worth = PurchaseValues(np.array([2.0]), np.array([10.0]), np.array([50.0]))
    reconcile(count, money, {90: np.array([0.9])}, worth)
    assert [float(count[days][0]) for days in HORIZONS] == [1, 3, 11]
    assert [float(money[days][0]) for days in HORIZONS] == [12, 30, 100]


def test_who_hardly_buys_at_all_is_not_told_to_bring_the_best_day_doubled():
    count = {days: np.array([1e-4]) for days in HORIZONS}
    money = {30: np.array([0.1]), 90: np.array([1.0]), 365: np.array([7.0])}
    worth = PurchaseValues(np.array([2.0]), np.array([36.0]), np.array([1222.0]))
    reconcile(count, money, {90: np.array([1e-4])}, worth)
    assert all(36 < money[days][0] / count[days][0] < 40 for days in HORIZONS)


def test_ends_that_are_not_known_stay_so():
    missing = np.array([np.nan])
    agreed = ends_that_agree(
        {30: (np.array([1.0]), np.array([9.0])), 90: (missing, missing), 365: (missing, missing)},
        dict.fromkeys(HORIZONS, 1e9),
    )
    assert agreed[30] == (1.0, 9.0)
    assert np.isnan(agreed[90]).all()


def test_the_range_of_values_is_the_customers_and_the_bases():
    days = pd.DataFrame(
        {
            "customer_id": ["small"] * 10 + ["usual"] * 80 + ["large"] * 10,
            "purchase_date": [
                day for count in (10, 80, 10) for day in pd.date_range("2024-01-01", periods=count)
            ],
            "amount": [1.0] * 10 + [10.0] * 80 + [5000.0] * 10,
        }
    )
    history = PurchaseHistory.from_frame(days)
    low, usual, high = purchase_values(history)
    base = np.quantile(days["amount"], [0.05, 0.95])
    assert list(history.customer_ids) == ["large", "small", "usual"]
    assert low.tolist() == [base[0] / 2, 0.5, base[0] / 2]
    assert high.tolist() == [10_000, base[1] * 2, base[1] * 2]
    mean = days["amount"].mean()
    assert usual == pytest.approx([(50_000 + mean) / 11, (10 + mean) / 11, (800 + mean) / 81])


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.floats(1, 90), st.just(np.inf), st.just(np.nan)), min_size=3, max_size=3),
    st.lists(CHANCE, min_size=3, max_size=3),
)
def test_dates_lie_where_the_probabilities_say(days, chances):
    none = {h: np.array([p]) for h, p in zip((30, 60, 90), sorted(chances)[::-1], strict=True)}
    wait = wait_that_agrees(Wait(*(np.array([day]) for day in days)), none)
    assert wait.low <= wait.median <= wait.high
    for share, day in zip(SHARES, wait, strict=True):
        for horizon, silent in none.items():
            assert (silent[0] <= 1 - share) == (day[0] <= horizon)
        assert day[0] >= 1


def test_without_a_forecast_of_the_day_it_is_read_off_the_probabilities():
    unknown = np.array([np.nan])
    silent = {30: np.array([np.exp(-0.5)]), 60: np.array([np.exp(-1.0)]), 90: np.array([0.2])}
    wait = wait_that_agrees(Wait(unknown, unknown, unknown), silent)
    # One in 60 days: half are back after 60 log 2 days.
    assert wait.median[0] == round(60 * np.log(2))
    assert np.isinf(wait.high[0])
