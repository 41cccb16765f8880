"""The study of points: how much of what is earned will be redeemed."""

from __future__ import annotations

import pandas as pd

from scoring.points.pipeline import COLUMNS, INPUT, PointsSettings, study
from scoring.points.tables import TABLES
from scoring.study import Input, Study


def _rates(rates: pd.DataFrame) -> pd.DataFrame:
    """The last two years, the newest first."""
    columns = ["evaluated_month", "redemption_rate", "redemption_rate_low", "redemption_rate_high"]
    return rates.sort_values("evaluated_month", ascending=False)[[*columns, "reason"]].head(24)


POINTS = Study(
    name="points",
    source="points",
    description="How much of the points earned will be redeemed in the end.",
    input=Input(INPUT, COLUMNS),
    tables=TABLES,
    settings=PointsSettings,
    run=study,
    shown={"rates": _rates},
    domain="points",
)
