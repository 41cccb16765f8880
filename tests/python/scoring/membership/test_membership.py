"""What joining brought: closed form, simulated truth, and what cannot be told."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from scoring.membership.pipeline import MembershipSettings, joining, study

SETTINGS = MembershipSettings(date(2018, 1, 1), join_effect_months=4, join_effect_min_customers=20)
EFFECT = 5.0


def _customers(seed: int, size: int = 400, months: int = 14, drift: float = 0.0) -> pd.DataFrame:
    """Who spends much joins early; seasons are everybody's; joining adds its effect each month."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(3, 12, size)
    keen = np.clip(level / level.mean(), 0.3, 3)
    joined = 2 + np.minimum(rng.exponential(6 / keen), months).astype(int)
    time = np.arange(1, months + 1)
    is_member = time[None, :] >= joined[:, None]
    spend = (
        level[:, None]
        + 6 * np.sin(time)[None, :]
        + EFFECT * is_member
        + drift * np.where(is_member, 4, np.clip(5 + time[None, :] - joined[:, None], 0, 4))
        + rng.normal(0, 10, (size, months))
    )
    return pd.DataFrame(
        {
            "customer_id": np.repeat([f"c{number:05}" for number in range(size)], months),
            "month_number": np.tile(time, size),
            "joined_number": np.repeat(joined, months),
            "net_revenue": spend.ravel(),
            "orders": rng.poisson(2, size * months).astype(float),
        }
    ).query(f"joined_number <= {months}")


def test_two_cohorts_and_a_month_after_are_a_difference_of_differences() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        [
            {
                "customer_id": f"c{number}",
                "month_number": month,
                "joined_number": 3 if number < 40 else 5,
                "net_revenue": rng.normal(10 + 4 * (number < 40 and month >= 3), 1),
            }
            for number in range(80)
            for month in range(1, 6)
        ]
    )
    found = joining(rows, "net_revenue", 1)
    assert found is not None
    wide = rows.pivot(index="customer_id", columns="month_number", values="net_revenue")
    change = wide[4] - wide[2]
    early = [f"c{number}" for number in range(40)]
    ones, others = change[early], change.drop(index=early)
    assert found.months[1].value == pytest.approx(ones.mean() - others.mean())
    assert found.months[1].error == pytest.approx(
        np.sqrt(ones.var() / len(ones) + others.var() / len(others)), rel=0.03
    )
    assert found.effect.value == pytest.approx(found.months[1].value)


def test_intervals_cover_the_truth_nine_times_in_ten_and_the_naive_number_does_not() -> None:
    covered = placebo_covered = naive_covered = 0
    worlds = 100
    z = norm.ppf(0.95)
    for seed in range(worlds):
        rows = _customers(seed)
        found = joining(rows, "net_revenue", 4)
        assert found is not None
        assert found.placebo is not None
        covered += abs(found.effect.value - EFFECT) <= z * found.effect.error
        placebo_covered += abs(found.placebo.value) <= z * found.placebo.error
        member = rows["month_number"] >= rows["joined_number"]
        ones, others = rows["net_revenue"][member], rows["net_revenue"][~member]
        error = np.sqrt(ones.var() / len(ones) + others.var() / len(others))
        naive_covered += abs(ones.mean() - others.mean() - EFFECT) <= z * error
    assert 0.85 <= covered / worlds <= 0.95
    assert placebo_covered / worlds >= 0.85
    assert naive_covered <= 0.02 * worlds


def test_customers_who_spend_more_before_they_join_are_told_by_the_placebo() -> None:
    effects = study(_customers(1, drift=3.0), SETTINGS).join_effects
    revenue = effects[effects["outcome"] == "net_revenue"].set_index("term")
    assert revenue.loc["placebo", "interval_high"] < 0
    steady = study(_customers(1), SETTINGS).join_effects
    breakdown = steady[(steady["outcome"] == "net_revenue") & (steady["term"] == "effect")]
    assert breakdown["breakdown_value"].iloc[0] > 0.3
    drifting = revenue.loc["effect", "breakdown_value"]
    assert drifting < breakdown["breakdown_value"].iloc[0]


def test_what_is_told_does_not_depend_on_the_order_of_rows() -> None:
    rows = _customers(2, 120)
    shuffled = rows.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        study(rows, SETTINGS).join_effects, study(shuffled, SETTINGS).join_effects
    )


def test_what_cannot_be_told_says_why() -> None:
    rows = _customers(3, 200)
    cohort = rows["joined_number"].mode().iloc[0]
    for some, reason in (
        (rows[rows["customer_id"] == rows["customer_id"].iloc[0]], "too_few_customers"),
        (rows[rows["joined_number"] == cohort], "no_not_yet_members"),
        (rows.assign(net_revenue=0.0), "no_variation"),
        # Nobody has been a member for a month when the last ones join.
        (rows[rows["joined_number"].isin([2, 3])], "not_estimated"),
    ):
        effects = study(some, SETTINGS).join_effects
        found = effects[effects["outcome"] == "net_revenue"]
        assert list(found["reason"]) == [reason]
        assert found["estimate"].isna().all()
    assert study(rows.head(0), SETTINGS).join_effects.empty


def test_figures_that_are_none_are_refused() -> None:
    rows = _customers(4, 60)
    with pytest.raises(ValueError, match="join more than once"):
        study(rows.assign(joined_number=rows["month_number"]), SETTINGS)
    with pytest.raises(ValueError, match="have not all of 14 months"):
        study(rows.iloc[1:], SETTINGS)
