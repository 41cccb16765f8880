"""Spark as the engine of the models, with the warehouse file before its tables.

What dbt builds there lies in folders below ``spark/`` of the home. Once dbt has run, the warehouse
file has a view of each, so that studies, checks and publishing read one file by one SQL, whatever
built it. What studies write are tables of that file, put down as Parquet for Spark before dbt runs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb

from landing.engine import read_parquet
from orchestration.runs.state import write_state
from orchestration.settings import DUCKDB, SPARK


class EngineError(RuntimeError):
    """The engine that was asked for cannot be had, or is not that of the home."""


@dataclass(frozen=True)
class Relation:
    """A table, and its columns with their types as far as they are declared."""

    schema: str
    name: str
    columns: Mapping[str, str]


def require_spark() -> None:
    """Raise ``EngineError`` if Spark cannot start here, saying what it lacks."""
    if find_spec("pyspark") is None or find_spec("dbt.adapters.spark") is None:
        raise EngineError(
            "the engine is spark, and pyspark and dbt-spark are not installed: make run "
            "ENGINE=spark brings them, pip install -e '.[spark]' as well"
        )
    java = os.environ.get("JAVA_HOME")
    if not shutil.which(str(Path(java) / "bin" / "java") if java else "java"):
        raise EngineError(
            "the engine is spark, and there is no java"
            + (f" in JAVA_HOME ({java})" if java else " on the PATH")
            + ": Spark needs Java 17"
        )


def refuse_other_engine(
    connection: duckdb.DuckDBPyConnection, engine: str, spark_dir: Path
) -> None:
    """Raise ``EngineError`` if another engine has built what the warehouse file has.

    The two keep the history of customers in places of their own.
    """
    tables = connection.execute(
        "select 1 from duckdb_tables() where schema_name in ('seeds', 'utilities', 'marts')"
    ).fetchall()
    views = connection.execute("select sql from duckdb_views() where not internal").fetchall()
    # A build that was stopped may have left views only, of either.
    of_spark = any(str(_tables(spark_dir)) in sql for (sql,) in views)
    built_by = DUCKDB if tables else SPARK if of_spark else engine
    if built_by != engine:
        raise EngineError(
            f"this home was built by {built_by}, and the engine is {engine}: name another home, or "
            "delete its warehouse.duckdb and spark/ to build it anew"
        )


def clear_unfinished(spark_dir: Path) -> None:
    """Remove what a killed run began to write: Spark makes no table where files lie already."""
    for folder in _tables(spark_dir).glob("*.db/*"):
        if any(folder.iterdir()) and not (folder / "_SUCCESS").exists():
            shutil.rmtree(folder)


def put_down_studies(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[tuple[str, str]], spark_dir: Path
) -> int:
    """Write what studies found where Spark reads it; rows.

    ``tables`` are schemas and names; one that does not exist yet is left out.
    """
    there = _existing(connection)
    return sum(
        write_state(
            connection,
            f"from {schema}.{name}",
            spark_dir / "studies" / schema / name / "rows.parquet",
        )
        for schema, name in tables
        if (schema, name) in there
    )


def show_tables(
    connection: duckdb.DuckDBPyConnection, built: Iterable[Relation], spark_dir: Path
) -> None:
    """Make a view of each table that Spark has; all or none.

    A table of that name gives way: of history, which was put back into a file begun anew.
    """
    there = _existing(connection)
    connection.execute("begin")
    for table in built:
        connection.execute(f"create schema if not exists {table.schema}")
        if (table.schema, table.name) in there:
            connection.execute(f"drop table {table.schema}.{table.name}")
        connection.execute(
            f"create or replace view {table.schema}.{table.name} as {_rows(table, spark_dir)}"
        )
    connection.execute("commit")


def _existing(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Schemas and names of tables, without views."""
    return set(connection.execute("select schema_name, table_name from duckdb_tables()").fetchall())


def _rows(table: Relation, spark_dir: Path) -> str:
    files = list(_files(_folder(spark_dir, table.schema, table.name)))
    if files:
        return f"from {read_parquet(*files)}"
    # Spark writes no file of a table that was only created.
    if not table.columns:
        raise EngineError(f"Spark has no file of {table.schema}.{table.name}, and it has no types")
    nothing = (f"cast(null as {kind}) as {name}" for name, kind in table.columns.items())
    return f"select {', '.join(nothing)} where false"


def _tables(spark_dir: Path) -> Path:
    """Where profiles.yml says that Spark has its tables."""
    return spark_dir / "warehouse"


def _folder(spark_dir: Path, schema: str, name: str) -> Path:
    return _tables(spark_dir) / f"{schema}.db" / name


def _files(folder: Path) -> Iterator[Path]:
    # In the order of their names: that in which the disk has them may be another one.
    return iter(sorted(folder.glob("[!_.]*.parquet")))
