"""The study of satisfaction: what it follows from, and what follows from it."""

from __future__ import annotations

from scoring.satisfaction.pipeline import COLUMNS, INPUT, SatisfactionSettings, study
from scoring.satisfaction.tables import TABLES
from scoring.study import Input, Study

SATISFACTION = Study(
    name="satisfaction",
    source="satisfaction",
    description="What satisfaction follows from, and whether who is content comes back.",
    input=Input(INPUT, COLUMNS),
    tables=TABLES,
    settings=SatisfactionSettings,
    run=study,
    shown={"drivers": lambda drivers: drivers},
    domain="service",
)
