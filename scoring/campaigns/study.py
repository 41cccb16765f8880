"""The study of campaigns: what each changed, by whatever comparison its data allow."""

from __future__ import annotations

import pandas as pd

from scoring.campaigns.pipeline import INPUT, CampaignSettings, study
from scoring.campaigns.tables import TABLES
from scoring.study import Input, Study


def _effects(estimates: pd.DataFrame) -> pd.DataFrame:
    """Effects on revenue of whole campaigns."""
    columns = ["campaign_id", "arm", "estimator", "effect", "interval_low", "interval_high"]
    whole = (estimates["segment_kind"] == "all") & (estimates["outcome"] == "revenue")
    return estimates.loc[whole, [*columns, "placebo_effect"]].head(40)


CAMPAIGNS_STUDY = Study(
    name="campaigns",
    source="campaigns",
    description="What campaigns changed, by several estimators.",
    input=Input(
        INPUT,
        {
            "kind": "varchar",
            "campaign_id": "varchar",
            "arm": "varchar",
            "segment_kind": "varchar",
            "segment": "varchar",
            "outcome": "varchar",
            "placebo_shift": "bigint",
            "is_treated": "boolean",
            "unit": "varchar",
            "period": "bigint",
            "cohort": "bigint",
            "customers": "double",
            "sum_y": "double",
            "sum_yy": "double",
            "sum_x": "double",
            "sum_xx": "double",
            "sum_xy": "double",
        },
    ),
    tables=TABLES,
    settings=CampaignSettings,
    run=study,
    shown={"estimates": _effects},
    domain="campaigns",
)
