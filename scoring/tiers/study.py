"""The study of tiers: what each brings at its threshold."""

from __future__ import annotations

import pandas as pd

from scoring.study import Input, Study
from scoring.tiers.pipeline import INPUT, TierSettings, study
from scoring.tiers.tables import TABLES


def _told(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects on revenue."""
    columns = ["criterion", "tier", "effect", "effect_low", "effect_high", "reason"]
    return effects.loc[effects["outcome"] == "net_revenue", columns]


TIERS_STUDY = Study(
    name="tiers",
    source="tiers",
    description="What a tier brings to the members who have it.",
    input=Input(
        INPUT,
        {
            "customer_id": "varchar",
            "criterion": "varchar",
            "tier": "varchar",
            "reviewed_on": "date",
            "threshold": "double",
            "amount": "double",
            "net_revenue": "double",
            "orders": "double",
            "net_revenue_before": "double",
        },
    ),
    tables=TABLES,
    settings=TierSettings,
    run=study,
    shown={"threshold_effects": _told},
    domain="tiers",
)
