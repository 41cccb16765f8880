"""Dagster's SQLite event log, with connections that are kept.

A refresh writes thousands of events: three for each asset and each check. The log as it comes makes
a new SQLAlchemy engine for every one of them, compiles its statements again, and waits for the disk
at every commit, which takes longer than building the warehouse. Here engines are kept, and commits
are written ahead without waiting: a killed process loses nothing, a power cut the last moments of
the log. Files and tables are the same, so that the class can be taken out of dagster.yaml again.
"""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event, func, select

KEPT = 8
"""Engines kept: one for the index, the others for the runs last looked at."""


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """The event log in SQLite files, one for each run and one index, with engines reused."""

    _engines: OrderedDict[str, Engine]

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> KeptSqliteEventLogStorage:
        """Made from dagster.yaml; ``base_dir`` may be relative to DAGSTER_HOME."""
        base_dir = Path(os.environ["DAGSTER_HOME"], config_value["base_dir"])
        return cls(base_dir=str(base_dir), inst_data=inst_data)

    def delete_events(self, run_id: str) -> None:
        """Delete a run's events with its file and its checks, which Dagster's own log leaves."""
        super().delete_events(run_id)
        with self.index_connection() as connection:
            checks = AssetCheckExecutionsTable
            connection.execute(checks.delete().where(checks.c.run_id == run_id))
        with self._db_lock:
            if engine := self._engines.pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
        shard = Path(self.path_for_shard(run_id))
        for path in (shard, *shard.parent.glob(f"{shard.name}-*")):
            path.unlink(missing_ok=True)

    def runs_of_latest_checks(self) -> set[str]:
        """The runs that hold the latest evaluation of a check."""
        checks = AssetCheckExecutionsTable
        latest = (
            select(func.max(checks.c.id))
            .where(checks.c.execution_status != AssetCheckExecutionRecordStatus.PLANNED.value)
            .group_by(checks.c.asset_key, checks.c.check_name)
        )
        with self.index_connection() as connection:
            rows = connection.execute(select(checks.c.run_id).where(checks.c.id.in_(latest)))
            return {row[0] for row in rows}

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if not hasattr(self, "_engines"):
            self._engines = OrderedDict()
        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
            event.listen(engine, "connect", _write_ahead)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
            if len(self._engines) > KEPT:
                _, oldest = self._engines.popitem(last=False)
                oldest.dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]


def _write_ahead(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma synchronous = normal")
