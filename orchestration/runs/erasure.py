"""Erases persons from a home: every place in its order, and a log that does not say who.

Who is erased is on the suppression list before anything else is done, and what has landed is
rewritten last: it tells under which other numbers they are known. So a command that was killed is
given again and finds what is left, and a landing in between leaves them out as well.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from landing.contract import TABLES
from landing.engine import connect, read_parquet
from landing.suppression import (
    CUSTOMER,
    LIST_FILE,
    SALT_FILE,
    Suppression,
    in_order,
    marks,
    numbers_of,
    suppress_batch,
)
from landing.write import PARQUET_OPTIONS, batch_paths, suppress_landing
from orchestration.runs.state import KEPT, StateError, keep, restore, write_state
from orchestration.settings import Settings
from serving.erase import (
    RENDERED,
    Erased,
    Persons,
    columns_of,
    erase_files,
    erase_published,
    holds_any,
)
from serving.publish import whoami

LOG_FILE = "erasure_log.parquet"


@dataclass(frozen=True)
class Request:
    """Whom to erase: those that are in the home, were erased before, or are not known here."""

    persons: Persons
    before: tuple[str, ...]
    unknown: tuple[str, ...]


def look_up(settings: Settings, customer_ids: Iterable[str], suppression: Suppression) -> Request:
    """Under which numbers the customers are known; nothing is changed."""
    wanted = set(customer_ids)
    batches = {table.qualified_name: batch_paths(settings.landing_dir, table) for table in TABLES}
    known: set[str] = set()
    with connect() as connection:
        landed = {
            read_parquet(*batches[table.qualified_name]): [
                mark.column for mark in marks(table) if mark.kind == CUSTOMER
            ]
            for table in in_order()
            if batches[table.qualified_name]
        }
        state = _columns_of_files(connection, settings.state_dir)
        known |= holds_any(connection, landed | state, wanted)
        files = (
            settings.published_path,
            *sorted(settings.versions_dir.glob("*.duckdb")),
            settings.warehouse_path,
        )
        for path in files:
            if path.exists() and known != wanted:
                text = str(path).replace("'", "''")
                connection.execute(f"attach '{text}' as held (read_only)")
                columns = columns_of(connection, "held")
                known |= holds_any(connection, columns, wanted - known)
                connection.execute("detach held")
        numbers = numbers_of(connection, batches, sorted(wanted))
    before = {one for one in wanted if suppression.has(CUSTOMER, one)}
    return Request(
        Persons(numbers),
        tuple(sorted(before - known)),
        tuple(sorted(wanted - known - before)),
    )


def find(settings: Settings, request: Request, suppression: Suppression) -> Iterator[Erased]:
    """Where the persons are; nothing is changed."""
    persons = request.persons
    yield from erase_published(settings.published_path, persons, dry_run=True)
    if _in_warehouse(settings, persons):
        yield Erased("warehouse", settings.warehouse_path.name, 0)
    yield from erase_files(settings.home, persons, _apart(settings), dry_run=True)
    with connect() as connection:
        pretended = Suppression(settings.state_dir, suppression.salt or b"nothing is written")
        for kind, values in persons.numbers.items():
            pretended.list_only(kind, values)
        for table in in_order():
            for path in batch_paths(settings.landing_dir, table):
                done = suppress_batch(
                    connection, table, path, pretended, PARQUET_OPTIONS, dry_run=True
                )
                if done is not None:
                    yield Erased("landing", table.qualified_name, done.erased + done.anonymised)


def erase_persons(
    settings: Settings,
    request: Request,
    suppression: Suppression,
    *,
    render: Callable[[], bool],
    on_step: Callable[[str], None] | None = None,
) -> list[Erased]:
    """Erase them everywhere. Call it again after a crash; the lock is the caller's to hold.

    ``render`` makes the report anew of what is published, and says whether it could. ``on_step`` is
    told what is being done.
    """
    tell = on_step or (lambda step: None)
    persons, count = request.persons, len(request.persons.customers)
    suppression.add(persons.numbers)
    done: list[Erased] = []

    def log(erased: Iterable[Erased]) -> None:
        found = list(erased)
        _write_log(settings.state_dir, count, found)
        done.extend(found)

    _clear_scratch(settings)
    tell("published versions")
    published = erase_published(settings.published_path, persons)
    log(published)
    if published or any(settings.home.rglob("*.csv")):
        tell("report and lists")
        if settings.published_path.exists() and not render():
            shutil.rmtree(settings.report_path.parent, ignore_errors=True)
        log(_remove_rendered(settings))
    in_warehouse = _in_warehouse(settings, persons)
    if in_warehouse:
        tell("warehouse")
        _keep_state(settings)
    tell("files")
    log(erase_files(settings.home, persons, _apart(settings)))
    if in_warehouse:
        log(_begin_warehouse_anew(settings))
    tell("landing")
    shutil.rmtree(settings.landing_figures_dir, ignore_errors=True)
    log(
        Erased("landing", name, suppressed.erased + suppressed.anonymised)
        for name, suppressed in suppress_landing(settings.landing_dir, suppression).items()
    )
    return done


def _apart(settings: Settings) -> tuple[Path, ...]:
    """Files that are written in another way, or have nobody in them."""
    state = settings.state_dir
    return (
        settings.landing_dir,
        settings.landing_figures_dir,
        settings.spark_dir,
        *(state / name for name in (LIST_FILE, SALT_FILE, LOG_FILE)),
    )


def _columns_of_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, list[str]]:
    """The columns of Parquet files below a folder, by the SQL that reads one."""
    relations = map(read_parquet, sorted(folder.rglob("*.parquet")))
    return {
        relation: [name for name, *_ in connection.execute(f"describe from {relation}").fetchall()]
        for relation in relations
    }


def _in_warehouse(settings: Settings, persons: Persons) -> bool:
    if not settings.warehouse_path.exists():
        return False
    with connect(settings.warehouse_path, read_only=True) as connection:
        catalog = settings.warehouse_path.stem
        columns = columns_of(connection, catalog) | _columns_of_files(
            connection, settings.spark_dir
        )
        return bool(holds_any(connection, columns, persons.customers))


def _keep_state(settings: Settings) -> None:
    """Write down what the warehouse has and cannot be built again, so that it can go."""
    with connect(settings.warehouse_path) as connection:
        try:
            restore(connection, settings.state_dir)
        except StateError:
            return  # One of the two is not of this home; what was kept stays.
        existing = {
            f"{schema}.{table}"
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables()"
            ).fetchall()
        }
        for kept in KEPT:
            if kept.relation in existing:
                keep(connection, kept, settings.state_dir)


def _begin_warehouse_anew(settings: Settings) -> list[Erased]:
    """A warehouse with nothing but what cannot be built again.

    Tables that were built together are not edited apart: sums would no longer be those of their
    rows, and checks would fail on what no run has made.
    """
    path = settings.warehouse_path
    building = path.with_name(f"building_{path.name}")
    building.unlink(missing_ok=True)
    with connect(building) as connection:
        restore(connection, settings.state_dir)
        connection.execute("checkpoint")
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    building.replace(path)
    shutil.rmtree(settings.spark_dir, ignore_errors=True)
    return [Erased("warehouse", path.name, 0)]


def _remove_rendered(settings: Settings) -> list[Erased]:
    """Pictures of what was published cannot be searched; whoever made them makes them anew."""
    removed = [path for path in settings.home.rglob("*") if path.suffix in RENDERED]
    for path in removed:
        path.unlink()
    return [Erased("pictures", path.relative_to(settings.home).as_posix(), 0) for path in removed]


def _clear_scratch(settings: Settings) -> None:
    """What killed processes left: copies of source files, and what did not fit into memory."""
    for path in (
        *settings.home.glob(".landing.copies.*"),
        settings.home / ".world",
        settings.spill_dir,
    ):
        shutil.rmtree(path, ignore_errors=True)


def _write_log(state_dir: Path, persons: int, erased: list[Erased]) -> None:
    """Say in the log what was done, and not for whom."""
    if not erased:
        return
    path = state_dir / LOG_FILE
    now, who = datetime.now(UTC).replace(tzinfo=None, microsecond=0), whoami()
    rows = [[now] * len(erased), [who] * len(erased), [persons] * len(erased)]
    rows += [[getattr(one, name) for one in erased] for name in ("place", "name", "rows")]
    with connect() as connection:
        connection.execute(
            "create table log as select unnest(?::timestamp[]) as erased_at, "
            "unnest(?::varchar[]) as erased_by, unnest(?::bigint[]) as persons, "
            "unnest(?::varchar[]) as place, unnest(?::varchar[]) as name, "
            "unnest(?::bigint[]) as row_count",
            rows,
        )
        before = f"from {read_parquet(path)} union all by name " if path.exists() else ""
        write_state(connection, f"{before}from log", path)
