"""When the next purchase is to be expected."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor  # type: ignore[import-untyped]

from scoring.btyd.likelihood import Vector
from scoring.customers.features import FEATURES
from scoring.customers.intervals import COVERAGE
from scoring.customers.learners import SEED
from scoring.customers.panel import Panel

_LEAST_ROWS = 300  # of past windows, below which nothing is learned
_BINS = 10
_LEAST_PER_BIN = 30
# The ends and the middle of what is told.
SHARES = ((1 - COVERAGE) / 2, 0.5, (1 + COVERAGE) / 2)
# A wait that did not end within the window: longer than any that is told.
_ENDLESS = np.log(1e6)


class Wait(NamedTuple):
    """Days from the last day observed, shape (rows,); infinite where beyond the horizon."""

    low: Vector
    median: Vector
    high: Vector


class NextPurchase:
    """The days until the next purchase: their median, and the middle 80% of what may happen.

    Boosted trees find the median of the log of the wait (absolute loss, which a wait without an
    end does not move); the quantiles around it are those of the newest past window, which the
    trees that are judged there had not seen, by tenths of the forecast.
    """

    def __init__(self, past: Panel | None) -> None:
        """Learn from past windows; without enough of them nothing is forecast."""
        self._model: HistGradientBoostingRegressor | None = None
        if past is None:
            return
        for origin in past.cutoffs:
            before, judged = past.before(origin), past.at(origin)
            if len(before) >= _LEAST_ROWS and len(judged) >= _LEAST_PER_BIN:
                self._inputs = [name for name in FEATURES if before[name].notna().any()]
                self._horizon_days = past.horizon_days
                self._calibrate(self._grown(before).predict(self._matrix(judged)), judged)
                self._model = self._grown(past.rows[past.rows["wait_after"].notna()])
                return

    @property
    def is_known(self) -> bool:
        """Whether there was enough to learn from."""
        return self._model is not None

    def __call__(self, rows: pd.DataFrame) -> Wait:
        """The wait of customers by their panel rows; NaN where nothing could be learned."""
        if self._model is None:
            missing = np.full(len(rows), np.nan)
            return Wait(missing, missing, missing)
        middle = self._model.predict(self._matrix(rows))
        days = [np.exp(middle + np.interp(middle, self._at, errors)) for errors in self._errors]
        low, median, high = (np.where(d <= self._horizon_days, d, np.inf) for d in days)
        return Wait(*(np.maximum(np.rint(wait), 1) for wait in (low, median, high)))

    def _grown(self, past: pd.DataFrame) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            loss="absolute_error",
            max_iter=80,
            learning_rate=0.08,
            max_leaf_nodes=12,
            min_samples_leaf=40,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=SEED,
        ).fit(self._matrix(past), self._log(past))

    def _calibrate(self, forecast: Vector, judged: pd.DataFrame) -> None:
        error = self._log(judged) - forecast
        order = np.argsort(forecast, kind="stable")
        bins = max(1, min(_BINS, len(order) // _LEAST_PER_BIN))
        parts = np.array_split(order, bins)
        self._at = np.array([forecast[part].mean() for part in parts])
        self._errors = [
            np.array([np.quantile(error[part], share) for part in parts]) for share in SHARES
        ]

    def _matrix(self, rows: pd.DataFrame) -> np.ndarray:
        return rows[self._inputs].to_numpy(dtype=np.float32)

    def _log(self, rows: pd.DataFrame) -> Vector:
        with np.errstate(invalid="ignore"):
            return np.minimum(np.log(rows["wait_after"].to_numpy()), _ENDLESS)
