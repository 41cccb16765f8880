"""Effects from panels: synthetic difference-in-differences, and Callaway and Sant'Anna's."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from scoring.campaigns.moments import Effect

LEAST_DONORS = 8
LEAST_WEEKS_BEFORE = 3


def synthetic(
    treated: NDArray[np.float64], donors: NDArray[np.float64], weeks_before: int
) -> Effect | None:
    """Synthetic difference-in-differences (Arkhangelsky and others), error by the jackknife.

    Args:
        treated: mean outcome of groups of the chosen, a row each, by week.
        donors: the same of groups of others.
        weeks_before: how many of the weeks lie before the campaign.

    Returns:
        The effect per customer and week, or None where weeks or groups are too few.
    """
    groups, weeks = len(treated) + len(donors), treated.shape[1]
    if (
        len(treated) < 2
        or len(donors) < LEAST_DONORS
        or weeks_before < LEAST_WEEKS_BEFORE
        or weeks_before >= weeks
    ):
        return None
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(groups), weeks),
            "week": np.tile(np.arange(weeks), groups),
            "outcome": np.concatenate([treated.ravel(), donors.ravel()]),
            "is_treated": np.repeat((np.arange(groups) < len(treated)).astype(int), weeks),
        }
    )
    # Slow to import, and needed only where a campaign held nobody back.
    from diff_diff import SyntheticDiD  # type: ignore[import-untyped]  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = SyntheticDiD(variance_method="jackknife", seed=0).fit(
            frame,
            outcome="outcome",
            treatment="is_treated",
            unit="unit",
            time="week",
            post_periods=list(range(weeks_before, weeks)),
        )
    return _effect(found.att, found.se)


def staggered(panel: pd.DataFrame) -> tuple[Effect, Effect | None] | None:
    """Callaway and Sant'Anna's effect, with who is not chosen yet as the comparison.

    Args:
        panel: ``unit``, ``period``, ``outcome`` and ``cohort``: the period in which a unit was
            first chosen, 0 for never. Every unit has every period.

    Returns:
        The effect per unit and period, averaged over all that were chosen, and the one furthest
        from zero, in its errors, of periods before: with an error that allows for having looked
        at each. None where nobody was chosen in time, or everybody.
    """
    periods = panel["period"]
    cohorts = panel.groupby("unit")["cohort"].first()
    in_time = cohorts[(cohorts > periods.min()) & (cohorts <= periods.max())]
    never = cohorts[(cohorts == 0) | (cohorts > periods.max())]
    if len(in_time) < 2 or never.empty:
        return None
    rows = panel[panel["unit"].isin(set(in_time.index) | set(never.index))].copy()
    rows.loc[rows["cohort"] > periods.max(), "cohort"] = 0
    # Slow to import, and needed only where a campaign held nobody back.
    from diff_diff import CallawaySantAnna  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = CallawaySantAnna(control_group="not_yet_treated", base_period="universal").fit(
            rows, outcome="outcome", unit="unit", time="period", first_treat="cohort"
        )
        over_time = found.aggregate("event_study").to_dataframe()
    effect = _effect(found.overall_att, found.overall_se)
    return None if effect is None else (effect, _furthest(over_time))


def _furthest(over_time: pd.DataFrame) -> Effect | None:
    """The effect before the campaign that is furthest from zero."""
    before = over_time[(over_time["event_time"] < -1) & (over_time["se"] > 0)]
    if before.empty:
        return None
    found, errors = before["att"].to_numpy(np.float64), before["se"].to_numpy(np.float64)
    worst = int(np.argmax(np.abs(found / errors)))
    # As wide as a 90% interval of each of so many that hold together.
    inflation = norm.isf(0.05 / len(before)) / norm.isf(0.05)
    return _effect(float(found[worst]), float(errors[worst] * inflation))


def _effect(estimate: float, error: float) -> Effect | None:
    if not (np.isfinite(estimate) and np.isfinite(error) and error > 0):
        return None
    return Effect(float(estimate), float(error))
