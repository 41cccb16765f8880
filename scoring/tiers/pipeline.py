"""From members around thresholds to what a tier brings.

Sharp regression discontinuity with the robust bias-corrected interval of Calonico, Cattaneo and
Titiunik (2014), and the test of Cattaneo, Jansson and Ma (2020) of a jump of the density.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.tiers.tables import THRESHOLD_EFFECTS

INPUT = "int_tier_threshold_members"
CONFIDENCE = 0.90
DIGITS = 6
"""Decimals of what is told."""
ANY_TIER = "any_tier"

Array = NDArray[np.float64]

# With fewer values on a side a smooth curve through them is a guess.
_LEAST_VALUES = 30


@dataclass(frozen=True)
class TierSettings:
    """``tier_effect_min_members``: within the bandwidth on either side of a threshold."""

    as_of_date: date
    tier_effect_min_members: int = 100


@dataclass(frozen=True)
class TierResult:
    """The table, with the columns and types that ``tables`` declares."""

    threshold_effects: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {THRESHOLD_EFFECTS.name: self.threshold_effects}

    def told(self) -> str:
        """How many effects could be told."""
        told = int(self.threshold_effects["effect"].notna().sum())
        return f"{told} of {len(self.threshold_effects)} effects of tiers told"


OUTCOMES: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "net_revenue": lambda rows: rows["net_revenue"],
    "orders": lambda rows: rows["orders"],
    "stayed": lambda rows: (rows["orders"] > 0).astype(float),
    "net_revenue_before": lambda rows: rows["net_revenue_before"],
}


def study(rows: pd.DataFrame, settings: TierSettings) -> TierResult:
    """Effects of all tiers on all outcomes.

    Args:
        rows: the table ``int_tier_threshold_members``; may be empty.
        settings: see ``TierSettings``.

    Returns:
        A row for each criterion, tier and outcome, with a reason where nothing is told.

    Raises:
        ValueError: a column is missing, or an amount or a threshold is not a number.
    """
    _refuse(rows)
    # Sums of floats depend on the order of the rows, which a database does not keep.
    rows = rows.sort_values(["criterion", "threshold", "tier", "amount", "customer_id"])
    records: list[Mapping[str, Any]] = []
    with threadpool_limits(limits=1):
        for (criterion, _, tier), part in rows.groupby(
            ["criterion", "threshold", "tier"], observed=True
        ):
            amounts = _numbers(part["amount"]) - _numbers(part["threshold"])
            records += _of_threshold(str(criterion), str(tier), part, amounts, settings)
        for criterion, part in rows.groupby("criterion", observed=True):
            if part["tier"].nunique() > 1:
                # In shares of each threshold, so that they lie on top of each other.
                shares = _numbers(part["amount"]) / _numbers(part["threshold"]) - 1
                records += _of_threshold(str(criterion), ANY_TIER, part, shares, settings)
    return TierResult(THRESHOLD_EFFECTS.from_records(records))


def _refuse(rows: pd.DataFrame) -> None:
    needed = (
        *("customer_id", "criterion", "tier", "reviewed_on", "threshold", "amount"),
        *("net_revenue", "orders", "net_revenue_before"),
    )
    if missing := [name for name in needed if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    for name in ("threshold", "amount", "net_revenue", "orders"):
        if count := int((~np.isfinite(_numbers(rows[name]))).sum()):
            raise ValueError(f"{INPUT}: {name} is no number in {count} of {len(rows)} rows")
    if count := int((_numbers(rows["threshold"]) <= 0).sum()):
        raise ValueError(f"{INPUT}: threshold is not above zero in {count} of {len(rows)} rows")


def _numbers(column: pd.Series) -> Array:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _of_threshold(
    criterion: str, tier: str, rows: pd.DataFrame, distance: Array, settings: TierSettings
) -> Iterator[Mapping[str, Any]]:
    above = distance >= 0
    common: dict[str, Any] = {
        "as_of_date": settings.as_of_date,
        "criterion": criterion,
        "tier": tier,
        "reviewed_on": rows["reviewed_on"].iloc[0],
        "threshold": None if tier == ANY_TIER else float(rows["threshold"].iloc[0]),
        "members_below": int((~above).sum()),
        "members_above": int(above.sum()),
    }
    reason = _why_not(distance, above, settings)
    density = {} if reason else density_at(distance)
    for outcome, read in OUTCOMES.items():
        values = _numbers(read(rows))
        why = reason
        if why is None and np.isnan(values).any():
            why = "no_earlier_sales"
        elif why is None and np.ptp(values) == 0:
            why = "no_variation"
        found: dict[str, Any] = {} if np.isnan(values).any() else naive_at(distance, values)
        if why is None:
            jump = jump_at(distance, values)
            near = min(jump.get(name, 0) for name in ("members_near_below", "members_near_above"))
            if not jump:
                why = "not_estimated"
            elif near < settings.tier_effect_min_members:
                why = "nobody_near"
            else:
                found |= jump
        yield THRESHOLD_EFFECTS.record(
            common | density | found | {"outcome": outcome, "reason": why}, DIGITS
        )


def _why_not(distance: Array, above: NDArray[np.bool_], settings: TierSettings) -> str | None:
    if min(int(above.sum()), int((~above).sum())) < settings.tier_effect_min_members:
        return "nobody_near"
    if min(len(np.unique(distance[side])) for side in (above, ~above)) < _LEAST_VALUES:
        return "few_values"
    return None


def jump_at(distance: Array, values: Array) -> dict[str, Any]:
    """The jump of values where the distance to a threshold is 0; empty if it cannot be told."""
    # Here and not above: it takes seconds to import, and most retailers have no tiers.
    from diff_diff import RegressionDiscontinuity  # type: ignore[import-untyped]  # noqa: PLC0415

    frame = pd.DataFrame({"x": distance, "y": values})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = RegressionDiscontinuity(alpha=1 - CONFIDENCE).fit(frame, outcome="y", running="x")
    except (ValueError, np.linalg.LinAlgError):
        return {}
    found = {
        "effect": float(fit.att),
        "standard_error": float(fit.se),
        "effect_low": float(fit.conf_int[0]),
        "effect_high": float(fit.conf_int[1]),
        "p_value": float(fit.p_value),
        "effect_conventional": float(fit.att_conventional),
        "level_below": float(fit.beta_p_left[0]),
        "bandwidth": float(fit.h_left),
    }
    if not np.isfinite(list(found.values())).all() or found["standard_error"] <= 0:
        return {}
    return found | {
        "members_near_below": int(fit.n_h_left),
        "members_near_above": int(fit.n_h_right),
    }


def density_at(distance: Array) -> dict[str, Any]:
    """Whether members bunch where the distance to a threshold is 0; empty if it cannot be told."""
    from diff_diff import RDDensityTest  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            test = RDDensityTest().fit(pd.DataFrame({"x": distance}), running="x")
    except (ValueError, np.linalg.LinAlgError):
        return {}
    if not np.isfinite(test.p_value):
        return {}
    below = float(test.f_left)
    ratio = float(test.f_right) / below if below > 0 and test.f_right > 0 else None
    return {"density_ratio": ratio, "density_p_value": float(test.p_value)}


def naive_at(distance: Array, values: Array) -> dict[str, Any]:
    """The mean of all above less that of all below, which is no effect."""
    sides = [values[distance >= 0], values[distance < 0]]
    if min(map(len, sides)) < 2:
        return {}
    difference = float(sides[0].mean() - sides[1].mean())
    error = float(np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))
    half = float(norm.ppf((1 + CONFIDENCE) / 2)) * error
    return {
        "naive_difference": difference,
        "naive_low": difference - half,
        "naive_high": difference + half,
    }
