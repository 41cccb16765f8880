"""The landing as tables of a PostgreSQL server, for a build there.

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
from pathlib import Path
from typing import Any

import duckdb

from landing.contract import TABLES
from landing.engine import connect, quote

LANDING = "landing"
FROM_ENVIRONMENT = "postgresql://"
"""The URI that leaves all to libpq's variables."""
_BATCH_ROWS = 100_000
_TYPES = {"DOUBLE": "double precision"}


def load_landing(landing_dir: Path, uri: str = FROM_ENVIRONMENT) -> int:
    """Replace each table of the landing in the server; rows loaded.

    Raises ``FileNotFoundError`` if nothing has landed.
    """
    if not (landing_dir / "manifest.parquet").exists():
        raise FileNotFoundError(f"{landing_dir}: nothing has landed here")
    rows = 0
    with connect() as duck, _cursor(uri) as cursor:
        for table in TABLES:
            paths = f"{landing_dir / table.system / table.name.split('.')[-1]}/*.parquet"
            rows += _replace(
                duck,
                cursor,
                "select * exclude (filename, file_row_number), parse_filename(filename, true) as "
                "landed_batch, file_row_number as landed_row_number from "
                f"read_parquet({quote(paths)}, filename = true, file_row_number = true, "
                "hive_partitioning = false)",
                table.system,
                table.name.split(".")[-1],
            )
        for name in ("manifest", "batches"):
            path = landing_dir / f"{name}.parquet"
            rows += _replace(duck, cursor, f"from read_parquet({quote(path)})", LANDING, name)
    return rows


def load_table(
    duck: duckdb.DuckDBPyConnection, query: str, schema: str, name: str, uri: str
) -> int:
    """Replace a table in the server by the rows of a query; how many."""
    with _cursor(uri) as cursor:
        return _replace(duck, cursor, query, schema, name)


@contextmanager
def _cursor(uri: str) -> Iterator[Any]:
    import adbc_driver_postgresql.dbapi as postgres  # type: ignore[import-untyped] # noqa: PLC0415

    with postgres.connect(uri) as server, server.cursor() as cursor:
        yield cursor
        server.commit()


def _replace(
    duck: duckdb.DuckDBPyConnection, cursor: Any, query: str, schema: str, name: str
) -> int:
    columns = duck.execute(f"describe {query}").fetchall()
    types = ", ".join(f'"{column}" {_type(kind)}' for column, kind, *_ in columns)
    cursor.execute(f"create schema if not exists {schema}")
    cursor.execute(f"drop table if exists {schema}.{name} cascade")
    cursor.execute(f"create table {schema}.{name} ({types})")
    reader = duck.execute(query).to_arrow_reader(_BATCH_ROWS)
    loaded = cursor.adbc_ingest(name, reader, mode="append", db_schema_name=schema)
    cursor.execute(f"analyze {schema}.{name}")
    return int(loaded)


def _type(kind: str) -> str:
    return _TYPES.get(kind, re.sub("^DECIMAL", "numeric", kind))


if __name__ == "__main__":
    print(f"{load_landing(Path(sys.argv[1]), *sys.argv[2:3]):,} rows")
