"""What is kept of earlier runs: the newest ones, so that a home does not grow without bound."""

from __future__ import annotations

import shutil
from pathlib import Path

from dagster import DagsterInstance

from orchestration.event_log import KeptSqliteEventLogStorage, latest_evaluations


def forget_old_runs(instance: DagsterInstance, dagster_home: Path, keep: int) -> int:
    """Delete all but the newest ``keep`` finished runs, with their events, output and logs.

    A run that built what is in the warehouse now, or checked it, stays whatever its age, because
    publishing asks for it. Another event log than that of ``dagster.yaml`` as it is written here is
    left alone. Returns how many runs were deleted.
    """
    logs = sorted((dagster_home / "logs").glob("*.log"))
    for log in logs[: max(len(logs) - keep, 0)]:
        log.unlink(missing_ok=True)
    storage = instance.event_log_storage
    if not isinstance(storage, KeptSqliteEventLogStorage):
        return 0
    records = instance.get_asset_records(list(instance.all_asset_keys()))
    needed = {record.asset_entry.last_run_id for record in records}
    needed |= {latest.run_id for latest in latest_evaluations(storage).values()}
    finished = [run.run_id for run in instance.get_runs() if run.is_finished]
    old = [run_id for run_id in finished[keep:] if run_id not in needed]
    for run_id in old:
        instance.delete_run(run_id)
        shutil.rmtree(dagster_home / "storage" / run_id, ignore_errors=True)
    return len(old)
