"""Whether what is in the warehouse may be published: every blocking check, on the data as it is."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg
from dagster import AssetCheckEvaluation, AssetCheckKey, AssetKey, DagsterInstance
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from serving.publish import Audit

_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


def audit(
    instance: DagsterInstance, checks: Iterable[AssetCheckKey], blocking: set[AssetCheckKey]
) -> Audit:
    """The latest evaluation of each check, as far as it saw the asset's latest materialization.

    A blocking check that failed, or that has not run since its asset was last materialized, is
    named in ``failed``; so publishing alone, from any launcher, cannot pass over one.
    """
    keys = list(checks)
    records = _latest_evaluated(instance, keys)
    materialized = _materialized_at(instance, {key.asset_key for key in keys})
    passed = warned = 0
    failed: list[str] = []
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
    return Audit(passed=passed, warned=warned, failed=tuple(failed))


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
