"""Write, audit, publish: the only way in which marts reach the file that BI tools open.

The build file (the warehouse) is private: an open writer would block every reader and an open
reader the writer. So marts are copied to a new file, which is verified, kept as a version, and
then takes the place of the published file by a rename.

``published/customer_lifecycle.duckdb`` is a copy of its version and not a link: whatever a BI
tool does with the published file, versions stay as they were published, and a copy works on file
systems without links. At every instant the published path names one whole file, the old one or
the new one. A reader that has the old one open keeps it (on Windows, where an open file cannot be
replaced, publishing fails instead and leaves it).

It is read-only (mode 0444), because a tool that opens it for writing leaves a write-ahead file
beside it, which DuckDB replays over whatever has the name: over every later version. Such a file
is removed before a version becomes current, and ``status`` tells of one that is there.

``history.jsonl`` beside the versions records what happened to the published file: one JSON object
per event, ``published``, ``rolled_back``, ``rewritten`` or ``pruned``. ``marts.publish_log`` inside
the file has one row per version and is carried from version to version, ``marts.restatements`` the
figures that changed in those that are kept.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import duckdb

from landing.engine import connect
from serving import restatements as restated
from serving.restatements import Inputs, Restatement

SCHEMA = "marts"
LOG_TABLE = "publish_log"
SALES = "fct_orders"
CATALOG = "customer_lifecycle"
_BUILDING = ".building"
_INCOMING = ".incoming"
_READ_ONLY = 0o444

LOG_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("version", "varchar", "Version, by the time (UTC) of publishing."),
    ("published_at", "timestamp", "When the version was published, UTC."),
    ("as_of_date", "date", "Everything before this date was visible, nothing else."),
    ("table_count", "bigint", "Marts published, this log apart."),
    ("row_count", "bigint", "Rows of all marts."),
    ("row_counts", "varchar", "Rows by mart, as a JSON object."),
    (
        "content_hash",
        "varchar",
        "Hash over all rows of all marts, whatever their order: equal for equal contents, as far "
        "as the same release of DuckDB computed it.",
    ),
    ("checks_passed", "bigint", "Checks that passed."),
    ("checks_warned", "bigint", "Checks that failed and only warn."),
    ("code_revision", "varchar", "Revision of the code; ends in +changes if it was edited."),
    ("run_id", "varchar", "Run that published it."),
    (
        "warnings",
        "varchar",
        "What checks and landing warn of, as a JSON list, what matters most first.",
    ),
    ("source", "varchar", "Where it landed from: complete_journey, or files of the user."),
    (
        "compared_with",
        "varchar",
        "Earlier version that rows and totals were compared with, if any.",
    ),
    ("accepted_change", "varchar", "Why changes were accepted that would not be published else."),
    (
        "landed",
        "varchar",
        "What it was made from, as a JSON object: of each landed table a hash of what landed, and "
        "how often files of it changed or vanished.",
    ),
    ("rules", "varchar", "Thresholds and rules (vars) that held, as a JSON object."),
)
LOG_DESCRIPTION = "What was published, with its checks. One row per version."


class PublishError(RuntimeError):
    """Nothing was published; the published file is as it was."""


class AuditFailedError(PublishError):
    """The audit does not allow publishing."""


class UnknownVersionError(LookupError):
    """There is no such version to go back to."""


@dataclass(frozen=True)
class Mart:
    """A table of schema ``marts`` with the descriptions that its readers see.

    ``not_null`` columns are declared so. Keys are told in descriptions, and ``key`` here: DuckDB
    knows none that it does not enforce with an index, which costs more than everything else about
    a large table.
    """

    name: str
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    not_null: tuple[str, ...] = ()
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audit:
    """What was checked: how many checks passed, how many warn, and which blocking ones failed.

    ``failed`` also names blocking checks that have not run since the data changed. ``warnings`` say
    in words what is warned of, what matters most first.
    """

    passed: int
    warned: int = 0
    failed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishedVersion:
    """A row of ``marts.publish_log``."""

    version: str
    published_at: datetime
    as_of_date: date
    row_counts: Mapping[str, int]
    content_hash: str
    checks_passed: int
    checks_warned: int
    code_revision: str
    run_id: str
    warnings: tuple[str, ...] = ()
    source: str | None = None
    compared_with: str | None = None
    accepted_change: str | None = None
    landed: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> Inputs:
        """What it was made from."""
        return Inputs(
            self.as_of_date,
            self.code_revision,
            {table: content for table, (content, _) in self.landed.items()},
            {table: rewritten for table, (_, rewritten) in self.landed.items()},
            self.rules,
        )

    @property
    def row_count(self) -> int:
        """Rows of all marts."""
        return sum(self.row_counts.values())


@dataclass(frozen=True)
class PublishStatus:
    """What is published: the current version (None if there is none), and all that are kept.

    ``current`` is None with ``published`` True if the published file equals no kept version, or if
    readers see something else: ``write_ahead_path`` is what another tool wrote beside the file and
    DuckDB replays. ``versions`` are oldest first.
    """

    published: bool
    current: PublishedVersion | None
    versions: tuple[PublishedVersion, ...]
    write_ahead_path: Path | None = None


OnStep = Callable[[str], None]


def publish(
    *,
    warehouse_path: Path,
    published_path: Path,
    versions_dir: Path,
    marts: Sequence[Mart],
    audit: Audit,
    as_of_date: date,
    code_revision: str,
    run_id: str,
    keep_versions: int,
    source: str | None = None,
    compared_with: str | None = None,
    accepted_change: str | None = None,
    landed: Mapping[str, tuple[str, int]] | None = None,
    rules: Mapping[str, str] | None = None,
    now: datetime | None = None,
    on_step: OnStep | None = None,
) -> PublishedVersion:
    """Publish the marts as a new version and make it current.

    ``on_step`` is called after each of ``written``, ``verified``, ``kept``, ``current`` and
    ``pruned``. ``now`` (default: the clock) names the version.

    Raises ``AuditFailedError`` if the audit names a failed check or no check at all, and
    ``PublishError`` if a mart is missing or the copy does not equal the source. In both cases,
    and if the process dies, the published file is untouched.
    """
    if audit.failed:
        raise AuditFailedError("not published: " + "; ".join(audit.failed))
    if not audit.passed:
        raise AuditFailedError("not published: no check has passed")
    if not marts:
        raise PublishError("not published: there are no marts")
    report = on_step or (lambda step: None)
    versions_dir.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(published_path, versions_dir)
    published_at = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0, tzinfo=None)
    version = _free_version(versions_dir, published_at)
    building = _version_path(versions_dir, version).with_suffix(".duckdb" + _BUILDING)
    try:
        with _source(warehouse_path) as connection:
            expected = {mart.name: _fingerprint(connection, "build", mart.name) for mart in marts}
            entry = PublishedVersion(
                version=version,
                published_at=published_at,
                as_of_date=as_of_date,
                row_counts={name: rows for name, (rows, _) in expected.items()},
                content_hash=_content_hash(expected),
                checks_passed=audit.passed,
                checks_warned=audit.warned,
                code_revision=code_revision,
                run_id=run_id,
                warnings=audit.warnings,
                source=source,
                compared_with=compared_with,
                accepted_change=accepted_change,
                landed=landed or {},
                rules=rules or {},
            )
            before = _log_so_far(published_path, versions_dir)
            _refuse_to_lose_all(before, entry, published_path)
            log = [*before, entry]
            changed = _restated(connection, versions_dir, entry, before, marts)
            kept = _restatements_so_far(connection, versions_dir, keep_versions)
            _write(connection, building, marts, log, [*kept, *changed])
        report("written")
        _verify(building, expected, log)
        _sync(building)
        report("verified")
    except BaseException:
        _remove(building)
        raise
    building.rename(_version_path(versions_dir, version))
    _sync(versions_dir)
    report("kept")
    _make_current(_version_path(versions_dir, version), published_path)
    _record(versions_dir, "published", version, run_id=run_id)
    report("current")
    _prune(published_path, versions_dir, keep_versions)
    report("pruned")
    return entry


def _refuse_to_lose_all(
    before: Sequence[PublishedVersion], entry: PublishedVersion, published_path: Path
) -> None:
    """An export that failed may look like a shop that never sold anything."""
    rows = before[-1].row_counts.get(SALES, 0) if before else 0
    if rows and entry.row_counts.get(SALES) == 0:
        raise PublishError(
            f"not published: {SALES} is empty, and had {rows:,} rows in version "
            f"{before[-1].version}. If there are to be no more orders, move "
            f"{published_path.parent} away and publish again."
        )


def rollback(published_path: Path, to: str | None = None) -> PublishedVersion:
    """Make an earlier version current: the one before the current one, or the one named.

    A version newer than the current one can be named too, to undo a rollback. Raises
    ``UnknownVersionError`` if there is no such version, naming those there are.
    """
    versions_dir = published_path.parent / "versions"
    _clear_leftovers(published_path, versions_dir)
    versions = _versions(versions_dir)
    current = _current_version(published_path, versions_dir)
    if to is None:
        if current is None:
            raise UnknownVersionError(
                "cannot tell the previous version: the published file equals none of the kept "
                f"versions ({_list(versions)}). Name the one to go to."
            )
        earlier = [version for version in versions if version < current]
        if not earlier:
            raise UnknownVersionError(f"there is no version before {current} ({_list(versions)})")
        to = earlier[-1]
    elif to not in versions:
        raise UnknownVersionError(f"there is no version {to} ({_list(versions)})")
    _make_current(_version_path(versions_dir, to), published_path)
    _record(versions_dir, "rolled_back", to, from_version=current)
    return _entry_of(versions_dir, to)


def comparable(
    published_path: Path, as_of_date: date, source: str | None
) -> tuple[PublishedVersion, Path] | None:
    """What a new version as of a date is to be compared with, and its file; None if there is none.

    It is the version that is published now, or one before it, with the latest as-of date that is
    not after the new one's: a replay has less than a version of a later day, and the version after
    a replay is no successor of it. What landed from another connector is another shop.
    """
    versions_dir = published_path.parent / "versions"
    current = _current_version(published_path, versions_dir)
    entries = [
        _entry_of(versions_dir, version)
        for version in _versions(versions_dir)
        if current is None or version <= current
    ]
    fitting = [
        entry
        for entry in entries
        if entry.as_of_date <= as_of_date and entry.source in (source, None)
    ]
    if not fitting:
        return None
    entry = max(fitting, key=lambda entry: (entry.as_of_date, entry.version))
    return entry, _version_path(versions_dir, entry.version)


@dataclass(frozen=True)
class Rewriting:
    """What is to be other in the published files.

    ``of`` gives SQL for the rows of a mart that is attached as ``build``, and how many rows differ;
    None if it stays as it is. ``text`` is what becomes of a text of the log.
    """

    of: Callable[[duckdb.DuckDBPyConnection, Mart], tuple[str, int] | None]
    text: Callable[[str], str]


def rewrite(
    published_path: Path, rewriting: Rewriting, *, dry_run: bool = False
) -> dict[str, dict[str, int]]:
    """Write all versions anew, and the published file; rows that differ, by version and mart.

    Each file is replaced by a rename when it is complete, so that readers have the old one or the
    new one. A version keeps its name and its place; its rows and its hash in the logs of all are
    those that it has now. After a crash call it again: what was done is left alone.
    """
    versions_dir = published_path.parent / "versions"
    _clear_leftovers(published_path, versions_dir)
    versions = _versions(versions_dir)
    current = _current_version(published_path, versions_dir) or _version_named(
        published_path, versions_dir
    )
    entries: dict[str, PublishedVersion] = {}
    done: dict[str, dict[str, int]] = {}
    for version in versions:
        path = _version_path(versions_dir, version)
        building = path.with_suffix(".duckdb" + _BUILDING)
        rows = _rewrite_file(path, building, rewriting, entries, dry_run=dry_run)
        if rows is not None:
            done[version] = rows
        if building.exists():
            building.rename(path)
            _sync(versions_dir)
            _record(versions_dir, "rewritten", version)
        # A version that an earlier call wrote anew has other figures than later logs say.
        entries.setdefault(version, _entry_of(versions_dir, version))
    if current is None and published_path.exists():
        incoming = published_path.with_name(published_path.name + _INCOMING)
        rows = _rewrite_file(published_path, incoming, rewriting, entries, dry_run=dry_run)
        if rows is not None:
            done["published"] = rows
        if incoming.exists():
            incoming.chmod(_READ_ONLY)
            _write_ahead(published_path).unlink(missing_ok=True)
            incoming.replace(published_path)
            _sync(published_path.parent)
    elif current is not None and not dry_run:
        kept = _version_path(versions_dir, current)
        if _write_ahead(published_path).exists() or not _equal(published_path, kept):
            _make_current(kept, published_path)
    return done


def _rewrite_file(
    path: Path,
    target: Path,
    rewriting: Rewriting,
    entries: dict[str, PublishedVersion],
    *,
    dry_run: bool,
) -> dict[str, int] | None:
    """Write a file anew at ``target``, if it would differ; rows that do, or None if none does."""
    with connect() as connection:
        connection.execute(f"attach {_quote(path)} as build (read_only)")
        marts = _marts_of(connection)
        queries: dict[str, str] = {}
        rows: dict[str, int] = {}
        for mart in marts:
            if changed := rewriting.of(connection, mart):
                queries[mart.name], rows[mart.name] = changed
        connection.execute("detach build")
        before = _log_of(path)
        own = before[-1].version if before else None
        log = [_reworded(entries.get(entry.version, entry), rewriting) for entry in before]
        if dry_run or (not queries and log == before):
            return rows or None
        try:
            connection.execute(f"attach {_quote(path)} as build (read_only)")
            connection.execute(f"attach {_quote(target)} as {CATALOG}")
            connection.execute(f"create schema {CATALOG}.{SCHEMA}")
            for mart in marts:
                query = queries.get(mart.name, f"from build.{SCHEMA}.{_name(mart.name)}")
                _write_mart(connection, mart, query)
            expected = {mart.name: _fingerprint(connection, CATALOG, mart.name) for mart in marts}
            log = [
                replace(
                    entry,
                    row_counts={name: count for name, (count, _) in expected.items()},
                    content_hash=_content_hash(expected),
                )
                if entry.version == own
                else entry
                for entry in log
            ]
            entries |= {entry.version: entry for entry in log if entry.version == own}
            _write_own(connection, log, _reworded_restatements(connection, rewriting))
            connection.execute(f"checkpoint {CATALOG}")
            connection.execute(f"detach {CATALOG}")
            connection.execute("detach build")
            _verify(target, expected, log)
            _sync(target)
        except BaseException:
            connection.close()
            _remove(target)
            raise
    return rows


def _reworded(entry: PublishedVersion, rewriting: Rewriting) -> PublishedVersion:
    accepted = entry.accepted_change
    return replace(
        entry,
        warnings=tuple(map(rewriting.text, entry.warnings)),
        accepted_change=None if accepted is None else rewriting.text(accepted),
    )


def _reworded_restatements(
    connection: duckdb.DuckDBPyConnection, rewriting: Rewriting
) -> list[list[object]]:
    return [
        [rewriting.text(value) if isinstance(value, str) else value for value in row]
        for row in _restatements(connection, "build", oldest="")
    ]


def _marts_of(connection: duckdb.DuckDBPyConnection) -> list[Mart]:
    """The marts of the file that is attached as ``build``, with what its readers are told."""
    comments: dict[str, dict[str, str]] = {}
    not_null: dict[str, list[str]] = {}
    for table, column, comment, is_nullable in connection.execute(
        "select table_name, column_name, comment, is_nullable from duckdb_columns() "
        "where database_name = 'build' and schema_name = ? order by table_name, column_index",
        [SCHEMA],
    ).fetchall():
        comments.setdefault(table, {})[column] = comment or ""
        if not is_nullable:
            not_null.setdefault(table, []).append(column)
    return [
        Mart(
            table,
            comment or "",
            {name: text for name, text in comments[table].items() if text},
            tuple(not_null.get(table, ())),
        )
        for table, comment in connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = 'build' "
            "and schema_name = ? and table_name not in (?, ?) order by table_oid",
            [SCHEMA, LOG_TABLE, restated.TABLE],
        ).fetchall()
    ]


def status(published_path: Path) -> PublishStatus:
    """What is published now, and which versions are kept. Reads only versions, which no BI tool
    has open."""
    versions_dir = published_path.parent / "versions"
    entries = tuple(_entry_of(versions_dir, version) for version in _versions(versions_dir))
    write_ahead = _write_ahead(published_path)
    if write_ahead.exists():
        return PublishStatus(published_path.exists(), None, entries, write_ahead)
    current = _current_version(published_path, versions_dir)
    return PublishStatus(
        published=published_path.exists(),
        current=next((entry for entry in entries if entry.version == current), None),
        versions=entries,
    )


def history(published_path: Path) -> list[dict[str, str]]:
    """What happened to the published file, oldest first: the objects of ``history.jsonl``."""
    path = _history_path(published_path.parent / "versions")
    if not path.exists():
        return []
    events = []
    for line in path.read_text(encoding="utf-8").splitlines():
        # A process that was killed while appending leaves part of a line.
        with contextlib.suppress(ValueError):
            events.append(json.loads(line))
    return events


@contextlib.contextmanager
def _source(warehouse_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the warehouse attached, read-only, as ``build``."""
    if not warehouse_path.exists():
        raise PublishError(f"not published: there is no warehouse at {warehouse_path}")
    with connect() as connection:
        connection.execute(f"attach {_quote(warehouse_path)} as build (read_only)")
        yield connection
        connection.execute("detach build")


def _write(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    marts: Sequence[Mart],
    log: Sequence[PublishedVersion],
    restatements: Sequence[Sequence[object]],
) -> None:
    connection.execute(f"attach {_quote(path)} as {CATALOG}")
    connection.execute(f"create schema {CATALOG}.{SCHEMA}")
    for mart in marts:
        _write_mart(connection, mart, f"from build.{SCHEMA}.{_name(mart.name)}")
    _write_own(connection, log, restatements)
    connection.execute(f"checkpoint {CATALOG}")
    connection.execute(f"detach {CATALOG}")


def _write_mart(connection: duckdb.DuckDBPyConnection, mart: Mart, query: str) -> None:
    target = f"{CATALOG}.{SCHEMA}.{_name(mart.name)}"
    connection.execute(f"create table {target} as {query}")
    for column in mart.not_null:
        connection.execute(f"alter table {target} alter column {_name(column)} set not null")
    _describe(connection, target, mart)


def _write_own(
    connection: duckdb.DuckDBPyConnection,
    log: Sequence[PublishedVersion],
    restatements: Sequence[Sequence[object]],
) -> None:
    """Write the tables that are made by publishing."""
    for name, described, columns, rows in (
        (LOG_TABLE, LOG_DESCRIPTION, LOG_COLUMNS, [_row(entry) for entry in log]),
        (restated.TABLE, restated.DESCRIPTION, restated.COLUMNS, restatements),
    ):
        target = f"{CATALOG}.{SCHEMA}.{name}"
        declared = ", ".join(f"{column} {sql_type}" for column, sql_type, _ in columns)
        connection.execute(f"create table {target} ({declared})")
        placeholders = ", ".join("?" * len(columns))
        if rows:
            connection.executemany(f"insert into {target} values ({placeholders})", rows)
        meanings = {column: meaning for column, _, meaning in columns}
        _describe(connection, target, Mart(name, described, meanings))


def _restated(
    connection: duckdb.DuckDBPyConnection,
    versions_dir: Path,
    entry: PublishedVersion,
    log: Sequence[PublishedVersion],
    marts: Sequence[Mart],
) -> list[list[object]]:
    """The figures that are no longer what they were in the version compared with."""
    earlier = next((was for was in log if was.version == entry.compared_with), None)
    if earlier is None:
        return []
    path = _version_path(versions_dir, earlier.version)
    connection.execute(f"attach {_quote(path)} as before (read_only)")
    found = restated.restated(
        connection,
        before=earlier.inputs,
        now=entry.inputs,
        versions=(earlier.version, entry.version),
        keys={mart.name: mart.key for mart in marts},
    )
    connection.execute("detach before")
    return [restatement.row for restatement in found]


def _restatements_so_far(
    connection: duckdb.DuckDBPyConnection, versions_dir: Path, keep_versions: int
) -> list[list[object]]:
    """The rows of versions that are still kept when one more is."""
    versions = _versions(versions_dir)
    if not versions or keep_versions < 2:
        return []
    path = _version_path(versions_dir, versions[-1])
    connection.execute(f"attach {_quote(path)} as newest (read_only)")
    try:
        return _restatements(connection, "newest", versions[-(keep_versions - 1) :][0])
    finally:
        connection.execute("detach newest")


def _restatements(
    connection: duckdb.DuckDBPyConnection, catalog: str, oldest: str
) -> list[list[object]]:
    """The rows in a version that is attached, of versions from one on."""
    columns = ", ".join(name for name, _, _ in restated.COLUMNS)
    try:
        rows = connection.execute(
            f"select {columns} from {catalog}.{SCHEMA}.{restated.TABLE} where version >= $oldest "
            "order by version, mart, month_start, measure",
            {"oldest": oldest},
        ).fetchall()
    except duckdb.CatalogException:  # published before restatements were told
        rows = []
    return [list(row) for row in rows]


def restatements_of(path: Path, version: str) -> list[Restatement]:
    """What a version in a published file changed of the past."""
    with connect() as connection:
        connection.execute(f"attach {_quote(path)} as {CATALOG} (read_only)")
        rows = connection.execute(
            f"select * exclude (difference) from {CATALOG}.{SCHEMA}.{restated.TABLE} "
            "where version = $version order by mart, month_start, measure",
            {"version": version},
        ).fetchall()
    return [Restatement(*row) for row in rows]


def _describe(connection: duckdb.DuckDBPyConnection, target: str, mart: Mart) -> None:
    if mart.description:
        connection.execute(f"comment on table {target} is {_quote(mart.description)}")
    present = {row[0] for row in connection.execute(f"describe {target}").fetchall()}
    for column, description in mart.columns.items():
        if description and column in present:
            connection.execute(
                f"comment on column {target}.{_name(column)} is {_quote(description)}"
            )


def _verify(
    path: Path, expected: Mapping[str, tuple[int, str]], log: Sequence[PublishedVersion]
) -> None:
    """Open the new file as a reader would, and compare every table with its source."""
    with connect() as connection:
        connection.execute(f"attach {_quote(path)} as {CATALOG} (read_only)")
        for name, fingerprint in expected.items():
            found = _fingerprint(connection, CATALOG, name)
            if found != fingerprint:
                raise PublishError(
                    f"not published: {name} has {found[0]} rows in the new file and "
                    f"{fingerprint[0]} in the warehouse, or other contents"
                )
        if _read_log(connection) != list(log):
            raise PublishError(f"not published: {LOG_TABLE} was not written as it should be")


def _fingerprint(connection: duckdb.DuckDBPyConnection, catalog: str, name: str) -> tuple[int, str]:
    """Rows, and a hash over columns, types and rows in any order."""
    target = f"{catalog}.{SCHEMA}.{_name(name)}"
    try:
        columns = [row[:2] for row in connection.execute(f"describe {target}").fetchall()]
        row = connection.execute(
            f"select count(*), coalesce(sum(hash(whole_row)), 0) from {target} as whole_row"
        ).fetchone()
    except duckdb.CatalogException as error:
        raise PublishError(f"not published: there is no mart {name}") from error
    assert row is not None
    shape = hashlib.sha256(repr(columns).encode()).hexdigest()
    return row[0], f"{shape[:16]}-{row[1]:x}"


def _content_hash(fingerprints: Mapping[str, tuple[int, str]]) -> str:
    return hashlib.sha256(repr(sorted(fingerprints.items())).encode()).hexdigest()[:16]


def _row(entry: PublishedVersion) -> list[object]:
    return [
        entry.version,
        entry.published_at,
        entry.as_of_date,
        len(entry.row_counts),
        entry.row_count,
        json.dumps(dict(entry.row_counts)),
        entry.content_hash,
        entry.checks_passed,
        entry.checks_warned,
        entry.code_revision,
        entry.run_id,
        json.dumps(list(entry.warnings), ensure_ascii=False),
        entry.source,
        entry.compared_with,
        entry.accepted_change,
        json.dumps(dict(entry.landed)),
        json.dumps(dict(entry.rules), ensure_ascii=False),
    ]


def _read_log(connection: duckdb.DuckDBPyConnection) -> list[PublishedVersion]:
    table = f"{CATALOG}.{SCHEMA}.{LOG_TABLE}"
    present = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    # Versions published before these were kept have no such columns.
    later = ", ".join(
        name if name in present else "null"
        for name in ("warnings", "source", "compared_with", "accepted_change", "landed", "rules")
    )
    rows = connection.execute(
        "select version, published_at, as_of_date, row_counts, content_hash, checks_passed, "
        f"checks_warned, code_revision, run_id, {later} from {table} order by version"
    ).fetchall()
    return [
        PublishedVersion(
            version=row[0],
            published_at=row[1],
            as_of_date=row[2],
            row_counts=json.loads(row[3]),
            content_hash=row[4],
            checks_passed=row[5],
            checks_warned=row[6],
            code_revision=row[7],
            run_id=row[8],
            warnings=tuple(json.loads(row[9] or "[]")),
            source=row[10],
            compared_with=row[11],
            accepted_change=row[12],
            landed={table: (was[0], was[1]) for table, was in json.loads(row[13] or "{}").items()},
            rules=json.loads(row[14] or "{}"),
        )
        for row in rows
    ]


class _Content(NamedTuple):
    """A file as it is: another one as soon as it is written or replaced."""

    path: Path
    size: int
    written_at: int
    inode: int


def _content(path: Path) -> _Content:
    stat = path.stat()
    return _Content(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _log_of(path: Path) -> list[PublishedVersion]:
    return list(_log_in(_content(path)))


# A run asks again and again which version people read, and files have gigabytes.
@lru_cache(maxsize=64)
def _log_in(content: _Content) -> tuple[PublishedVersion, ...]:
    with connect() as connection:
        connection.execute(f"attach {_quote(content.path)} as {CATALOG} (read_only)")
        return tuple(_read_log(connection))


def _log_so_far(published_path: Path, versions_dir: Path) -> list[PublishedVersion]:
    """The log of the newest version, which has the rows of all before it."""
    versions = _versions(versions_dir)
    if versions:
        return _log_of(_version_path(versions_dir, versions[-1]))
    if published_path.exists():
        return _log_of(published_path)
    return []


def _entry_of(versions_dir: Path, version: str) -> PublishedVersion:
    for entry in _log_of(_version_path(versions_dir, version)):
        if entry.version == version:
            return entry
    raise UnknownVersionError(f"version {version} does not list itself in {LOG_TABLE}")


def _make_current(version_path: Path, published_path: Path) -> None:
    incoming = published_path.with_name(published_path.name + _INCOMING)
    try:
        shutil.copyfile(version_path, incoming)
        incoming.chmod(_READ_ONLY)
        _sync(incoming)
        _write_ahead(published_path).unlink(missing_ok=True)
        incoming.replace(published_path)
    except BaseException:
        _remove(incoming)
        raise
    _sync(published_path.parent)


def _current_version(published_path: Path, versions_dir: Path) -> str | None:
    """The kept version that the published file equals, byte for byte."""
    if not published_path.exists():
        return None
    for version in reversed(_versions(versions_dir)):
        if _equal(published_path, _version_path(versions_dir, version)):
            return version
    return None


def _version_named(published_path: Path, versions_dir: Path) -> str | None:
    """The kept version that the published file says it is: the last that it lists."""
    if not published_path.exists():
        return None
    log = _log_of(published_path)
    return log[-1].version if log and log[-1].version in _versions(versions_dir) else None


def _equal(first: Path, second: Path) -> bool:
    return _are_equal(_content(first), _content(second))


@lru_cache(maxsize=64)
def _are_equal(first: _Content, second: _Content) -> bool:
    if first.size != second.size:
        return False
    with first.path.open("rb") as left, second.path.open("rb") as right:
        while block := left.read(1 << 20):
            if block != right.read(1 << 20):
                return False
    return True


def _prune(published_path: Path, versions_dir: Path, keep_versions: int) -> None:
    versions = _versions(versions_dir)
    current = _current_version(published_path, versions_dir)
    for version in versions[: max(len(versions) - keep_versions, 0)]:
        if version != current:
            _version_path(versions_dir, version).unlink()
            _record(versions_dir, "pruned", version)


def _clear_leftovers(published_path: Path, versions_dir: Path) -> None:
    """Remove the unfinished files of a process that was killed."""
    for path in versions_dir.glob(f"*{_BUILDING}*"):
        _remove(path)
    _remove(published_path.with_name(published_path.name + _INCOMING))


def _free_version(versions_dir: Path, published_at: datetime) -> str:
    """A version name that sorts after all that are kept."""
    stem = published_at.strftime("%Y%m%dT%H%M%SZ")
    versions = _versions(versions_dir)
    if not versions or stem > versions[-1]:
        return stem
    # A second version within the second, or a clock that was set back.
    last_stem, _, number = versions[-1].partition("-")
    return f"{last_stem}-{int(number or 1) + 1:03d}"


def _versions(versions_dir: Path) -> list[str]:
    """Kept versions, oldest first."""
    prefix = f"{CATALOG}_"
    return sorted(path.stem.removeprefix(prefix) for path in versions_dir.glob(f"{prefix}*.duckdb"))


def _version_path(versions_dir: Path, version: str) -> Path:
    return versions_dir / f"{CATALOG}_{version}.duckdb"


def _history_path(versions_dir: Path) -> Path:
    return versions_dir / "history.jsonl"


def _record(
    versions_dir: Path,
    event: str,
    version: str,
    *,
    run_id: str | None = None,
    from_version: str | None = None,
) -> None:
    entry = {
        "event": event,
        "version": version,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": whoami(),
    }
    if run_id:
        entry["run_id"] = run_id
    if from_version:
        entry["from_version"] = from_version
    with _history_path(versions_dir).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
        file.flush()
        os.fsync(file.fileno())


def whoami() -> str:
    """User and host, for the record of who did what."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user without a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def _sync(path: Path) -> None:
    """Bring a file, or the names in a directory, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _write_ahead(path).unlink(missing_ok=True)


def _write_ahead(path: Path) -> Path:
    """Where DuckDB keeps what has been written to a file and is not in it yet."""
    return path.with_name(path.name + ".wal")


def _list(versions: Sequence[str]) -> str:
    return "kept: " + ", ".join(versions) if versions else "none is kept"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _quote(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
