"""Takes persons out of what was made of their rows: published versions, state, lists, logs.

What a table is about decides what becomes of its rows. A fact (``fct_``) that may be nobody's
stays, without the customer, so that the totals of orders stay; every other row goes with its
person. Columns are told by their names: whatever is called ``customer_id``, or something with it;
and a ``person_id`` and the household beside it, which are the number of one of their customers.

Texts (reports, logs, Dagster's database) name customers as ``customer_id 17``. A number that no
other text is likely to be, with a letter in it and long enough, is taken out wherever it stands.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from landing.engine import connect, quote, read_parquet
from landing.suppression import ACCOUNT, ALIAS, CUSTOMER, number_of
from serving.publish import SCHEMA, Mart, Rewriting, rewrite

ERASED = "(erased)"
LEFT_ALONE = {".lock", ".duckdb", ".wal"}
# dbt's picture of the project: names of columns beside made-up rows of its tests, and nobody's.
PROJECT_FILES = {"manifest.json", "semantic_manifest.json", "graph_summary.json"}
RENDERED = {".pdf", ".png"}

_OF_CUSTOMER = re.compile(r"(^|_)customer_id($|_)")
_OF_ACCOUNT = re.compile(r"(^|_)account_id($|_)")
_NUMBER = re.compile(r"[\w@.+/-]+")
_NAMED = re.compile(
    r"""(\w*(?:customer|account|source)_id\w*[\\"']*\s*[:=]?\s*[\\"']*)([\w@.+/-]+)"""
)
_EXAMPLE = "example_key"
_LOOKED_AT = 8192
_LEAST_TELLING = 4
# Rows of a table without customers in which texts are looked through.
_MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Persons:
    """Whom to erase, by the kinds of number that ``landing.suppression`` has."""

    numbers: Mapping[str, set[str]]

    @property
    def customers(self) -> set[str]:
        """Their customer numbers."""
        return self.numbers.get(CUSTOMER, set())

    @cached_property
    def all_numbers(self) -> set[str]:
        """Their numbers of every kind, as they are written."""
        others = {number_of(value) for value in self.numbers.get(ALIAS, ())}
        return self.customers | self.numbers.get(ACCOUNT, set()) | others

    @cached_property
    def telling(self) -> set[str]:
        """Those that are taken for a person wherever they stand."""
        return {
            number
            for number in self.all_numbers
            if len(number) >= _LEAST_TELLING and not number.isdigit() and not number.isalpha()
        }

    @cached_property
    def odd(self) -> list[str]:
        """Those of them that are not in one piece."""
        return sorted(number for number in self.telling if not _NUMBER.fullmatch(number))

    def without(self, text: str) -> str:
        """The text with them taken out."""
        if not self.all_numbers:
            return text
        for number in self.odd:
            text = text.replace(number, ERASED)
        found = set(_NUMBER.findall(text))
        if any(_trimmed(one) in self.telling for one in found):
            text = _NUMBER.sub(self._without_telling, text)
        if any(_trimmed(one) in self.all_numbers for one in found):
            text = _NAMED.sub(self._without_named, text)
        return text

    def _without_telling(self, match: re.Match[str]) -> str:
        found = match[0]
        core = _trimmed(found)
        return found.replace(core, ERASED) if core in self.telling else found

    def _without_named(self, match: re.Match[str]) -> str:
        core = _trimmed(match[2])
        rest = match[2].replace(core, ERASED) if core in self.all_numbers else match[2]
        return match[1] + rest


def _trimmed(found: str) -> str:
    """What punctuation left of a number."""
    return found.strip("./-+")


@dataclass(frozen=True)
class Erased:
    """What was done (or found) in one place: rows removed, rows made anonymous, texts changed."""

    place: str
    name: str
    rows: int


def erase_published(
    published_path: Path, persons: Persons, *, dry_run: bool = False
) -> list[Erased]:
    """Take them out of every version and of the published file."""

    def rows_of(connection: duckdb.DuckDBPyConnection, mart: Mart) -> tuple[str, int] | None:
        _list_persons(connection, persons)
        relation = f'build.{SCHEMA}."{mart.name}"'
        return _other_rows(connection, relation, mart.name, persons, set(mart.not_null))

    done = rewrite(published_path, Rewriting(rows_of, persons.without), dry_run=dry_run)
    return [
        Erased("published", f"{version}: {mart}", rows)
        for version, of_version in done.items()
        for mart, rows in of_version.items()
    ]


def erase_files(
    home: Path, persons: Persons, skipped: Iterable[Path], *, dry_run: bool = False
) -> Iterator[Erased]:
    """Take them out of every other file below ``home``, one after the other."""
    apart = tuple(skipped)
    for path in sorted(home.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix in LEFT_ALONE | RENDERED:
            continue
        if path.name in PROJECT_FILES:
            continue
        if any(path == one or one in path.parents for one in apart):
            continue
        if rows := _erase_file(path, persons, dry_run=dry_run):
            yield Erased("files", path.relative_to(home).as_posix(), rows)


def holds_any(
    connection: duckdb.DuckDBPyConnection, relations: Mapping[str, Iterable[str]], wanted: set[str]
) -> set[str]:
    """Those of the customer numbers that are in columns of customers; columns by relation."""
    _list_values(connection, "wanted", wanted)
    found: set[str] = set()
    for relation, columns in relations.items():
        for column in columns:
            if _OF_CUSTOMER.search(column) and found != wanted:
                found |= {
                    value
                    for (value,) in connection.execute(
                        f'select distinct cast("{column}" as varchar) from {relation} '
                        f'where cast("{column}" as varchar) in (select value from wanted)'
                    ).fetchall()
                }
    return found


def columns_of(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, list[str]]:
    """The columns of every table of an attached file, by its quoted name."""
    tables: dict[str, list[str]] = {}
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "inner join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = ?",
        [catalog],
    ).fetchall():
        tables.setdefault(f'{catalog}."{schema}"."{table}"', []).append(column)
    return tables


def _list_persons(connection: duckdb.DuckDBPyConnection, persons: Persons) -> None:
    _list_values(connection, "erased_customers", persons.customers)
    _list_values(connection, "erased_accounts", persons.numbers.get(ACCOUNT, ()))


def _list_values(connection: duckdb.DuckDBPyConnection, name: str, values: Iterable[str]) -> None:
    connection.execute(
        f"create or replace temp table {name} as select unnest(?::varchar[]) as value",
        [sorted(values)],
    )


def _other_rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    name: str,
    persons: Persons,
    not_null: set[str],
) -> tuple[str, int] | None:
    """SQL for the rows of a table without the persons, and how many differ; None if none does."""
    columns = [row[:2] for row in connection.execute(f"describe from {relation}").fetchall()]
    names = {column for column, _ in columns}
    of_several = {"person_id", "household_id"} if "person_id" in names else set()
    leaving: list[str] = []
    blanked: dict[str, str] = {}
    for column, _ in columns:
        text = f'cast("{column}" as varchar)'
        is_customer = f"{text} in (select value from erased_customers)"
        if _OF_ACCOUNT.search(column):
            leaving.append(f"{text} in (select value from erased_accounts)")
        elif column == "customer_id" and name.startswith("fct_") and column not in not_null:
            blanked[column] = is_customer
            if "is_identified" in names:
                blanked["is_identified"] = is_customer
        elif column in of_several or _OF_CUSTOMER.search(column):
            if column == "customer_id" or column in not_null:
                leaving.append(is_customer)
            else:
                blanked[column] = is_customer
    if not leaving and not blanked:
        return _other_texts(connection, relation, columns, persons)
    leaves = f"coalesce({' or '.join(leaving)}, false)" if leaving else "false"
    differs = " or ".join([leaves, *blanked.values()])
    ((rows,),) = connection.execute(f"select count(*) from {relation} where {differs}").fetchall()
    if not rows:
        return None
    selected = ", ".join(
        f'case when {blanked[column]} then {_blank(column, kind)} else "{column}" end as "{column}"'
        if column in blanked
        else f'"{column}"'
        for column, kind in columns
    )
    return f"select {selected} from {relation} where not {leaves}", int(rows)


def _blank(column: str, kind: str) -> str:
    return "false" if column == "is_identified" else f"cast(null as {kind})"


def _other_texts(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Iterable[tuple[str, str]],
    persons: Persons,
) -> tuple[str, int] | None:
    """The same of a table that is about no customers: a text in it may give one as an example."""
    ((rows,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    if rows > _MOST_ROWS:
        return None
    others: dict[str, str] = {}
    for column, kind in columns:
        if kind != "VARCHAR":
            continue
        texts = connection.execute(
            f'select distinct "{column}" from {relation} where "{column}" is not null'
        ).fetchall()
        changed = {text: new for (text,) in texts if (new := persons.without(text)) != text}
        if column == _EXAMPLE:
            changed |= {text: ERASED for (text,) in texts if text in persons.all_numbers}
        if changed:
            whens = " ".join(f"when {quote(old)} then {quote(new)}" for old, new in changed.items())
            others[column] = f'case "{column}" {whens} else "{column}" end'
    if not others:
        return None
    differs = " or ".join(f'{new} is distinct from "{column}"' for column, new in others.items())
    ((count,),) = connection.execute(f"select count(*) from {relation} where {differs}").fetchall()
    selected = ", ".join(
        f'{others[column]} as "{column}"' if column in others else f'"{column}"'
        for column, _ in columns
    )
    return f"select {selected} from {relation}", int(count)


def _erase_file(path: Path, persons: Persons, *, dry_run: bool) -> int:
    if path.suffix == ".parquet":
        return _erase_parquet(path, persons, dry_run=dry_run)
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"SQLite format 3"):
        return _erase_sqlite(path, persons, dry_run=dry_run)
    if path.name.endswith(("-wal", "-shm")):
        return 0
    data = path.read_bytes()
    if b"\0" in data[:_LOOKED_AT]:
        return 0  # no text
    text = data.decode("utf-8", errors="surrogateescape")
    without = _csv_without(text, persons) if path.suffix == ".csv" else None
    if without is None:
        new = persons.without(text)
        without = new, int(new != text)
    new, rows = without
    if rows and not dry_run:
        _replace(path, lambda writing: writing.write_bytes(new.encode("utf-8", "surrogateescape")))
    return rows


def _erase_parquet(path: Path, persons: Persons, *, dry_run: bool) -> int:
    with connect() as connection:
        _list_persons(connection, persons)
        found = _other_rows(connection, read_parquet(path), path.stem, persons, set())
        if found is None:
            return 0
        query, rows = found
        if not dry_run:
            _replace(
                path,
                lambda writing: connection.execute(
                    f"copy ({query}) to {quote(writing)} (format parquet)"
                ),
            )
    return rows


def _csv_without(text: str, persons: Persons) -> tuple[str, int] | None:
    """A list without the rows of the persons; None if it has no column of customers."""
    lines = list(csv.reader(io.StringIO(text, newline="")))
    header = lines[0] if lines else []
    places = [place for place, name in enumerate(header) if _OF_CUSTOMER.search(name.strip())]
    if not places:
        return None
    kept = [
        line
        for line in lines
        if not any(
            # A spreadsheet is kept from running what begins like a formula by an apostrophe.
            place < len(line) and line[place].removeprefix("'") in persons.customers
            for place in places
        )
    ]
    rows = len(lines) - len(kept)
    if not rows:
        return text, 0
    written = io.StringIO(newline="")
    ending = "\r\n" if "\r\n" in text[: len(text) // 2 + 200] else "\n"
    csv.writer(written, lineterminator=ending).writerows(kept)
    return written.getvalue(), rows


def _erase_sqlite(path: Path, persons: Persons, *, dry_run: bool) -> int:
    changed = 0
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as database:
        database.create_function("without", 1, _of_text(persons), deterministic=True)
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for _, column, kind, *_ in database.execute(f'pragma table_info("{table}")').fetchall():
                if "CHAR" not in kind and kind != "TEXT":
                    continue
                differs = f'"{column}" is not null and without("{column}") <> "{column}"'
                if dry_run:
                    ((rows,),) = database.execute(
                        f'select count(*) from "{table}" where {differs}'
                    ).fetchall()
                else:
                    rows = database.execute(
                        f'update "{table}" set "{column}" = without("{column}") where {differs}'
                    ).rowcount
                changed += rows
        database.commit()
        if changed and not dry_run:
            # What was overwritten is still in pages that are free, and in the log.
            database.execute("vacuum")
            database.execute("pragma wal_checkpoint(truncate)")
    return changed


def _of_text(persons: Persons) -> Callable[[Any], Any]:
    def without(value: Any) -> Any:
        return persons.without(value) if isinstance(value, str) else value

    return without


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file anew; at every instant the path names one whole file."""
    writing = path.with_name(path.name + ".writing")
    mode = path.stat().st_mode
    try:
        write(writing)
        writing.chmod(mode)
        writing.replace(path)
    except BaseException:
        writing.unlink(missing_ok=True)
        raise
