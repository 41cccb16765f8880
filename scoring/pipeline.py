"""From summarised customers to the score tables: fit, score, and back-test on the past.

Days come in, models think in weeks. The fit at a cutoff reads nothing but what the customer had
done by the end of that day; columns about the time after it are only compared with.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring import metrics
from scoring.btyd import (
    PURCHASE_MODELS,
    SPEND_MODELS,
    PurchaseModel,
    ShrunkenMeanSpend,
    SpendModel,
    fit_purchases,
)
from scoring.btyd.likelihood import Vector
from scoring.btyd.model import Model
from scoring.tables import as_table, from_records
from scoring.value import discounted_purchases

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365

INPUT = "int_customers_summarised"
_DATES = ("cutoff_date", "first_purchase_date", "last_purchase_date")
_COUNTS = ("horizon_days", "frequency", "recency_days", "age_days", "previous_purchases")
_SPEND = ("mean_repeat_spend", "total_spend", "previous_spend")
_HOLDOUT = ("holdout_purchases", "holdout_spend")
_REQUIRED = ("customer_id", "is_holdout", *_DATES, *_COUNTS, *_SPEND, *_HOLDOUT)
# Days from the last purchase up to (cutoff - horizon) to that day; null for later customers.
_OPTIONAL = "previous_hiatus_days"


@dataclass(frozen=True)
class ScoringSettings:
    """What to score and with which models.

    ``as_of_date``: the first day not observed. ``churn_horizon_days``: churn is no purchase
    within so many days. ``annual_discount_rate``: .10 is ten per cent a year.
    ``purchase_model`` and ``spend_model``: names in ``scoring.btyd``'s registries.
    """

    as_of_date: date
    churn_horizon_days: int = 90
    annual_discount_rate: float = 0.10
    purchase_model: str = "bg_nbd"
    spend_model: str = "gamma_gamma"

    def __post_init__(self) -> None:
        """Refuse settings without a meaning."""
        if self.churn_horizon_days < 1:
            raise ValueError("churn_horizon_days must be at least 1")
        if not np.isfinite(self.annual_discount_rate) or self.annual_discount_rate <= -1:
            raise ValueError("annual_discount_rate must be finite and above -1")
        if self.purchase_model not in PURCHASE_MODELS:
            raise ValueError(f"purchase_model must be one of {sorted(PURCHASE_MODELS)}")
        if self.spend_model not in SPEND_MODELS:
            raise ValueError(f"spend_model must be one of {sorted(SPEND_MODELS)}")

    @property
    def cutoff_date(self) -> date:
        """The last day observed."""
        return self.as_of_date - timedelta(days=1)


@dataclass(frozen=True)
class ScoringResult:
    """The score tables, each with the columns and types of ``scoring.tables.TABLES``."""

    customer_scores: pd.DataFrame
    model_runs: pd.DataFrame
    model_backtests: pd.DataFrame
    model_calibration: pd.DataFrame
    holdout_predictions: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class _Fit:
    """The models of one cutoff, in the order tried; a model in use is None if none could be."""

    purpose: str
    cutoff_date: date
    rows: pd.DataFrame
    purchases: list[PurchaseModel]
    spends: list[SpendModel]

    @property
    def purchase(self) -> PurchaseModel | None:
        return self.purchases[-1] if self.purchases[-1].identified else None

    @property
    def spend(self) -> SpendModel:
        return self.spends[-1]

    @property
    def reason(self) -> str | None:
        """Why something other than the preferred models was used; None if it was not."""
        if self.purchase is None:
            return self.purchases[-1].reason
        tried: list[Model] = [*self.purchases, *self.spends]
        rejected = [f"{model.name}: {model.reason}" for model in tried if not model.identified]
        return "; ".join(rejected) or None

    @property
    def status(self) -> str:
        if self.purchase is None:
            return "not_scored"
        return "scored" if self.reason is None else "fallback"


def score(customers: pd.DataFrame, settings: ScoringSettings) -> ScoringResult:
    """Score every customer as of a date, and back-test the models on an earlier cutoff.

    Args:
        customers: the frame ``int_customers_summarised``: one row per customer for the cutoff
            ``as_of_date - 1`` (``is_holdout`` false), and one per customer known at the holdout
            cutoff (``is_holdout`` true). May be empty. The optional column
            ``previous_hiatus_days`` adds a baseline for churn.
        settings: see ``ScoringSettings``.

    Returns:
        The score tables; money in the currency of the input, horizons in days. Without holdout
        rows the back-test tables are empty.

    Raises:
        ValueError: the frame breaks its contract; names the column, how many rows, an example.
    """
    frame = _validated(customers, settings)
    current = frame[~frame["is_holdout"]].reset_index(drop=True)
    holdout = frame[frame["is_holdout"]].reset_index(drop=True)

    # The vectors are short: a second BLAS thread waits more than it works, and sums would depend
    # on the number of cores.
    with threadpool_limits(limits=1):
        return _scored(current, holdout, settings)


def _scored(
    current: pd.DataFrame, holdout: pd.DataFrame, settings: ScoringSettings
) -> ScoringResult:
    fits = [
        _fit(purpose, rows, settings)
        for purpose, rows in (("scoring", current), ("holdout", holdout))
        if len(rows)
    ]
    scores = from_records("customer_scores", [])
    backtests, calibration, predictions = (
        from_records(name, [])
        for name in ("model_backtests", "model_calibration", "holdout_predictions")
    )
    for fit in fits:
        if fit.purpose == "scoring":
            scores = _customer_scores(fit, settings)
        else:
            backtests, calibration, predictions = _backtest(fit, settings)
    runs = from_records("model_runs", [record for fit in fits for record in _runs(fit, settings)])
    return ScoringResult(scores, runs, backtests, calibration, predictions)


def _fit(purpose: str, rows: pd.DataFrame, settings: ScoringSettings) -> _Fit:
    frequency = rows["frequency"].to_numpy(dtype=np.float64)
    purchases = fit_purchases(
        PURCHASE_MODELS[settings.purchase_model],
        frequency,
        rows["recency_days"].to_numpy(dtype=np.float64) / DAYS_PER_WEEK,
        rows["age_days"].to_numpy(dtype=np.float64) / DAYS_PER_WEEK,
    )
    spends = [
        SPEND_MODELS[settings.spend_model]().fit(frequency, rows["mean_repeat_spend"].to_numpy())
    ]
    if not spends[0].identified:
        # Too little to go by: then the first purchase is evidence as well.
        orders = frequency + 1
        spends.append(ShrunkenMeanSpend().fit(orders, rows["total_spend"].to_numpy() / orders))
    return _Fit(purpose, rows["cutoff_date"].iloc[0], rows, purchases, spends)


def _customer_scores(fit: _Fit, settings: ScoringSettings) -> pd.DataFrame:
    model = fit.purchase
    value = fit.spend.expected_value()
    missing = np.full(len(fit.rows), np.nan)

    def silent(days: int) -> Vector:
        return missing if model is None else model.probability_no_purchase(days / DAYS_PER_WEEK)

    def purchases(days: int) -> Vector:
        return missing if model is None else model.expected_purchases(days / DAYS_PER_WEEK)

    quarter, year = purchases(90), purchases(DAYS_PER_YEAR)
    discounted = (
        missing
        if model is None
        else discounted_purchases(
            model,
            DAYS_PER_YEAR / DAYS_PER_WEEK,
            years=1.0,
            annual_discount_rate=settings.annual_discount_rate,
        )
    )
    return as_table(
        "customer_scores",
        {
            "customer_id": fit.rows["customer_id"],
            "as_of_date": settings.as_of_date,
            "score_status": fit.status,
            "score_reason": fit.reason,
            "purchase_model": None if model is None else model.name,
            "spend_model": fit.spend.name,
            "p_alive": missing if model is None else model.probability_alive(),
            "p_no_purchase_30d": silent(30),
            "p_no_purchase_60d": silent(60),
            "p_no_purchase_90d": silent(90),
            "churn_horizon_days": settings.churn_horizon_days,
            "p_churn": silent(settings.churn_horizon_days),
            "expected_purchases_90d": quarter,
            "expected_purchases_365d": year,
            "expected_purchase_value": value,
            "expected_spend_90d": quarter * value,
            "expected_spend_365d": year * value,
            "clv_365d": discounted * value,
        },
    )


def _runs(fit: _Fit, settings: ScoringSettings) -> list[dict[str, Any]]:
    records = []
    tasks: list[tuple[str, Sequence[Model]]] = [
        ("purchases", fit.purchases),
        ("spend", fit.spends),
    ]
    for task, models in tasks:
        for position, model in enumerate(models):
            last = position == len(models) - 1
            # The last resort for spend has a value even where it is not identified (zero).
            usable = model.identified or (task == "spend" and last and bool(model.params))
            records.append(
                {
                    "as_of_date": settings.as_of_date,
                    "purpose": fit.purpose,
                    "cutoff_date": fit.cutoff_date,
                    "task": task,
                    "model": model.name,
                    "status": "not_fitted"
                    if not usable
                    else ("fitted" if position == 0 else "fallback"),
                    "reason": model.reason or _instead_of(models[:position]),
                    "customers": len(fit.rows),
                    "repeat_customers": int((fit.rows["frequency"] > 0).sum()),
                    "fit_from": fit.rows["first_purchase_date"].min(),
                    "fit_through": fit.cutoff_date,
                    "parameters": json.dumps(dict(model.params)) if usable else None,
                    "log_likelihood": model.log_likelihood if usable else None,
                    "converged": model.converged if usable else None,
                    "annual_discount_rate": settings.annual_discount_rate,
                }
            )
    return records


def _instead_of(models: Sequence[Model]) -> str | None:
    """Why a fallback is used: the model it stands in for, and what was wrong with that."""
    return f"in place of {models[-1].name}: {models[-1].reason}" if models else None


def _backtest(
    fit: _Fit, settings: ScoringSettings
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rows = fit.rows
    horizon_days = int(rows["horizon_days"].iloc[0])
    actual_purchases = rows["holdout_purchases"].to_numpy(dtype=np.float64)
    actual_spend = rows["holdout_spend"].to_numpy(dtype=np.float64)
    churned = (actual_purchases == 0).astype(np.float64)
    key = {
        "as_of_date": settings.as_of_date,
        "cutoff_date": fit.cutoff_date,
        "horizon_days": horizon_days,
    }

    previous = rows["previous_purchases"].to_numpy(dtype=np.float64)
    forecasts: list[tuple[str, str, Vector | None]] = [
        ("purchases", "naive", previous),
        ("spend", "naive", rows["previous_spend"].to_numpy(dtype=np.float64)),
        ("churn", "naive", naive_churn(previous)),
    ]
    hiatus = _hiatus_churn(rows)
    if hiatus is not None:
        forecasts.append(("churn", "hiatus", hiatus))

    model = fit.purchase
    name = settings.purchase_model if model is None else model.name
    both = f"{name}/{fit.spend.name}"
    purchases = spend = silent = None
    if model is not None:
        purchases = model.expected_purchases(horizon_days / DAYS_PER_WEEK)
        silent = model.probability_no_purchase(horizon_days / DAYS_PER_WEEK)
        spend = purchases * fit.spend.expected_value()
    forecasts += [("purchases", name, purchases), ("spend", both, spend), ("churn", name, silent)]

    actual = {"purchases": actual_purchases, "spend": actual_spend, "churn": churned}
    backtests, calibration = [], []
    for task, label, forecast in forecasts:
        if forecast is None:
            names = metrics.PROBABILITY_METRICS if task == "churn" else metrics.AMOUNT_METRICS
            results = dict.fromkeys(names, metrics.Metric(None, fit.reason))
        elif task == "churn":
            results = metrics.probability_metrics(actual[task], forecast)
        else:
            results = metrics.amount_metrics(actual[task], forecast)
        backtests += [
            {
                **key,
                "task": task,
                "model": label,
                "metric": metric,
                "value": result.value,
                "customers": len(rows),
                "reason": result.reason,
            }
            for metric, result in results.items()
        ]
        if forecast is not None and label == name:
            calibration += [
                {**key, "task": task, "model": label, **dict(record)}
                for record in metrics.calibration(actual[task], forecast).to_dict("records")
            ]

    missing = np.full(len(rows), np.nan)
    predictions = as_table(
        "holdout_predictions",
        {
            **key,
            "customer_id": rows["customer_id"],
            "model": both,
            "predicted_purchases": missing if purchases is None else purchases,
            "predicted_spend": missing if spend is None else spend,
            "p_no_purchase": missing if silent is None else silent,
            "actual_purchases": rows["holdout_purchases"],
            "actual_spend": actual_spend,
        },
    )
    return (
        from_records("model_backtests", backtests),
        from_records("model_calibration", calibration),
        predictions,
    )


def naive_churn(previous_purchases: Vector) -> Vector:
    """P(no purchase in the next window) from the number in the last one alone, shape (n,).

    Purchases of a customer as Poisson, the rate with the Jeffreys prior: after n in a window, the
    next window of the same length is empty with probability (1/2)^(n + 1/2).
    """
    return 0.5 ** (previous_purchases + 0.5)


def _hiatus_churn(rows: pd.DataFrame) -> Vector | None:
    """P(no purchase in the next window) by a logistic regression on the time since the last one.

    Learned one window earlier: who, after which hiatus, stayed away in the window up to the
    cutoff. None where the frame does not say or that window has only one outcome.
    """
    if _OPTIONAL not in rows:
        return None
    known = rows[rows[_OPTIONAL].notna()]
    stayed_away = known["previous_purchases"] == 0
    if stayed_away.nunique() < 2:
        return None
    model = LogisticRegression(C=np.inf).fit(
        np.log1p(known[[_OPTIONAL]].to_numpy(dtype=np.float64)), stayed_away
    )
    hiatus = (rows["age_days"] - rows["recency_days"]).to_numpy(dtype=np.float64)
    probability: Vector = model.predict_proba(np.log1p(hiatus[:, None]))[:, 1]
    return probability


def _validated(customers: pd.DataFrame, settings: ScoringSettings) -> pd.DataFrame:
    """The frame with plain types, sorted, or a ValueError that says what is wrong with it."""
    missing = [column for column in _REQUIRED if column not in customers]
    if missing:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    frame = customers[[*_REQUIRED, *([_OPTIONAL] if _OPTIONAL in customers else [])]].copy()

    def refuse(column: str, wrong: pd.Series | np.ndarray, problem: str) -> None:
        rows = np.asarray(wrong, dtype=bool)
        if rows.any():
            example = frame.loc[rows].iloc[0]
            raise ValueError(
                f"{INPUT}: {column} {problem} in {int(rows.sum())} of {len(frame)} rows, "
                f"for example customer {example['customer_id']!r} at cutoff "
                f"{example['cutoff_date']}: {example[column]}"
            )

    for column in ("customer_id", "is_holdout", *_DATES, *_COUNTS, "total_spend", "previous_spend"):
        refuse(column, frame[column].isna(), "is null")
    frame["customer_id"] = frame["customer_id"].astype(str)
    frame["is_holdout"] = frame["is_holdout"].astype(bool)
    for column in _DATES:
        frame[column] = pd.to_datetime(frame[column]).dt.date
    for column in (*_COUNTS, *_SPEND, *_HOLDOUT, *([_OPTIONAL] if _OPTIONAL in frame else [])):
        numbers = pd.to_numeric(frame[column], errors="coerce").astype("Float64")
        refuse(column, frame[column].notna() & numbers.isna(), "is not a number")
        frame[column] = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
        refuse(column, np.isinf(frame[column]), "is infinite")
    for column in (*_COUNTS, "holdout_purchases"):
        refuse(column, frame[column] < 0, "is negative")
        refuse(column, frame[column] % 1 > 0, "is not a whole number")

    duplicated = frame.duplicated(["is_holdout", "cutoff_date", "customer_id"], keep="first")
    refuse("customer_id", duplicated, "is duplicated at a cutoff")
    refuse("recency_days", frame["recency_days"] > frame["age_days"], "exceeds age_days")
    refuse(
        "frequency",
        frame["frequency"] > frame["recency_days"],
        "exceeds recency_days, the days after the first one that it can have been on,",
    )
    refuse(
        "recency_days",
        (frame["frequency"] == 0) & (frame["recency_days"] > 0),
        "is positive without a repeat purchase",
    )
    refuse(
        "last_purchase_date", frame["last_purchase_date"] > frame["cutoff_date"], "is after cutoff"
    )

    is_holdout = frame["is_holdout"].to_numpy()
    refuse(
        "cutoff_date",
        ~is_holdout & (frame["cutoff_date"] != settings.cutoff_date).to_numpy(),
        f"is not {settings.cutoff_date}, the day before as_of_date,",
    )
    ends = pd.Series(
        [
            cutoff + timedelta(days=int(days))
            for cutoff, days in zip(frame["cutoff_date"], frame["horizon_days"], strict=True)
        ],
        index=frame.index,
        dtype=object,
    )
    refuse(
        "cutoff_date",
        is_holdout & (ends > settings.cutoff_date).to_numpy(),
        f"leaves less than horizon_days up to {settings.cutoff_date}",
    )
    refuse("horizon_days", is_holdout & (frame["horizon_days"] < 1).to_numpy(), "is below 1")
    for column in _HOLDOUT:
        refuse(column, is_holdout & frame[column].isna().to_numpy(), "is null at the holdout")
    for column in ("cutoff_date", "horizon_days"):
        found = frame.loc[is_holdout, column].unique()
        if len(found) > 1:
            raise ValueError(f"{INPUT}: {column} has {len(found)} values at the holdout: one fits")

    # Row order must not matter, neither to sums nor to the tables that come out.
    return frame.sort_values(["is_holdout", "customer_id"], ignore_index=True)
