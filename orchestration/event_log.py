"""Dagster's SQLite event log, with connections that are kept.

A refresh writes thousands of events: three for each asset and each check. The log as it comes makes
a new SQLAlchemy engine for every one of them, compiles its statements again, and waits for the disk
at every commit, which takes longer than building the warehouse. Here engines are kept, and commits
are written ahead without waiting: a killed process loses nothing, a power cut the last moments of
the log. Files and tables are the same, so that the class can be taken out of dagster.yaml again.
The dagster.yaml of every home names this module, so that it stays where it is.
"""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster import AssetCheckEvaluation, AssetCheckKey, DagsterEventType, EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import (
    EventLogStorage,
    SqlEventLogStorage,
    SqliteEventLogStorage,
)
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData, deserialize_value
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    create_engine,
    func,
    select,
)
from sqlalchemy import (
    event as engine_event,
)

_ENDED_EARLY = (DagsterEventType.RUN_FAILURE, DagsterEventType.RUN_CANCELED)
KEPT = 8
"""Engines kept: one for the index, the others for the runs last looked at."""


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """The event log in SQLite files, one for each run and one index, with engines reused."""

    _engines: OrderedDict[str, Engine]
    _has_checks = False

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> KeptSqliteEventLogStorage:
        """Made from dagster.yaml; ``base_dir`` may be relative to DAGSTER_HOME."""
        base_dir = Path(os.environ["DAGSTER_HOME"], config_value["base_dir"])
        return cls(base_dir=str(base_dir), inst_data=inst_data)

    @property
    def supports_asset_checks(self) -> bool:
        """Whether the index has a table of checks, which is asked before each of its rows."""
        self._has_checks = self._has_checks or super().supports_asset_checks
        return self._has_checks

    def delete_events(self, run_id: str) -> None:
        """Delete a run's events with its file and its checks, which Dagster's own log leaves."""
        super().delete_events(run_id)
        with self.index_connection() as connection:
            checks = AssetCheckExecutionsTable
            connection.execute(checks.delete().where(checks.c.run_id == run_id))
        with self._db_lock:
            if engine := self._engines_kept().pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
        shard = Path(self.path_for_shard(run_id))
        for path in (shard, *shard.parent.glob(f"{shard.name}-*")):
            path.unlink(missing_ok=True)

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; a run that ends early takes back the checks that it did not come to.

        Dagster shows a check as failed whose run failed before it, whatever the check looks at.
        Taken back, it shows what it found when it last ran.
        """
        super().store_event(event)
        if event.dagster_event_type in _ENDED_EARLY:
            checks = AssetCheckExecutionsTable
            with self.index_connection() as connection:
                connection.execute(
                    checks.delete().where(checks.c.run_id == event.run_id, ~_evaluated())
                )

    def dispose(self) -> None:
        """Close the files: the last to close one puts away what was written ahead."""
        super().dispose()
        with self._db_lock:
            for engine in self._engines_kept().values():
                engine.dispose()
            self._engines_kept().clear()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engines_kept(self) -> OrderedDict[str, Engine]:
        if not hasattr(self, "_engines"):
            self._engines = OrderedDict()
        return self._engines

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines_kept():
            engine = create_engine(
                self.conn_string_for_shard(shard),
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
            engine_event.listen(engine, "connect", _write_ahead)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
            if len(self._engines) > KEPT:
                _, oldest = self._engines.popitem(last=False)
                oldest.dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]


@dataclass(frozen=True)
class Evaluated:
    """What a check found, in which run, and the place of that event in the order of all events."""

    evaluation: AssetCheckEvaluation
    run_id: str
    storage_id: int


def latest_evaluations(storage: EventLogStorage) -> dict[AssetCheckKey, Evaluated]:
    """The latest evaluation of every check.

    Dagster's own latest record is that of the run which was launched last: it may wait, or have
    ended before it came to the check, or have overtaken one that was launched before. Here events
    count in the order in which they were stored, which no clock changes.
    """
    if not isinstance(storage, SqlEventLogStorage):
        raise TypeError(f"no SQL event log: {type(storage).__name__}")
    checks = AssetCheckExecutionsTable
    latest = (
        select(func.max(checks.c.evaluation_event_storage_id))
        .where(_evaluated())
        .group_by(checks.c.asset_key, checks.c.check_name)
    )
    rows = select(
        checks.c.evaluation_event, checks.c.run_id, checks.c.evaluation_event_storage_id
    ).where(_evaluated(), checks.c.evaluation_event_storage_id.in_(latest))
    found = {}
    with storage.index_connection() as connection:
        for stored, run_id, storage_id in connection.execute(rows).tuples():
            event = deserialize_value(stored, EventLogEntry).get_dagster_event()
            evaluation = event.asset_check_evaluation_data
            found[evaluation.asset_check_key] = Evaluated(evaluation, run_id, storage_id)
    return found


def _evaluated() -> ColumnElement[bool]:
    planned = AssetCheckExecutionRecordStatus.PLANNED.value
    return AssetCheckExecutionsTable.c.execution_status != planned


def _write_ahead(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma synchronous = normal")
