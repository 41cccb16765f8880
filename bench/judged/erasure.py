"""What is left of persons who were erased from a home, and whether its totals are what they were.

    python bench/judged/erasure.py HOME [--persons 100] [--land ARGUMENTS]

Erases so many persons from a copy of the home with ``lifecycle erase``, and searches every column
of every table and every other file for their numbers (a search through the bytes of a DuckDB file
finds no text, because strings are compressed). ``--land`` lands again on the copy with what follows
(``--land --world --customers 3000``), and searches once more.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import duckdb

Totals = dict[str, object]

_NUMBER = re.compile("[0-9A-Za-z_-]+")
_NAMED = re.compile(r"customer_id[\\\"':= ]+([0-9A-Za-z_-]+)")
_OF_PERSON = re.compile("customer_id|person_id|account_id|example_key")
_OF_CUSTOMER = re.compile("customer_id|person_id")
# dbt's picture of the project, with the made-up rows of its tests.
_PROJECT = {"manifest.json", "partial_parse.msgpack", "graph.gpickle"}
# Rows of a table whose texts are searched within.
_MOST_ROWS = 100_000


def traces(home: Path, numbers: Iterable[str]) -> list[str]:
    """The places below ``home`` that hold one of the numbers: file, and table and column.

    A number with a letter in it is found wherever it stands, one without in columns of customers
    and accounts, and after the name of one in a file.
    """
    wanted = sorted(numbers)
    telling = [one for one in wanted if len(one) > 3 and not one.isdigit()]
    either = "|".join(map(re.escape, telling))
    alone = f"(^|[^0-9A-Za-z_-])({either})($|[^0-9A-Za-z_-])" if telling else ""
    found: list[str] = []
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        name = path.relative_to(home).as_posix()
        if path.suffix == ".duckdb":
            found += [f"{name}: {where}" for where in _in_database(path, wanted, alone)]
        elif path.suffix == ".parquet":
            with duckdb.connect() as connection:
                relation = f"read_parquet('{path}', hive_partitioning = false)"
                columns = _columns(connection, relation)
                found += [
                    f"{name}: {column}"
                    for column in _in_relation(connection, relation, columns, wanted, alone)
                ]
        elif path.name not in _PROJECT:
            text = _text(path)
            named = set(_NAMED.findall(text)) & set(wanted)
            if named or set(_NUMBER.findall(text)) & set(telling):
                found.append(name)
    return found


def totals(home: Path) -> Totals:
    """What is to stay as it was: sums of what landed, and every mart that is about no customer."""
    found: Totals = {}
    with duckdb.connect() as connection:
        for table, counted in (
            ("pos/orders", "count(*), count(distinct order_id)"),
            ("pos/order_lines", "count(*), sum(net_revenue), sum(quantity)"),
            ("pos/payments", "count(*), sum(paid_amount)"),
            ("marketing/touchpoints", "count(*)"),
            ("service/surveys", "count(*), sum(score)"),
            ("service/tickets", "count(*)"),
        ):
            files = f"read_parquet('{home}/landing/{table}/*.parquet')"
            found[f"landing {table}"] = connection.execute(
                f"select {counted} from {files}"
            ).fetchall()
        published = home / "published" / "customer_lifecycle.duckdb"
        connection.execute(f"attach '{published}' as published (read_only)")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published'"
        ).fetchall():
            relation = f'published.marts."{table}"'
            columns = _columns(connection, relation)
            if table in ("fct_orders", "fct_order_lines"):
                query = f"select count(*), sum(net_revenue) from {relation}"
            elif table != "publish_log" and not any(map(_OF_CUSTOMER.search, columns)):
                # An example is that of another row.
                rest = "* exclude (example_key)" if "example_key" in columns else "*"
                query = (
                    "select count(*), sum(hash(whole)) "
                    f"from (select {rest} from {relation}) as whole"
                )
            else:
                continue
            found[f"published {table}"] = connection.execute(query).fetchall()
    return found


def _in_database(path: Path, wanted: list[str], alone: str) -> list[str]:
    found = []
    # Views name their file as it is called.
    with duckdb.connect(path, read_only=True) as connection:
        relations: dict[str, list[str]] = {}
        for schema, table, column in connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        ).fetchall():
            relations.setdefault(f'"{schema}"."{table}"', []).append(column)
        for relation, columns in relations.items():
            found += [
                f"{relation}.{column}"
                for column in _in_relation(connection, relation, columns, wanted, alone)
            ]
    return found


def _in_relation(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: list[str],
    wanted: list[str],
    alone: str,
) -> list[str]:
    connection.execute(
        "create or replace temp table wanted as select unnest(?::varchar[]) as value", [wanted]
    )
    ((rows,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    texts = [f'cast("{column}" as varchar)' for column in columns]
    telling = "length(value) > 3 and not regexp_full_match(value, '[0-9]+')"
    is_in = [
        f"count(*) filter (where {text} in (select value from wanted where "
        f"{'true' if _OF_PERSON.search(column) else telling}))"
        for column, text in zip(columns, texts, strict=True)
    ]
    if alone and rows <= _MOST_ROWS:
        pattern = alone.replace("'", "''")
        is_in = [
            f"{count} + count(*) filter (where regexp_matches({text}, '{pattern}'))"
            for count, text in zip(is_in, texts, strict=True)
        ]
    counts = connection.execute(f"select {', '.join(is_in)} from {relation}").fetchall()[0]
    return [column for column, count in zip(columns, counts, strict=True) if count]


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [name for name, *_ in connection.execute(f"describe from {relation}").fetchall()]


def _text(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as connection:
            return "\n".join(connection.iterdump())
    return data.decode(errors="replace")


def _lifecycle(home: Path, *arguments: str) -> None:
    command = Path(sys.executable).with_name("lifecycle")
    subprocess.run([str(command), "--home", str(home), *arguments], check=True)


def main() -> None:
    """Erase, search, compare, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--persons", type=int, default=100)
    parser.add_argument("--land", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.home.parent) as folder:
        home = Path(folder) / "home"
        shutil.copytree(asked.home, home)
        persons = [
            number
            for (number,) in duckdb.sql(
                "select distinct customer_id from "
                f"read_parquet('{home}/landing/crm/customers/*.parquet') "
                f"where customer_id is not null order by hash(customer_id) limit {asked.persons}"
            ).fetchall()
        ]
        before, there = totals(home), traces(home, persons)
        listed = Path(folder) / "persons.txt"
        listed.write_text("\n".join(persons))
        started = time.perf_counter()
        _lifecycle(home, "erase", "--from", str(listed))
        seconds = time.perf_counter() - started
        left, after = traces(home, persons), totals(home)
        print(f"persons erased: {len(persons)} in {seconds:.0f} s")
        print(f"places with a trace: {len(there)} before, {len(left)} after", *left, sep="\n  ")
        other = sorted(name for name in before if before[name] != after[name])
        print(f"totals that are others: {len(other)} of {len(before)}", *other, sep="\n  ")
        if asked.land is not None:
            _lifecycle(home, "land", *asked.land)
            back = traces(home, persons)
            print(f"places with a trace after landing again: {len(back)}", *back, sep="\n  ")
    sys.exit(bool(left or other))


if __name__ == "__main__":
    main()
