"""The study of attribution: which share of orders models of the paths give to each channel."""

from __future__ import annotations

import pandas as pd

from scoring.attribution.pipeline import COLUMNS, INPUT, AttributionSettings, study
from scoring.attribution.tables import TABLES
from scoring.study import Input, Study


def _told(shares: pd.DataFrame) -> pd.DataFrame:
    """Shares of all customers."""
    columns = ["attribution_model", "channel_key", "share", "share_cv", "status", "reason"]
    return shares.loc[shares["customer_kind"] == "all", columns]


ATTRIBUTION = Study(
    name="attribution",
    source="attribution",
    description="Which share of orders models of the paths to them give to each channel.",
    input=Input(INPUT, COLUMNS),
    tables=TABLES,
    settings=AttributionSettings,
    run=study,
    shown={"attribution_shares": _told},
    domain="channels",
)
