"""What cannot be built again from the landing, kept as Parquet files beside the warehouse.

A step that has ended well writes its table down (``keep``); the next run puts it back where the
warehouse lacks it (``restore``). So the warehouse file can be deleted at any time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.landing.change import Profile
from landing.engine import connect, read_parquet
from scoring.studies import STUDIES


class StateError(RuntimeError):
    """What was kept cannot be used. Nothing was changed."""


@dataclass(frozen=True)
class Kept:
    """A table that is kept.

    Rows are one ``unit`` of it where they have the same value in that column: what the warehouse
    has of a unit is never mixed with what was kept of it. ``row`` identifies a row of a unit that
    can only grow; without one, a unit is written anew as a whole.
    """

    schema: str
    table: str
    unit: str
    row: str | None = None

    @property
    def relation(self) -> str:
        """Schema and table."""
        return f"{self.schema}.{self.table}"

    def path(self, state_dir: Path) -> Path:
        """Where it is kept."""
        return state_dir / f"{self.table}.parquet"


CUSTOMERS = Kept("snapshots", "customers_snapshot", unit="customer_id", row="dbt_scd_id")
HISTORIES = tuple(
    Kept(study.source, table.name, unit="as_of_date")
    for study in STUDIES
    for table in study.tables
    if table.history
)
EXPORTS = Kept("actions_state", "action_exports", unit="export_id")
"""Written by ``lifecycle actions export`` as a file, which the next run reads."""
KEPT = (CUSTOMERS, *HISTORIES, EXPORTS)


def keep(connection: duckdb.DuckDBPyConnection, kept: Kept, state_dir: Path) -> int:
    """Write a table down, in the place of what was kept of it; its rows.

    Raises ``StateError`` if that would lose rows of a unit that only grows.
    """
    path = kept.path(state_dir)
    if path.exists():
        _refuse_unseen(connection, kept, path)
    return write_state(connection, f"from {kept.relation}", path)


def restore(
    connection: duckdb.DuckDBPyConnection, state_dir: Path, tables: Sequence[Kept] = KEPT
) -> dict[str, int]:
    """Put back what the warehouse lacks; the rows put back, by table, where there were any.

    All tables or none. Raises ``StateError`` if a file cannot be read, or if a unit that only grows
    has rows that the warehouse never saw: then either of the two is not of this home.
    """
    put_back = {}
    connection.execute("begin")
    try:
        for kept in tables:
            if kept.path(state_dir).exists() and (rows := _restore(connection, kept, state_dir)):
                put_back[kept.relation] = rows
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
    return put_back


def write_state(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write the rows of a query; at every instant the path names one whole file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writing = path.with_name(path.name + ".writing")
    try:
        target = str(writing).replace("'", "''")
        written = connection.execute(f"copy ({query}) to '{target}' (format parquet)").fetchall()
        _sync(writing)
        writing.replace(path)
    except BaseException:
        writing.unlink(missing_ok=True)
        raise
    _sync(path.parent)
    return int(written[0][0])


def read_state(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[str]
) -> list[str]:
    """The columns of a kept file. Raises ``StateError`` if it has not all of ``columns``."""
    try:
        found = connection.execute(f"describe select * from {read_parquet(path)}").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StateError(f"{path} cannot be read: {reason}. {_WAY_OUT}") from error
    names = [str(row[0]) for row in found]
    if lacking := [column for column in columns if column not in names]:
        raise StateError(f"{path} has no column {', '.join(lacking)}. {_WAY_OUT}")
    return names


def read_profiles(state_dir: Path) -> list[Profile]:
    """What was kept of earlier landings. Raises ``StateError`` if it cannot be read."""
    path = state_dir / PROFILES
    if not path.exists():
        return []
    figures: dict[tuple[str, date, str, str], dict[str, float]] = {}
    with connect() as connection:
        read_state(connection, path, list(_PROFILE_COLUMNS))
        for *about, measure, figure in connection.execute(
            f"select {', '.join(_PROFILE_COLUMNS)} from {read_parquet(path)}"
        ).fetchall():
            figures.setdefault(tuple(about), {})[measure] = figure
    return [Profile(*about, figures=of_table) for about, of_table in figures.items()]


def write_profiles(profiles: Sequence[Profile], state_dir: Path) -> None:
    """Keep these profiles, in the place of those that were kept."""
    rows = [
        (profile.table, profile.landed_on, profile.source, profile.fingerprint, measure, figure)
        for profile in profiles
        for measure, figure in profile.figures.items()
    ]
    with connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in _PROFILE_COLUMNS.items())
        connection.execute(f"create table profiles ({columns})")
        if rows:
            connection.executemany("insert into profiles values (?, ?, ?, ?, ?, ?)", rows)
        write_state(connection, "from profiles", state_dir / PROFILES)


PROFILES = "landing_profiles.parquet"
_PROFILE_COLUMNS = {
    "table_name": "varchar",
    "landed_on": "date",
    "source": "varchar",
    "fingerprint": "varchar",
    "measure": "varchar",
    "figure": "double",
}
_WAY_OUT = (
    "It holds what cannot be built again: put a copy of it back, or move it away to begin anew."
)


def _restore(connection: duckdb.DuckDBPyConnection, kept: Kept, state_dir: Path) -> int:
    path = kept.path(state_dir)
    columns = read_state(connection, path, [kept.unit, *([kept.row] if kept.row else [])])
    source = read_parquet(path)
    existing = {
        row[0]
        for row in connection.execute(
            "select column_name from duckdb_columns() where database_name = current_database() "
            "and schema_name = ? and table_name = ?",
            [kept.schema, kept.table],
        ).fetchall()
    }
    if not existing or not _count(connection, f"from {kept.relation}"):
        connection.execute(f"create schema if not exists {kept.schema}")
        connection.execute(f"create or replace table {kept.relation} as select * from {source}")
        return _count(connection, f"from {kept.relation}")
    if kept.row:
        _refuse_unseen(connection, kept, path)
        # A unit that the warehouse no longer has was deleted from it, and stays so.
        return 0
    lacking = f"where {kept.unit} not in (select {kept.unit} from {kept.relation})"
    common = ", ".join(f'"{name}"' for name in columns if name in existing)
    rows = _count(connection, f"from {source} {lacking}")
    connection.execute(
        f"insert into {kept.relation} ({common}) select {common} from {source} {lacking}"
    )
    return rows


def _refuse_unseen(connection: duckdb.DuckDBPyConnection, kept: Kept, path: Path) -> None:
    if not kept.row:
        return
    unseen = (
        f"from {read_parquet(path)} as kept semi join {kept.relation} as held using ({kept.unit}) "
        f"where {kept.row} not in (select {kept.row} from {kept.relation})"
    )
    if rows := _count(connection, unseen):
        raise StateError(
            f"{path} has {rows:,} {'row' if rows == 1 else 'rows'} that {kept.relation} in the "
            "warehouse never saw: the warehouse was begun anew without it, or is an older "
            "copy. Delete the warehouse file to go on from what was kept, or move the kept "
            "file away to go on from the warehouse."
        )


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    ((count,),) = connection.execute(f"select count(*) {rows}").fetchall()
    return int(count)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
