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
from scoring.btyd.likelihood import Vector
from scoring.customers.backtest import slices
from scoring.customers.features import outcomes
from scoring.customers.forecast import Forecaster, Forecasts, forecast
from scoring.customers.history import (
    PurchaseHistory,
    day_number,
    day_numbers,
    day_of,
    named_customers,
    purchase_days,
    told_closed,
    told_strays,
)
from scoring.customers.intervals import COVERAGE, coverage
from scoring.customers.learners import TASKS
from scoring.customers.limits import LEAST_REPEAT_CUSTOMERS
from scoring.customers.panel import DAYS_PER_WEEK
from scoring.customers.reasons import churn_reasons, middle_of

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
        last = day_of(day_number(cut) + horizon_days)
        # What was returned after the cut was a purchase to all who forecast, and what was sold
        # after it only counts if it was not returned within the window.
        history = PurchaseHistory.from_frame(purchase_days(log, last))
        near, strays = history.until(day_number(cut)).without_strays()
        known = near.without_closed()
        found = forecast(known, day_number(cut), horizon_days, seasonal_index)
        warnings = [*_left_out(log, last), *told_strays(near, strays)]
        warnings += [*told_closed(known), *found.warnings]
        repeat = int((found.table["frequency"] > 0).sum())
        if repeat < LEAST_REPEAT_CUSTOMERS:
            warnings.append(
                f"{repeat} customers with a repeat purchase, the warehouse scores no base of fewer "
                f"than {LEAST_REPEAT_CUSTOMERS}"
            )
        newest = _newest_day(log)
        if newest < last:
            warnings.append(f"the log ends on {newest}, before the window does on {last}")
        ids = known.customer_ids[found.table["customer"].to_numpy()]
        actual = _actual(history, ids, day_number(cut), horizon_days)
        return _compared(known, found, actual, unit=unit, warnings=warnings, resamples=resamples)


def _newest_day(log: pd.DataFrame) -> date:
    return day_of(int(day_numbers(log["date"]).max()))


def _left_out(log: pd.DataFrame, last: date) -> list[str]:
    """What of a log up to a day is no purchase, and how much of it."""
    seen = day_numbers(log["date"]) <= day_number(last)
    rows = log[seen]
    amount = pd.to_numeric(rows["amount"]) if "amount" in rows else pd.Series(dtype=float)
    told = []
    nameless = ~named_customers(rows["customer_id"])
    if nameless.any():
        share = ""
        if amount.notna().any() and float(amount.sum()):
            share = f", {float(amount[nameless].sum()) / float(amount.sum()):.1%} of the amount"
        told.append(f"{int(nameless.sum())} of {len(rows)} rows name no customer{share}: left out")
    free = int((amount == 0).sum())
    if free:
        told.append(f"{free} of {len(rows)} rows have an amount of zero: no purchases")
    return told


def _actual(
    history: PurchaseHistory, customer_ids: np.ndarray, cut: int, horizon_days: int
) -> dict[str, Vector]:
    """What these customers did in the window, as it was known at its end."""
    customer = np.searchsorted(history.customer_ids, customer_ids)
    window = pd.DataFrame({"customer": customer, "cutoff": cut})
    bought, spent = outcomes(history, window, horizon_days)
    actual = {"purchases": bought, "churn": (bought == 0).astype(np.float64)}
    if history.has_amounts:
        actual["spend"] = spent
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
    columns: dict[str, Any] = {"customer_id": known.customer_ids[rows["customer"].to_numpy()]}
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
                {"cut": str(known.date(window.cutoff)), "weight": window.weight}
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
        "cut": str(known.date(found.cutoff)),
        "horizon_days": found.horizon_days,
        "unit": unit,
        "customers": len(rows),
        "repeat_customers": int((rows["frequency"] > 0).sum()),
        "first_day": str(known.date(int(known.day.min()))),
        "purchase_days": len(known.day),
        "has_amounts": known.has_amounts,
        "warnings": warnings,
        "learned_from": {
            "horizon_days": found.learned_horizon_days,
            "cuts": [str(known.date(day)) for day in found.learned_cutoffs],
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
