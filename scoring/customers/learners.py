"""Models that learn from earlier cut-offs what customers did next.

Every learner has the same names: ``fit(past, now, base)`` on panel rows whose windows are over
and on the rows to be forecast, whose outcomes it must not use; then ``predict(rows)`` giving
purchases, spend and churn (the probability of no purchase). ``base`` names the forecasts that serve
as offset: ``BtydOffset`` corrects a BTYD model, the trees correct ``BtydOffset``, instead of
finding purchase behaviour anew.

A learner is a candidate once it stands in ``LEARNERS``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special
from sklearn.ensemble import (  # type: ignore[import-untyped]
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from scoring.btyd.likelihood import Vector
from scoring.customers.features import FEATURES

TASKS = ("purchases", "spend", "churn")
OUTCOME: Mapping[str, str] = {
    "purchases": "purchases_after",
    "spend": "spend_after",
    "churn": "churned",
}

SEED = 20_170_101
_LEAST_PROBABILITY = 1e-4
_OFFSET = "offset_"
# By how much trees may move the total of the forecasts that they correct.
_MOST_SHIFT = 1.03


class Base(NamedTuple):
    """The panel columns of the forecasts that a learner starts from, and P(alive)."""

    purchases: str
    spend: str | None
    churn: str
    alive: str

    def of(self, task: str) -> str | None:
        """The column of a task."""
        return {"purchases": self.purchases, "spend": self.spend, "churn": self.churn}[task]

    def columns(self) -> list[str]:
        """All columns there are."""
        return [name for name in self if name is not None]


class Learner(ABC):
    """A model of all tasks, fitted to panel rows."""

    name: ClassVar[str]

    def __init__(self, tasks: Collection[str] = TASKS) -> None:
        """An unfitted model of the ``tasks`` that are wanted; it may learn others with them."""
        self._wanted = tasks

    @abstractmethod
    def fit(self, past: pd.DataFrame, now: pd.DataFrame, base: Base) -> Self:
        """Fit to rows with outcomes; spend is left out where ``base.spend`` is None."""

    @abstractmethod
    def predict(
        self, rows: pd.DataFrame, tasks: Collection[str] = TASKS
    ) -> dict[str, dict[str, Vector]]:
        """Forecasts by task and candidate, of shape (rows,): amounts >= 0, churn within (0, 1).

        A learner offers more than one candidate where the middle and the mean of what may happen
        are forecast apart.
        """


class BtydOffset(Learner):
    """The BTYD forecast times what a few features say, by penalised regression.

    Purchases and spend: y ~ quasi-Poisson with mean E exp(z'b), E the BTYD forecast; churn:
    logistic with the BTYD log odds as offset. Features are scaled, and centred at each cut-off on
    the customers there; coefficients have a normal prior around zero. So with no evidence the BTYD
    forecast stands, and the total is made the BTYD model's: a season or growth in the past windows
    is not carried into the next. Days in several windows count once as evidence.
    """

    name = "btyd_offset"

    def __init__(self, horizon_days: int, prior: float = 0.08) -> None:
        """``prior`` is the standard deviation of a coefficient, for features scaled to one.

        ``horizon_days`` is the length of the windows learned from.
        """
        super().__init__()
        self._horizon_days, self._prior = horizon_days, prior

    def fit(self, past: pd.DataFrame, now: pd.DataFrame, base: Base) -> Self:
        """See ``Learner.fit``."""
        self._base = base
        cuts = [part for _, part in past.groupby("cutoff")]
        raw = np.concatenate([self._raw(part) - self._centre_of(part) for part in cuts])
        known = np.maximum(np.isfinite(raw).sum(axis=0), 1)
        spread = np.nansum(raw**2, axis=0) / known - (np.nansum(raw, axis=0) / known) ** 2
        self._scale = np.sqrt(np.maximum(spread, 1e-18))
        self._centre = self._centre_of(now)
        design = self._scaled(raw)
        ordered = pd.concat(cuts)
        # Windows overlap: a likelihood of all of them, weighted down, is a wider prior narrowed.
        evidence = _share_apart(past["cutoff"], self._horizon_days)
        prior = np.full(design.shape[1], self._prior) * np.sqrt(evidence)
        self._coefficients: dict[str, Vector] = {}
        for task in TASKS:
            column = base.of(task)
            if column is not None:
                y, offset = ordered[OUTCOME[task]].to_numpy(), ordered[column].to_numpy()
                fit = _fit_logistic if task == "churn" else _fit_quasi_poisson
                self._coefficients[task] = fit(design, y, offset, prior)
        design = self._scaled(self._raw(now) - self._centre)
        self._level = {task: self._level_of(now, task, design) for task in self._coefficients}
        return self

    def predict(
        self, rows: pd.DataFrame, tasks: Collection[str] = TASKS
    ) -> dict[str, dict[str, Vector]]:
        """See ``Learner.predict``."""
        design = self._scaled(self._raw(rows) - self._centre)
        return {
            task: {self.name: self._forecast(rows, task, design, self._level[task])}
            for task in self._coefficients
            if task in tasks
        }

    def with_base(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows to be forecast, or changed ones, with these forecasts as columns."""
        columns = {_OFFSET + task: by[self.name] for task, by in self.predict(rows).items()}
        return pd.concat([rows, pd.DataFrame(columns, index=rows.index)], axis=1)

    def as_base(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with these forecasts as columns, each cut-off with its own centre, for trees."""
        columns = pd.DataFrame(
            {_OFFSET + task: np.zeros(len(rows)) for task in self._coefficients}, index=rows.index
        )
        for _, part in rows.groupby("cutoff"):
            design = self._scaled(self._raw(part) - self._centre_of(part))
            for task in self._coefficients:
                level = self._level_of(part, task, design)
                columns.loc[part.index, _OFFSET + task] = self._forecast(part, task, design, level)
        return pd.concat([rows, columns], axis=1)

    def base(self) -> Base:
        """The columns of ``as_base``."""
        spend = _OFFSET + "spend" if self._base.spend is not None else None
        return Base(_OFFSET + "purchases", spend, _OFFSET + "churn", self._base.alive)

    def _level_of(self, rows: pd.DataFrame, task: str, design: NDArray[np.float64]) -> float:
        """What makes the total over rows that of the BTYD model; 1 for churn."""
        total = float(self._forecast(rows, task, design, 1.0).sum())
        if task == "churn" or total <= 0:
            return 1.0
        return float(rows[self._base.of(task)].sum()) / total

    def _forecast(
        self, rows: pd.DataFrame, task: str, design: NDArray[np.float64], level: float
    ) -> Vector:
        offset = rows[self._base.of(task)].to_numpy()
        effect = np.clip(design @ self._coefficients[task], -3.0, 3.0)
        values: Vector = (
            special.expit(logit(offset) + effect)
            if task == "churn"
            else offset * np.exp(effect) * level
        )
        return values

    def _centre_of(self, rows: pd.DataFrame) -> Vector:
        """Mean of each feature over purchases expected, zero where it is not defined."""
        raw = self._raw(rows)
        weight = rows[self._base.purchases].to_numpy()[:, None] * np.isfinite(raw)
        total = weight.sum(axis=0)
        sums = (np.nan_to_num(raw) * weight).sum(axis=0)
        return np.where(total > 0, sums / np.where(total > 0, total, 1.0), 0.0)

    @staticmethod
    def _raw(rows: pd.DataFrame) -> NDArray[np.float64]:
        def log(name: str) -> Vector:
            values: Vector = np.log(rows[name].to_numpy() + 0.05)
            return values

        return np.column_stack(
            [
                np.clip(rows["hiatus_score"].to_numpy(), -3, 3),
                np.log1p(rows["frequency"].to_numpy()),
                np.log1p(rows["hiatus"].to_numpy()),
                np.clip(log("purchase_trend"), -2, 2),
                log("purchase_rate_faded_45d") - log("purchase_rate"),
                np.log1p(rows["gap_variation"].to_numpy()),
                np.clip(log("mean_amount_faded") - log("mean_amount"), -1, 1),
            ]
        )

    def _scaled(self, centred: NDArray[np.float64]) -> NDArray[np.float64]:
        # What is undefined says nothing: it stands at the centre.
        return np.clip(np.nan_to_num(centred / self._scale, nan=0.0), -3, 3)


class Hiatus(Learner):
    """Churn from the days since the last purchase alone, by logistic regression: a yardstick."""

    name = "hiatus"

    def fit(self, past: pd.DataFrame, now: pd.DataFrame, base: Base) -> Self:
        """See ``Learner.fit``."""
        churned = past["churned"].to_numpy()
        start = np.full(len(past), churned.mean())
        self._start = float(logit(start)[0])
        self._coefficients = _fit_logistic(self._design(past), churned, start, np.full(2, 10.0))
        return self

    def predict(
        self, rows: pd.DataFrame, tasks: Collection[str] = TASKS
    ) -> dict[str, dict[str, Vector]]:
        """See ``Learner.predict``."""
        if "churn" not in tasks:
            return {}
        odds = self._start + self._design(rows) @ self._coefficients
        return {"churn": {self.name: probability(special.expit(odds))}}

    @staticmethod
    def _design(rows: pd.DataFrame) -> NDArray[np.float64]:
        hiatus = rows["hiatus"].to_numpy()
        return np.column_stack([np.ones(len(rows)), np.log1p(hiatus)])


class MeanOf:
    """Turns a forecast of the middle into one of the mean, by tenths of past forecasts.

    The mean outcome of past rows with about the same forecast, piecewise linear and never falling.
    """

    def __init__(self, forecast: Vector, actual: Vector) -> None:
        """Learn from past rows."""
        order = np.argsort(forecast, kind="stable")
        parts = [part for part in np.array_split(order, 10) if len(part)]
        x = np.array([forecast[part].mean() for part in parts])
        y = np.array([actual[part].mean() for part in parts])
        self._x, first = np.unique(x, return_index=True)
        self._y = np.maximum.accumulate(np.maximum.reduceat(y, first))
        self._x, self._y = np.r_[0.0, self._x + 1e-12], np.r_[0.0, self._y]
        if len(order) and forecast[order[0]] <= 0:
            self._y[0] = y[0]

    def __call__(self, forecast: Vector) -> Vector:
        """The mean, shape of ``forecast``; beyond the last tenth in proportion."""
        mean = np.interp(forecast, self._x, self._y)
        last, level = self._x[-1], self._y[-1]
        return np.where(forecast > last, forecast * (level / last), mean)


def mean_name(learner: str) -> str:
    """The candidate that forecasts the mean where the learner's own forecast is the middle."""
    return f"{learner}_mean"


class Trees(Learner):
    """Trees on all features, for roots of amounts.

    The root makes the scatter of counts and amounts even. What comes back from a root is nearer to
    the middle than to the mean; a second candidate, ``<name>_mean``, forecasts the mean.
    """

    def fit(self, past: pd.DataFrame, now: pd.DataFrame, base: Base) -> Self:
        """See ``Learner.fit``."""
        self._base = base
        names = list(dict.fromkeys([*FEATURES, *base.columns()]))
        # Every feature known of anybody, and the forecasts to correct.
        self._inputs = [name for name in names if past[name].notna().any()]
        self._tasks = [task for task in TASKS if base.of(task) is not None]
        self._grow(past, self._matrix(past))
        self._means = {
            task: MeanOf(middle, past[OUTCOME[task]].to_numpy())
            for task, middle in self._forecast(past, self._matrix(past), self._wanted).items()
            if task != "churn"
        }
        self._level = self._levels(now)
        return self

    def predict(
        self, rows: pd.DataFrame, tasks: Collection[str] = TASKS
    ) -> dict[str, dict[str, Vector]]:
        """See ``Learner.predict``."""
        forecasts: dict[str, dict[str, Vector]] = {}
        for task, values in self._forecast(rows, self._matrix(rows), tasks).items():
            if task in self._means:
                level = self._level[task]
                mean = self._means[task](values) * level
                forecasts[task] = {self.name: values * level, mean_name(self.name): mean}
            else:
                forecasts[task] = {
                    self.name: probability(special.expit(logit(values) + self._level[task]))
                }
        return forecasts

    def _levels(self, now: pd.DataFrame) -> dict[str, float]:
        """What brings totals over the rows to be forecast to those of the forecasts to correct.

        Who buys more than others is learned; a season or growth in the windows learned from is
        not carried into the next one.
        """
        found = {}
        for task, middle in self._forecast(now, self._matrix(now), self._wanted).items():
            wanted = now[self._base.of(task)].to_numpy()
            if task in self._means:
                total, base = float(self._means[task](middle).sum()), float(wanted.sum())
                believed = np.clip(total, base / _MOST_SHIFT, base * _MOST_SHIFT)
                found[task] = float(believed) / total if total > 0 else 1.0
            else:
                mean, base = float(middle.mean()), float(wanted.mean())
                believed = np.clip(mean, base / _MOST_SHIFT**2, base * _MOST_SHIFT**2)
                found[task] = shift_to(logit(middle), float(believed))
        return found

    def _matrix(self, rows: pd.DataFrame) -> NDArray[np.float32]:
        return rows[self._inputs].to_numpy(dtype=np.float32)

    def _root(self, rows: pd.DataFrame, task: str) -> Vector:
        """Root of the forecast to correct."""
        return np.sqrt(rows[self._base.of(task)].to_numpy())

    @abstractmethod
    def _grow(self, past: pd.DataFrame, values: NDArray[np.float32]) -> None: ...

    @abstractmethod
    def _forecast(
        self, rows: pd.DataFrame, values: NDArray[np.float32], tasks: Collection[str]
    ) -> dict[str, Vector]: ...


class BoostedTrees(Trees):
    """Gradient boosting of the root less the root of the forecast to correct, by squared loss.

    On roots a few large customers move little. Churn by log loss.
    """

    name = "boosted_trees"

    _SHARED: ClassVar[dict[str, object]] = {
        "max_iter": 50,
        "learning_rate": 0.14,
        "max_leaf_nodes": 12,
        "min_samples_leaf": 40,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": SEED,
    }

    def _grow(self, past: pd.DataFrame, values: NDArray[np.float32]) -> None:
        self._models = {}
        for task in self._tasks:
            if task != "churn" and task in self._wanted:
                target = np.sqrt(past[OUTCOME[task]].to_numpy()) - self._root(past, task)
                self._models[task] = HistGradientBoostingRegressor(
                    loss="squared_error", **self._SHARED
                ).fit(values, target)
        churned = past["churned"].to_numpy()
        self._share = float(churned.mean())
        if 0 < self._share < 1 and "churn" in self._wanted:
            settings = {**self._SHARED, "max_iter": 60, "learning_rate": 0.09, "max_leaf_nodes": 8}
            self._models["churn"] = HistGradientBoostingClassifier(**settings).fit(values, churned)

    def _forecast(
        self, rows: pd.DataFrame, values: NDArray[np.float32], tasks: Collection[str]
    ) -> dict[str, Vector]:
        forecasts = {}
        for task in self._tasks:
            if task in tasks and task in self._models and task != "churn":
                root = self._root(rows, task) + self._models[task].predict(values)
                forecasts[task] = np.maximum(root, 0.0) ** 2
        if "churn" in tasks:
            churn = self._models.get("churn")
            forecasts["churn"] = probability(
                np.full(len(rows), self._share)
                if churn is None
                else churn.predict_proba(values)[:, 1]
            )
        return forecasts


class ExtraTrees(Trees):
    """Extremely randomised trees, one forest for all tasks.

    Its trees split on what explains purchases, spend and churn together, which steadies the churn
    forecast in particular.
    """

    name = "extra_trees"

    _TREES: ClassVar[int] = 50

    def _grow(self, past: pd.DataFrame, values: NDArray[np.float32]) -> None:
        targets = np.column_stack([self._target(past, task) for task in self._tasks])
        self._unit = np.maximum(targets.std(axis=0), 1e-9)
        self._model = ExtraTreesRegressor(
            self._TREES,
            min_samples_leaf=7,
            max_features=0.25,
            bootstrap=True,
            max_samples=0.5,
            random_state=SEED,
        ).fit(values, targets / self._unit)

    def _target(self, past: pd.DataFrame, task: str) -> Vector:
        outcome = past[OUTCOME[task]].to_numpy()
        if task == "churn":
            return outcome
        # Purchases are found without an offset, which makes the two kinds of trees differ.
        return np.sqrt(outcome) - (self._root(past, task) if task == "spend" else 0.0)

    def _forecast(
        self, rows: pd.DataFrame, values: NDArray[np.float32], tasks: Collection[str]
    ) -> dict[str, Vector]:
        raw = self._model.predict(values).reshape(len(rows), -1) * self._unit
        forecasts = dict(zip(self._tasks, raw.T, strict=True))
        forecasts["purchases"] = forecasts["purchases"] ** 2
        if "spend" in forecasts:
            forecasts["spend"] = (
                np.maximum(self._root(rows, "spend") + forecasts["spend"], 0.0) ** 2
            )
        # Leaves without a churner do not make churn impossible.
        forecasts["churn"] = probability(
            (forecasts["churn"] * self._TREES + 0.5) / (self._TREES + 1)
        )
        return {task: values for task, values in forecasts.items() if task in tasks}


LEARNERS: dict[str, type[Learner]] = {
    learner.name: learner for learner in (Hiatus, BtydOffset, BoostedTrees, ExtraTrees)
}


def _share_apart(cutoffs: pd.Series, length: int) -> float:
    """Days within any past window over the sum of their lengths."""
    starts = np.unique(cutoffs)
    within = np.minimum(np.diff(starts), length).sum() + length
    return float(within / (len(starts) * length))


def logit(p: Vector) -> Vector:
    """Log odds of probabilities, finite."""
    return special.logit(probability(p))


def shift_to(odds: Vector, mean: float) -> float:
    """What added to log odds gives their probabilities a mean."""
    if not len(odds):
        return 0.0
    low, high = -30.0, 30.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if special.expit(odds + middle).mean() < mean else (low, middle)
    return (low + high) / 2


def probability(p: Vector) -> Vector:
    """Probabilities kept away from 0 and 1."""
    return np.clip(p, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)


def _fit_quasi_poisson(
    design: NDArray[np.float64], y: Vector, offset: Vector, sd: Vector
) -> Vector:
    """Coefficients of log mean = log offset + design b, b ~ Normal(0, sd) per column.

    The dispersion is estimated from the offset forecast, so that unlikely large amounts count for
    what they are.
    """
    mean = np.maximum(offset, 1e-9 + 1e-6 * float(offset.mean()))
    dispersion = max(float(np.mean((y - mean) ** 2) / mean.mean()), 1e-12)
    b = np.zeros(design.shape[1])
    for _ in range(50):
        now = mean * np.exp(np.clip(design @ b, -3.0, 3.0))
        gradient = design.T @ (y - now) / dispersion - b / sd**2
        curvature = (design * now[:, None]).T @ design / dispersion + np.diag(1 / sd**2)
        step = np.linalg.solve(curvature, gradient)
        b += step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return b


def _fit_logistic(design: NDArray[np.float64], y: Vector, offset: Vector, sd: Vector) -> Vector:
    """Coefficients of log odds = logit(offset) + design b, b ~ Normal(0, sd) per column."""
    start = logit(offset)
    b = np.zeros(design.shape[1])
    for _ in range(50):
        p = special.expit(start + design @ b)
        gradient = design.T @ (y - p) - b / sd**2
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(1 / sd**2)
        step = np.linalg.solve(curvature, gradient)
        b += step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return b
