"""Writes landing tables: all of them or none, typed as the contract says, unchanged ones skipped.

A landing directory holds ``<system>/<table>/<batch>.parquet``, one batch for each file of the
source, or an empty one where the source has none; ``manifest.parquet`` with a row per table; and
``batches.parquet`` with a row per batch, those that are gone included.

Everything is written to a directory beside the landing, which then takes its place by a rename.
Batches that are still the same are not read again: they are linked into the new directory.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from landing.contract import ORDERS, STORES, TABLES, Table
from landing.engine import connect, quote, read_parquet
from landing.suppression import (
    Suppressed,
    Suppression,
    SuppressionError,
    in_order,
    suppress_batch,
)

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
    (
        "erased_rows",
        "bigint",
        "Rows of the source that did not land, because they are about persons who were erased.",
    ),
    (
        "anonymised_rows",
        "bigint",
        "Rows that landed without the person who was erased, whom they name in the source.",
    ),
)

BATCH_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("table_name", "varchar", "Landing table, as system.table."),
    (
        "batch_name",
        "varchar",
        "Batch of the table: what is called landed_batch beside each of its rows.",
    ),
    ("source", "varchar", "Connector and the file that it read."),
    ("status", "varchar", "landed, or vanished where the file is there no longer."),
    ("row_count", "bigint", "Rows landed; of a batch that vanished, those that are gone."),
    ("version", "bigint", "1, and one more each time that the file changed or came back."),
    ("first_landed_on", "date", "Day of landing of the first version."),
    ("landed_on", "date", "Day of landing of this version, or when the batch was found gone."),
    ("content", "varchar", "Hash of the file's contents."),
    (
        "fingerprint",
        "varchar",
        "Hash of the file's contents, the connector and the table's contract.",
    ),
    ("landed_bytes", "bigint", "Size of the batch as it lies in the landing."),
    (
        "facts",
        "varchar",
        "What the next landing must know of the batch without reading it again, as JSON.",
    ),
)

LANDED, VANISHED = "landed", "vanished"

PARQUET_OPTIONS = "format parquet, compression zstd, compression_level 1"

Writer = Callable[[duckdb.DuckDBPyConnection, Path], None]


@dataclass(frozen=True)
class Extract:
    """How one batch of a table is written.

    ``write`` is either SQL that yields columns of the contract by name (in any order, optional
    ones may be absent) or a function that writes the Parquet file itself; None writes an empty
    table. ``fingerprint`` identifies everything the rows depend on, ``content`` only what the
    source holds (default: the fingerprint); ``source_bytes`` lets large batches start first.
    ``batch`` is the batch's name, by default that of the table. ``known`` is what the connector
    wants to find again in the batch's ``facts``. ``warnings`` are about the whole table.
    """

    table: Table
    source: str
    fingerprint: str
    write: str | Writer | None = None
    source_bytes: int = 0
    warnings: tuple[str, ...] = ()
    batch: str = ""
    content: str = ""
    known: Mapping[str, Any] | None = None

    @property
    def batch_name(self) -> str:
        """The name of the batch."""
        return self.batch or self.table.name


class ManifestRow(NamedTuple):
    """One row of the manifest; the columns are those of ``MANIFEST_COLUMNS``."""

    table_name: str
    row_count: int
    source: str
    landed_on: date
    fingerprint: str
    time_zones_ahead: str | None = None
    currency: str | None = None
    erased_rows: int = 0
    anonymised_rows: int = 0

    @property
    def read_fingerprint(self) -> str:
        """The fingerprint of what was read, whatever was left out of it."""
        return self.fingerprint.partition(_SUPPRESSED)[0]


_SUPPRESSED = "-"


class Batch(NamedTuple):
    """One row of the list of batches; the columns are those of ``BATCH_COLUMNS``."""

    table_name: str
    batch_name: str
    source: str
    status: str
    row_count: int
    version: int
    first_landed_on: date
    landed_on: date
    content: str
    fingerprint: str
    landed_bytes: int
    facts: str

    @property
    def known(self) -> Any:
        """What the connector wanted to find again."""
        return json.loads(self.facts).get("known")

    @property
    def suppressed(self) -> dict[str, Any]:
        """What was done for persons who were erased, and by which state of the list of them."""
        done: dict[str, Any] = json.loads(self.facts).get("suppressed") or {}
        return {"list": None, "erased": 0, "anonymised": 0, **done}


Batches = Mapping[tuple[str, str], Batch]
"""By the names of table and batch."""


class CurrencyError(ValueError):
    """The amounts are not of one currency, or not of the one that the settings state."""


@dataclass(frozen=True)
class LandedTable:
    """What became of one table: its rows, seconds taken, and whether it was already there.

    Of its ``batches``, some may be ``new`` and some ``changed``, because the file is another one
    than before; others have ``vanished``. ``rows_changed`` is how many rows more (or less) the
    changed ones have, ``rows_vanished`` how many the vanished ones had. For persons who were
    erased, ``rows_erased`` were left out and ``rows_anonymised`` are without them.
    """

    table_name: str
    rows: int
    seconds: float
    unchanged: bool
    source: str
    warnings: tuple[str, ...] = ()
    batches: int = 0
    new: int = 0
    changed: int = 0
    vanished: int = 0
    rows_changed: int = 0
    rows_vanished: int = 0
    rows_erased: int = 0
    rows_anonymised: int = 0


@dataclass(frozen=True)
class LandingResult:
    """What became of a landing: its tables in the order of the contract, and seconds in all.

    ``warnings`` are those that belong to no single table. ``is_first`` if nothing had landed
    before.
    """

    tables: tuple[LandedTable, ...]
    landed_on: date
    seconds: float
    warnings: tuple[str, ...] = ()
    is_first: bool = False

    @property
    def unchanged(self) -> bool:
        """True if every table was already there, so that nothing was written."""
        return all(table.unchanged for table in self.tables)

    @property
    def told_of_erased(self) -> str:
        """In words, what became of rows of persons who were erased; may be empty."""
        erased = sum(table.rows_erased for table in self.tables)
        anonymised = sum(table.rows_anonymised for table in self.tables)
        if not erased and not anonymised:
            return ""
        return f"of erased persons: {erased:,} rows left out, {anonymised:,} anonymous"

    def told(self) -> str:
        """In words, what is not as it was in the landing before; empty for the first landing."""
        if self.is_first:
            return ""
        new = sum(table.new for table in self.tables)
        changed = sum(table.changed for table in self.tables)
        vanished = sum(table.vanished for table in self.tables)
        more = sum(table.rows_changed for table in self.tables)
        gone = sum(table.rows_vanished for table in self.tables)
        told = [
            *([f"{new:,} new"] if new else []),
            *([f"{changed:,} changed ({more:+,} rows)"] if changed else []),
            *([f"{vanished:,} gone ({-gone:+,} rows)"] if vanished else []),
        ]
        return f"files: {', '.join(told)}" if told else ""


OnTable = Callable[[LandedTable], None]


def table_dir(landing_dir: Path, table: Table) -> Path:
    """Where the batches of a table lie within a landing directory."""
    return landing_dir / table.system / table.name


def batch_path(landing_dir: Path, table: Table, batch: str = "") -> Path:
    """Where a batch lies within a landing directory: by default the one named as the table."""
    return table_dir(landing_dir, table) / f"{batch or table.name}.parquet"


def batch_paths(landing_dir: Path, table: Table) -> list[Path]:
    """All batches of a table, in the order of their names."""
    return sorted(table_dir(landing_dir, table).glob("*.parquet"))


def manifest_path(landing_dir: Path) -> Path:
    """Where the manifest lies within a landing directory."""
    return landing_dir / "manifest.parquet"


def batches_path(landing_dir: Path) -> Path:
    """Where the list of batches lies within a landing directory."""
    return landing_dir / "batches.parquet"


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
    suppression: Suppression | None = None,
) -> LandingResult:
    """Write a complete landing; tables without an extract become empty ones.

    A batch whose fingerprint equals the landed one is taken over as it is, unless ``force``. Until
    everything is written, ``landing_dir`` stays as it was; whatever a killed run left behind is
    cleared away. ``on_table`` is called after each table, in the order in which they finish.
    ``threads`` are DuckDB's for one query (default: one per core); two batches are written at once.
    ``landed_on`` is a day in ``time_zone`` (default: the machine's). ``currency`` is the one that
    the orders are in (default: the one that they name). ``suppression`` lists who was erased: what
    they are named in lands without them, also what is taken over.

    Raises ``duckdb.Error`` if a query fails, ``TypeError`` if a written file does not have the
    contract's columns and ``CurrencyError`` if the orders have another currency or several; the
    landing is then as it was.
    """
    started = time.perf_counter()
    recover(landing_dir)
    planned = _planned(extracts)
    incoming = _beside(landing_dir, "incoming")
    incoming.mkdir(parents=True)
    try:
        with connect() as connection:
            if threads is not None:
                connection.execute(f"set threads = {threads}")
            before = read_batches(connection, landing_dir)
            manifest_before = read_manifest(connection, landing_dir)
            was = {name: row.read_fingerprint for name, row in manifest_before.items()}
            results, batches = _Writing(
                connection, landing_dir, incoming, planned, before, was, landed_on, force
            ).land(on_table)
            if suppression:
                batches = suppress(connection, incoming, batches, suppression)
            results = [_after_suppression(result, batches) for result in results]
            ahead = _time_zones_ahead(_facts(batches, STORES), landed_on, time_zone)
            currency = _one_currency(_facts(batches, ORDERS), currency)
            manifest = [
                ManifestRow(
                    r.table_name,
                    r.rows,
                    r.source,
                    landed_on,
                    landed_fingerprint(_fingerprint(planned[r.table_name]), r.table_name, batches),
                    ahead,
                    currency,
                    r.rows_erased,
                    r.rows_anonymised,
                )
                for r in results
            ]
            _write_rows(connection, MANIFEST_COLUMNS, manifest, manifest_path(incoming))
            _write_rows(connection, BATCH_COLUMNS, batches, batches_path(incoming))
        if (
            manifest != list(manifest_before.values())
            or batches != list(before.values())
            or not all(table.unchanged for table in results)
        ):
            _swap(incoming, landing_dir)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return LandingResult(
        tuple(results),
        landed_on,
        time.perf_counter() - started,
        warnings,
        is_first=not before,
    )


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
    rows = _read_rows(connection, MANIFEST_COLUMNS, manifest_path(landing_dir))
    return {row[0]: ManifestRow(*row) for row in rows}


def read_batches(
    connection: duckdb.DuckDBPyConnection, landing_dir: Path
) -> dict[tuple[str, str], Batch]:
    """The list of batches; empty if this release has landed nothing yet."""
    rows = _read_rows(connection, BATCH_COLUMNS, batches_path(landing_dir))
    return {(row[0], row[1]): Batch(*row) for row in rows}


def _planned(extracts: Iterable[Extract]) -> dict[str, list[Extract]]:
    """The extracts of every table, in the order of the contract; an empty one where it has none."""
    by_table: dict[str, list[Extract]] = {table.qualified_name: [] for table in TABLES}
    for extract in extracts:
        by_table[extract.table.qualified_name].append(extract)
    return {
        table.qualified_name: by_table[table.qualified_name] or [_nothing(table)]
        for table in TABLES
    }


def _fingerprint(extracts: Sequence[Extract]) -> str:
    """What identifies the rows of a table, in all its batches."""
    return digest(*((extract.batch_name, extract.fingerprint) for extract in extracts))


@dataclass(frozen=True)
class _Job:
    """A batch that is written or taken over, and what became of it."""

    extract: Extract
    before: Batch | None
    row_count: int = 0
    landed_bytes: int = 0
    seconds: float = 0.0
    taken_over: bool = False
    facts: Mapping[str, Any] | None = None

    @property
    def is_version(self) -> bool:
        """Whether the source holds something else than before."""
        content = self.extract.content or self.extract.fingerprint
        return (
            self.before is None or self.before.status == VANISHED or self.before.content != content
        )

    def batch(self, landed_on: date) -> Batch:
        """The row in the list of batches."""
        extract, before = self.extract, self.before
        facts = {**(self.facts or {}), "known": extract.known}
        version = 1 if before is None else before.version + (1 if self.is_version else 0)
        return Batch(
            extract.table.qualified_name,
            extract.batch_name,
            extract.source,
            LANDED,
            self.row_count,
            version,
            landed_on if before is None else before.first_landed_on,
            landed_on if before is None or self.is_version else before.landed_on,
            extract.content or extract.fingerprint,
            extract.fingerprint,
            self.landed_bytes,
            json.dumps(facts),
        )


@dataclass(frozen=True)
class _Writing:
    """A landing being written; ``was`` has the fingerprints of the tables as they had landed."""

    connection: duckdb.DuckDBPyConnection
    landing_dir: Path
    incoming: Path
    planned: Mapping[str, Sequence[Extract]]
    before: Batches
    was: Mapping[str, str]
    landed_on: date
    force: bool

    def land(self, on_table: OnTable | None) -> tuple[list[LandedTable], list[Batch]]:
        """Write every batch, the largest first and two at a time; results in the order given."""
        for table in TABLES:
            table_dir(self.incoming, table).mkdir(parents=True)
        extracts = [extract for of_table in self.planned.values() for extract in of_table]
        waiting = {name: len(of_table) for name, of_table in self.planned.items()}
        finished: dict[tuple[str, str], _Job] = {}
        landed: dict[str, LandedTable] = {}
        there = {(e.table.qualified_name, e.batch_name) for e in extracts if e.write}
        # What another connector landed is not missed.
        connectors = {_connector(extract.source) for extract in extracts}
        gone = {
            key: batch
            for key, batch in self.before.items()
            if key not in there and _connector(batch.source) in connectors
        }
        with ThreadPoolExecutor(max_workers=2) as pool:
            pending = [
                pool.submit(self._land_batch, self.connection.cursor(), extract)
                for extract in sorted(extracts, key=lambda extract: -extract.source_bytes)
            ]
            try:
                for job in as_completed(pending):
                    result = job.result()
                    name = result.extract.table.qualified_name
                    finished[name, result.extract.batch_name] = result
                    waiting[name] -= 1
                    if not waiting[name]:
                        jobs = [finished[name, e.batch_name] for e in self.planned[name]]
                        of_table = [batch for key, batch in gone.items() if key[0] == name]
                        landed[name] = self._table(jobs, of_table)
                        if on_table is not None:
                            on_table(landed[name])
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        batches = [
            finished[e.table.qualified_name, e.batch_name].batch(self.landed_on)
            for e in extracts
            if e.write
        ]
        batches += [
            batch
            if batch.status == VANISHED
            else batch._replace(status=VANISHED, landed_on=self.landed_on)
            for batch in gone.values()
        ]
        return [landed[name] for name in self.planned], sorted(batches)

    def _land_batch(self, connection: duckdb.DuckDBPyConnection, extract: Extract) -> _Job:
        started = time.perf_counter()
        table = extract.table
        current = batch_path(self.landing_dir, table, extract.batch_name)
        path = batch_path(self.incoming, table, extract.batch_name)
        before = self.before.get((table.qualified_name, extract.batch_name))
        if before and _connector(before.source) != _connector(extract.source):
            before = None
        if not extract.write and self._is_still_empty(connection, extract, current):
            _take_over(current, path)
            return _Job(extract, None, seconds=time.perf_counter() - started)
        taken_over = (
            not self.force
            and before is not None
            and before.status == LANDED
            and before.fingerprint == extract.fingerprint
            and current.is_file()
            and current.stat().st_size == before.landed_bytes
        )
        rows: int | None
        if taken_over and before is not None:
            _take_over(current, path)
            facts, rows = json.loads(before.facts), before.row_count
        else:
            if callable(extract.write):
                extract.write(connection, path)
            else:
                write_query(connection, table, extract.write, path)
            _check_columns(connection, table, path)
            rows, facts = _rows(connection, path), _look(connection, table, path)
        assert rows is not None
        size, seconds = path.stat().st_size, time.perf_counter() - started
        return _Job(extract, before, rows, size, seconds, taken_over, facts)

    def _is_still_empty(
        self, connection: duckdb.DuckDBPyConnection, extract: Extract, current: Path
    ) -> bool:
        return (
            not self.force
            and self.was.get(extract.table.qualified_name) == _fingerprint([extract])
            and _rows(connection, current) == 0
        )

    def _table(self, jobs: Sequence[_Job], gone: Sequence[Batch]) -> LandedTable:
        extracts = [job.extract for job in jobs]
        name = extracts[0].table.qualified_name
        landed = [job for job in jobs if job.extract.write]
        vanished = [batch for batch in gone if batch.status == LANDED]
        there = {extract.fingerprint for extract in extracts}
        is_new = [job.before is None or job.before.status == VANISHED for job in landed]
        changed = [
            (job, job.before)
            for job in landed
            if job.before is not None and job.before.status == LANDED and job.is_version
        ]
        return LandedTable(
            name,
            rows=sum(job.row_count for job in jobs),
            seconds=sum(job.seconds for job in jobs),
            unchanged=not self.force
            and self.was.get(name) == _fingerprint(extracts)
            and all(job.taken_over for job in landed),
            source=_source(extracts),
            warnings=(
                *(warning for extract in extracts for warning in extract.warnings),
                # A file that was only renamed is still there.
                *_missed([batch for batch in vanished if batch.fingerprint not in there]),
            ),
            batches=len(landed),
            new=sum(is_new),
            changed=len(changed),
            vanished=len(vanished),
            rows_changed=sum(
                job.row_count - before.row_count - before.suppressed["erased"]
                for job, before in changed
            ),
            rows_vanished=sum(batch.row_count for batch in vanished),
        )


def suppress(
    connection: duckdb.DuckDBPyConnection,
    landing_dir: Path,
    batches: Sequence[Batch],
    suppression: Suppression,
) -> list[Batch]:
    """Rid the batches in a landing directory of persons who were erased; the list as it then is.

    Batches that the same list has been applied to are left alone.
    """
    applied: dict[tuple[str, str], Batch] = {}
    for table in in_order():
        for batch in batches:
            if (
                batch.table_name != table.qualified_name
                or batch.status != LANDED
                or batch.suppressed["list"] == suppression.state
            ):
                continue
            path = batch_path(landing_dir, table, batch.batch_name)
            done = suppress_batch(connection, table, path, suppression, PARQUET_OPTIONS)
            if done is not None:
                suppression.add(done.found)
                applied[batch.table_name, batch.batch_name] = _without(batch, path, done)
    # Further numbers are found in the first tables only, so that all that follow were looked at.
    return [
        batch._replace(
            facts=json.dumps(
                {
                    **json.loads(batch.facts),
                    "suppressed": {**batch.suppressed, "list": suppression.state},
                }
            )
        )
        for batch in (applied.get((one.table_name, one.batch_name), one) for one in batches)
    ]


def suppress_landing(landing_dir: Path, suppression: Suppression) -> dict[str, Suppressed]:
    """Rid what has landed of persons who were erased, without reading the source again.

    Until everything is written, ``landing_dir`` stays as it was. What became of rows by table,
    where there were any.
    """
    recover(landing_dir)
    if not manifest_path(landing_dir).exists():
        return {}
    incoming = _beside(landing_dir, "incoming")
    shutil.copytree(landing_dir, incoming, copy_function=_link)
    try:
        with connect() as connection:
            before = read_batches(connection, landing_dir)
            manifest = read_manifest(connection, landing_dir)
            if not manifest:
                raise SuppressionError(
                    f"{landing_dir} was landed by an earlier release; land again first"
                )
            batches = suppress(connection, incoming, list(before.values()), suppression)
            done = {name: _suppressed(name, before, batches) for name in manifest}
            for path in (manifest_path(incoming), batches_path(incoming)):
                path.unlink()
            rows = [
                row._replace(
                    row_count=row.row_count - done[name].erased,
                    fingerprint=landed_fingerprint(row.read_fingerprint, name, batches),
                    erased_rows=row.erased_rows + done[name].erased,
                    anonymised_rows=row.anonymised_rows + done[name].anonymised,
                )
                for name, row in manifest.items()
            ]
            _write_rows(connection, MANIFEST_COLUMNS, rows, manifest_path(incoming))
            _write_rows(connection, BATCH_COLUMNS, batches, batches_path(incoming))
        if batches != list(before.values()):
            _swap(incoming, landing_dir)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return {name: of_table for name, of_table in done.items() if of_table != Suppressed()}


def _suppressed(table_name: str, before: Batches, batches: Sequence[Batch]) -> Suppressed:
    """What became of a table's rows just now."""
    counts = Counter[str]()
    for batch in batches:
        if batch.table_name == table_name:
            last = before[batch.table_name, batch.batch_name].suppressed
            for kind in ("erased", "anonymised"):
                counts[kind] += batch.suppressed[kind] - last[kind]
    return Suppressed(counts["erased"], counts["anonymised"])


def _without(batch: Batch, path: Path, done: Suppressed) -> Batch:
    """The batch as it is after persons were taken out of it."""
    facts, before = json.loads(batch.facts), batch.suppressed
    facts["suppressed"] = {
        **before,
        "erased": before["erased"] + done.erased,
        "anonymised": before["anonymised"] + done.anonymised,
    }
    # Examples of texts that were read otherwise than they are written may be of that person.
    for odd in ((facts.get("known") or {}).get("findings") or {}).get("odd") or []:
        odd[-1] = ""
    return batch._replace(
        row_count=batch.row_count - done.erased,
        landed_bytes=path.stat().st_size,
        facts=json.dumps(facts),
    )


def landed_fingerprint(read: str, table_name: str, batches: Sequence[Batch]) -> str:
    """What identifies the rows of a table: what was read, and what was left out of it."""
    left_out = [
        (batch.batch_name, batch.suppressed)
        for batch in batches
        if batch.table_name == table_name
        and (batch.suppressed["erased"] or batch.suppressed["anonymised"])
    ]
    return f"{read}{_SUPPRESSED}{digest(*left_out)[:16]}" if left_out else read


def _after_suppression(result: LandedTable, batches: Sequence[Batch]) -> LandedTable:
    """The result with the rows that its batches have in the end."""
    landed = [b for b in batches if b.table_name == result.table_name and b.status == LANDED]
    return replace(
        result,
        rows=sum(batch.row_count for batch in landed),
        rows_erased=sum(batch.suppressed["erased"] for batch in landed),
        rows_anonymised=sum(batch.suppressed["anonymised"] for batch in landed),
    )


_NAMED = 3


def _missed(vanished: Sequence[Batch]) -> list[str]:
    """A warning of the rows that are gone with their files."""
    if not vanished:
        return []
    files = [batch.source.partition(": ")[2] or batch.batch_name for batch in vanished]
    named = ", ".join(files[:_NAMED])
    more = f" and {len(files) - _NAMED:,} more" if len(files) > _NAMED else ""
    are = "is" if len(files) == 1 else "are"
    rows = sum(batch.row_count for batch in vanished)
    rows_are = "1 row" if rows == 1 else f"{rows:,} rows"
    return [
        f"{vanished[0].table_name}: {named}{more} {are} there no longer, and with "
        f"{'it' if len(files) == 1 else 'them'} {rows_are} that had landed"
    ]


def _connector(source: str) -> str:
    return source.partition(":")[0]


def _source(extracts: Sequence[Extract]) -> str:
    """Where a table is from: the first and the last of its files."""
    first, last = extracts[0].source, extracts[-1].source
    if first == last:
        return first
    return f"{first} to {last.partition(': ')[2]}, {len(extracts):,} files"


def _look(connection: duckdb.DuckDBPyConnection, table: Table, path: Path) -> dict[str, Any]:
    """What the landing as a whole must know of a batch's rows."""
    if table == STORES:
        zones = connection.execute(
            f"select distinct time_zone from {read_parquet(path)} where time_zone is not null "
            "order by time_zone"
        ).fetchall()
        return {"time_zones": [zone for (zone,) in zones]}
    if table == ORDERS:
        found = connection.execute(
            f"select upper(trim(currency)) as currency, count(*) from {read_parquet(path)} "
            "where currency is not null group by 1"
        ).fetchall()
        return {"currencies": dict(found)}
    return {}


def _facts(batches: Sequence[Batch], table: Table) -> list[dict[str, Any]]:
    return [
        json.loads(batch.facts)
        for batch in batches
        if batch.table_name == table.qualified_name and batch.status == LANDED
    ]


def _time_zones_ahead(
    facts: Iterable[Mapping[str, Any]], landed_on: date, time_zone: str | None
) -> str | None:
    """The stores' time zones in which the day of landing ends earlier than for the retailer."""
    zones = sorted({zone for of_batch in facts for zone in of_batch["time_zones"]})
    end = datetime.combine(landed_on, clock(23, 59, 59))
    # A time without a zone is the machine's.
    end = end.replace(tzinfo=ZoneInfo(time_zone)) if time_zone else end.astimezone()
    ahead = [zone for zone in zones if _local_day(end, zone) > landed_on]
    return f",{','.join(ahead)}," if ahead else None


def _local_day(moment: datetime, time_zone: str) -> date:
    try:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):  # expectations tell of unknown zones
        return moment.date()


def _one_currency(facts: Iterable[Mapping[str, Any]], stated: str | None) -> str | None:
    """The currency that all orders are in: the one stated, or the only one that they name."""
    orders: Counter[str] = Counter()
    for of_batch in facts:
        orders.update(of_batch["currencies"])
    found = sorted(orders.items(), key=lambda one: (-one[1], one[0]))
    names = [name for name, _ in found]
    if len(names) > 1 or (stated and names not in ([], [stated])):
        counts = ", ".join(f"{name} in {number:,} orders" for name, number in found)
        one = f"{stated}, as the settings state" if stated else "one currency"
        raise CurrencyError(
            f"{ORDERS.qualified_name}.currency: expected {one}, found {counts}. Amounts of several "
            "currencies cannot be added up: land one currency, or convert the amounts and say so "
            "in the column"
        )
    return stated or (names[0] if names else None)


def write_query(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    query: str | None,
    path: Path,
    options: str = PARQUET_OPTIONS,
) -> None:
    """Write the rows of a query as the contract types them; without a query, none."""
    typed = _typed(connection, table, query) if query else _empty(table)
    connection.execute(f"copy ({typed}) to {quote(path)} ({options})")


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


def _link(current: str, path: str) -> None:
    _take_over(Path(current), Path(path))


def _write_rows(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[tuple[str, str, str]],
    rows: Sequence[Sequence[Any]],
    path: Path,
) -> None:
    values = [[row[i] for row in rows] for i in range(len(columns))]
    select = ", ".join(
        f"unnest(cast(? as {sql_type}[])) as {name}" for name, sql_type, _ in columns
    )
    connection.execute(f"create or replace temp table written as select {select}", values)
    connection.execute(f"copy written to {quote(path)} ({PARQUET_OPTIONS})")


def _read_rows(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[tuple[str, str, str]], path: Path
) -> list[tuple[Any, ...]]:
    if not path.is_file():
        return []
    names = ", ".join(name for name, _, _ in columns)
    try:
        return connection.execute(f"select {names} from {read_parquet(path)}").fetchall()
    except duckdb.BinderException:  # an earlier release's, without some of the columns
        return []


def _swap(incoming: Path, landing_dir: Path) -> None:
    previous = _beside(landing_dir, "previous")
    if landing_dir.exists():
        landing_dir.rename(previous)
    incoming.rename(landing_dir)
    shutil.rmtree(previous, ignore_errors=True)


def _beside(landing_dir: Path, purpose: str) -> Path:
    return landing_dir.parent / f".{landing_dir.name}.{purpose}"
