"""The study of campaigns: what it takes, what it refuses, and what it is not fooled by."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from scoring.campaigns.panel import staggered, synthetic
from scoring.campaigns.pipeline import CampaignSettings, study
from scoring.campaigns.study import CAMPAIGNS_STUDY
from scoring.study import PANDAS_TYPES

SETTINGS = CampaignSettings(date(2018, 1, 1))
COLUMNS = CAMPAIGNS_STUDY.input.columns


def rows(*records: dict[str, object]) -> pd.DataFrame:
    defaults = {
        "campaign_id": "c", "arm": "all", "segment_kind": "all", "segment": "all",
        "outcome": "revenue", "placebo_shift": 0, "sum_x": 0.0, "sum_xx": 0.0, "sum_xy": 0.0,
    }  # fmt: skip
    frame = pd.DataFrame([{**dict.fromkeys(COLUMNS), **defaults, **record} for record in records])
    return frame.astype({name: PANDAS_TYPES[kind] for name, kind in COLUMNS.items()})


def arm(name: str, customers: int, hits: float, **other: object) -> dict[str, object]:
    return {
        "kind": "arm", "arm": name, "is_treated": name != "control", "customers": customers,
        "sum_y": hits, "sum_yy": hits, **other,
    }  # fmt: skip


def test_arms_and_all_of_them_against_one_control() -> None:
    found = study(
        rows(arm("a", 1000, 200), arm("b", 1000, 100), arm("control", 1000, 100)), SETTINGS
    ).estimates.set_index("arm")
    assert found["effect"].to_dict() == pytest.approx({"all": 0.05, "a": 0.1, "b": 0.0})
    assert found["treated_customers"].to_dict() == {"all": 2000, "a": 1000, "b": 1000}


@pytest.mark.parametrize(
    ("treated", "control", "reason"),
    [(29, 100, "few_treated"), (30, 30, None), (100, 29, "few_control")],
)
def test_small_groups_are_told_as_such(treated: int, control: int, reason: str | None) -> None:
    found = study(rows(arm("a", treated, 9), arm("control", control, 2)), SETTINGS).estimates
    assert (None if pd.isna(found["reason"][0]) else found["reason"][0]) == reason
    assert found["effect"].isna()[0] == (reason is not None)


def test_all_treated_and_all_alike_cannot_be_told() -> None:
    found = study(rows(arm("a", 500, 9)), SETTINGS).estimates
    assert found["reason"].tolist() == ["few_control"]
    found = study(rows(arm("a", 500, 0), arm("control", 500, 0)), SETTINGS).estimates
    assert found["reason"].tolist() == ["no_variation"]


def test_a_segment_for_which_alone_it_works_is_found_among_many() -> None:
    """As women's mail on former buyers of women's goods: a difference to the rest, corrected."""
    records = [arm("a", 20000, 19 * 105 + 300), arm("control", 20000, 20 * 106)]
    for number in range(20):
        works = number == 7
        of = {"segment_kind": "k", "segment": str(number)}
        records += [arm("a", 1000, 300 if works else 105, **of), arm("control", 1000, 106, **of)]
    found = study(rows(*records), SETTINGS).estimates
    segments = found[found["segment_kind"] == "k"].set_index("segment")
    assert segments.index[segments["rest_adjusted_p_value"] < 0.05].tolist() == ["7"]
    assert segments.index[segments["adjusted_p_value"] < 0.05].tolist() == ["7"]
    assert (segments["adjusted_p_value"] >= segments["p_value"]).all()


def test_no_campaign_has_no_rows_and_wrong_sums_are_refused() -> None:
    empty = study(rows(arm("a", 1, 1)).iloc[:0], SETTINGS).estimates
    assert empty.empty
    assert list(empty) == list(CAMPAIGNS_STUDY.tables[0].types)
    with pytest.raises(ValueError, match="customers is out of range in 1 of 1"):
        study(rows(arm("a", 0, 1)), SETTINGS)


def test_buckets_of_others_are_placebos_beside_rows_without_a_period() -> None:
    cells = [
        {
            "kind": "cell", "is_treated": treated, "unit": unit, "period": bucket, "customers": 50,
            "sum_y": 500.0 + 10 * bucket, "sum_yy": 6000.0, "sum_x": 500.0, "sum_xx": 5500.0,
            "sum_xy": 5200.0,
        }
        for treated in (True, False)
        for unit in ("1", "2")
        for bucket in range(4)
    ]  # fmt: skip
    panel = rows(arm("a", 100, 9), *cells)
    for given in (panel, panel.astype({"period": "float64", "placebo_shift": "float64"})):
        found = study(given, SETTINGS).estimates.set_index("estimator")
        assert found.loc["matched_did", "placebo_units"] == 4


def _groups(rng: np.random.Generator, effect: float) -> tuple[np.ndarray, np.ndarray]:
    """Groups with a season that all share by their level, and an effect in the last weeks."""
    season = 1 + 0.2 * np.sin(np.arange(16) / 2)
    levels = rng.gamma(4, 3, 30)
    levels[:6] = rng.gamma(8, 3, 6)
    values = levels[:, None] * season + rng.normal(0, 0.8, (30, 16))
    values[:6, 10:] += effect
    return values[:6], values[6:]


def test_synthetic_difference_in_differences_on_groups_of_another_level() -> None:
    rng = np.random.default_rng(4)
    covered, estimates = 0, []
    for _ in range(40):
        found = synthetic(*_groups(rng, 1.5), 10)
        assert found is not None
        low, high = found.interval(0.9)
        covered += low <= 1.5 <= high
        estimates.append(found.estimate)
    assert np.mean(estimates) == pytest.approx(1.5, abs=0.25)
    assert covered >= 32
    treated, donors = _groups(rng, 0)
    assert synthetic(treated, donors[:5], 10) is None
    assert synthetic(treated, donors, 2) is None


def _panel(rng: np.random.Generator, drift: float) -> pd.DataFrame:
    units, periods = 600, 12
    first = np.where(np.arange(units) < 300, 0, 5 + np.arange(units) % 3 * 2)
    time = np.arange(1, periods + 1)
    y = rng.normal(10, 3, units)[:, None] + rng.normal(0, 3, (units, periods))
    y += 2.0 * ((first[:, None] > 0) & (time >= first[:, None]))
    y += drift * time * (first[:, None] > 0)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "period": np.tile(time, units),
            "outcome": y.ravel(),
            "cohort": np.repeat(first, periods),
        }
    )


def test_one_after_another_and_a_trend_that_the_placebo_finds() -> None:
    rng = np.random.default_rng(8)
    found = staggered(_panel(rng, 0.0))
    assert found is not None
    assert found[1] is not None
    assert found[0].estimate == pytest.approx(2.0, abs=3 * found[0].error)
    low, high = found[1].interval(0.9)
    assert low <= 0 <= high
    drifting = staggered(_panel(rng, 0.6))
    assert drifting is not None
    assert drifting[1] is not None
    low, high = drifting[1].interval(0.9)
    assert low > 0 or high < 0
    everybody = _panel(rng, 0.0)
    assert staggered(everybody[everybody["cohort"] > 0].assign(cohort=5)) is None
