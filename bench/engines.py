"""All models on another engine, and whether each mart has the same rows there.

    python bench/engines.py HOME [--engine postgres | spark] [--adapter FOLDER]

``HOME`` is that of a finished run. On a PostgreSQL server of its own ``dbt build`` makes all models
from its landing and from what its studies found; on Spark a whole run does, studies included, from
its landing, in ``on_spark`` of the home. Every published mart is compared: keys, words, days and
money as they are, other numbers to 1e-9. ``FOLDER`` has dbt's adapter, if it is not installed
(``make engines`` puts it there). Ends with 1 if one differs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa
from postgres_server import Server, programs, serve

from landing.postgres import load_landing, load_table
from orchestration.runs.state import CUSTOMERS

PROJECT = Path(__file__).resolve().parent.parent
NEAR = 1e-9
"""Of two numbers, relative to the larger one, or as they are where both are small."""
OF_THE_RUN = {"publish_log", "restatements"}
"""Marts of one publish, which no build makes."""


@dataclass(frozen=True)
class Compared:
    """A mart on both engines: its rows, those that the other lacks, and numbers that are off."""

    mart: str
    rows: int
    others: int
    lacking: int
    far: int
    example: str

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return self.rows == self.others and not self.lacking and not self.far


class Engine(Protocol):
    """Where dbt builds."""

    def build(self, home: Path, adapter: Path | None) -> str:
        """Make all models from what landed in a home; what there is to tell of it.

        Exits with the output of dbt or of the run if that fails.
        """
        ...

    def read(self, mart: str) -> pa.Table:
        """The rows of a mart."""
        ...


def main() -> int:
    """Build, compare, and print a row for each mart that differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--engine", choices=ENGINES, default="postgres")
    parser.add_argument("--adapter", type=Path)
    given = parser.parse_args()
    home = given.home.absolute()
    with ENGINES[given.engine](home) as engine:
        started = time.perf_counter()
        said = engine.build(home, given.adapter)
        print(f"{said}  {time.perf_counter() - started:.1f} s", flush=True)
        found = list(_compare(engine, home))
    for one in found:
        if not one.is_equal:
            print(
                f"{one.mart:36} {one.rows:>9,} rows, {one.others:>9,} there; {one.lacking:,} rows "
                f"and {one.far:,} numbers differ  {one.example}"
            )
    equal = [one for one in found if one.is_equal]
    print(f"{len(equal)} of {len(found)} marts are equal, {sum(one.rows for one in equal):,} rows")
    return int(len(equal) < len(found))


@dataclass(frozen=True)
class Postgres:
    """A server of its own."""

    server: Server

    def build(self, home: Path, adapter: Path | None) -> str:
        """Copy landing and studies into the server, and let dbt build."""
        rows = load_landing(home / "landing", self.uri)
        with duckdb.connect(home / "warehouse.duckdb", read_only=True) as warehouse:
            for schema, name in _study_tables(home):
                query = f"from {schema}.{name}"
                rows += load_table(warehouse, query, schema, name, self.uri)
        artifacts = home / "dbt_postgres"
        output = _run(
            adapter,
            *("dbt", "build", "--target", "postgres", "--exclude-resource-type", "test"),
            *("--exclude-resource-type", "unit_test"),
            *("--target-path", str(artifacts), "--log-path", str(artifacts)),
            **self.server.environment(PGDATABASE="lifecycle"),
            LIFECYCLE_HOME=str(home),
        )
        said = next(line for line in reversed(output.splitlines()) if "PASS=" in line)
        return f"{rows:,} rows loaded; {said[said.index('PASS=') :]}"

    def read(self, mart: str) -> pa.Table:
        """The rows of a mart."""
        import adbc_driver_postgresql.dbapi as postgres  # noqa: PLC0415

        with postgres.connect(self.uri) as there, there.cursor() as cursor:
            cursor.execute(f"select * from marts.{mart}")
            return cursor.fetch_arrow_table()

    @property
    def uri(self) -> str:
        """Of the database."""
        server = self.server
        return f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/lifecycle"


@contextmanager
def _postgres(_: Path) -> Iterator[Postgres]:
    bin_dir = programs()
    if bin_dir is None:
        sys.exit("PostgreSQL is not installed here")
    with serve(bin_dir) as server:
        server.psql("create database lifecycle")
        yield Postgres(server)


@dataclass(frozen=True)
class Spark:
    """A run on Spark in a home of its own."""

    home: Path

    def build(self, home: Path, adapter: Path | None) -> str:
        """Run all but the landing, from the same files."""
        shutil.copytree(home / "landing", self.home / "landing", copy_function=os.link)
        # As in a home without tables, the history of customers begins from what was kept.
        history = CUSTOMERS.path(self.home / "state")
        history.parent.mkdir()
        shutil.copyfile(CUSTOMERS.path(home / "state"), history)
        output = _run(
            adapter,
            *("lifecycle", "--home", str(self.home), "run", "--skip-landing"),
            LIFECYCLE_ENGINE="spark",
        )
        return next(line for line in output.splitlines() if line.startswith("publish "))

    def read(self, mart: str) -> pa.Table:
        """The rows of a mart."""
        published = self.home / "published" / "customer_lifecycle.duckdb"
        with duckdb.connect(published, read_only=True) as connection:
            return connection.execute(f"from marts.{mart}").to_arrow_table()


@contextmanager
def _spark(home: Path) -> Iterator[Spark]:
    own = home / "on_spark"
    shutil.rmtree(own, ignore_errors=True)
    yield Spark(own)


ENGINES: Mapping[str, Callable[[Path], AbstractContextManager[Engine]]] = {
    "postgres": _postgres,
    "spark": _spark,
}


def _study_tables(home: Path) -> Iterator[tuple[str, str]]:
    """Schema and name of what no model makes, and no landing has."""
    manifest = json.loads((home / "dbt" / "manifest.json").read_text())
    for source in manifest["sources"].values():
        meta = source["source_meta"] | source["config"].get("meta", {})
        if "study" in meta or "is_created_empty" in meta:
            yield source["schema"], source["identifier"]


def _run(adapter: Path | None, program: str, *args: str, **environment: str) -> str:
    """What a program of the environment says. Exits with its output if it fails."""
    paths = [str(adapter.absolute())] if adapter else []
    paths += [inherited] if (inherited := os.environ.get("PYTHONPATH")) else []
    done = subprocess.run(
        [Path(sys.executable).parent / program, *args],
        cwd=PROJECT,
        env=os.environ | environment | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stdout[-6000:] + done.stderr[-2000:])
    return done.stdout


def _compare(engine: Engine, home: Path) -> Iterator[Compared]:
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        published = home / "published" / "customer_lifecycle.duckdb"
        connection.execute(f"attach '{published}' as published (read_only)")
        marts = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published' "
            "and schema_name = 'marts' order by table_name"
        ).fetchall()
        for (mart,) in marts:
            if mart not in OF_THE_RUN:
                yield _compare_mart(connection, engine.read(mart), mart)


def _compare_mart(connection: duckdb.DuckDBPyConnection, read: pa.Table, mart: str) -> Compared:
    columns = connection.execute(f"describe published.marts.{mart}").fetchall()
    kinds = {name: kind for name, kind, *_ in columns}
    numbers = [name for name, kind in kinds.items() if kind == "DOUBLE"]
    others = [name for name in kinds if name not in numbers]
    connection.register("read", read)
    cast = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in kinds.items())
    connection.execute(f"create or replace temp table there as select {cast} from read")
    by = ", ".join(f'"{name}"' for name in others)
    order = ", ".join(f'"{name}" nulls first' for name in (*numbers, *others))
    for table, of in (("a", f"published.marts.{mart}"), ("b", "there")):
        connection.execute(
            f"create or replace temp table {table} as select *, row_number() over "
            f"(partition by {by} order by {order}) as copy from {of}"
        )
    same = " and ".join(f'a."{name}" is not distinct from b."{name}"' for name in (*others, "copy"))
    far = [
        f'coalesce(abs(a."{n}" - b."{n}") > {NEAR} * greatest(1, abs(a."{n}")), '
        f'(a."{n}" is null) <> (b."{n}" is null))'
        for n in numbers
    ]
    is_far = " + ".join(f"cast({one} as int)" for one in far) or "0"
    rows, others_there, matched, off = connection.execute(
        f"select (select count(*) from a), (select count(*) from b), count(*), "
        f"coalesce(sum({is_far}), 0) from a inner join b on {same}"
    ).fetchone() or (0, 0, 0, 0)
    example = ""
    if matched < max(rows, others_there):
        example = _example(connection, others, same)
    elif off:
        example = _far_example(connection, numbers, far, same)
    return Compared(mart, rows, others_there, max(rows, others_there) - matched, int(off), example)


def _far_example(
    connection: duckdb.DuckDBPyConnection, numbers: list[str], far: list[str], same: str
) -> str:
    """Numbers that are far off, with their values here and there."""
    told = []
    for name, is_far in zip(numbers, far, strict=True):
        found = connection.execute(
            f'select count(*), min(a."{name}"), min(b."{name}") from a inner join b on {same} '
            f"where {is_far}"
        ).fetchone()
        if found and found[0]:
            told.append(f"{name} ({found[0]}): {found[1]} / {found[2]}")
    return "; ".join(told[:6])


def _example(connection: duckdb.DuckDBPyConnection, others: list[str], same: str) -> str:
    """Some of the columns in which the two differ, with one value of each."""
    told = []
    for name in others:
        here, there = (
            connection.execute(
                f'select "{name}" from {one} except all select "{name}" from {two} limit 1'
            ).fetchone()
            for one, two in (("a", "b"), ("b", "a"))
        )
        if here or there:
            told.append(f"{name}: {here[0] if here else '-'} / {there[0] if there else '-'}")
    return "; ".join(told[:6])


if __name__ == "__main__":
    sys.exit(main())
