"""The study of segments: who shops alike, and whether they still do."""

from __future__ import annotations

import pandas as pd

from scoring.segments.pipeline import COLUMNS, INPUT, SegmentSettings, segment
from scoring.segments.tables import TABLES
from scoring.study import Input, Study


def _sizes(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers by segment, or by why they have none."""
    who = customers["segment"].fillna(customers["reason"])
    return who.value_counts().rename_axis("segment").rename("customers").reset_index()


SEGMENTS = Study(
    name="segments",
    source="segments",
    description="Which customers shop alike, and whether their segments hold.",
    input=Input(INPUT, COLUMNS),
    tables=TABLES,
    settings=SegmentSettings,
    run=segment,
    recalls="segment_centres",
    shown={"customer_clusters": _sizes, "segment_clusters": lambda clusters: clusters},
    domain="segments",
)
