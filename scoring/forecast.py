"""Forecasts of every candidate for one cut-off and horizon, and the champion of each task.

Rolling origins: each past cut-off whose window is over is forecast by candidates that saw only
windows over by then; stacking weights, calibration, interval widths and the champion come from
those forecasts, never from the window to be forecast.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.btyd import PURCHASE_MODELS
from scoring.btyd.likelihood import Vector
from scoring.champion import Champion, PastForecast, Weights, choose, loss, stack
from scoring.features import YEAR
from scoring.history import PurchaseHistory
from scoring.learners import (
    LEARNERS,
    OUTCOME,
    TASKS,
    Base,
    BtydOffset,
    Learner,
    mean_name,
    probability,
)
from scoring.level import AMOUNTS, Levels, levels
from scoring.panel import MINIMUM_HISTORY_DAYS, FittedBtyd, Panel, earlier_cutoffs

NAIVE = "naive"
BLEND = "blend"
BTYD = "btyd"

# Weights of the blend before any past window has spoken.
PRIOR: Mapping[str, float] = {
    BTYD: 0.05,
    "btyd_offset": 0.15,
    "boosted_trees": 0.2,
    "boosted_trees_mean": 0.2,
    "extra_trees": 0.2,
    "extra_trees_mean": 0.2,
}
# Below so many customers trees follow chance; the BTYD forecast with an offset is safer.
SMALL_BASE = 1_000

_LEAST_ROWS = 50  # past rows below which nothing is learned
_LEAST_TREE_ROWS = 300
_MOST_CUTOFFS = 10
_MOST_LEARNING_ROWS = 60_000
_ORIGINS = 3


@dataclass(frozen=True)
class TaskForecast:
    """One task: forecasts of all candidates for all customers, and the champion."""

    task: str
    candidates: Mapping[str, Vector]
    champion: Champion
    weights: Weights
    past: tuple[PastForecast, ...]

    @property
    def values(self) -> Vector:
        """The champion's forecast, shape (customers,)."""
        return self.candidates[self.champion.name]


@dataclass(frozen=True)
class Forecast:
    """Forecasts for one cut-off and horizon.

    ``panel`` holds the customers at the cut-off in the order of every vector.
    ``learned_horizon_days`` and ``learned_cutoffs`` are those of the windows learned from.
    """

    cutoff: int
    horizon_days: int
    panel: Panel
    customer_ids: np.ndarray
    fitted: FittedCandidates
    tasks: Mapping[str, TaskForecast]
    learned_horizon_days: int | None
    learned_cutoffs: tuple[int, ...]
    warnings: tuple[str, ...] = field(default_factory=tuple)

    @property
    def rows(self) -> pd.DataFrame:
        """The panel rows of the customers forecast."""
        return self.panel.at(self.cutoff)

    def champions(self, rows: pd.DataFrame) -> dict[str, Vector]:
        """The champions' forecasts by task for panel rows, such as rows with changed features."""
        forecasts = self.fitted.predict(rows)
        values = {}
        for task, chosen in self.tasks.items():
            name = chosen.champion.name
            values[task] = (
                chosen.weights.blend(task, forecasts[task])
                if name == BLEND
                else forecasts[task][name]
            )
        return values


def forecast(
    history: PurchaseHistory,
    cutoff: int,
    horizon_days: int,
    seasonal_index: float | None = None,
) -> Forecast:
    """Forecast the ``horizon_days`` after a cut-off for everybody with a purchase by then.

    Args:
        history: purchase days; those after ``cutoff`` are dropped first.
        cutoff: day number of the last day observed.
        horizon_days: at least 1.
        seasonal_index: purchases to expect in the window over those of an average one, if known.

    Raises:
        ValueError: nobody has a purchase up to the cut-off, or the horizon is below 1.
    """
    if horizon_days < 1:
        raise ValueError("horizon_days must be at least 1")
    known = history.until(cutoff)
    if not len(known):
        raise ValueError("no purchase up to the cut-off")
    now = Panel.build(known, [cutoff], horizon_days, cutoff)
    past, warnings = _past_panel(known, cutoff, horizon_days)
    rows = now.at(cutoff)

    full = past is not None and past.horizon_days == horizon_days
    cuts = _origins(past) if full and past is not None else []

    # One thread for each fit: sums do not depend on the number of cores, and threads that wait for
    # each other cost more than they bring on data this size.
    with (
        threadpool_limits(limits=1),
        ThreadPoolExecutor(os.cpu_count(), initializer=_one_thread) as pool,
    ):
        fit = pool.submit(_fitted, past, now, cutoff, known.has_amounts, seasonal_index)
        at_origins = {
            cut: pool.submit(_at_origin, past, cut, known.has_amounts)
            for cut in cuts
            if past is not None
        }
        fitted = fit.result()
        origins = {cut: found.result() for cut, found in at_origins.items()}
    target = fitted.predict(rows)
    if past is not None and not origins:
        origins = _btyd_windows(past, known.has_amounts)

    tasks: dict[str, TaskForecast] = {}
    for task in TASKS:
        if task not in target:
            continue
        windows = [origins[cut][task] for cut in sorted(origins) if task in origins[cut]]
        candidates = dict(target[task])
        weights, blended = _blended(task, windows, candidates, horizon_days)
        if weights is not None:
            candidates[BLEND] = weights.blend(task, candidates)
            windows = blended
        compared = any(BLEND in window.forecasts for window in windows)
        bought = any(window.actual.any() for window in windows)
        large = len(known) >= SMALL_BASE and full and compared and bought
        preferred, allowed, why = _rules(task, candidates, large, full, len(known))
        champion = choose(task, windows, allowed, preferred=preferred, why=why)
        tasks[task] = TaskForecast(
            task, candidates, champion, weights or Weights({}), tuple(windows)
        )
    return Forecast(
        cutoff,
        horizon_days,
        now,
        known.customer_ids[rows["customer"].to_numpy()],
        fitted,
        tasks,
        None if past is None else past.horizon_days,
        () if past is None else past.cutoffs,
        tuple(warnings),
    )


def _past_panel(
    known: PurchaseHistory, cutoff: int, horizon_days: int
) -> tuple[Panel | None, list[str]]:
    """Earlier cut-offs to learn from; with a shorter horizon where none has the full one."""
    first_day = int(known.day.min())
    warnings = []
    horizon, per_horizon = horizon_days, max(1, min(4, horizon_days // 15))
    history_days = cutoff - first_day
    if history_days < YEAR + max(MINIMUM_HISTORY_DAYS, horizon_days // 2):
        warnings.append(
            "no window of a year ago in the log: a season cannot be foreseen, give seasonal_index"
        )
    if history_days - horizon < max(MINIMUM_HISTORY_DAYS, horizon // 2):
        horizon, per_horizon = history_days // 2, 2
        warnings.append("no past window has the full horizon: shorter ones are used")
    if horizon < MINIMUM_HISTORY_DAYS and horizon < horizon_days:
        return None, [*warnings[:-1], "too little history for any past window"]
    cutoffs = earlier_cutoffs(
        cutoff, horizon, first_day, per_horizon=per_horizon, most=_MOST_CUTOFFS + per_horizon
    )
    cutoffs = [day for day in cutoffs if day + horizon <= cutoff]
    # The window of a year ago tells the season, if the log is older than it.
    if horizon == horizon_days <= YEAR and cutoff - YEAR - first_day >= max(
        MINIMUM_HISTORY_DAYS, horizon // 2
    ):
        cutoffs = sorted({*cutoffs, cutoff - YEAR}, reverse=True)
    if not cutoffs:
        return None, [*warnings, "too little history for any past window"]
    most = max(_MOST_LEARNING_ROWS // len(cutoffs), 1)
    if len(known) > most:
        chosen = np.zeros(len(known), dtype=bool)
        chosen[np.random.default_rng(0).choice(len(known), most, replace=False)] = True
        known = known.of(chosen)
    return Panel.build(known, cutoffs, horizon, cutoff), warnings


def _one_thread() -> None:
    """For a worker thread: OpenMP keeps the number of threads to use for each thread apart."""
    threadpool_limits(limits=1)


Forecasts = dict[str, dict[str, Vector]]


@dataclass(frozen=True)
class FittedCandidates:
    """All candidates fitted for one cut-off, from windows that were over by then.

    ``level`` is the factor on learned amounts per task. ``base`` is None where no time was
    observed after any first purchase; then only the naive candidates are left.
    """

    btyd: FittedBtyd
    horizon_days: int
    has_amounts: bool
    base: Base | None
    learners: Mapping[str, Learner]
    level: Mapping[str, Levels]

    def predict(self, rows: pd.DataFrame) -> Forecasts:
        """Forecasts of every candidate by task, for panel rows."""
        forecasts: Forecasts = {task: {} for task in TASKS if self.has_amounts or task != "spend"}
        for task, name, column in _btyd_columns(rows):
            if task in forecasts:
                forecasts[task][name] = rows[column].to_numpy()
        previous = rows["previous_purchases"].to_numpy()
        forecasts["purchases"][NAIVE] = previous
        # After n purchases in a window the next one is empty with (1/2)^(n + 1/2): Poisson
        # purchases, the rate with the Jeffreys prior.
        forecasts["churn"][NAIVE] = 0.5 ** (previous + 0.5)
        if self.has_amounts:
            forecasts["spend"][NAIVE] = rows["previous_spend"].to_numpy()
        if self.base is not None:
            for task, by_name in forecasts.items():
                chosen = self.base.of(task)
                if chosen is not None:
                    by_name[BTYD] = self._at_level(task, rows[chosen].to_numpy())
        offset = self.learners.get(BtydOffset.name)
        if isinstance(offset, BtydOffset):
            rows = offset.with_base(rows)
        for learner in self.learners.values():
            for task, learned in learner.predict(rows).items():
                for name, values in learned.items():
                    forecasts[task][name] = self._at_level(task, values)
        return forecasts

    def _at_level(self, task: str, values: Vector) -> Vector:
        if task != "churn":
            return values * (self.level[task].expected if task in self.level else 1.0)
        # Twice the purchases of a Poisson process square the probability of none.
        season = self.level["purchases"].season if "purchases" in self.level else 1.0
        return probability(values**season)

    def changed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose features were changed, with BTYD outputs to match."""
        outputs = self.btyd.outputs(rows, self.horizon_days)
        return rows.assign(**{name: values for name, values in outputs.items() if name in rows})


def _fitted(
    past: Panel | None,
    target: Panel,
    cutoff: int,
    has_amounts: bool,
    seasonal_index: float | None = None,
) -> FittedCandidates:
    """Fit every candidate for one cut-off of ``target``, from windows of ``past`` over by then."""
    rows = target.at(cutoff)
    learned = past.before(cutoff).copy() if past is not None else rows.iloc[:0]
    base = _choose_base(learned, rows, has_amounts)
    learners: dict[str, Learner] = {}
    level: dict[str, Levels] = {}
    if seasonal_index is not None:
        level = {task: Levels({}, seasonal_index, seasonal_index) for task in AMOUNTS}
    known = base is not None and all(
        column in learned and learned[column].notna().all() for column in base.columns()
    )
    if past is not None and base is not None and known and len(learned) >= _LEAST_ROWS:
        for task in AMOUNTS:
            if base.of(task) is not None:
                level[task] = levels(
                    learned,
                    base,
                    task,
                    cutoff=cutoff,
                    horizon_days=past.horizon_days,
                    seasonal_index=seasonal_index,
                )
        for task, found in level.items():
            if found.by_cutoff:
                learned[OUTCOME[task]] = found.taught(learned, task)
        same_horizon = past.horizon_days == target.horizon_days
        # What holds over a shorter horizon is only a hint for the whole one.
        offset = BtydOffset() if same_horizon else BtydOffset(prior=0.04)
        learners[offset.name] = offset.fit(learned, rows, base)
        if same_horizon and len(learned) >= _LEAST_TREE_ROWS:
            learned, rows = offset.as_base(learned), offset.with_base(rows)
            for name, learner in LEARNERS.items():
                if name != offset.name:
                    learners[name] = learner().fit(learned, rows, offset.base())
    return FittedCandidates(
        target.btyd[cutoff], target.horizon_days, has_amounts, base, learners, level
    )


def _btyd_columns(rows: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Task, candidate and column of every BTYD output."""
    for column in rows.columns:
        name, _, output = column.partition(":")
        if output in TASKS and rows[column].notna().all():
            yield output, name, column


def _choose_base(learned: pd.DataFrame, rows: pd.DataFrame, has_amounts: bool) -> Base | None:
    """The BTYD outputs with the lowest loss over windows that are over; the first without any."""
    best: dict[str, str] = {}
    lowest: dict[str, float] = {}
    available = [*_btyd_columns(rows)]
    for task, _, column in available:
        if task == "spend" and not has_amounts:
            continue
        known = len(learned) > 0 and column in learned and learned[column].notna().all()
        value = (
            float(
                np.mean(
                    [
                        loss(task, part[OUTCOME[task]].to_numpy(), part[column].to_numpy())
                        for _, part in learned.groupby("cutoff")
                    ]
                )
            )
            if known
            else np.inf
        )
        if task not in best or value < lowest[task]:
            best[task], lowest[task] = column, value
    if "purchases" not in best:
        return None
    model = best["churn"].partition(":")[0]
    return Base(best["purchases"], best.get("spend"), best["churn"], f"{model}:alive")


def _origins(past: Panel) -> list[int]:
    """Past cut-offs to forecast from the windows over by then, at most ``_ORIGINS``, apart."""
    chosen: list[int] = []
    for cut in past.cutoffs:
        apart = not chosen or chosen[-1] - cut >= past.horizon_days // 2
        if apart and len(past.before(cut)) >= _LEAST_ROWS:
            chosen.append(cut)
        if len(chosen) == _ORIGINS:
            break
    return chosen


def _at_origin(past: Panel, cut: int, has_amounts: bool) -> dict[str, PastForecast]:
    """A past window forecast as it would have been at its cut-off, by task."""
    forecasts = _fitted(past, past, cut, has_amounts).predict(past.at(cut))
    share = past.before(cut)["cutoff"].nunique() / len(past.cutoffs)
    return _against_actual(past.at(cut), forecasts, cut, share)


def _btyd_windows(past: Panel, has_amounts: bool) -> dict[int, dict[str, PastForecast]]:
    """Past windows forecast by models that need no windows before them."""
    found = {}
    for cut in past.cutoffs[:_ORIGINS]:
        rows = past.at(cut)
        if len(rows):
            forecasts = _fitted(None, past, cut, has_amounts).predict(rows)
            found[cut] = _against_actual(rows, forecasts, cut)
    return found


def _against_actual(
    rows: pd.DataFrame, forecasts: Forecasts, cut: int, weight: float = 1.0
) -> dict[str, PastForecast]:
    return {
        task: PastForecast(cut, rows[OUTCOME[task]].to_numpy(), by_name, weight)
        for task, by_name in forecasts.items()
    }


def _blended(
    task: str,
    windows: list[PastForecast],
    candidates: Mapping[str, Vector],
    horizon_days: int,
) -> tuple[Weights | None, list[PastForecast]]:
    """Weights for the window to be forecast, and past windows with the blend added.

    A past window is blended with weights from windows that were over by its cut-off.
    """
    members = [name for name in PRIOR if name in candidates]
    if "boosted_trees" not in members:
        return None, windows
    total = sum(PRIOR[name] for name in members)
    prior = {name: PRIOR[name] / total for name in members}
    usable = [w for w in windows if all(name in w.forecasts for name in members)]
    blended = []
    for window in usable:
        earlier = [w for w in usable if w.cutoff + horizon_days <= window.cutoff]
        weights = stack(task, earlier, prior, _shortfall(window.forecasts))
        value = weights.blend(task, window.forecasts)
        blended.append(replace(window, forecasts={**window.forecasts, BLEND: value}))
    return stack(task, usable, prior, _shortfall(candidates)), blended or windows


def _shortfall(forecasts: Mapping[str, Vector]) -> dict[str, float]:
    """By how much totals of forecasts of the middle lie below those of the mean."""
    found = {}
    for name, values in forecasts.items():
        mean = forecasts.get(mean_name(name))
        if mean is not None and mean.sum() > 0:
            found[name] = 1 - float(values.sum() / mean.sum())
    return found


def _rules(
    task: str, candidates: Mapping[str, Vector], large: bool, full: bool, customers: int
) -> tuple[str, list[str], str]:
    """The preferred candidate, those that may replace it, and why it is preferred."""
    if large:
        return BLEND, list(candidates), "large base with past windows of the full horizon"
    why = (
        f"{customers} customers, fewer than {SMALL_BASE}"
        if full and customers < SMALL_BASE
        else "no past window of the full horizon to compare trees in"
    )
    models = {name for name in candidates if name.partition("/")[0] in PURCHASE_MODELS}
    allowed = [n for n in candidates if n in models or n in (BTYD, "btyd_offset")]
    for preferred in ("btyd_offset", BTYD, NAIVE):
        if preferred in candidates:
            return preferred, allowed or [preferred], why
    raise AssertionError(f"no candidate for {task}")
