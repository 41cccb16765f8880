"""The level of the whole base, apart from who buys how much of it.

BTYD models run on a clock that knows seasons as far as they were known at a cut-off. Learners are
taught with outcomes divided by their window's level, the actual total over the BTYD total, so that
what they learn is who is above and who is below. By how much BTYD totals are off beyond what the
pace of a window was, as it is known now, is what the level to come is estimated from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.btyd.likelihood import Vector
from scoring.customers.features import YEAR
from scoring.customers.learners import OUTCOME, Base
from scoring.customers.season import Clock

AMOUNTS = ("purchases", "spend")

# Standard deviations of log levels: how far a BTYD total is off in general, in one window, and in
# the same season every year (who comes for the season only is no customer like others).
_BTYD_ERROR = 0.20
_WINDOW_ERROR = 0.05
_SEASON_ERROR = 0.10
# Groups of customers by days since the last purchase, whom a season may bring back, and the spread
# of what it does to them.
HIATUS_DAYS = (30, 90, 180, 360)
_HIATUS_SEASON = 0.3
_FARTHEST = np.log(3.0)


@dataclass(frozen=True)
class Levels:
    """Log of actual over BTYD total by past cut-off, and the factor to expect of the next window.

    ``by_hiatus``, shape (len(HIATUS_DAYS) + 1,), is the log of what the season does to customers by
    how long they have been silent, beside what it does to all; that of the window a year ago is
    ``season_cutoff``.
    """

    by_cutoff: Mapping[int, float]
    expected: float
    by_hiatus: Vector = field(default_factory=lambda: np.zeros(len(HIATUS_DAYS) + 1))
    season_cutoff: int | None = None

    def taught(self, past: pd.DataFrame, task: str) -> np.ndarray:
        """Outcomes of past rows divided by the level of their windows."""
        level = past["cutoff"].map(self.by_cutoff).to_numpy(dtype=np.float64)
        season = np.where(past["cutoff"] == self.season_cutoff, self.by_hiatus[_group(past)], 0.0)
        return past[OUTCOME[task]].to_numpy() / np.exp(level + season)

    def factor(self, rows: pd.DataFrame) -> Vector:
        """By how much forecasts of customers are to be raised, shape (rows,)."""
        return self.expected * np.exp(self.by_hiatus[_group(rows)])


def levels(
    past: pd.DataFrame,
    now: pd.DataFrame,
    base: Base,
    task: str,
    *,
    clock: Clock,
    clocks: Mapping[int, Clock],
    horizon_days: int,
    stretch: float = 1.0,
) -> Levels:
    """Levels of windows over by the cut-off of ``now``, and the one to expect after it.

    ``clock`` is that of the cut-off and tells the pace of past windows as it is known now,
    ``clocks`` tell it as it was expected at past cut-offs: what was off for that reason says
    nothing about the window to come, whose pace is on the clock. The mean of what is left counts
    as far as windows agree on it; what the window a year ago adds counts as far as it is more than
    windows differ by anyway. What is forecast ``stretch`` times as far ahead is further off, by the
    root of it.
    """
    column = base.of(task)
    if column is None or task not in AMOUNTS:
        raise ValueError(f"{task} has no level")
    windows = _windows(past, column, OUTCOME[task])
    left = {}
    for cut, window in windows.items():
        known = np.log(clock.horizon(horizon_days, cut) / clocks[cut].horizon(horizon_days))
        if task == "spend":
            known += np.log(clock.worth_of(horizon_days, cut) / clocks[cut].worth_of(horizon_days))
        left[cut] = window._replace(level=window.level - float(known))
    by_cutoff = {cut: window.level for cut, window in windows.items()}
    ago = clock.cutoff - YEAR
    general = _general(left, horizon_days) * np.sqrt(stretch)
    expected = float(np.exp(general + _of_the_season(left, ago)))
    if ago not in windows or len(windows) < 2:
        return Levels(by_cutoff, expected)
    # Who comes back for the season is told by purchases; amounts are too uneven for it.
    by_hiatus = _by_hiatus(past, base.purchases, ago)
    total = now[base.purchases].to_numpy()
    rest = float(np.sum(total * np.exp(by_hiatus[_group(now)]))) / max(float(total.sum()), 1e-12)
    return Levels(by_cutoff, expected, by_hiatus - np.log(max(rest, 1e-12)), ago)


def _group(rows: pd.DataFrame) -> NDArray[np.int64]:
    return np.searchsorted(HIATUS_DAYS, rows["hiatus"].to_numpy())


def _by_hiatus(past: pd.DataFrame, column: str, ago: int) -> Vector:
    """Log of how groups of customers differ a year ago from other windows, beside the total."""
    sums = past.groupby([past["cutoff"], _group(past)])[[OUTCOME["purchases"], column]].sum()
    actual, forecast = sums[OUTCOME["purchases"]], sums[column]
    whole = actual.groupby(level=0).transform("sum") / forecast.groupby(level=0).transform("sum")
    error = 1 / (actual + 1)
    ratio = (actual + 0.5) / (forecast * whole + 0.5)
    deviation = pd.Series(np.log(ratio.to_numpy()), index=ratio.index)
    found = np.zeros(len(HIATUS_DAYS) + 1)
    for group in range(len(found)):
        if (ago, group) not in deviation.index:
            continue
        own, chance = deviation[:, group], error[:, group]
        others = own.drop(ago)
        if not len(others):
            continue
        raw = float(own[ago] - np.average(others, weights=1 / chance.drop(ago)))
        noise = float(chance[ago]) + float(others.var(ddof=0))
        found[group] = raw * _HIATUS_SEASON**2 / (_HIATUS_SEASON**2 + noise)
    return found


class _Window(NamedTuple):
    """Log of actual over forecast total, and the variance that few customers give it."""

    level: float
    chance: float


def _windows(past: pd.DataFrame, column: str, outcome: str) -> dict[int, _Window]:
    found: dict[int, _Window] = {}
    for cut, rows in past.groupby("cutoff"):
        y, f = rows[outcome].to_numpy(), rows[column].to_numpy()
        actual, expected = float(y.sum()), float(f.sum())
        if actual > 0 and expected > 0:
            level = float(np.clip(np.log(actual / expected), -_FARTHEST, _FARTHEST))
            error = (y - f) / actual
            found[int(str(cut))] = _Window(level, float(error @ error))
        else:  # says nothing
            found[int(str(cut))] = _Window(0.0, 1.0)
    return found


def _general(windows: Mapping[int, _Window], horizon_days: int) -> float:
    """What windows agree on, shrunk by how far they do not, and by how few they are."""
    if not windows:
        return 0.0
    values = np.array([window.level for window in windows.values()])
    chance = float(np.mean([window.chance for window in windows.values()]))
    separate = max(1.0, _days_covered(windows, horizon_days) / horizon_days)
    error = (_WINDOW_ERROR**2 + float(values.var()) + chance) / separate
    return float(values.mean()) * _BTYD_ERROR**2 / (_BTYD_ERROR**2 + error)


def _of_the_season(windows: Mapping[int, _Window], ago: int) -> float:
    """What the window a year ago adds to the others, shrunk by how far windows differ anyway."""
    others = [window.level for cut, window in windows.items() if cut != ago]
    if ago not in windows or not others:
        return 0.0
    error = _WINDOW_ERROR**2 + float(np.var(others)) + windows[ago].chance
    share = _SEASON_ERROR**2 / (_SEASON_ERROR**2 + error)
    return (windows[ago].level - float(np.mean(others))) * share


def _days_covered(cutoffs: Iterable[int], horizon_days: int) -> int:
    """Days within any of the windows, which may overlap."""
    starts = sorted(cutoffs)
    ends = [*starts[1:], starts[-1] + horizon_days]
    return sum(min(horizon_days, end - start) for start, end in zip(starts, ends, strict=True))
