"""Redemption rates: a published triangle, a closed form, simulated members."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from scoring.points.ladder import bootstrap, completed, developed_shares, latest, link_factors
from scoring.points.pipeline import COLUMNS, PointsSettings, study

# Taylor and Ashe (1983), cumulative; what others make of it is in Mack (1993), and in England and
# Verrall (2002).
TRIANGLE = np.array(
    [
        [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
        [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085, np.nan],
        [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315, *[np.nan] * 2],
        [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268, *[np.nan] * 3],
        [443160, 1136350, 2128333, 2897821, 3402672, 3873311, *[np.nan] * 4],
        [396132, 1333217, 2180715, 2985752, 3691712, *[np.nan] * 5],
        [440832, 1288463, 2419861, 3483130, *[np.nan] * 6],
        [359480, 1421128, 2864498, *[np.nan] * 7],
        [376686, 1363294, *[np.nan] * 8],
        [344014, *[np.nan] * 9],
    ]
)
MONTHS = 18
LIFE = 12
AS_OF = date(2017, 7, 1)


def test_chain_ladder_and_its_bootstrap_find_what_is_published() -> None:
    factors = link_factors(TRIANGLE)
    assert factors[:3] == pytest.approx([3.4906, 1.7473, 1.4574], abs=5e-5)
    paid, ages = latest(TRIANGLE), np.arange(9, -1, -1)
    endless = np.full(10, np.inf)

    def reserve(ends: np.ndarray, of: np.ndarray) -> np.ndarray:
        ultimate = completed(ends, np.ones(10), endless, developed_shares(of)[..., ages], 0.0)
        return np.asarray((ultimate - ends).sum(axis=-1))

    assert float(reserve(paid, factors)) == pytest.approx(18_680_856, abs=1)
    made, dispersion = bootstrap(TRIANGLE, draws=4000, seed=3)
    assert dispersion == pytest.approx(52_601, rel=1e-3)
    drawn = reserve(latest(made), link_factors(made))
    # Estimation and process error; analytically 2,945,646.
    error = np.sqrt(drawn.var() + dispersion * 18_680_856)
    assert error == pytest.approx(2_945_646, rel=0.05)


def test_young_cohorts_take_the_rate_of_all() -> None:
    """Cape Cod by hand: (50 + 20 + 0) / (100 + 100 x 0.5 + 100 x 0.1) = 0.4375."""
    found = completed(
        np.array([50.0, 20.0, 0.0]),
        np.full(3, 100.0),
        np.array([50.0, 80.0, 100.0]),
        np.array([1.0, 0.5, 0.1]),
        0.5,
    )
    assert found == pytest.approx([50.0, 40.0, 100 * 0.9 * 0.4375])


def _ledger(draw: np.random.Generator, months: int, members: int = 400) -> pd.DataFrame:
    """Members who redeem a month's points of theirs at once, or never; they differ in how soon."""
    records = []
    chance = draw.beta(0.6, 6.0, size=members)
    for cohort in range(months):
        earned = draw.gamma(2.0, 50.0, size=members) * (draw.random(members) < 0.5)
        age = draw.geometric(np.maximum(chance, 1e-9)) - 1
        for number in range(LIFE + 1):
            gone = earned[age >= LIFE].sum() if number == LIFE else 0.0
            records.append(
                {
                    "cohort_month": cohort,
                    "movement_month": cohort + number,
                    "life_months": LIFE,
                    "earned": earned.sum() if number == 0 else 0.0,
                    "redeemed": earned[(age == number) & (age < LIFE)].sum(),
                    "expired": gone,
                    "reversed": 0.0,
                }
            )
    rows = pd.DataFrame(records)
    for column in ("cohort_month", "movement_month"):
        start = pd.Period("2016-01", "M")
        rows[column] = [(start + int(number)).start_time.date() for number in rows[column]]
    return rows


def test_immature_cohorts_are_completed_within_their_intervals() -> None:
    """The rate of points at hand against what becomes of them later."""
    covered, errors = [], []
    for seed in range(20):
        whole = _ledger(np.random.default_rng(seed), MONTHS)
        known = whole[whole["movement_month"] < AS_OF]
        settings = PointsSettings(AS_OF, points_bootstrap_draws=100)
        last = study(known[known["cohort_month"] < AS_OF], settings).rates.iloc[-1]
        truth = whole["redeemed"].sum() / whole["earned"].sum()
        errors.append(last["redemption_rate"] - truth)
        covered.append(last["redemption_rate_low"] <= truth <= last["redemption_rate_high"])
    assert abs(np.mean(errors)) < 0.01
    assert np.abs(errors).max() < 0.04
    assert np.mean(covered) >= 0.75


def test_what_cannot_be_told_has_a_reason() -> None:
    whole = _ledger(np.random.default_rng(1), 6)
    settings = PointsSettings(AS_OF, points_bootstrap_draws=50)
    assert study(whole.head(0), settings).rates.empty
    assert study(pd.DataFrame({name: [] for name in COLUMNS}), settings).cohorts.empty
    rates = study(whole, settings).rates
    assert list(rates["reason"].head(3)) == ["too_few_months"] * 3
    assert study(whole.assign(redeemed=0.0), settings).rates["reason"].iloc[-1] == (
        "nothing_redeemed"
    )
    # Each month as much as all months before: nobody can see the end.
    growing = pd.DataFrame(
        {
            "cohort_month": [date(2016, 1, 1)] * 8,
            "movement_month": [date(2016, month, 1) for month in range(1, 9)],
            "life_months": pd.array([None] * 8, dtype="Int64"),
            "earned": [1e4, *[0.0] * 7],
            "redeemed": [2.0**month for month in range(8)],
            "expired": 0.0,
            "reversed": 0.0,
        }
    )
    last = study(growing, settings)
    assert last.rates["reason"].iloc[-1] == "not_developed"
    assert last.cohorts["ultimate_points"].isna().all()
    with pytest.raises(ValueError, match="before they were earned"):
        study(growing.assign(cohort_month=date(2016, 2, 1)), settings)
