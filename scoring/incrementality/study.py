"""The study of incrementality: which orders would not have been without a channel's touches."""

from __future__ import annotations

import pandas as pd

from scoring.incrementality.pipeline import COLUMNS, INPUT, IncrementalitySettings, study
from scoring.incrementality.tables import TABLES
from scoring.study import Input, Study


def _told(increments: pd.DataFrame) -> pd.DataFrame:
    """All customers."""
    columns = ["channel_id", "incremental_orders", "lower", "upper", "incremental_share"]
    columns += ["half_life_days", "status", "reason"]
    return increments.loc[increments["customer_kind"] == "all", columns]


INCREMENTALITY = Study(
    name="incrementality",
    source="incrementality",
    description="Which orders would not have been without the touches of a channel.",
    input=Input(INPUT, COLUMNS),
    tables=TABLES,
    settings=IncrementalitySettings,
    run=study,
    shown={"channel_increments": _told},
    domain="channels",
)
