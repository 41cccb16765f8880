"""Whether what is in the warehouse may be published: every blocking check, on the data as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import dagster as dg
from dagster import AssetCheckEvaluation, AssetCheckKey, AssetKey, DagsterInstance
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from serving.publish import Audit

WARNINGS = "warnings"
"""Metadata of a landing table: what was left out of its file or rounded, one a line."""
BRIEFS = "briefs"
"""Metadata of a check: what it warns of, as objects of a ``Brief``."""
FAILED_ROWS = "dagster_dbt/failed_row_count"

_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


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
    records = _latest_evaluated(instance, keys)
    materialized = _materialized_at(instance, {key.asset_key for key in keys})
    passed = warned = 0
    failed: list[str] = []
    briefs: list[Brief] = []
    for key in keys:
        evaluation, checked_at = records.get(key, (None, 0.0))
        name = f"{'.'.join(key.asset_key.path)}: {key.name}"
        if evaluation is None or checked_at < materialized.get(key.asset_key, 0.0):
            if key in blocking:
                failed.append(f"{name} has not run on the current data")
        elif evaluation.passed:
            passed += 1
        elif key in blocking and evaluation.severity == dg.AssetCheckSeverity.ERROR:
            failed.append(f"{name} failed")
        else:
            warned += 1
            briefs += _briefs(key, evaluation, (rules or {}).get(key))
    return Audit(
        passed=passed,
        warned=warned,
        failed=tuple(failed),
        warnings=tuple(brief.text for brief in sorted(briefs, key=lambda brief: brief.rank)),
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


def _briefs(key: AssetCheckKey, evaluation: AssetCheckEvaluation, rule: str | None) -> list[Brief]:
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


def _latest_evaluated(
    instance: DagsterInstance, keys: list[AssetCheckKey]
) -> dict[AssetCheckKey, tuple[AssetCheckEvaluation, float]]:
    """The latest evaluation of each check, and when it was.

    A run plans its checks when it is launched, so the latest record may be that of a run which
    waits, goes on, or ended before it came to the check: it says nothing.
    """
    storage = instance.event_log_storage
    found: dict[AssetCheckKey, AssetCheckExecutionRecord] = dict(
        storage.get_latest_asset_check_execution_by_key(keys)
    )
    for key, record in found.items():
        if record.status not in _EVALUATED:
            history = storage.get_asset_check_execution_history(key, limit=1, status=_EVALUATED)
            if history:
                found[key] = history[0]
    return {
        key: (record.evaluation, record.event.timestamp)
        for key, record in found.items()
        if record.status in _EVALUATED and record.event and record.evaluation
    }


def _materialized_at(instance: DagsterInstance, keys: set[AssetKey]) -> dict[AssetKey, float]:
    return {
        record.asset_entry.asset_key: record.asset_entry.last_materialization_record.timestamp
        for record in instance.get_asset_records(list(keys))
        if record.asset_entry.last_materialization_record is not None
    }
