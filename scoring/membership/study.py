"""The study of membership: what joining brought."""

from __future__ import annotations

import pandas as pd

from scoring.membership.pipeline import INPUT, MembershipSettings, study
from scoring.membership.tables import TABLES
from scoring.study import Input, Study


def _told(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects on revenue, by month."""
    columns = ["term", "months_from_joining", "estimate", "interval_low", "interval_high", "reason"]
    return effects.loc[effects["outcome"] == "net_revenue", columns]


MEMBERSHIP = Study(
    name="membership",
    source="membership",
    description="What joining the loyalty programme brought.",
    input=Input(
        INPUT,
        {
            "customer_id": "varchar",
            "month_number": "bigint",
            "joined_number": "bigint",
            "net_revenue": "double",
            "orders": "double",
        },
    ),
    tables=TABLES,
    settings=MembershipSettings,
    run=study,
    shown={"join_effects": _told},
    domain="tiers",
)
