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

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

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
