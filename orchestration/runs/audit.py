"""Whether what is in the warehouse may be published: every blocking check, on the data as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import dagster as dg
from dagster import AssetCheckEvaluation, AssetCheckKey, AssetKey, DagsterInstance

from orchestration.event_log import latest_evaluations
from serving.publish import Audit

WARNINGS = "warnings"
"""Metadata of a landing table: what was left out of its file or rounded, one a line."""
BRIEFS = "briefs"
"""Metadata of a check: what it warns of, as objects of a ``Brief``."""
FAILED_ROWS = "dagster_dbt/failed_row_count"


@dataclass(frozen=True)
class Brief:
    """What a check warns of in one line, and how much of the data it is about."""

    text: str
    money: Decimal = Decimal(0)
    share: float = 0.0

    def as_json(self) -> dict[str, object]:
        """The object that is kept in the metadata of a check."""
        return {"text": self.text, "money": str(self.money), "share": self.share}

    @property
    def rank(self) -> tuple[Decimal, float]:
        """Lower for what matters more: the money first, then the share of the rows."""
        return (-abs(self.money), -self.share)


def audit(
    instance: DagsterInstance,
    checks: Iterable[AssetCheckKey],
    blocking: set[AssetCheckKey],
    rules: Mapping[AssetCheckKey, str | None] | None = None,
) -> Audit:
    """The latest evaluation of each check, as far as it saw the asset's latest materialization.

    A blocking check that failed, or that has not run since its asset was last materialized, is
    named in ``failed``; so publishing alone, from any launcher, cannot pass over one. ``rules`` are
    what checks without words of their own look at.
    """
    keys = list(checks)
    latest = latest_evaluations(instance.event_log_storage)
    materialized = _materialized_at(instance, {key.asset_key for key in keys})
    passed = warned = 0
    failed: list[str] = []
    told: list[Brief] = []
    for key in keys:
        found = latest.get(key)
        name = f"{'.'.join(key.asset_key.path)}: {key.name}"
        if found is None or found.storage_id < materialized.get(key.asset_key, 0):
            if key in blocking:
                failed.append(f"{name} has not run on the current data")
        elif found.evaluation.passed:
            passed += 1
        elif key in blocking and found.evaluation.severity == dg.AssetCheckSeverity.ERROR:
            failed.append(f"{name} failed")
        else:
            warned += 1
            told += briefs(key, found.evaluation, (rules or {}).get(key))
    return Audit(
        passed=passed,
        warned=warned,
        failed=tuple(failed),
        warnings=tuple(brief.text for brief in sorted(told, key=lambda brief: brief.rank)),
    )


def landing_warnings(instance: DagsterInstance, tables: Sequence[AssetKey]) -> list[str]:
    """What landing left out or rounded when it last ran."""
    return [
        line
        for record in instance.get_asset_records(tables)
        if (event := record.asset_entry.last_materialization) and event.asset_materialization
        if (told := event.asset_materialization.metadata.get(WARNINGS))
        for line in str(told.value).splitlines()
    ]


def briefs(key: AssetCheckKey, evaluation: AssetCheckEvaluation, rule: str | None) -> list[Brief]:
    """What a failed check warns of; ``rule`` is what one without words of its own looks at."""
    kept = evaluation.metadata.get(BRIEFS)
    if kept is not None and isinstance(kept.value, list):
        return [
            Brief(str(brief["text"]), Decimal(brief["money"]), brief["share"])
            for brief in kept.value
        ]
    # A dbt test says how many rows failed.
    rows = evaluation.metadata.get(FAILED_ROWS)
    broken = "the rule is broken"
    if rows is not None:
        broken = f"{rows.value:,} {'row breaks' if rows.value == 1 else 'rows break'} the rule"
    rule = rule or key.name.replace("_", " ")
    return [Brief(f"{'.'.join(key.asset_key.path)}: {broken} that {rule}")]


def _materialized_at(instance: DagsterInstance, keys: set[AssetKey]) -> dict[AssetKey, int]:
    """The place of each asset's latest materialization in the order of all events."""
    return {
        record.asset_entry.asset_key: record.asset_entry.last_materialization_record.storage_id
        for record in instance.get_asset_records(list(keys))
        if record.asset_entry.last_materialization_record is not None
    }
