"""The study of customers: value, churn and the next purchase of each, and how well all was told."""

from __future__ import annotations

import pandas as pd

from scoring.customers.pipeline import AMOUNT, INPUT, ScoringSettings, score
from scoring.customers.tables import TABLES
from scoring.study import Input, Study


def _statuses(scores: pd.DataFrame) -> pd.DataFrame:
    """Customers by status."""
    return scores.groupby("score_status").size().rename("customers").reset_index()


def _champions(runs: pd.DataFrame) -> pd.DataFrame:
    """Who was chosen, and why."""
    columns = ["horizon_days", "task", "model", "reason"]
    return runs.loc[runs["is_champion"].fillna(False), columns]


def _judged(backtests: pd.DataFrame) -> pd.DataFrame:
    """How champions did on the past, of all customers."""
    of_champions = backtests["is_champion"].fillna(False) & (backtests["slice"] == "all")
    columns = ["cutoff_date", "horizon_days", "task", "model", "metric", "value", "customers"]
    return backtests.loc[of_champions & backtests["value"].notna(), columns]


CUSTOMERS = Study(
    name="customers",
    source="scores",
    description="What the models expect of each customer, and how well they did on the past.",
    input=Input(
        INPUT,
        {"customer_id": "varchar", "purchase_date": "date", AMOUNT: "double"},
        # Without a return a version says nothing that the day does not.
        {"valid_from <> purchase_date or valid_until is not null": ("valid_from", "valid_until")},
    ),
    tables=TABLES,
    settings=ScoringSettings,
    run=score,
    shown={
        "customer_scores": _statuses,
        "model_runs": _champions,
        "model_backtests": _judged,
    },
)
