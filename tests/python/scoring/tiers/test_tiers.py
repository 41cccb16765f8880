"""Effects at thresholds: published values, simulated truth, and what cannot be told."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from scoring.tiers.pipeline import TierSettings, density_at, jump_at, naive_at, study

SETTINGS = TierSettings(date(2018, 1, 1), tier_effect_min_members=50)
EFFECT = 120.0


def _members(seed: int, size: int = 700, effect: float = EFFECT) -> pd.DataFrame:
    """Who spends more goes on spending more, in a curve; a tier adds its effect."""
    rng = np.random.default_rng(seed)
    amount = rng.gamma(4, 300, size)
    base = 0.9 * amount + 0.0002 * (amount - 1000) ** 2
    spend = rng.gamma(1.5, (base + effect * (amount >= 1000)) / 1.5)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:05}" for number in range(size)],
            "criterion": "spend",
            "tier": "silver",
            "reviewed_on": date(2016, 12, 31),
            "threshold": 1000.0,
            "amount": amount,
            "net_revenue": spend,
            "orders": rng.poisson(3, size).astype(float),
            "net_revenue_before": rng.gamma(1.5, base / 1.5),
        }
    )


def _row(rows: pd.DataFrame, outcome: str = "net_revenue") -> pd.Series:
    effects = study(rows, SETTINGS).threshold_effects
    return effects[effects["outcome"] == outcome].iloc[0]


def test_a_jump_between_two_lines_is_found_exactly() -> None:
    x = np.linspace(-1, 1, 401)
    noise = np.random.default_rng(0).normal(0, 1e-6, len(x))
    found = jump_at(x, 3 + 2 * x + 5 * (x >= 0) + noise)
    assert found["effect"] == pytest.approx(5, abs=1e-4)
    assert found["effect_conventional"] == pytest.approx(5, abs=1e-4)
    assert found["level_below"] == pytest.approx(3, abs=1e-4)


def test_intervals_cover_the_truth_nine_times_in_ten_and_the_naive_number_does_not() -> None:
    covered = naive_covered = 0
    worlds = 100
    for seed in range(worlds):
        rows = _members(seed)
        distance = (rows["amount"] - 1000).to_numpy()
        found = jump_at(distance, rows["net_revenue"].to_numpy())
        naive = naive_at(distance, rows["net_revenue"].to_numpy())
        covered += found["effect_low"] <= EFFECT <= found["effect_high"]
        naive_covered += naive["naive_low"] <= EFFECT <= naive["naive_high"]
    assert 0.85 <= covered / worlds <= 0.95
    assert naive_covered == 0


def test_members_who_push_themselves_over_the_threshold_are_seen() -> None:
    amount = _members(1, 4000)["amount"].to_numpy()
    honest = density_at(amount - 1000)
    assert honest["density_p_value"] > 0.05
    rng = np.random.default_rng(1)
    pushes = (amount > 900) & (amount < 1000) & (rng.random(len(amount)) < 0.6)
    pushed = np.where(pushes, 1000 + 30 * rng.random(len(amount)), amount)
    bunched = density_at(pushed - 1000)
    assert bunched["density_p_value"] < 0.001
    assert bunched["density_ratio"] > 1.5


def test_what_is_told_does_not_depend_on_the_order_of_rows() -> None:
    rows = _members(2)
    shuffled = rows.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        study(rows, SETTINGS).threshold_effects, study(shuffled, SETTINGS).threshold_effects
    )


def test_several_thresholds_are_told_one_by_one_and_together() -> None:
    second = _members(4).assign(tier="gold", threshold=1500.0)
    effects = study(pd.concat([_members(3), second]), SETTINGS).threshold_effects
    assert list(effects["tier"].unique()) == ["silver", "gold", "any_tier"]
    together = effects[(effects["tier"] == "any_tier") & (effects["outcome"] == "net_revenue")]
    assert together["effect"].notna().all()
    assert (
        together["members_below"].iloc[0]
        == effects.groupby("tier")["members_below"].max()[["silver", "gold"]].sum()
    )


def test_what_cannot_be_told_says_why() -> None:
    rows = _members(5)
    below = rows[rows["amount"] < 1000]
    for found, reason in (
        (_row(below), "nobody_near"),
        (_row(pd.concat([below, rows[rows["amount"] > 3500]])), "nobody_near"),
        (_row(rows.head(1)), "nobody_near"),
        (_row(rows.assign(amount=(rows["amount"] / 200).round() * 200)), "few_values"),
        (_row(rows.assign(net_revenue=7.0)), "no_variation"),
        (_row(rows.assign(net_revenue_before=np.nan), "net_revenue_before"), "no_earlier_sales"),
    ):
        assert found["reason"] == reason
        assert found[["effect", "effect_low", "effect_high", "p_value"]].isna().all()
    assert study(rows.head(0), SETTINGS).threshold_effects.empty
    # Few within the bandwidth are too few, however many there are farther away.
    many = TierSettings(date(2018, 1, 1), tier_effect_min_members=250)
    assert set(study(rows, many).threshold_effects["reason"]) == {"nobody_near"}


def test_figures_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="net_revenue is no number in 700 of 700"):
        study(_members(6).assign(net_revenue=np.inf), SETTINGS)
    with pytest.raises(ValueError, match="missing columns: tier"):
        study(_members(6).drop(columns="tier"), SETTINGS)
