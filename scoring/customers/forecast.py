"""Forecasts of every candidate for one cut-off and horizon, and the champion of each task.

Rolling origins: each past cut-off whose window is over is forecast by candidates that saw only
windows over by then; stacking weights, calibration, interval widths and the champion come from
those forecasts, never from the window to be forecast.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.btyd import PURCHASE_MODELS
from scoring.btyd.likelihood import Vector
from scoring.customers.champion import (
    NAIVE,
    Champion,
    PastForecast,
    Weights,
    choose,
    loss,
    most_usual,
    stack,
)
from scoring.customers.features import YEAR, features
from scoring.customers.history import PurchaseHistory
from scoring.customers.intervals import ConformalInterval
from scoring.customers.learners import (
    LEARNERS,
    OUTCOME,
    TASKS,
    Base,
    BtydOffset,
    Learner,
    Trees,
    logit,
    mean_name,
    probability,
)
from scoring.customers.level import AMOUNTS, Levels, levels
from scoring.customers.limits import agreed
from scoring.customers.panel import (
    AVERAGE,
    LEARNED,
    MINIMUM_HISTORY_DAYS,
    FittedBtyd,
    Panel,
    as_learned,
    build_panels,
    earlier_cutoffs,
    with_horizon,
)
from scoring.customers.season import clock

BLEND = "blend"
BTYD = "btyd"
JOINT = "purchases_by_value"

# Weights of the blend before any past window has spoken.
PRIOR: Mapping[str, float] = {
    BTYD: 0.05,
    "btyd_offset": 0.15,
    "boosted_trees": 0.2,
    "boosted_trees_mean": 0.2,
    "extra_trees": 0.2,
    "extra_trees_mean": 0.2,
    JOINT: 0.6,
}
_CORRECTING = ("btyd_offset", "boosted_trees_mean", "extra_trees_mean")
# Below so many customers trees follow chance; the BTYD forecast with an offset is safer.
SMALL_BASE = 1_000

_LEAST_ROWS = 50  # past rows below which nothing is learned
_LEAST_TREE_ROWS = 300
_MOST_CUTOFFS = 10
_MOST_LEARNING_ROWS = 60_000
_ORIGINS = 3
_UNUSUAL = 5.0  # times what all but a few buyers spend in a window, beyond which nothing is learned
_HALVED = 1  # windows judged by halves of the customers

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
        window = next(window for window in self.past if window.cutoff == origin)
        there = window.forecasts.keys() - window.halved
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
        learned_days = self.fitted.learned_days
        return with_horizon(
            self.history,
            part,
            self.fitted.btyd,
            self.horizon_days,
            only=only,
            learned_days=learned_days,
        )

    def needed(self) -> set[str]:
        """BTYD outputs that the champions and the candidates behind them start from."""
        columns = set(self.fitted.base.columns()) if self.fitted.base else set()
        return columns | {f"{t.champion.name}:{t.task}" for t in self.tasks.values()}

    def changed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose features were changed, with BTYD outputs to match."""
        names = [name for name in map(str, rows.columns) if ":" in name]
        only = [name for name in names if not name.startswith(LEARNED)]
        found = self.fitted.btyd.outputs(rows, self.horizon_days, only)
        if len(only) < len(names):
            shorter = self.fitted.btyd.outputs(rows, self.fitted.learned_days, only)
            found |= {LEARNED + name: values for name, values in shorter.items()}
        return rows.assign(**found)

    def candidates(self, rows: pd.DataFrame) -> Forecasts:
        """Forecasts of every candidate, the blend included, by task for panel rows."""
        forecasts = self.fitted.predict(rows)
        for task, chosen in self.tasks.items():
            if all(name in forecasts[task] for name in chosen.weights.members or ["-"]):
                forecasts[task][BLEND] = chosen.weights.blend(task, forecasts[task])
        names = {task: chosen.champion.name for task, chosen in self.tasks.items()}
        values = {task: forecasts[task][name] for task, name in names.items()}
        for task, found in _agreed(rows, values, self.horizon_days).items():
            forecasts[task][names[task]] = found
        return {task: forecasts[task] for task in self.tasks}

    def champions(
        self, rows: pd.DataFrame, tasks: Collection[str] = TASKS, *, origin: int | None = None
    ) -> dict[str, Vector]:
        """The champions' forecasts by task for panel rows, which may be changed ones.

        With ``origin``, a past cut-off: as they were fitted and weighted then.
        """
        fitted = self.fitted if origin is None else self.at_origins[origin]
        # Amounts are told in step with each other and with the probability of any.
        told = TASKS if set(tasks) - {"churn"} else tasks
        wanted = [task for task in told if task in self.tasks]
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
        values = _agreed(rows, values, fitted.horizon_days)
        return {task: values[task] for task in values if task in tasks}


def _agreed(rows: pd.DataFrame, values: dict[str, Vector], days: int) -> dict[str, Vector]:
    low, high = (rows[name].to_numpy() for name in ("value_low", "value_high"))
    return agreed(values, low, high, days)


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
        target = pool.submit(_at_cutoff, known, cutoff, seasonal_index or {})
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
            learned_days = past.horizon_days if past is not None else None
            now = with_horizon(known, shown, btyd, horizon, learned_days=learned_days)
            job = _Job(cutoff, horizon, tuple(tasks), known, table, now, btyd, past)
            begun.append((job, job.submit(pool), windows[horizon].warnings))
        return {job.horizon_days: job.choose(fits, warnings) for job, fits, warnings in begun}


def _at_cutoff(
    known: PurchaseHistory, cutoff: int, seasonal_index: Mapping[int, float]
) -> tuple[pd.DataFrame, FittedBtyd]:
    """Features of everybody, and the purchase models fitted to them."""
    table = features(known, [cutoff])
    return table, FittedBtyd.fit(table, replace(clock(known, cutoff), given=seasonal_index))


@dataclass(frozen=True)
class _Fits:
    """Fits under way: for the cut-off, for past ones, and for halves of the customers there."""

    now: Future[FittedCandidates]
    origins: Mapping[int, Future[FittedCandidates]]
    halves: Mapping[int, Sequence[Future[FittedCandidates]]]


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

    @property
    def _full(self) -> bool:
        return self.past is not None and self.past.horizon_days == self.horizon_days

    @property
    def _with_trees(self) -> bool:
        return len(self.table) >= SMALL_BASE

    def submit(self, pool: ThreadPoolExecutor) -> _Fits:
        """Begin the fits for the cut-off and for past origins."""
        shared: dict[str, Any] = {
            "has_amounts": self.known.has_amounts,
            "tasks": self.tasks,
            "with_trees": self._with_trees,
            "full": self._full,
        }
        fit = pool.submit(
            _fitted,
            self.past,
            self.now,
            self.btyd,
            cutoff=self.cutoff,
            horizon_days=self.horizon_days,
            **shared,
        )
        past = self.past
        origins: dict[int, Future[FittedCandidates]] = {}
        halves: dict[int, list[Future[FittedCandidates]]] = {}
        if past is not None:
            shared["horizon_days"] = past.horizon_days
            cuts = _origins(past)
            for cut in cuts:
                rows, btyd = past.at(cut), past.btyd[cut]
                origins[cut] = pool.submit(_fitted, past, rows, btyd, cutoff=cut, **shared)
            if not cuts:
                # No window was over by another cut-off: models that learn nothing from windows are
                # compared as they are, the others by halves of the customers.
                for cut in _apart(past)[:_HALVED]:
                    rows, btyd = past.at(cut), past.btyd[cut]
                    origins[cut] = pool.submit(_fitted, None, rows, btyd, cutoff=cut, **shared)
                    if len(past.rows) >= 2 * _LEAST_ROWS:
                        halves[cut] = [
                            pool.submit(
                                _fitted,
                                replace(past, rows=past.rows[past.rows["customer"] % 2 != half]),
                                rows[rows["customer"] % 2 == half],
                                btyd,
                                cutoff=self.cutoff,
                                **shared,
                            )
                            for half in (0, 1)
                        ]
        return _Fits(fit, origins, halves)

    def _forecasts_of(
        self, cut: int, then: FittedCandidates, halves: Sequence[FittedCandidates]
    ) -> tuple[Forecasts, float]:
        """What every candidate forecast at a past cut-off, and how much that says."""
        if self.past is None:
            raise AssertionError("no past window")
        rows = self.past.at(cut)
        found = then.predict(rows)
        if then.learners:
            return found, self.past.before(cut)["cutoff"].nunique() / len(self.past.cutoffs)
        if len(halves):
            half = (rows["customer"] % 2).to_numpy()
            parts = [then.predict(rows[half == at]) for at, then in enumerate(halves)]
            for task, by_name in parts[0].items():
                for name in by_name:
                    if name not in found[task] and name in parts[1][task]:
                        values = np.empty(len(rows))
                        for at, part in enumerate(parts):
                            values[half == at] = part[task][name]
                        found[task][name] = values
        return found, 1.0

    def _pace_missed(self, task: str, cut: int, then: FittedCandidates) -> float:
        """By how much the season of a past window was misjudged at its cut-off, in logs."""
        if self.past is None:
            return 0.0
        clock, days = self.btyd.clock, self.past.horizon_days
        missed = np.log(clock.horizon(days, cut) / then.btyd.clock.horizon(days))
        if task == "spend":
            missed += np.log(clock.worth_of(days, cut) / then.btyd.clock.worth_of(days))
        return float(missed)

    def choose(self, fits: _Fits, warnings: list[str]) -> Forecaster:
        """Weights and champions from the past windows as they were forecast at their cut-offs."""
        fitted = fits.now.result()
        at_origins = {cut: future.result() for cut, future in fits.origins.items()}
        target = fitted.predict(self.now)
        judged: dict[str, list[PastForecast]] = {task: [] for task in target}
        for cut, then in sorted(at_origins.items()):
            if self.past is None:
                break
            rows = self.past.at(cut)
            halves = [future.result() for future in fits.halves.get(cut, [])]
            forecasts, share = self._forecasts_of(cut, then, halves)
            for task, by_name in forecasts.items():
                actual = rows[OUTCOME[task]].to_numpy()
                pace = self._pace_missed(task, cut, then)
                halved = (
                    frozenset(by_name) - set(then.predict(rows.iloc[:1])[task]) if halves else ()
                )
                judged[task].append(
                    PastForecast(cut, actual, by_name, share, pace=pace, halved=frozenset(halved))
                )
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
            large = customers >= SMALL_BASE and compared and bought
            preferred, allowed, why = _rules(task, names, large, self._why(windows))
            champion = choose(task, windows, allowed, preferred=preferred, why=why)
            stretch = self.horizon_days / self.past.horizon_days if self.past is not None else 1.0
            chosen[task] = ChosenTask(
                task, champion, weights or Weights({}), tuple(windows), tuple(names), stretch
            )
        self._agree(chosen)
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

    def _why(self, windows: Sequence[PastForecast]) -> str:
        """What a choice rests on, in words."""
        customers = len(self.table)
        size = f"{customers} customers"
        if customers < SMALL_BASE:
            size += f", fewer than {SMALL_BASE}"
        if self.past is None or not windows:
            return f"{size}, no past window"
        judged = f"{len(windows)} past window{'s' if len(windows) > 1 else ''}"
        if not self._full:
            judged += f" of {self.past.horizon_days} days, shorter than the horizon"
        return f"{size}, {judged}"

    def _agree(self, chosen: dict[str, ChosenTask]) -> None:
        """Past windows with the champions' forecasts as they would have been told."""
        if self.past is None:
            return
        cuts = {window.cutoff for task in chosen.values() for window in task.past}
        for cut in cuts:
            rows = self.past.at(cut)
            names = {
                task: found.champion.name
                for task, found in chosen.items()
                if any(
                    window.cutoff == cut and found.champion.name in window.forecasts
                    for window in found.past
                )
            }
            values = {
                task: next(w.forecasts[name] for w in chosen[task].past if w.cutoff == cut)
                for task, name in names.items()
            }
            told = _agreed(rows, values, self.past.horizon_days)
            for task, name in names.items():
                found = chosen[task]
                windows = [
                    replace(w, forecasts={**w.forecasts, name: told[task]})
                    if w.cutoff == cut
                    else w
                    for w in found.past
                ]
                chosen[task] = replace(found, past=tuple(windows))


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
    if history_days < YEAR:
        warnings.append(
            "the log does not reach back a year: a season cannot be foreseen, give seasonal_index"
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

    ``level`` is the factor on learned amounts per task. ``range`` is, per task, what is believed of
    what is learned: at least half of what those did who did least, for nobody is sure not to
    return, and at most what anybody did in a window. ``base`` is None where no time was
    observed after any first purchase; then only the naive candidates are left. ``learned_days`` is
    the length of the windows learned from.
    """

    btyd: FittedBtyd
    horizon_days: int
    tasks: tuple[str, ...]
    base: Base | None
    learners: Mapping[str, Learner]
    level: Mapping[str, Levels]
    range: Mapping[str, tuple[float, float]]
    learned_days: int

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
                    by_name[BTYD] = self._at_level(rows, task, rows[chosen].to_numpy())
        shorter = as_learned(rows)
        offset = self.learners.get(BtydOffset.name)
        if isinstance(offset, BtydOffset):
            shorter = offset.with_base(shorter)
        for learner in self.learners.values():
            for task, learned in learner.predict(shorter, list(forecasts)).items():
                for name, values in learned.items():
                    least, most = self.range.get(task, (0.0, np.inf))
                    whole = self._of_the_horizon(rows, shorter, task, np.clip(values, least, most))
                    forecasts[task][name] = self._at_level(rows, task, whole)
        if "spend" in forecasts and {"purchases", "spend"} <= self.level.keys():
            forecasts["spend"][JOINT] = self._joint(rows, forecasts.get("purchases"))
        return forecasts

    def _of_the_horizon(
        self, rows: pd.DataFrame, shorter: pd.DataFrame, task: str, values: Vector
    ) -> Vector:
        """Forecasts of shorter windows carried on as the BTYD model carries its own."""
        column = self.base.of(task) if self.base else None
        if self.learned_days == self.horizon_days or column is None:
            return values
        whole, part = rows[column].to_numpy(), shorter[column].to_numpy()
        if task == "churn":
            return probability(special.expit(logit(values) + logit(whole) - logit(part)))
        return values * np.where(part > 0, whole / np.where(part > 0, part, 1.0), 1.0)

    def _joint(self, rows: pd.DataFrame, purchases: Mapping[str, Vector] | None) -> Vector:
        """Spend as purchases, forecast by what corrects the BTYD model, times their value.

        The value is half that of the BTYD model, which shrinks it to the base's, half that of the
        latest purchases.
        """
        if self.base is None or self.base.spend is None:
            raise AssertionError("no BTYD model to start from")
        if purchases is None:
            purchases = self.predict(rows, ["purchases"])["purchases"]
        used = [purchases[name] for name in _CORRECTING if name in purchases]
        expected, latest = (
            rows[self.base.purchases].to_numpy(),
            rows["mean_amount_faded"].to_numpy(),
        )
        some = expected > 0
        usual = np.where(
            some, rows[self.base.spend].to_numpy() / np.where(some, expected, 1.0), latest
        )
        value = np.where(latest > 0, (usual + latest) / 2, usual)
        level = self.level["spend"].expected / self.level["purchases"].expected
        return np.mean(used, axis=0) * value * level

    def _at_level(self, rows: pd.DataFrame, task: str, values: Vector) -> Vector:
        if task != "churn":
            return values * self.level[task].factor(rows) if task in self.level else values
        if "purchases" not in self.level:
            return values
        # Twice the purchases of a Poisson process square the probability of none.
        return probability(values ** self.level["purchases"].factor(rows))


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
    full: bool = True,
) -> FittedCandidates:
    """Fit every candidate for the ``rows`` of one cut-off, from windows over by then.

    ``full``: the windows that choose are as long as the horizon of the forecast they are for.
    """
    learned = past.before(cutoff).copy() if past is not None else rows.iloc[:0]
    base = _choose_base(learned, rows, btyd, has_amounts, full)
    learners: dict[str, Learner] = {}
    level: dict[str, Levels] = {}
    believed: dict[str, tuple[float, float]] = {}
    learned_days = horizon_days
    known = base is not None and all(
        column in learned and learned[column].notna().all() for column in base.columns()
    )
    if past is not None and base is not None and known and len(learned) >= _LEAST_ROWS:
        learned_days, rows = past.horizon_days, as_learned(rows)
        # One order of a thousand usual ones teaches nothing about anybody else.
        spent = learned[OUTCOME["spend"]].to_numpy()
        learned[OUTCOME["spend"]] = np.minimum(spent, _UNUSUAL * most_usual("spend", spent))
        for task in AMOUNTS:
            if base.of(task) is not None:
                level[task] = levels(
                    learned,
                    rows,
                    base,
                    task,
                    clock=btyd.clock,
                    clocks={cut: then.clock for cut, then in past.btyd.items()},
                    horizon_days=learned_days,
                    stretch=horizon_days / learned_days,
                )
                learned[OUTCOME[task]] = level[task].taught(learned, task)
        believed = {task: _believed(learned, base, task) for task in level}
        # What holds over a shorter horizon is only a hint for the whole one.
        prior = 0.08 if learned_days == horizon_days else 0.04
        offset = BtydOffset(learned_days, prior)
        learners[offset.name] = offset.fit(learned, rows, base)
        if len(learned) >= _LEAST_TREE_ROWS:
            learned, rows = offset.as_base(learned), offset.with_base(rows)
            for name, learner in LEARNERS.items():
                if name != offset.name and (with_trees or not issubclass(learner, Trees)):
                    learners[name] = learner(tasks).fit(learned, rows, offset.base())
    wanted = tuple(task for task in TASKS if task in tasks and (has_amounts or task != "spend"))
    return FittedCandidates(
        btyd, horizon_days, wanted, base, learners, level, believed, learned_days
    )


def _believed(learned: pd.DataFrame, base: Base, task: str) -> tuple[float, float]:
    """The least and the most that is believed of a customer, from windows at their level.

    The least is half of what those did who did least: the fiftieth with the lowest forecasts, or
    a tenth of others. Where none of them did anything, as if half a customer had done the usual.
    """
    actual, forecast = learned[OUTCOME[task]].to_numpy(), learned[base.of(task)].to_numpy()
    ordered = actual[np.argsort(forecast, kind="stable")]
    few = max(len(ordered) // 50, min(len(ordered), _LEAST_ROWS))
    parts = [ordered[:few], *np.array_split(ordered, max(min(10, len(ordered) // few), 1))]
    one = float(np.median(actual[actual > 0])) / 2 if actual.any() else 0.0
    least = min(max(float(part.sum()), one) / len(part) for part in parts)
    return least / 2, float(actual.max())


def _btyd_columns(rows: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Task, candidate and column of every BTYD output."""
    for column in rows.columns:
        name, _, output = column.partition(":")
        is_own = output in TASKS and not name.startswith(LEARNED)
        if is_own and rows[column].notna().all():
            yield output, name, column


def _choose_base(
    learned: pd.DataFrame, rows: pd.DataFrame, btyd: FittedBtyd, has_amounts: bool, full: bool
) -> Base | None:
    """The BTYD outputs with the lowest loss over windows that are over; the likeliest without.

    Unless these windows are ``full``, as long as the horizon, they cannot tell which model is right
    about who stays: it is the average of them that is carried on.
    """
    best: dict[str, str] = {}
    lowest: dict[str, float] = {}
    available = [*_btyd_columns(rows)]
    averages = any(name.startswith(AVERAGE) for _, name, _ in available)
    for task, name, column in available:
        average = name.startswith(AVERAGE)
        if task == "spend" and not has_amounts:
            continue
        if average != (averages and len(learned) > 0 and not full):
            continue
        known = len(learned) > 0 and column in learned and learned[column].notna().all()
        if known:
            # Few customers say little: a window weighs as many as there were.
            parts = [part for _, part in learned.groupby("cutoff")]
            losses = [loss(task, p[OUTCOME[task]].to_numpy(), p[column].to_numpy()) for p in parts]
            value = float(np.average(losses, weights=[len(part) for part in parts]))
        elif average:
            value = 0.0
        else:
            model = btyd.purchases[name.partition("/")[0]]
            value = 2.0 * len(model.params) - 2.0 * model.log_likelihood
        if task not in best or value < lowest[task]:
            best[task], lowest[task] = column, value
    if "purchases" not in best:
        return None
    model_name = best["churn"].partition(":")[0]
    return Base(best["purchases"], best.get("spend"), best["churn"], f"{model_name}:alive")


def _origins(past: Panel) -> list[int]:
    """Past cut-offs to forecast from the windows over by then, at most ``_ORIGINS``, apart."""
    enough = [cut for cut in _apart(past) if len(past.before(cut)) >= _LEAST_ROWS]
    return enough[:_ORIGINS]


def _apart(past: Panel) -> list[int]:
    """Cut-offs at least half a horizon apart, the newest first."""
    chosen: list[int] = []
    for cut in past.cutoffs:
        if cut in past.btyd and (not chosen or chosen[-1] - cut >= past.horizon_days // 2):
            chosen.append(cut)
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
        halved = window.halved | {BLEND} if window.halved else window.halved
        blended.append(replace(window, forecasts=forecasts, weights=weights, halved=halved))
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
    task: str, candidates: Collection[str], large: bool, why: str
) -> tuple[str, list[str], str]:
    """The preferred candidate, those that may replace it, and why it is preferred."""
    if large:
        # What trees are good for, the weights of the blend can take whole.
        allowed = [name for name in candidates if "trees" not in name and name != NAIVE]
        return BLEND, allowed, why
    known = {*PURCHASE_MODELS, AVERAGE}
    models = {name for name in candidates if name.partition("/")[0] in known}
    allowed = [n for n in candidates if n in models or n in (BTYD, "btyd_offset")]
    for preferred in ("btyd_offset", BTYD, NAIVE):
        if preferred in candidates:
            return preferred, allowed or [preferred], why
    raise AssertionError(f"no candidate for {task}")
