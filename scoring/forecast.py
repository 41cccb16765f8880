"""Forecasts of every candidate for one cut-off and horizon, and the champion of each task.

Rolling origins: each past cut-off whose window is over is forecast by candidates that saw only
windows over by then; stacking weights, calibration, interval widths and the champion come from
those forecasts, never from the window to be forecast.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.btyd import PURCHASE_MODELS
from scoring.btyd.likelihood import Vector
from scoring.champion import Champion, PastForecast, Weights, choose, loss, stack
from scoring.features import YEAR, features
from scoring.history import PurchaseHistory
from scoring.intervals import ConformalInterval
from scoring.learners import (
    LEARNERS,
    OUTCOME,
    TASKS,
    Base,
    BtydOffset,
    Learner,
    Trees,
    mean_name,
    probability,
)
from scoring.level import AMOUNTS, Levels, levels
from scoring.panel import (
    MINIMUM_HISTORY_DAYS,
    FittedBtyd,
    Panel,
    build_panels,
    earlier_cutoffs,
    with_horizon,
)

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

Forecasts = dict[str, dict[str, Vector]]


@dataclass(frozen=True)
class ChosenTask:
    """One task: the champion, the weights of the blend, and the past windows that chose them.

    ``names`` are all candidates. ``stretch`` is the horizon over that of the past windows, 1 unless
    they had to be shorter.
    """

    task: str
    champion: Champion
    weights: Weights
    past: tuple[PastForecast, ...]
    names: tuple[str, ...]
    stretch: float = 1.0

    def name_at(self, origin: int) -> str:
        """The champion, or what stood in for it at a past cut-off that had too little to fit it."""
        there = next(window.forecasts for window in self.past if window.cutoff == origin)
        return next(name for name in (self.champion.name, BTYD, NAIVE) if name in there)

    def interval(self, known_by: int | None = None, horizon_days: int = 0) -> ConformalInterval:
        """The champion's interval, from its errors in past windows, or in those over by a day.

        From those of the BTYD model it starts from where the champion has no past.
        """
        windows = [
            window
            for window in self.past
            if known_by is None or window.cutoff + horizon_days <= known_by
        ]
        name = self.champion.name
        if not any(name in window.forecasts for window in windows):
            name = BTYD
        return ConformalInterval(
            windows, name, stretch=self.stretch, whole=self.task == "purchases"
        )


@dataclass(frozen=True)
class Forecaster:
    """Candidates fitted for one cut-off and horizon, and the champion of each task.

    ``history`` is what was known at the cut-off, ``table`` the features of all customers there.
    ``past`` holds the past windows of the customers learned from, all or a sample of them, and
    ``at_origins`` the candidates as they were fitted for past cut-offs.
    """

    cutoff: int
    horizon_days: int
    history: PurchaseHistory
    table: pd.DataFrame
    fitted: FittedCandidates
    tasks: Mapping[str, ChosenTask]
    past: Panel | None
    at_origins: Mapping[int, FittedCandidates]
    warnings: tuple[str, ...] = field(default_factory=tuple)

    @property
    def learned_horizon_days(self) -> int | None:
        """The horizon of the windows learned from."""
        return None if self.past is None else self.past.horizon_days

    @property
    def learned_cutoffs(self) -> tuple[int, ...]:
        """The cut-offs of the windows learned from."""
        return () if self.past is None else self.past.cutoffs

    @property
    def has_full_windows(self) -> bool:
        """Whether past windows have the horizon that is forecast."""
        return self.learned_horizon_days == self.horizon_days

    def rows(self, table: pd.DataFrame | None = None, *, only_needed: bool = False) -> pd.DataFrame:
        """Panel rows of all customers, or of a part of ``table``.

        ``only_needed`` leaves out BTYD outputs that no champion asks for.
        """
        part = self.table if table is None else table
        only = self.needed() if only_needed else None
        return with_horizon(self.history, part, self.fitted.btyd, self.horizon_days, only)

    def needed(self) -> set[str]:
        """BTYD outputs that the champions and the candidates behind them start from."""
        columns = set(self.fitted.base.columns()) if self.fitted.base else set()
        return columns | {f"{t.champion.name}:{t.task}" for t in self.tasks.values()}

    def changed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose features were changed, with BTYD outputs to match."""
        only = [name for name in map(str, rows.columns) if ":" in name]
        return rows.assign(**self.fitted.btyd.outputs(rows, self.horizon_days, only))

    def candidates(self, rows: pd.DataFrame) -> Forecasts:
        """Forecasts of every candidate, the blend included, by task for panel rows."""
        forecasts = self.fitted.predict(rows)
        for task, chosen in self.tasks.items():
            if all(name in forecasts[task] for name in chosen.weights.members or ["-"]):
                forecasts[task][BLEND] = chosen.weights.blend(task, forecasts[task])
        return {task: forecasts[task] for task in self.tasks}

    def champions(
        self, rows: pd.DataFrame, tasks: Collection[str] = TASKS, *, origin: int | None = None
    ) -> dict[str, Vector]:
        """The champions' forecasts by task for panel rows, which may be changed ones.

        With ``origin``, a past cut-off: as they were fitted and weighted then.
        """
        fitted = self.fitted if origin is None else self.at_origins[origin]
        wanted = [task for task in tasks if task in self.tasks]
        forecasts = fitted.predict(rows, wanted)
        values = {}
        for task in wanted:
            chosen = self.tasks[task]
            weights = chosen.weights
            if origin is not None:
                weights = next(w.weights for w in chosen.past if w.cutoff == origin) or weights
            name = chosen.champion.name if origin is None else chosen.name_at(origin)
            values[task] = (
                weights.blend(task, forecasts[task]) if name == BLEND else forecasts[task][name]
            )
        return values


def forecast(
    history: PurchaseHistory,
    cutoff: int,
    horizon_days: int,
    seasonal_index: float | None = None,
) -> Forecaster:
    """Fit and choose for the ``horizon_days`` after a cut-off; see ``forecast_horizons``."""
    index = {} if seasonal_index is None else {horizon_days: seasonal_index}
    return forecast_horizons(history, cutoff, {horizon_days: TASKS}, index)[horizon_days]


def forecast_horizons(
    history: PurchaseHistory,
    cutoff: int,
    horizons: Mapping[int, Collection[str]],
    seasonal_index: Mapping[int, float] | None = None,
) -> dict[int, Forecaster]:
    """Fit all candidates and choose champions for several horizons after one cut-off.

    Args:
        history: purchase days; those after ``cutoff`` are dropped first.
        cutoff: day number of the last day observed.
        horizons: the tasks wanted by horizon in days, at least 1.
        seasonal_index: by horizon, purchases to expect in the window over those of an average
            one, where known.

    Raises:
        ValueError: nobody has a purchase up to the cut-off, or a horizon is below 1.
    """
    if min(horizons) < 1:
        raise ValueError("horizon_days must be at least 1")
    known = history.until(cutoff)
    if not len(known.day):
        raise ValueError("no purchase up to the cut-off")
    windows = {horizon: _past_windows(known, cutoff, horizon) for horizon in horizons}
    learned = _sample(known, max(len(w.cutoffs) for w in windows.values()))
    by_learned_horizon: dict[int, set[int]] = {}
    for found in windows.values():
        if found.cutoffs:
            by_learned_horizon.setdefault(found.horizon_days, set()).update(found.cutoffs)

    # One thread for each fit: sums do not depend on the number of cores, and threads that wait for
    # each other cost more than they bring on data this size.
    with (
        threadpool_limits(limits=1),
        ThreadPoolExecutor(os.cpu_count(), initializer=_one_thread) as pool,
    ):
        target = pool.submit(_at_cutoff, known, cutoff)
        panels = build_panels(learned, by_learned_horizon, cutoff, pool)
        table, btyd = target.result()
        shown = table
        if len(learned) < len(known):
            drawn = np.isin(known.customer_ids, learned.customer_ids)
            shown = table[drawn[table["customer"].to_numpy()]]
        begun = []
        for horizon, tasks in horizons.items():
            panel = panels.get(windows[horizon].horizon_days)
            past = panel if windows[horizon].cutoffs else None
            now = with_horizon(known, shown, btyd, horizon)
            index = (seasonal_index or {}).get(horizon)
            job = _Job(cutoff, horizon, tuple(tasks), known, table, now, btyd, past, index)
            begun.append((job, job.submit(pool), windows[horizon].warnings))
        return {
            job.horizon_days: job.choose(fit.result(), _results(origins), warnings)
            for job, (fit, origins), warnings in begun
        }


def _at_cutoff(known: PurchaseHistory, cutoff: int) -> tuple[pd.DataFrame, FittedBtyd]:
    """Features of everybody, and the purchase models fitted to them."""
    table = features(known, [cutoff])
    return table, FittedBtyd.fit(table)


def _results(futures: Mapping[int, Future[FittedCandidates]]) -> dict[int, FittedCandidates]:
    return {cut: future.result() for cut, future in futures.items()}


@dataclass(frozen=True)
class _Job:
    """One horizon: what is fitted, and the choice that follows."""

    cutoff: int
    horizon_days: int
    tasks: tuple[str, ...]
    known: PurchaseHistory
    table: pd.DataFrame
    now: pd.DataFrame
    btyd: FittedBtyd
    past: Panel | None
    seasonal_index: float | None

    @property
    def _full(self) -> bool:
        return self.past is not None and self.past.horizon_days == self.horizon_days

    @property
    def _with_trees(self) -> bool:
        return self._full and len(self.table) >= SMALL_BASE

    def submit(
        self, pool: ThreadPoolExecutor
    ) -> tuple[Future[FittedCandidates], dict[int, Future[FittedCandidates]]]:
        """Begin the fits for the cut-off and for past origins."""
        amounts = self.known.has_amounts
        fit = pool.submit(
            _fitted,
            self.past,
            self.now,
            self.btyd,
            cutoff=self.cutoff,
            horizon_days=self.horizon_days,
            has_amounts=amounts,
            tasks=self.tasks,
            with_trees=self._with_trees,
            seasonal_index=self.seasonal_index,
        )
        origins = {}
        if self.past is not None:
            # Without windows of the full horizon models that need none are compared.
            past = self.past if self._full else None
            cuts = _origins(self.past) if self._full else []
            if not cuts:
                past, cuts = None, [c for c in self.past.cutoffs if c in self.past.btyd][:_ORIGINS]
            for cut in cuts:
                origins[cut] = pool.submit(
                    _fitted,
                    past,
                    self.past.at(cut),
                    self.past.btyd[cut],
                    cutoff=cut,
                    horizon_days=self.past.horizon_days,
                    has_amounts=amounts,
                    tasks=self.tasks,
                    with_trees=self._with_trees,
                )
        return fit, origins

    def choose(
        self,
        fitted: FittedCandidates,
        at_origins: Mapping[int, FittedCandidates],
        warnings: list[str],
    ) -> Forecaster:
        """Weights and champions from the past windows as they were forecast at their cut-offs."""
        target = fitted.predict(self.now)
        judged: dict[str, list[PastForecast]] = {task: [] for task in target}
        for cut, then in sorted(at_origins.items()):
            if self.past is None:
                break
            rows = self.past.at(cut)
            share = 1.0
            if then.learners:
                share = self.past.before(cut)["cutoff"].nunique() / len(self.past.cutoffs)
            for task, by_name in then.predict(rows).items():
                actual = rows[OUTCOME[task]].to_numpy()
                judged[task].append(PastForecast(cut, actual, by_name, share))
        chosen = {}
        for task, candidates in target.items():
            windows = judged[task]
            names = list(candidates)
            weights, blended = _blended(task, windows, candidates, self.horizon_days)
            if weights is not None:
                names, windows = [*names, BLEND], blended
            compared = any(BLEND in window.forecasts for window in windows)
            bought = any(window.actual.any() for window in windows)
            customers = len(self.table)
            large = customers >= SMALL_BASE and self._full and compared and bought
            preferred, allowed, why = _rules(task, names, large, self._full, customers)
            champion = choose(task, windows, allowed, preferred=preferred, why=why)
            stretch = self.horizon_days / self.past.horizon_days if self.past is not None else 1.0
            chosen[task] = ChosenTask(
                task, champion, weights or Weights({}), tuple(windows), tuple(names), stretch
            )
        return Forecaster(
            self.cutoff,
            self.horizon_days,
            self.known,
            self.table,
            fitted,
            chosen,
            self.past,
            at_origins,
            tuple(warnings),
        )


@dataclass(frozen=True)
class _PastWindows:
    """Cut-offs to learn from, with a shorter horizon where none has the full one."""

    horizon_days: int
    cutoffs: tuple[int, ...]
    warnings: list[str]


def _past_windows(known: PurchaseHistory, cutoff: int, horizon_days: int) -> _PastWindows:
    first_day = int(known.begin(np.array([cutoff]))[0])
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
        return _PastWindows(horizon, (), [*warnings[:-1], "too little history for any past window"])
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
        warnings.append("too little history for any past window")
    return _PastWindows(horizon, tuple(cutoffs), warnings)


def _sample(known: PurchaseHistory, cutoffs: int) -> PurchaseHistory:
    """The customers to learn from: all, or so many that past rows are not too many."""
    most = max(_MOST_LEARNING_ROWS // max(cutoffs, 1), 1)
    if len(known) <= most:
        return known
    chosen = np.zeros(len(known), dtype=bool)
    chosen[np.random.default_rng(0).choice(len(known), most, replace=False)] = True
    return known.of(chosen)


def _one_thread() -> None:
    """For a worker thread: OpenMP keeps the number of threads to use for each thread apart."""
    threadpool_limits(limits=1)


@dataclass(frozen=True)
class FittedCandidates:
    """All candidates fitted for one cut-off, from windows that were over by then.

    ``level`` is the factor on learned amounts per task. ``most`` is the most that anybody did in a
    window learned from: what is learned on a log scale is not believed beyond it. ``base`` is None
    where no time was observed after any first purchase; then only the naive candidates are left.
    """

    btyd: FittedBtyd
    horizon_days: int
    tasks: tuple[str, ...]
    base: Base | None
    learners: Mapping[str, Learner]
    level: Mapping[str, Levels]
    most: Mapping[str, float]

    def predict(self, rows: pd.DataFrame, tasks: Collection[str] = TASKS) -> Forecasts:
        """Forecasts of every candidate by task, for panel rows."""
        forecasts: Forecasts = {task: {} for task in self.tasks if task in tasks}
        for task, name, column in _btyd_columns(rows):
            if task in forecasts:
                forecasts[task][name] = rows[column].to_numpy()
        previous = rows["previous_purchases"].to_numpy()
        # After n purchases in a window the next one is empty with (1/2)^(n + 1/2): Poisson
        # purchases, the rate with the Jeffreys prior.
        naive = {
            "purchases": previous,
            "spend": rows["previous_spend"].to_numpy(),
            "churn": 0.5 ** (previous + 0.5),
        }
        for task, by_name in forecasts.items():
            by_name[NAIVE] = naive[task]
        if self.base is not None:
            for task, by_name in forecasts.items():
                chosen = self.base.of(task)
                if chosen is not None:
                    by_name[BTYD] = self._at_level(task, rows[chosen].to_numpy())
        offset = self.learners.get(BtydOffset.name)
        if isinstance(offset, BtydOffset):
            rows = offset.with_base(rows)
        for learner in self.learners.values():
            for task, learned in learner.predict(rows, list(forecasts)).items():
                for name, values in learned.items():
                    believed = np.minimum(values, self.most.get(task, np.inf))
                    forecasts[task][name] = self._at_level(task, believed)
        return forecasts

    def _at_level(self, task: str, values: Vector) -> Vector:
        if task != "churn":
            return values * (self.level[task].expected if task in self.level else 1.0)
        # Twice the purchases of a Poisson process square the probability of none.
        season = self.level["purchases"].season if "purchases" in self.level else 1.0
        return probability(values**season)


def _fitted(
    past: Panel | None,
    rows: pd.DataFrame,
    btyd: FittedBtyd,
    *,
    cutoff: int,
    horizon_days: int,
    has_amounts: bool,
    tasks: Collection[str],
    with_trees: bool = True,
    seasonal_index: float | None = None,
) -> FittedCandidates:
    """Fit every candidate for the ``rows`` of one cut-off, from windows over by then."""
    learned = past.before(cutoff).copy() if past is not None else rows.iloc[:0]
    base = _choose_base(learned, rows, has_amounts)
    learners: dict[str, Learner] = {}
    level: dict[str, Levels] = {}
    most: dict[str, float] = {}
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
        stretch = horizon_days / past.horizon_days
        most = {task: stretch * float(learned[OUTCOME[task]].max()) for task in level}
        for task, found in level.items():
            if found.by_cutoff:
                learned[OUTCOME[task]] = found.taught(learned, task)
        same_horizon = past.horizon_days == horizon_days
        # What holds over a shorter horizon is only a hint for the whole one.
        offset = BtydOffset() if same_horizon else BtydOffset(prior=0.04)
        learners[offset.name] = offset.fit(learned, rows, base)
        if same_horizon and len(learned) >= _LEAST_TREE_ROWS:
            learned, rows = offset.as_base(learned), offset.with_base(rows)
            for name, learner in LEARNERS.items():
                if name != offset.name and (with_trees or not issubclass(learner, Trees)):
                    learners[name] = learner(tasks).fit(learned, rows, offset.base())
    wanted = tuple(task for task in TASKS if task in tasks and (has_amounts or task != "spend"))
    return FittedCandidates(btyd, horizon_days, wanted, base, learners, level, most)


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
        value = np.inf
        if known:
            # Few customers say little: a window weighs as many as there were.
            parts = [part for _, part in learned.groupby("cutoff")]
            losses = [loss(task, p[OUTCOME[task]].to_numpy(), p[column].to_numpy()) for p in parts]
            value = float(np.average(losses, weights=[len(part) for part in parts]))
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
        forecasts = {**window.forecasts, BLEND: value}
        blended.append(replace(window, forecasts=forecasts, weights=weights))
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
    task: str, candidates: Collection[str], large: bool, full: bool, customers: int
) -> tuple[str, list[str], str]:
    """The preferred candidate, those that may replace it, and why it is preferred."""
    if large:
        # What trees are good for, the weights of the blend can take whole.
        allowed = [name for name in candidates if "trees" not in name]
        return BLEND, allowed, "large base with past windows of the full horizon"
    why = (
        f"{customers} customers, fewer than {SMALL_BASE}"
        if full and customers < SMALL_BASE
        else "no past window of the full horizon"
    )
    models = {name for name in candidates if name.partition("/")[0] in PURCHASE_MODELS}
    allowed = [n for n in candidates if n in models or n in (BTYD, "btyd_offset")]
    for preferred in ("btyd_offset", BTYD, NAIVE):
        if preferred in candidates:
            return preferred, allowed or [preferred], why
    raise AssertionError(f"no candidate for {task}")
