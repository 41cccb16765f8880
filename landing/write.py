"""Writes landing tables: all of them or none, typed as the contract says, unchanged ones skipped.

A landing directory holds ``<system>/<table>.parquet`` for every table of the contract (empty, with
its columns, where the source has none) and ``manifest.parquet``: one row per table with
``table_name`` (``system.table``), ``row_count``, ``source`` (connector and what it read),
``landed_on`` (the day the data was complete), ``fingerprint``, ``time_zones_ahead`` and
``currency``.

Tables are written to a directory beside the landing, which then takes its place by a rename.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from landing.contract import ORDERS, STORES, TABLES, Table
from landing.engine import connect

MANIFEST_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("table_name", "varchar", "Landing table, as system.table."),
    ("row_count", "bigint", "Rows landed."),
    ("source", "varchar", "Connector and what it read, or 'none' where the source has no rows."),
    ("landed_on", "date", "Day of landing: orders dated after it are in the future."),
    (
        "fingerprint",
        "varchar",
        "Hash of the source's contents, the connector and the table's contract; equal fingerprints "
        "mean equal rows.",
    ),
    (
        "time_zones_ahead",
        "varchar",
        "The stores' time zones in which the next day begins before the day of landing has ended "
        "for the retailer, each between commas: orders dated that next day are not in the future.",
    ),
    ("currency", "varchar", "Currency of all amounts, by the settings or the orders; may be null."),
)

PARQUET_OPTIONS = "format parquet, compression zstd, compression_level 1"

Writer = Callable[[duckdb.DuckDBPyConnection, Path], None]


@dataclass(frozen=True)
class Extract:
    """How one table is written.

    ``write`` is either SQL that yields columns of the contract by name (in any order, optional
    ones may be absent) or a function that writes the Parquet file itself; None writes an empty
    table. ``fingerprint`` identifies everything the rows depend on; ``source_bytes`` lets large
    tables start first.
    """

    table: Table
    source: str
    fingerprint: str
    write: str | Writer | None = None
    source_bytes: int = 0
    warnings: tuple[str, ...] = ()


class ManifestRow(NamedTuple):
    """One row of the manifest; the columns are those of ``MANIFEST_COLUMNS``."""

    table_name: str
    row_count: int
    source: str
    landed_on: date
    fingerprint: str
    time_zones_ahead: str | None = None
    currency: str | None = None


class CurrencyError(ValueError):
    """The amounts are not of one currency, or not of the one that the settings state."""


@dataclass(frozen=True)
class LandedTable:
    """What became of one table: its rows, seconds taken, and whether it was already there."""

    table_name: str
    rows: int
    seconds: float
    unchanged: bool
    source: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LandingResult:
    """What became of a landing: its tables in the order of the contract, and seconds in all.

    ``warnings`` are those that belong to no single table.
    """

    tables: tuple[LandedTable, ...]
    landed_on: date
    seconds: float
    warnings: tuple[str, ...] = ()

    @property
    def unchanged(self) -> bool:
        """True if every table was already there, so that nothing was written."""
        return all(table.unchanged for table in self.tables)


OnTable = Callable[[LandedTable], None]


def table_path(landing_dir: Path, table: Table) -> Path:
    """Where the table lies within a landing directory."""
    return landing_dir / table.system / f"{table.name}.parquet"


def manifest_path(landing_dir: Path) -> Path:
    """Where the manifest lies within a landing directory."""
    return landing_dir / "manifest.parquet"


def quote(value: object) -> str:
    """A SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def read_parquet(*paths: Path) -> str:
    """SQL that reads Parquet files one after the other.

    A ``key=value`` in a path is part of its name, not a column that overrides the file's own.
    """
    files = ", ".join(quote(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


def source_of(landing_dir: Path) -> str | None:
    """The connectors that the landing is from, such as ``files``; None where nothing has landed."""
    path = manifest_path(landing_dir)
    if not path.exists():
        return None
    with connect() as connection:
        found = connection.execute(
            "select distinct split_part(source, ':', 1) as connector "
            f"from {read_parquet(path)} where source <> 'none' order by connector"
        ).fetchall()
    return ", ".join(connector for (connector,) in found) or None


def digest(*parts: object) -> str:
    """A hash (sha256, hex) over the parts; the contents of a part that is a path."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            with part.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        else:
            total.update(hashlib.sha256(repr(part).encode()).digest())
    return total.hexdigest()


def write_landing(
    landing_dir: Path,
    extracts: Iterable[Extract],
    *,
    landed_on: date,
    time_zone: str | None = None,
    currency: str | None = None,
    force: bool = False,
    on_table: OnTable | None = None,
    warnings: tuple[str, ...] = (),
    threads: int | None = None,
) -> LandingResult:
    """Write a complete landing; tables without an extract become empty ones.

    A table whose fingerprint equals the landed one is taken over as it is, unless ``force``. Until
    everything is written, ``landing_dir`` stays as it was; whatever a killed run left behind is
    cleared away. ``on_table`` is called after each table, in the order in which they finish.
    ``threads`` are DuckDB's for one query (default: one per core); two tables are written at once.
    ``landed_on`` is a day in ``time_zone`` (default: the machine's). ``currency`` is the one that
    the orders are in (default: the one that they name).

    Raises ``duckdb.Error`` if a query fails, ``TypeError`` if a written file does not have the
    contract's columns and ``CurrencyError`` if the orders have another currency or several; the
    landing is then as it was.
    """
    started = time.perf_counter()
    recover(landing_dir)
    by_table = {extract.table.qualified_name: extract for extract in extracts}
    planned = [by_table.get(table.qualified_name) or _nothing(table) for table in TABLES]
    incoming = _beside(landing_dir, "incoming")
    incoming.mkdir(parents=True)
    try:
        with connect() as connection:
            if threads is not None:
                connection.execute(f"set threads = {threads}")
            landed = {} if force else read_manifest(connection, landing_dir)
            results = _land_tables(
                connection, planned, landing_dir, incoming, landed=landed, on_table=on_table
            )
            ahead = _time_zones_ahead(connection, incoming, landed_on, time_zone)
            currency = _one_currency(connection, incoming, currency)
            manifest = [
                ManifestRow(
                    r.table_name, r.rows, r.source, landed_on, extract.fingerprint, ahead, currency
                )
                for r, extract in zip(results, planned, strict=True)
            ]
            _write_manifest(connection, manifest, manifest_path(incoming))
        if manifest != list(landed.values()) or not all(table.unchanged for table in results):
            _swap(incoming, landing_dir)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return LandingResult(tuple(results), landed_on, time.perf_counter() - started, warnings)


def recover(landing_dir: Path) -> None:
    """Clear away what a killed run left beside the landing.

    A run killed between the two renames of the swap leaves the complete previous landing under
    its other name; it is put back.
    """
    previous = _beside(landing_dir, "previous")
    if previous.exists() and not landing_dir.exists():
        previous.rename(landing_dir)
    shutil.rmtree(previous, ignore_errors=True)
    shutil.rmtree(_beside(landing_dir, "incoming"), ignore_errors=True)


def read_manifest(
    connection: duckdb.DuckDBPyConnection, landing_dir: Path
) -> dict[str, ManifestRow]:
    """The rows of the manifest by table name; empty if this release has landed nothing yet."""
    path = manifest_path(landing_dir)
    if not path.is_file():
        return {}
    names = ", ".join(name for name, _, _ in MANIFEST_COLUMNS)
    try:
        rows = connection.execute(f"select {names} from {read_parquet(path)}").fetchall()
    except duckdb.BinderException:  # an earlier release's, without some of the columns
        return {}
    return {row[0]: ManifestRow(*row) for row in rows}


def _land_tables(
    connection: duckdb.DuckDBPyConnection,
    planned: Sequence[Extract],
    landing_dir: Path,
    incoming: Path,
    *,
    landed: dict[str, ManifestRow],
    on_table: OnTable | None,
) -> list[LandedTable]:
    """Write every table, the largest first and two at a time; results in the order given."""
    by_size = sorted(planned, key=lambda extract: -extract.source_bytes)
    finished: dict[str, LandedTable] = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        pending = [
            pool.submit(_land_table, connection.cursor(), extract, landing_dir, incoming, landed)
            for extract in by_size
        ]
        for job in as_completed(pending):
            result = job.result()
            finished[result.table_name] = result
            if on_table is not None:
                on_table(result)
    return [finished[extract.table.qualified_name] for extract in planned]


def _land_table(
    connection: duckdb.DuckDBPyConnection,
    extract: Extract,
    landing_dir: Path,
    incoming: Path,
    landed: dict[str, ManifestRow],
) -> LandedTable:
    started = time.perf_counter()
    table = extract.table
    current, path = table_path(landing_dir, table), table_path(incoming, table)
    path.parent.mkdir(exist_ok=True)
    row = landed.get(table.qualified_name)
    unchanged = (
        row is not None
        and row.fingerprint == extract.fingerprint
        and _rows(connection, current) == row.row_count
    )
    if unchanged:
        _take_over(current, path)
    elif callable(extract.write):
        extract.write(connection, path)
    else:
        query = _typed(connection, table, extract.write) if extract.write else _empty(table)
        connection.execute(f"copy ({query}) to {quote(path)} ({PARQUET_OPTIONS})")
    rows = _rows(connection, path)
    assert rows is not None
    if not unchanged:
        _check_columns(connection, table, path)
    seconds = time.perf_counter() - started
    return LandedTable(
        table.qualified_name, rows, seconds, unchanged, extract.source, extract.warnings
    )


def _time_zones_ahead(
    connection: duckdb.DuckDBPyConnection, landing_dir: Path, landed_on: date, time_zone: str | None
) -> str | None:
    """The stores' time zones in which the day of landing ends earlier than for the retailer."""
    path = quote(table_path(landing_dir, STORES))
    zones = connection.execute(
        f"select distinct time_zone from read_parquet({path}) where time_zone is not null "
        "order by time_zone"
    ).fetchall()
    end = datetime.combine(landed_on, clock(23, 59, 59))
    # A time without a zone is the machine's.
    end = end.replace(tzinfo=ZoneInfo(time_zone)) if time_zone else end.astimezone()
    ahead = [zone for (zone,) in zones if _local_day(end, zone) > landed_on]
    return f",{','.join(ahead)}," if ahead else None


def _local_day(moment: datetime, time_zone: str) -> date:
    try:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):  # expectations tell of unknown zones
        return moment.date()


def _one_currency(
    connection: duckdb.DuckDBPyConnection, landing_dir: Path, stated: str | None
) -> str | None:
    """The currency that all orders are in: the one stated, or the only one that they name."""
    path = quote(table_path(landing_dir, ORDERS))
    found = connection.execute(
        f"select upper(trim(currency)) as currency, count(*) from read_parquet({path}) "
        "where currency is not null group by 1 order by 2 desc, 1"
    ).fetchall()
    names = [name for name, _ in found]
    if len(names) > 1 or (stated and names not in ([], [stated])):
        counts = ", ".join(f"{name} in {orders:,} orders" for name, orders in found)
        one = f"{stated}, as the settings state" if stated else "one currency"
        raise CurrencyError(
            f"{ORDERS.qualified_name}.currency: expected {one}, found {counts}. Amounts of several "
            "currencies cannot be added up: land one currency, or convert the amounts and say so "
            "in the column"
        )
    return stated or (names[0] if names else None)


def _typed(connection: duckdb.DuckDBPyConnection, table: Table, query: str) -> str:
    """The query with the contract's columns, order and types; absent columns are null."""
    found = {row[0] for row in connection.execute(f"describe {query}").fetchall()}
    if unknown := found - set(table.column_names):
        raise TypeError(f"{table.qualified_name} has no column {', '.join(sorted(unknown))}")
    columns = ", ".join(
        f"cast({c.name if c.name in found else 'null'} as {c.sql_type}) as {c.name}"
        for c in table.columns
    )
    return f"with extract as ({query}) select {columns} from extract"


def _empty(table: Table) -> str:
    columns = ", ".join(f"cast(null as {c.sql_type}) as {c.name}" for c in table.columns)
    return f"select {columns} where false"


def _nothing(table: Table) -> Extract:
    return Extract(table, source="none", fingerprint=digest("none", table))


def _rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
    """Rows by the file's footer; None if there is no such file or it is no Parquet file."""
    try:
        row = connection.execute(
            f"select num_rows from parquet_file_metadata({quote(path)})"
        ).fetchone()
    except duckdb.Error:
        return None
    return None if row is None else int(row[0])


def _check_columns(connection: duckdb.DuckDBPyConnection, table: Table, path: Path) -> None:
    described = connection.execute(f"describe from {read_parquet(path)}").fetchall()
    found = [(name, str(sql_type).lower()) for name, sql_type, *_ in described]
    expected = [(column.name, column.sql_type) for column in table.columns]
    if found != expected:
        raise TypeError(f"{table.qualified_name} was written as {found}, not as {expected}")


def _take_over(current: Path, path: Path) -> None:
    try:
        os.link(current, path)
    except OSError:  # a file system without hard links
        shutil.copyfile(current, path)


def _write_manifest(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[ManifestRow], path: Path
) -> None:
    columns = ", ".join(f"{name} {sql_type}" for name, sql_type, _ in MANIFEST_COLUMNS)
    connection.execute(f"create table manifest ({columns})")
    places = ", ".join("?" for _ in MANIFEST_COLUMNS)
    connection.executemany(f"insert into manifest values ({places})", rows)
    connection.execute(f"copy manifest to {quote(path)} ({PARQUET_OPTIONS})")


def _swap(incoming: Path, landing_dir: Path) -> None:
    previous = _beside(landing_dir, "previous")
    if landing_dir.exists():
        landing_dir.rename(previous)
    incoming.rename(landing_dir)
    shutil.rmtree(previous, ignore_errors=True)


def _beside(landing_dir: Path, purpose: str) -> Path:
    return landing_dir.parent / f".{landing_dir.name}.{purpose}"
