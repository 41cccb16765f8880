"""Records of how candidates did in a past window: metrics, interval coverage, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from scoring import metrics
from scoring.customers.champion import NAIVE, PastForecast, loss
from scoring.customers.forecast import BLEND, BTYD, Forecaster
from scoring.customers.intervals import coverage

ACTIVE_DAYS = 90
EVERYBODY = "all"
ACTIVE = f"active_last_{ACTIVE_DAYS}_days"

COVERAGE_METRICS = ("interval_coverage", "interval_coverage_of_buyers", "interval_width")

# Candidates whose metrics have an interval in every past window; others have it in the newest one.
_TOLD = (NAIVE, BTYD, BLEND)


def slices(days_since_last_purchase: np.ndarray) -> dict[str, np.ndarray]:
    """Masks of the customers that metrics are told of, shape (n,) each."""
    return {
        EVERYBODY: np.ones(len(days_since_last_purchase), dtype=bool),
        ACTIVE: days_since_last_purchase < ACTIVE_DAYS,
    }


def backtest_records(
    key: Mapping[str, Any],
    forecaster: Forecaster,
    task: str,
    window: PastForecast,
) -> list[dict[str, Any]]:
    """One record per candidate, slice and metric.

    With bootstrap intervals in the newest window; in earlier ones only for the champion and those
    it is compared with first.
    """
    if forecaster.past is None:
        return []
    champion = forecaster.tasks[task].champion.name
    hiatus = forecaster.past.at(window.cutoff)["hiatus"].to_numpy()
    records = []
    for label, mask in slices(hiatus).items():
        shared = {
            **key,
            "cutoff_date": forecaster.history.date(window.cutoff),
            "slice": label,
            "customers": int(mask.sum()),
        }
        actual = window.actual[mask]
        newest = window.cutoff == max(w.cutoff for w in forecaster.tasks[task].past)
        measured: dict[str, dict[str, metrics.Interval]] = {}
        for told in (True, False):
            forecasts = {
                name: forecast[mask]
                for name, forecast in window.forecasts.items()
                if (newest or name in (champion, *_TOLD)) == told
            }
            measured |= metrics.with_intervals(
                actual,
                forecasts,
                probabilities=task == "churn",
                **({} if told else {"resamples": 0}),
            )
        for name, by_metric in measured.items():
            forecast = window.forecasts[name][mask]
            by_metric["loss"] = (
                metrics.Interval(loss(task, actual, forecast), None, None)
                if len(actual)
                else metrics.Interval(None, None, None, "no customers")
            )
            if name == champion and label == EVERYBODY and task != "churn":
                by_metric.update(dict(_coverage(forecaster, task, window)))
            records += [
                {
                    **shared,
                    "model": name,
                    "is_champion": name == champion,
                    "metric": metric,
                    "value": found.value,
                    "value_low": found.low,
                    "value_high": found.high,
                    "reason": found.reason,
                }
                for metric, found in by_metric.items()
            ]
    return records


def _coverage(
    forecaster: Forecaster, task: str, window: PastForecast
) -> Iterator[tuple[str, metrics.Interval]]:
    """How often the champion's interval, as it was at the cut-off, held what happened."""
    chosen = forecaster.tasks[task]
    horizon = forecaster.learned_horizon_days or forecaster.horizon_days
    forecast = window.forecasts[chosen.champion.name]
    interval = chosen.interval(window.cutoff, horizon)
    low, high = interval.bounds(forecast)
    purchases = next(w for w in forecaster.tasks["purchases"].past if w.cutoff == window.cutoff)
    buyers = purchases.forecasts[forecaster.tasks["purchases"].name_at(window.cutoff)] >= 1
    values = (
        coverage(window.actual, low, high),
        coverage(window.actual[buyers], low[buyers], high[buyers]),
        float((high - low).mean()) if interval.rows else None,
    )
    for metric, value in zip(COVERAGE_METRICS, values, strict=True):
        reason = None
        if value is None:
            reason = (
                "no window before to measure errors in"
                if not interval.rows
                else "nobody is expected to buy"
            )
        yield metric, metrics.Interval(value, None, None, reason)


def calibration_records(
    key: Mapping[str, Any], forecaster: Forecaster, task: str, window: PastForecast
) -> list[dict[str, Any]]:
    """Forecast against actual by tenth, of the champion and of the BTYD model behind it."""
    champion = forecaster.tasks[task].champion.name
    return [
        {
            **key,
            "cutoff_date": forecaster.history.date(window.cutoff),
            "model": name,
            "is_champion": name == champion,
            **{str(column): value for column, value in record.items()},
        }
        for name in dict.fromkeys((champion, BTYD))
        if name in window.forecasts
        for record in metrics.calibration(window.actual, window.forecasts[name]).to_dict("records")
    ]
