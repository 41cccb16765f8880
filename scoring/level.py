"""The level of the whole base, apart from who buys how much of it.

Every window has its season. Learners are taught with outcomes divided by their window's level,
the actual total over the BTYD total, so that what they learn is who is above and who is below; the
level to come is estimated here, cautiously.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from scoring.features import YEAR
from scoring.learners import OUTCOME, Base

AMOUNTS = ("purchases", "spend")

# Standard deviations of log levels: how far a BTYD total is off in general, and in one window.
_BTYD_ERROR = 0.05
_WINDOW_ERROR = 0.10
# Bases with a season at a window, and standard deviations of its log: purchases; and spend per
# purchase, with that of one window.
_SEASONAL = 0.3
_SEASON = 0.3
_VALUE_SEASON = 0.05
_VALUE_ERROR = 0.05
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
    season, shrunk by what chance makes of it: either there is none or it is one of some spread,
    and the posterior mean is expected. Of spend, it is the season of purchases and what spend per
    purchase adds to it.
    ``seasonal_index`` (1 is an average window) replaces it.
    """
    column = base.of(task)
    if column is None or task not in AMOUNTS:
        raise ValueError(f"{task} has no level")
    windows = _windows(past, column, OUTCOME[task])
    mean = _general(windows, horizon_days)
    season = _season(windows, cutoff, _WINDOW_ERROR, _SEASON)
    if task == "spend":
        # Who buys tells the season more surely than who spends how much: it is that of purchases,
        # and what spend per purchase adds.
        bought = _windows(past, base.purchases, OUTCOME["purchases"])
        season = _season(bought, cutoff, _WINDOW_ERROR, _SEASON) + _season(
            {cut: windows[cut].over(bought[cut]) for cut in windows},
            cutoff,
            _VALUE_ERROR,
            _VALUE_SEASON,
        )
    if seasonal_index is not None:
        season = float(np.log(seasonal_index))
    by_cutoff = {cut: window.level for cut, window in windows.items()}
    return Levels(by_cutoff, float(np.exp(mean + season)), float(np.exp(season)))


class _Window(NamedTuple):
    """Log of actual over forecast total, and each customer's part in its error."""

    level: float
    errors: np.ndarray

    def over(self, other: _Window) -> _Window:
        """The level of a ratio of two amounts of the same customers."""
        return _Window(self.level - other.level, self.errors - other.errors)


def _windows(past: pd.DataFrame, column: str, outcome: str) -> dict[int, _Window]:
    found: dict[int, _Window] = {}
    for cut, rows in past.groupby("cutoff"):
        y, f = rows[outcome].to_numpy(), rows[column].to_numpy()
        actual, expected = float(y.sum()), float(f.sum())
        if actual > 0 and expected > 0:
            level = float(np.clip(np.log(actual / expected), -_FARTHEST, _FARTHEST))
            found[int(str(cut))] = _Window(level, (y - f) / actual)
        else:  # says nothing
            found[int(str(cut))] = _Window(0.0, np.ones(len(y)))
    return found


def _general(windows: Mapping[int, _Window], horizon_days: int) -> float:
    """What windows agree on, shrunk by how far they do not."""
    if not windows:
        return 0.0
    values = np.array([window.level for window in windows.values()])
    separate = max(1.0, _days_covered(windows, horizon_days) / horizon_days)
    error = (_WINDOW_ERROR**2 + float(values.var())) / separate
    return float(values.mean()) * _BTYD_ERROR**2 / (_BTYD_ERROR**2 + error)


def _season(
    windows: Mapping[int, _Window], cutoff: int, window_error: float, spread: float
) -> float:
    """The season to expect from the window a year ago: its level against that of the others.

    Part of it is chance: how far levels differ from window to window anyway, and which customers
    happened to buy in that one.
    """
    ago = windows.get(cutoff - YEAR)
    others = [window.level for cut, window in windows.items() if cut != cutoff - YEAR]
    if ago is None or not others:
        return 0.0
    raw = ago.level - float(np.mean(others))
    chance = max(window_error**2, float(np.var(others))) + float(ago.errors @ ago.errors)
    return raw * _share(raw, chance, spread**2)


def _share(raw: float, chance: float, spread: float) -> float:
    """The share of a deviation to expect again: it may be none, or one of some spread."""
    some, none = spread + chance, chance
    odds = (1 - _SEASONAL) / _SEASONAL
    odds *= np.sqrt(some / none) * np.exp(raw**2 / 2 * (1 / some - 1 / none))
    return float(spread / some / (1 + odds))


def _days_covered(cutoffs: Iterable[int], horizon_days: int) -> int:
    """Days within any of the windows, which may overlap."""
    starts = sorted(cutoffs)
    ends = [*starts[1:], starts[-1] + horizon_days]
    return sum(min(horizon_days, end - start) for start, end in zip(starts, ends, strict=True))
