"""How good forecasts were: of amounts (purchases, spend) and of probabilities (churn).

Every metric is a ``Metric``: a value, or None with the reason why it is not defined for the
customers at hand. Equal forecasts are treated alike: no metric depends on the order of rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn import metrics as sk  # type: ignore[import-untyped]

BINS = 10

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
