"""A PostgreSQL server, and the landing as its tables, for a build there.

    python -m landing.postgres data/landing [postgresql://...]

Without a URI the server is named by libpq's own variables (``PGHOST``, ``PGPASSWORD``, …). Parquet
files know their name and the place of a row in them; tables have both as columns, ``landed_batch``
and ``landed_row_number``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from landing.contract import TABLES
from landing.engine import connect, quote

LANDING = "landing"
FROM_ENVIRONMENT = "postgresql://"
"""The URI that leaves all to libpq's variables."""
_BATCH_ROWS = 100_000
_TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "INTEGER": "integer",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": "text",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


class PostgresError(RuntimeError):
    """The server refuses, and nothing changed in it."""


def load_landing(landing_dir: Path, uri: str = FROM_ENVIRONMENT) -> int:
    """Replace each table of the landing in the server; rows loaded.

    Raises ``FileNotFoundError`` if nothing has landed.
    """
    if not (landing_dir / "manifest.parquet").exists():
        raise FileNotFoundError(f"{landing_dir}: nothing has landed here")
    rows = 0
    with connect() as duck, _written(uri) as server:
        for table in TABLES:
            paths = f"{landing_dir / table.system / table.name.split('.')[-1]}/*.parquet"
            rows += _replace(
                duck,
                server,
                "select * exclude (filename, file_row_number), parse_filename(filename, true) as "
                "landed_batch, file_row_number as landed_row_number from "
                f"read_parquet({quote(paths)}, filename = true, file_row_number = true, "
                "hive_partitioning = false)",
                table.system,
                table.name.split(".")[-1],
            )
        for name in ("manifest", "batches"):
            path = landing_dir / f"{name}.parquet"
            rows += _replace(duck, server, f"from read_parquet({quote(path)})", LANDING, name)
    return rows


def load_table(
    duck: duckdb.DuckDBPyConnection, query: str, schema: str, name: str, uri: str
) -> int:
    """Replace a table in the server by the rows of a query; how many."""
    with _written(uri) as server:
        return _replace(duck, server, query, schema, name)


@contextmanager
def _written(uri: str) -> Iterator[Server]:
    """A connection of which all is kept, or nothing."""
    with connected(uri) as server:
        try:
            yield server
            server.connection.commit()
        except server.error as error:
            raise PostgresError(f"PostgreSQL keeps what it had: {message(error)}") from None


@contextmanager
def connected(uri: str | None) -> Iterator[Server]:
    """A connection to the server of a URI, or of libpq's variables. Raises ``PostgresError``."""
    try:
        # It takes time, and not every command needs it.
        import adbc_driver_postgresql.dbapi as postgres  # type: ignore[import-untyped] # noqa: PLC0415
    except ImportError as error:
        raise PostgresError(
            "the PostgreSQL driver is not installed: pip install adbc-driver-postgresql"
        ) from error
    try:
        connection = postgres.connect(uri or FROM_ENVIRONMENT)
    except postgres.Error as error:
        raise PostgresError(f"PostgreSQL cannot be reached: {message(error)}") from None
    try:
        with connection.cursor() as cursor:
            yield Server(connection, cursor, postgres.Error)
    finally:
        # What was not committed is rolled back by the server.
        connection.close()


@dataclass(frozen=True)
class Server:
    """A connection that says in one sentence what the server refuses."""

    connection: Any
    cursor: Any
    error: type[Exception]

    def execute(self, sql: str) -> None:
        """Run a statement."""
        self.cursor.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        self.cursor.execute(sql)
        found: list[tuple[Any, ...]] = self.cursor.fetchall()
        return found


def message(error: Exception) -> str:
    """The first line of what libpq says, without the statement."""
    text = str(error).split("Query was:")[0]
    text = re.sub(r"^[A-Z_]+: (\[libpq\] )?", "", text)
    text = re.sub(r"^Failed to [^:]*: |could not begin COPY: ", "", text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    detail = [line for line in lines[1:] if line.startswith(("DETAIL:", "HINT:", "Is the server"))]
    return " ".join([*lines[:1], *detail]).removeprefix("ERROR:").strip()


def column_type(column: str, kind: str) -> str:
    """The type there of a DuckDB type. Raises ``PostgresError`` if there is none."""
    if decimal := _DECIMAL.fullmatch(kind):
        return f"numeric({decimal[1]}, {decimal[2]})"
    try:
        return _TYPES[kind]
    except KeyError:
        raise PostgresError(f"{column} is {kind}, which has no type in PostgreSQL here") from None


def _replace(
    duck: duckdb.DuckDBPyConnection, server: Server, query: str, schema: str, name: str
) -> int:
    columns = duck.execute(f"describe {query}").fetchall()
    types = ", ".join(
        f'"{column}" {column_type(f"{schema}.{name}.{column}", kind)}'
        for column, kind, *_ in columns
    )
    server.execute(f"create schema if not exists {schema}")
    server.execute(f"drop table if exists {schema}.{name} cascade")
    server.execute(f"create table {schema}.{name} ({types})")
    reader = duck.execute(query).to_arrow_reader(_BATCH_ROWS)
    loaded = server.cursor.adbc_ingest(name, reader, mode="append", db_schema_name=schema)
    server.execute(f"analyze {schema}.{name}")
    return int(loaded)


if __name__ == "__main__":
    try:
        print(f"{load_landing(Path(sys.argv[1]), *sys.argv[2:3]):,} rows")
    except (FileNotFoundError, PostgresError) as error:
        sys.exit(str(error))
