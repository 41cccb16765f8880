"""The level of the whole base, apart from who buys how much of it.

Every window has its season. Learners are taught with outcomes divided by their window's level,
the actual total over the BTYD total, so that what they learn is who is above and who is below; the
level to come is estimated here, cautiously.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.features import YEAR
from scoring.learners import OUTCOME, Base

AMOUNTS = ("purchases", "spend")

# Standard deviations of log levels: how far a BTYD total is off in general, and in one window.
_BTYD_ERROR = 0.05
_WINDOW_ERROR = 0.10
_FARTHEST = np.log(3.0)


@dataclass(frozen=True)
class Levels:
    """Log of actual over BTYD total by past cut-off, and what to expect of the next window.

    ``expected`` is the factor on BTYD totals, ``season`` the part of it that repeats a season a
    year ago (1 where no such window was seen).
    """

    by_cutoff: Mapping[int, float]
    expected: float
    season: float

    def taught(self, past: pd.DataFrame, task: str) -> np.ndarray:
        """Outcomes of past rows divided by the level of their windows."""
        level = past["cutoff"].map(self.by_cutoff).to_numpy(dtype=np.float64)
        return past[OUTCOME[task]].to_numpy() / np.exp(level)


def levels(
    past: pd.DataFrame,
    base: Base,
    task: str,
    *,
    cutoff: int,
    horizon_days: int,
    seasonal_index: float | None = None,
) -> Levels:
    """Levels of windows over by the cut-off, and the one to expect after it.

    The mean of past levels counts as far as several windows agree on it, so that one season is
    not carried into the next. With a window a year ago, its level relative to that mean is the
    season, shrunk by what chance makes of it (James & Stein), to nothing where it is no larger.
    ``seasonal_index`` (1 is an average window) replaces it.
    """
    column = base.of(task)
    if column is None or task not in AMOUNTS:
        raise ValueError(f"{task} has no level")
    by_cutoff: dict[int, float] = {}
    sampling: dict[int, float] = {}  # variance of the log level by the chance of few customers
    for cut, rows in past.groupby("cutoff"):
        actual, expected = float(rows[OUTCOME[task]].sum()), float(rows[column].sum())
        known = actual > 0 and expected > 0
        spread = float(((rows[OUTCOME[task]] - rows[column]) ** 2).sum())
        sampling[int(str(cut))] = spread / actual**2 if known else np.inf
        ratio = float(np.log(actual / expected)) if known else 0.0
        by_cutoff[int(str(cut))] = float(np.clip(ratio, -_FARTHEST, _FARTHEST))
    mean, error = 0.0, np.inf
    if by_cutoff:
        values = np.array(list(by_cutoff.values()))
        separate = max(1.0, _days_covered(by_cutoff, horizon_days) / horizon_days)
        error = (_WINDOW_ERROR**2 + float(values.var())) / separate
        mean = float(values.mean()) * _BTYD_ERROR**2 / (_BTYD_ERROR**2 + error)
    season = 0.0
    if seasonal_index is not None:
        season = float(np.log(seasonal_index))
    else:
        others = [value for cut, value in by_cutoff.items() if cut != cutoff - YEAR]
        if cutoff - YEAR in by_cutoff and others:
            raw = by_cutoff[cutoff - YEAR] - float(np.mean(others))
            chance = _WINDOW_ERROR**2 + sampling[cutoff - YEAR]
            season = raw * max(0.0, 1 - chance / raw**2) if raw else 0.0
    return Levels(by_cutoff, float(np.exp(mean + season)), float(np.exp(season)))


def _days_covered(cutoffs: Mapping[int, float], horizon_days: int) -> int:
    """Days within any of the windows, which may overlap."""
    starts = sorted(cutoffs)
    ends = [*starts[1:], starts[-1] + horizon_days]
    return sum(min(horizon_days, end - start) for start, end in zip(starts, ends, strict=True))
