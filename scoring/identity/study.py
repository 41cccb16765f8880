"""The study of identity: which customers are one person, and which live together."""

from __future__ import annotations

import pandas as pd

from scoring.identity.pipeline import COLUMNS, INPUT, IdentitySettings, study
from scoring.identity.tables import TABLES
from scoring.study import Input, Study


def _sizes(clusters: pd.DataFrame) -> pd.DataFrame:
    """How many clusters have how many customers."""
    each = clusters.drop_duplicates(["relation", "cluster_id"])
    return each.groupby(["relation", "customers"], as_index=False).size()


IDENTITY = Study(
    name="identity",
    source="identity",
    description="Which customers are one person, and which live in one household.",
    input=Input(INPUT, COLUMNS),
    tables=TABLES,
    settings=IdentitySettings,
    run=study,
    shown={"clusters": _sizes},
    domain="identity",
)
