"""The whole back-test of any transaction log: every candidate judged on one window.

Everything is learned and chosen from purchases up to the cut; the window after it only judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring import metrics
from scoring.backtest import slices
from scoring.btyd.likelihood import Vector
from scoring.forecast import Forecaster, Forecasts, forecast
from scoring.history import PurchaseHistory, day_number, day_of, purchase_days
from scoring.intervals import COVERAGE, coverage
from scoring.learners import TASKS
from scoring.panel import DAYS_PER_WEEK
from scoring.reasons import churn_reasons, middle_of

UNITS: Mapping[str, float] = {"days": 1.0, "weeks": DAYS_PER_WEEK}


@dataclass(frozen=True)
class Evaluation:
    """A back-test: ``summary`` can be written as JSON, ``predictions`` has a row per customer.

    ``predictions``: ``customer_id``; per amount (``purchases``, ``spend``): ``expected_<amount>``,
    ``median_<amount>``, ``<amount>_low`` and ``<amount>_high`` (80% interval), ``actual_<amount>``;
    ``p_no_purchase``, ``churned``; ``reason_1`` to ``reason_3``.
    """

    summary: dict[str, Any]
    predictions: pd.DataFrame

    def to_json(self) -> str:
        """The summary as JSON; no NaN, undefined values are null with a reason."""
        return json.dumps(self.summary, allow_nan=False, ensure_ascii=False, indent=2)


def evaluate(
    log: pd.DataFrame,
    cut: date,
    horizon_days: int,
    *,
    unit: str = "days",
    seasonal_index: float | None = None,
    resamples: int = 200,
) -> Evaluation:
    """Forecast the days after a cut from the log up to it, and compare with what happened.

    Args:
        log: ``customer_id``, ``date`` and optionally ``amount``; see ``purchase_days`` for what
            counts as a purchase. Customers are those with a purchase up to the cut.
        cut: the last day that candidates see.
        horizon_days: the length of the window judged, the days after ``cut``.
        unit: ``days`` or ``weeks``: the time unit in which BTYD parameters are reported.
        seasonal_index: purchases of the window over those of an average one, if known; by default
            what the window a year ago says, if the log reaches back that far.
        resamples: bootstrap resamples behind the intervals of metrics.

    Raises:
        ValueError: an unknown unit, a horizon below 1, a log without purchases up to the cut, or
            one that cannot be read.
    """
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {sorted(UNITS)}")
    # Sums of threaded linear algebra depend on the number of cores.
    with threadpool_limits(limits=1):
        known = PurchaseHistory.from_frame(purchase_days(log, cut))
        last = day_of(day_number(cut) + horizon_days)
        # What was reversed after the cut was a purchase to all who forecast, and what was sold
        # after it only counts if it was not reversed within the window.
        later = purchase_days(log, last)
        found = forecast(known, day_number(cut), horizon_days, seasonal_index)
        actual = _actual(later, cut, known.customer_ids, known.has_amounts)
        warnings = list(found.warnings)
        newest = _newest_day(log)
        if newest < last:
            warnings.append(f"the log ends on {newest}, before the window does on {last}")
        return _compared(known, found, actual, unit=unit, warnings=warnings, resamples=resamples)


def _newest_day(log: pd.DataFrame) -> date:
    newest: date = pd.to_datetime(log["date"]).max().date()
    return newest


def _actual(
    later: pd.DataFrame, cut: date, customer_ids: np.ndarray, has_amounts: bool
) -> dict[str, Vector]:
    window = later[later["purchase_date"] > pd.Timestamp(cut)].groupby("customer_id")["amount"]
    bought = window.size().reindex(customer_ids).fillna(0).to_numpy(dtype=np.float64)
    actual = {"purchases": bought, "churn": (bought == 0).astype(np.float64)}
    if has_amounts:
        actual["spend"] = window.sum().reindex(customer_ids).fillna(0).to_numpy(dtype=np.float64)
    return actual


def _compared(
    known: PurchaseHistory,
    found: Forecaster,
    actual: Mapping[str, Vector],
    *,
    unit: str,
    warnings: list[str],
    resamples: int,
) -> Evaluation:
    rows = found.rows()
    forecasts = found.candidates(rows)
    masks = slices(rows["hiatus"].to_numpy())
    columns: dict[str, Any] = {"customer_id": known.customer_ids}
    tasks: dict[str, Any] = {}
    for task in TASKS:
        if task not in found.tasks:
            tasks[task] = {"champion": None, "reason": "the log has no amounts"}
            continue
        chosen = found.tasks[task]
        y, values = actual[task], forecasts[task][chosen.champion.name]
        judged: dict[str, Any] = {name: {} for name in forecasts[task]}
        for label, mask in masks.items():
            measured = metrics.with_intervals(
                y[mask],
                {name: values[mask] for name, values in forecasts[task].items()},
                probabilities=task == "churn",
                resamples=resamples,
            )
            for name, by_metric in measured.items():
                judged[name][label] = {
                    metric: result._asdict() for metric, result in by_metric.items()
                }
        tasks[task] = {
            "champion": chosen.champion.name,
            "reason": chosen.champion.reason,
            "past_windows": [
                {"cut": str(day_of(window.cutoff)), "weight": window.weight}
                for window in chosen.past
            ],
            "past_loss": dict(chosen.champion.losses),
            "blend": {"weights": dict(chosen.weights.members), "level": chosen.weights.level},
            "customers": {label: int(mask.sum()) for label, mask in masks.items()},
            "candidates": judged,
            "calibration": metrics.calibration(y, values).to_dict("records"),
        }
        if task == "churn":
            columns["p_no_purchase"], columns["churned"] = values, y.astype(np.int64)
        else:
            columns.update(_with_interval(task, found, forecasts, y, tasks[task]))
    _, reasons = churn_reasons(found, rows, columns["p_no_purchase"], middle_of(rows))
    for position, words in enumerate(reasons, start=1):
        columns[f"reason_{position}"] = words
    summary = {
        "cut": str(day_of(found.cutoff)),
        "horizon_days": found.horizon_days,
        "unit": unit,
        "customers": len(rows),
        "repeat_customers": int((rows["frequency"] > 0).sum()),
        "first_day": str(day_of(int(known.day.min()))),
        "purchase_days": len(known.day),
        "has_amounts": known.has_amounts,
        "warnings": warnings,
        "learned_from": {
            "horizon_days": found.learned_horizon_days,
            "cuts": [str(day_of(day)) for day in found.learned_cutoffs],
        },
        "actual": {
            "purchases": float(actual["purchases"].sum()),
            "spend": float(actual["spend"].sum()) if "spend" in actual else None,
            "share_without_purchase": float(actual["churn"].mean()),
        },
        "tasks": tasks,
        "models": _models(found, unit),
    }
    return Evaluation(summary, pd.DataFrame(columns))


def _with_interval(
    task: str, found: Forecaster, forecasts: Forecasts, actual: Vector, summary: dict[str, Any]
) -> dict[str, Vector]:
    values = forecasts[task][found.tasks[task].champion.name]
    interval = found.tasks[task].interval()
    low, high = interval.bounds(values)
    buyers = forecasts["purchases"][found.tasks["purchases"].champion.name] >= 1
    summary["interval"] = {
        "nominal_coverage": COVERAGE,
        "coverage": coverage(actual, low, high),
        "coverage_of_expected_buyers": coverage(actual[buyers], low[buyers], high[buyers]),
        "mean_width": float((high - low).mean()) if interval.rows else None,
        "reason": None if interval.rows else "no past window to measure errors in",
    }
    return {
        f"expected_{task}": values,
        f"median_{task}": interval.median(values),
        f"{task}_low": low,
        f"{task}_high": high,
        f"actual_{task}": actual,
    }


def _models(found: Forecaster, unit: str) -> dict[str, Any]:
    """Parameters of the BTYD models at the cut, times in ``unit``."""
    factor = DAYS_PER_WEEK / UNITS[unit]
    btyd = found.fitted.btyd
    models: dict[str, Any] = {}
    for name, model in btyd.purchases.items():
        used = model.name
        models[name] = {
            "used": used,
            "reason": btyd.reasons[name],
            "parameters": {
                letter: float(value) * (factor if letter in model.time_parameters else 1.0)
                for letter, value in model.params.items()
            },
        }
    for name, spend in btyd.spends.items():
        models[name] = {
            "used": spend.name,
            "reason": btyd.reasons[name],
            "parameters": {letter: float(value) for letter, value in spend.params.items()},
        }
    return models
