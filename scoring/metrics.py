"""How good forecasts were: of amounts (purchases, spend) and of probabilities (churn).

Every metric is a ``Metric``: a value, or None with the reason why it is not defined for the
customers at hand. Equal forecasts are treated alike: no metric depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn import metrics as sk  # type: ignore[import-untyped]

BINS = 10

# Customers that are resampled, and numbers of a matrix of resamples computed with at once.
_DRAWN = 1_000
_BLOCK = 32_768

AMOUNT_METRICS = ("mae", "rmse", "bias", "spearman", "normalised_gini", "top_decile_capture")
PROBABILITY_METRICS = ("auc", "pr_auc", "brier", "log_loss", "calibration_error")


class Metric(NamedTuple):
    """A value, or None with a reason."""

    value: float | None
    reason: str | None = None


def amount_metrics(actual: ArrayLike, predicted: ArrayLike) -> dict[str, Metric]:
    """Metrics of forecast amounts per customer, vectors of shape (n,).

    ``mae`` and ``rmse`` in the unit of the amounts; ``bias`` is the predicted total over the
    actual total, less one; ``spearman`` the rank correlation; ``normalised_gini`` the
    concentration of the actual amounts when customers are ordered by forecast, over that when
    ordered by the amounts themselves; ``top_decile_capture`` the share of the actual total that
    the tenth of customers with the highest forecasts brought.
    """
    y, f = _pair(actual, predicted)
    if not len(y):
        return dict.fromkeys(AMOUNT_METRICS, Metric(None, "no customers"))
    total = float(y.sum())
    same = bool(np.all(y == y[0]))
    no_total = Metric(None, "actual total is not positive")
    results = {
        "mae": Metric(float(sk.mean_absolute_error(y, f))),
        "rmse": Metric(float(sk.root_mean_squared_error(y, f))),
        "bias": Metric(float(f.sum()) / total - 1) if total > 0 else no_total,
        "top_decile_capture": Metric(_top_share(y, f) / total) if total > 0 else no_total,
    }
    if same:
        results["spearman"] = Metric(None, "actual values are all equal")
        results["normalised_gini"] = Metric(None, "actual values are all equal")
    else:
        results["spearman"] = (
            Metric(float(stats.spearmanr(y, f).statistic))
            if np.any(f != f[0])
            else Metric(None, "forecasts are all equal")
        )
        results["normalised_gini"] = Metric(_gini(y, f) / _gini(y, y)) if total > 0 else no_total
    return {name: results[name] for name in AMOUNT_METRICS}


def probability_metrics(happened: ArrayLike, probability: ArrayLike) -> dict[str, Metric]:
    """Metrics of forecast probabilities of an event, vectors of shape (n,).

    ``auc`` is the area under the ROC curve, ``pr_auc`` the average precision, ``brier`` the mean
    squared error, ``log_loss`` the mean negative log-likelihood (probabilities are kept 1e-15
    away from 0 and 1), ``calibration_error`` the mean distance of forecast and actual share over
    tenths of customers by forecast, weighted by customers.
    """
    y, p = _pair(happened, probability)
    if not len(y):
        return dict.fromkeys(PROBABILITY_METRICS, Metric(None, "no customers"))
    table = calibration(y, p)
    weights = table["customers"].to_numpy() / len(y)
    distance = (table["predicted_mean"] - table["actual_mean"]).abs().to_numpy()
    results = {
        "brier": Metric(float(np.mean((p - y) ** 2))),
        "log_loss": Metric(float(sk.log_loss(y, np.clip(p, 1e-15, 1 - 1e-15), labels=[0, 1]))),
        "calibration_error": Metric(float(weights @ distance)),
    }
    if np.all(y == y[0]):
        reason = "the event happened to " + ("everybody" if y[0] else "nobody")
        results["auc"] = results["pr_auc"] = Metric(None, reason)
    else:
        results["auc"] = Metric(float(sk.roc_auc_score(y, p)))
        results["pr_auc"] = Metric(float(sk.average_precision_score(y, p)))
    return {name: results[name] for name in PROBABILITY_METRICS}


class Interval(NamedTuple):
    """A metric with its bootstrap interval; bounds are None where the metric is not defined."""

    value: float | None
    low: float | None
    high: float | None
    reason: str | None = None


def with_intervals(
    actual: ArrayLike,
    forecasts: Mapping[str, ArrayLike],
    *,
    probabilities: bool,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, dict[str, Interval]]:
    """Metrics of several forecasts of the same customers, with bootstrap intervals.

    Customers are resampled, the same ones for every forecast. Of more than 1,000 customers so many
    are drawn and deviations scaled by the root of their share (m out of n bootstrap). Bounds are
    the value plus the outer quantiles of the deviations of the resamples.
    """
    measure = probability_metrics if probabilities else amount_metrics
    resample = _resampled_probabilities if probabilities else _resampled_amounts
    y = np.asarray(actual, dtype=np.float64)
    drawn = min(len(y), _DRAWN)
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(y), drawn, replace=False))
    share = np.full(drawn, 1 / max(drawn, 1))
    counts = np.zeros((0, drawn))
    if drawn > 1 and resamples > 0:
        counts = rng.multinomial(drawn, share, resamples).astype(np.float64)
    tails = [(1 - level) / 2, (1 + level) / 2]
    results: dict[str, dict[str, Interval]] = {}
    # Some resamples at a time stay in the processor's cache.
    rows = max(_BLOCK // max(drawn, 1), 1)
    blocks = [counts[begin : begin + rows] for begin in range(0, len(counts), rows)]
    shared = [None if probabilities else _Actual.of(block, y[chosen]) for block in blocks]
    for name, forecast in forecasts.items():
        f = np.asarray(forecast, dtype=np.float64)
        value = _measured(resample, measure, y, f)
        parts = [
            resample(block, y[chosen], f[chosen], actual)
            for block, actual in zip(blocks, shared, strict=True)
        ]
        measured = parts[0] if parts else {}
        found = {metric: np.concatenate([part[metric] for part in parts]) for metric in measured}
        whole = (
            {metric: result.value for metric, result in value.items()}
            if drawn == len(y)
            else {m: r.value for m, r in _measured(resample, measure, y[chosen], f[chosen]).items()}
        )
        results[name] = {}
        for metric, result in value.items():
            low = high = None
            centre = whole[metric]
            if result.value is not None and centre is not None and metric in found:
                deviation = found[metric][np.isfinite(found[metric])] - centre
                if len(deviation) >= resamples / 2:
                    bounds = np.quantile(deviation, tails) * np.sqrt(drawn / len(y))
                    low, high = (float(result.value + bound) for bound in bounds)
            results[name][metric] = Interval(result.value, low, high, result.reason)
    return results


def _measured(
    resample: Callable[..., dict[str, NDArray[np.float64]]],
    measure: Callable[..., dict[str, Metric]],
    y: NDArray[np.float64],
    f: NDArray[np.float64],
) -> dict[str, Metric]:
    """Metrics as those of a resample that draws everybody once, where all of them are defined."""
    if len(y) and np.all(np.isfinite(y)) and np.all(np.isfinite(f)):
        found = {m: float(v[0]) for m, v in resample(np.ones((1, len(y))), y, f).items()}
        if np.all(np.isfinite(list(found.values()))) and np.any(y != y[0]):
            return {metric: Metric(value) for metric, value in found.items()}
    return measure(y, f)


class _Ordered(NamedTuple):
    """Resamples (rows of ``counts``) in ascending order of a forecast, ties as one group.

    ``weight`` and ``amount``, shape (resamples, groups), are customers and actual amounts per
    group, ``rank`` the mean rank of the group, ``group`` the group of every customer.
    """

    weight: NDArray[np.float64]
    amount: NDArray[np.float64]
    rank: NDArray[np.float64]
    group: NDArray[np.intp]
    value: NDArray[np.float64]

    @classmethod
    def by(
        cls, order_by: NDArray[np.float64], counts: NDArray[np.float64], y: NDArray[np.float64]
    ) -> _Ordered:
        value, group = np.unique(order_by, return_inverse=True)
        order = np.argsort(group, kind="stable")
        weight = counts[:, order]
        amount = weight * y[order]
        if len(value) < len(order):
            starts = np.searchsorted(group[order], np.arange(len(value)))
            weight = np.add.reduceat(weight, starts, axis=1)
            amount = np.add.reduceat(amount, starts, axis=1)
        return cls(weight, amount, weight.cumsum(axis=1) - (weight - 1) / 2, group, value)

    def concentration(self) -> NDArray[np.float64]:
        """Gini concentration of the amounts in this order, per resample."""
        n = self.weight.sum(axis=1)
        total = self.amount.sum(axis=1)
        return np.einsum("ij,ij->i", self.rank, self.amount) * 2 / (n * total) - (n + 1) / n

    def spread(self) -> NDArray[np.float64]:
        """Sum of squared deviations of ranks, per resample."""
        n = self.weight.sum(axis=1)
        squares = np.einsum("ij,ij,ij->i", self.weight, self.rank, self.rank)
        return squares - n * ((n + 1) / 2) ** 2


class _Actual(NamedTuple):
    """Resamples in the order of what happened, and the rank of every customer in it."""

    concentration: NDArray[np.float64]
    spread: NDArray[np.float64]
    ranks: NDArray[np.float64]

    @classmethod
    def of(cls, counts: NDArray[np.float64], y: NDArray[np.float64]) -> _Actual:
        by = _Ordered.by(y, counts, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            return cls(by.concentration(), by.spread(), counts * by.rank[:, by.group])


def _resampled_amounts(
    counts: NDArray[np.float64],
    y: NDArray[np.float64],
    f: NDArray[np.float64],
    actual: _Actual | None = None,
) -> dict[str, NDArray[np.float64]]:
    """``actual`` is what is the same for all forecasts of the same customers."""
    n = counts.sum(axis=1)
    total, expected = counts @ y, counts @ f
    with np.errstate(divide="ignore", invalid="ignore"):
        actual = actual or _Actual.of(counts, y)
        by = _Ordered.by(f, counts, y)
        above = n[:, None] - by.weight.cumsum(axis=1)
        fits = np.clip(np.ceil(n / 10)[:, None] - above, 0, by.weight)
        part = np.where(by.weight > 0, fits / by.weight, 0.0)
        together = np.einsum("ij,ij->i", actual.ranks, by.rank[:, by.group])
        covariance = together - n * ((n + 1) / 2) ** 2
        return {
            "mae": counts @ np.abs(f - y) / n,
            "rmse": np.sqrt(counts @ (f - y) ** 2 / n),
            "bias": expected / total - 1,
            "spearman": covariance / np.sqrt(by.spread() * actual.spread),
            "normalised_gini": by.concentration() / actual.concentration,
            "top_decile_capture": np.einsum("ij,ij->i", part, by.amount) / total,
        }


def _resampled_probabilities(
    counts: NDArray[np.float64],
    y: NDArray[np.float64],
    p: NDArray[np.float64],
    actual: _Actual | None = None,
) -> dict[str, NDArray[np.float64]]:
    """``actual`` is of no use here; it makes the two kinds of metrics alike."""
    n = counts.sum(axis=1)
    by = _Ordered.by(p, counts, y)
    happened, not_ = by.amount, by.weight - by.amount
    positives, negatives = happened.sum(axis=1), not_.sum(axis=1)
    q = np.clip(p, 1e-15, 1 - 1e-15)
    bins = np.clip(np.ceil(by.rank / n[:, None] * BINS), 1, BINS).astype(np.int64) - 1
    distance = by.weight * by.value - happened
    places = bins + BINS * np.arange(len(n))[:, None]
    sums = np.bincount(places.ravel(), weights=distance.ravel(), minlength=BINS * len(n))
    error = np.abs(sums.reshape(len(n), BINS)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = np.einsum("ij,ij->i", happened, not_.cumsum(axis=1) - not_ / 2)
        found = happened[:, ::-1].cumsum(axis=1)
        seen = by.weight[:, ::-1].cumsum(axis=1)
        precision = np.where(seen > 0, found / seen, 0.0)
        return {
            "auc": pairs / (positives * negatives),
            "pr_auc": np.einsum("ij,ij->i", precision, happened[:, ::-1]) / positives,
            "brier": counts @ (p - y) ** 2 / n,
            "log_loss": counts @ -np.where(y > 0, np.log(q), np.log1p(-q)) / n,
            "calibration_error": error / n,
        }


def calibration(actual: ArrayLike, predicted: ArrayLike) -> pd.DataFrame:
    """Forecast against actual mean over tenths of customers by forecast.

    One row per bin that has customers: ``bin`` 1 (lowest forecasts) to 10, ``customers``,
    ``predicted_mean``, ``actual_mean``. Customers with equal forecasts share a bin, so bins can
    be of different size or empty.
    """
    y, f = _pair(actual, predicted)
    rank = stats.rankdata(f, method="average")
    bins = np.ceil(rank / max(len(f), 1) * BINS).astype(np.int64)
    frame = pd.DataFrame({"bin": bins, "predicted": f, "actual": y})
    return frame.groupby("bin", as_index=False).agg(
        customers=("bin", "size"),
        predicted_mean=("predicted", "mean"),
        actual_mean=("actual", "mean"),
    )


def _pair(actual: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    y = np.asarray(actual, dtype=np.float64)
    f = np.asarray(predicted, dtype=np.float64)
    if y.ndim != 1 or y.shape != f.shape:
        raise ValueError("actual and predicted must be vectors of one length")
    if not (np.all(np.isfinite(y)) and np.all(np.isfinite(f))):
        raise ValueError("actual and predicted must be finite")
    return y, f


def _gini(amount: NDArray[np.float64], order: NDArray[np.float64]) -> float:
    n = len(amount)
    rank = stats.rankdata(order, method="average")
    return float(2 * (rank @ amount) / (n * amount.sum()) - (n + 1) / n)


def _top_share(amount: NDArray[np.float64], order: NDArray[np.float64]) -> float:
    """Amount of the top tenth; those tied at its edge count with the share that fits in."""
    wanted = int(np.ceil(len(amount) / 10))
    edge = np.sort(order)[-wanted]
    above, at = order > edge, order == edge
    share = (wanted - above.sum()) / at.sum()
    return float(amount[above].sum() + share * amount[at].sum())
