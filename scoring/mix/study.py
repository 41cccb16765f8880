"""The study of the mix: what spend brings by channel, and where the next unit should go."""

from __future__ import annotations

import pandas as pd

from scoring.mix.pipeline import study
from scoring.mix.settings import ALL, COLUMNS, INPUT, SAME_TOTAL, MixSettings
from scoring.mix.tables import TABLES
from scoring.study import Input, Study


def _same_total(mixes: pd.DataFrame) -> pd.DataFrame:
    """What to do with the same total."""
    columns = [
        *("channel_id", "action", "reason", "spend_today", "recommended_spend"),
        *("expected_gain", "gain_low", "gain_high"),
    ]
    return mixes[(mixes["scenario"] == SAME_TOTAL) & (mixes["segment"] == ALL)][columns]


MIX = Study(
    name="mix",
    source="mix",
    description="What spend brings by channel, and where the next unit of money should go.",
    input=Input(INPUT, COLUMNS),
    tables=TABLES,
    settings=MixSettings,
    run=study,
    recalls="recommendations",
    shown={
        "mixes": _same_total,
        "checks": lambda checks: checks[checks["status"].isin(["review", "fail"])],
        "next_tests": lambda tests: tests.sort_values("test_rank").head(5),
    },
    domain="channels",
)
