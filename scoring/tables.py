"""The score tables: columns and types of every frame that ``scoring.pipeline.score`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

# SQL type to the pandas type that DuckDB reads as it, in an empty frame as well. A null is NA,
# never NaN.
PANDAS_TYPES: Mapping[str, str] = {
    "varchar": "string",
    "date": "date32[day][pyarrow]",
    "double": "Float64",
    "bigint": "Int64",
    "boolean": "boolean",
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "customer_scores": {
        "customer_id": "varchar",
        "as_of_date": "date",
        "score_status": "varchar",
        "score_reason": "varchar",
        "purchase_model": "varchar",
        "spend_model": "varchar",
        "churn_model": "varchar",
        "p_alive": "double",
        "p_alive_reason": "varchar",
        "p_no_purchase_30d": "double",
        "p_no_purchase_60d": "double",
        "p_no_purchase_90d": "double",
        "churn_horizon_days": "bigint",
        "p_churn": "double",
        "expected_purchases_30d": "double",
        "expected_purchases_30d_low": "double",
        "expected_purchases_30d_high": "double",
        "expected_purchases_90d": "double",
        "expected_purchases_90d_low": "double",
        "expected_purchases_90d_high": "double",
        "expected_purchases_365d": "double",
        "expected_purchases_365d_low": "double",
        "expected_purchases_365d_high": "double",
        "expected_spend_30d": "double",
        "expected_spend_30d_low": "double",
        "expected_spend_30d_high": "double",
        "expected_spend_90d": "double",
        "expected_spend_90d_low": "double",
        "expected_spend_90d_high": "double",
        "expected_spend_365d": "double",
        "expected_spend_365d_low": "double",
        "expected_spend_365d_high": "double",
        "expected_purchase_value": "double",
        "discounted_spend_365d": "double",
        "discounted_spend_lifetime": "double",
        "lifetime_reason": "varchar",
        "expected_next_purchase_date": "date",
        "next_purchase_from_date": "date",
        "next_purchase_to_date": "date",
        "next_purchase_horizon_days": "bigint",
        "churn_driver": "varchar",
        "reason_1": "varchar",
        "reason_2": "varchar",
        "reason_3": "varchar",
    },
    "model_runs": {
        "as_of_date": "date",
        "horizon_days": "bigint",
        "task": "varchar",
        "model": "varchar",
        "is_champion": "boolean",
        "status": "varchar",
        "reason": "varchar",
        "past_loss": "double",
        "past_windows": "bigint",
        "blend_weight": "double",
        "learned_horizon_days": "bigint",
        "learned_windows": "bigint",
        "customers": "bigint",
        "repeat_customers": "bigint",
        "fit_from": "date",
        "fit_through": "date",
        "parameters": "varchar",
        "log_likelihood": "double",
        "converged": "boolean",
        "annual_discount_rate": "double",
    },
    "model_backtests": {
        "as_of_date": "date",
        "cutoff_date": "date",
        "horizon_days": "bigint",
        "task": "varchar",
        "model": "varchar",
        "is_champion": "boolean",
        "slice": "varchar",
        "metric": "varchar",
        "value": "double",
        "value_low": "double",
        "value_high": "double",
        "customers": "bigint",
        "reason": "varchar",
    },
    "model_calibration": {
        "as_of_date": "date",
        "cutoff_date": "date",
        "horizon_days": "bigint",
        "task": "varchar",
        "model": "varchar",
        "is_champion": "boolean",
        "bin": "bigint",
        "customers": "bigint",
        "predicted_mean": "double",
        "actual_mean": "double",
    },
    "holdout_predictions": {
        "as_of_date": "date",
        "cutoff_date": "date",
        "horizon_days": "bigint",
        "customer_id": "varchar",
        "purchase_model": "varchar",
        "spend_model": "varchar",
        "churn_model": "varchar",
        "predicted_purchases": "double",
        "predicted_purchases_low": "double",
        "predicted_purchases_high": "double",
        "predicted_spend": "double",
        "predicted_spend_low": "double",
        "predicted_spend_high": "double",
        "p_no_purchase": "double",
        "actual_purchases": "bigint",
        "actual_spend": "double",
    },
    "score_distributions": {
        "as_of_date": "date",
        "cutoff_date": "date",
        "kind": "varchar",
        "variable": "varchar",
        "bin": "bigint",
        "lower_bound": "double",
        "upper_bound": "double",
        "customers": "bigint",
    },
}


def as_table(name: str, values: Mapping[str, Any]) -> pd.DataFrame:
    """A frame with exactly the columns and types of a score table.

    ``values`` maps every column to an array of one length, or to a single value for all rows; at
    least one array must be given.
    """
    columns = TABLES[name]
    if set(values) != set(columns):
        raise ValueError(f"{name}: columns {sorted(set(values) ^ set(columns))} do not fit")
    frame = pd.DataFrame({column: values[column] for column in columns})
    return frame.astype({column: PANDAS_TYPES[kind] for column, kind in columns.items()})


def from_records(name: str, records: list[dict[str, Any]]) -> pd.DataFrame:
    """A score table from one mapping per row; empty, with its columns, if there are none."""
    columns = TABLES[name]
    if not records:
        return pd.DataFrame(
            {column: pd.Series(dtype=PANDAS_TYPES[kind]) for column, kind in columns.items()}
        )
    return as_table(name, {column: [record[column] for record in records] for column in columns})
