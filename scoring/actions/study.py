"""The study of actions: what they add, and to whom most."""

from __future__ import annotations

import pandas as pd

from scoring.actions.pipeline import INPUT, ActionSettings, study
from scoring.actions.tables import TABLES
from scoring.study import Input, Study


def _effects(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects on contribution."""
    columns = ["action", "outcome", "effect", "interval_low", "interval_high", "reason"]
    return effects.loc[:, columns].head(40)


def _uplifts(uplifts: pd.DataFrame) -> pd.DataFrame:
    """Means of actions: whom each is about is nobody's to see."""
    return uplifts.groupby("action")["uplift"].mean().reset_index()


ACTIONS_STUDY = Study(
    name="actions",
    source="actions",
    description="What actions add, to whom most, and what ranking customers by it is worth.",
    input=Input(
        INPUT,
        {
            "kind": "varchar",
            "decision_id": "varchar",
            "action": "varchar",
            "customer_id": "varchar",
            "is_treated": "boolean",
            "is_taken": "boolean",
            "control_share": "double",
            "cost": "double",
            "orders_y": "double",
            "orders_x": "double",
            "revenue_y": "double",
            "revenue_x": "double",
            "contribution_y": "double",
            "contribution_x": "double",
            "purchase_days": "double",
            "revenue_a_purchase": "double",
            "silence_days": "double",
            "gap_days": "double",
        },
    ),
    tables=TABLES,
    settings=ActionSettings,
    run=study,
    shown={"effects": _effects, "uplifts": _uplifts},
    domain="actions",
)
