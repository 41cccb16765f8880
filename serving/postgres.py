"""The published file in a PostgreSQL server: schema ``marts`` is that version or the one before.

Tables are loaded into a schema of their own, ``marts_incoming``, which then takes the name
``marts`` in one transaction. It first waits until no statement reads the old tables, and holds new
ones back for a moment, so that a statement over several marts never has some of each version. It
waits for a fifth of a second at a time and then lets go: PostgreSQL would end a reader after a
second, where the two wait for one another. What was held is locked first in the next try, so that
new readers wait before they hold anything. The old schema is dropped in the same transaction.

Readers are members of the role ``lifecycle_reader``, who read all, or of
``lifecycle_regional_reader``, who read the rows of stores of their regions; which those are is in
``lifecycle_access.role_regions``, which no publishing touches. What else was granted on tables of
the old schema is granted on the new one, and views that others made on them read the new ones.

A schema that is not marked as ours is never replaced. The server is named by libpq's own variables
(``PGHOST``, ``PGPASSWORD``, …) or by a URI; a password is in no message.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from landing.engine import connect
from landing.postgres import PostgresError, Server, column_type, connected, message

SCHEMA = "marts"
INCOMING, OUTGOING = f"{SCHEMA}_incoming", f"{SCHEMA}_outgoing"
READER = "lifecycle_reader"
REGIONAL_READER = "lifecycle_regional_reader"
ACCESS = "lifecycle_access"
REFERENCE = ("dim_dates", "labels", "publish_log")
"""Marts without customers and money, which readers of a region see as a whole."""
INDEXED = ("customer_id", "order_id", "store_id")
"""Columns by which tools look rows up, and rows are told apart by region."""
STORES, STORE, REGION = "dim_stores", "store_id", "region"
MARK = "Customer lifecycle warehouse"
"""How the comment begins of a schema that may be replaced."""

_LOCK_PATIENCE, _ALL_LOCKS_PATIENCE = "200ms", "800ms"
_PAUSE_SECONDS = 0.3
_HELD = {"55P03", "40P01", "57014"}
"""Held by a reader: a lock, a deadlock, all locks together."""
_NO_RIGHT = "42501"
_ONE_AT_A_TIME = 7_165_302_914
_BATCH_ROWS = 100_000


@dataclass(frozen=True)
class Loaded:
    """What is in the server now."""

    version: str
    tables: int
    rows: int
    load_seconds: float
    swap_seconds: float
    """From when all was loaded until readers had it, waiting for them included."""

    @property
    def told(self) -> str:
        """In one line."""
        return (
            f"version {self.version}, {self.tables:,} tables, {self.rows:,} rows, loaded in "
            f"{self.load_seconds:.1f} s, swapped in {self.swap_seconds:.1f} s"
        )


@dataclass(frozen=True)
class _Column:
    name: str
    type: str
    nullable: bool
    comment: str | None


@dataclass(frozen=True)
class _Table:
    name: str
    comment: str | None
    columns: tuple[_Column, ...]


OnTable = Callable[[str], None]


def publish_to_postgres(
    published_path: Path,
    *,
    uri: str | None = None,
    wait_seconds: float = 600,
    on_table: OnTable | None = None,
) -> Loaded:
    """Make schema ``marts`` of the server the published file.

    ``uri`` is a PostgreSQL URI; None leaves all to libpq's variables. ``wait_seconds`` is how long
    to wait for readers who hold tables of the version before. ``on_table`` is called with the name
    of each table that is loaded. Raises ``PostgresError``, after which the server has what it had.
    """
    if not published_path.exists():
        raise PostgresError(f"nothing is published at {published_path}; use: lifecycle run")
    with connected(uri) as server, connect() as duck:
        path = _quoted(published_path)
        duck.execute(f"attach {path} as published (read_only)")
        tables = _tables(duck)
        ((version,),) = duck.execute(
            f"select max(version) from published.{SCHEMA}.publish_log"
        ).fetchall()
        started = time.monotonic()
        with _one_transaction(server):
            _alone(server)
            _ours(server, SCHEMA)
            if _ours(server, INCOMING):  # left over where somebody read until the end
                server.execute(f"drop schema {INCOMING} cascade")
            server.execute(f"create schema {INCOMING}")
            server.execute(
                f"comment on schema {INCOMING} is {_quoted(f'{MARK}: version {version}')}"
            )
            rows = 0
            for table in tables:
                if on_table:
                    on_table(table.name)
                rows += _load(duck, server, table)
            _grant(server, tables)
        loaded = time.monotonic()
        _swap(server, wait_seconds)
        swapped = time.monotonic()
    return Loaded(str(version), len(tables), rows, loaded - started, swapped - loaded)


def check_uri(uri: str) -> None:
    """Raise ``ValueError`` if libpq would misread the URI, and might repeat its password."""
    wrong = "is no PostgreSQL URI; expected postgresql://user:password@host:port/database, special "
    wrong += "characters written as %40"
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        raise ValueError(wrong) from None
    if parts.scheme not in ("postgresql", "postgres") or parts.netloc.count("@") > 1:
        raise ValueError(wrong)
    if parts.fragment:
        raise ValueError(wrong)


@contextmanager
def _one_transaction(server: Server) -> Iterator[None]:
    try:
        yield
        server.connection.commit()
    except server.error as error:
        _roll_back(server)
        hint = ""
        if getattr(error, "sqlstate", None) == _NO_RIGHT:
            hint = (
                "; who publishes needs CREATE on the database, owns schema marts, and may create "
                f"the roles {READER} and {REGIONAL_READER} unless they are there"
            )
        raise PostgresError(
            f"PostgreSQL keeps the version that it had: {message(error)}{hint}"
        ) from None
    except BaseException:
        _roll_back(server)
        raise


def _roll_back(server: Server) -> None:
    try:
        server.connection.rollback()
    except server.error:
        return  # the connection is gone, and with it the transaction


def _alone(server: Server) -> None:
    ((alone,),) = server.rows(f"select pg_try_advisory_lock({_ONE_AT_A_TIME})")
    if not alone:
        raise PostgresError("another process publishes to this database; try again when it is done")


def _ours(server: Server, schema: str) -> bool:
    """Whether the schema is there. Raises ``PostgresError`` if it is not one of ours."""
    found = server.rows(
        "select obj_description(oid, 'pg_namespace'), current_database() from pg_namespace "
        f"where nspname = {_quoted(schema)}"
    )
    if not found:
        return False
    ((comment, database),) = found
    if not (comment or "").startswith(MARK):
        raise PostgresError(
            f"database {database} has a schema {schema} that was not published from here. Name "
            "another database, or rename the schema."
        )
    return True


def _tables(duck: Any) -> list[_Table]:
    columns: dict[str, list[_Column]] = {}
    for table, name, kind, nullable, comment in duck.execute(
        "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
        f"where database_name = 'published' and schema_name = '{SCHEMA}' "
        "order by table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append(
            _Column(name, column_type(f"{table}.{name}", kind), nullable, comment)
        )
    described = dict(
        duck.execute(
            "select table_name, comment from duckdb_tables() "
            f"where database_name = 'published' and schema_name = '{SCHEMA}'"
        ).fetchall()
    )
    return [_Table(name, described[name], tuple(found)) for name, found in columns.items()]


def _load(duck: Any, server: Server, table: _Table) -> int:
    """Create, fill and describe a table; its rows."""
    target = f"{INCOMING}.{_name(table.name)}"
    columns = ", ".join(
        f"{_name(column.name)} {column.type}{'' if column.nullable else ' not null'}"
        for column in table.columns
    )
    server.execute(f"create table {target} ({columns})")
    source = f"published.{SCHEMA}.{_name(table.name)}"
    ((expected,),) = duck.execute(f"select count(*) from {source}").fetchall()
    if expected:
        reader = duck.execute(f"from {source}").to_arrow_reader(_BATCH_ROWS)
        loaded = server.cursor.adbc_ingest(
            table.name, reader, mode="append", db_schema_name=INCOMING
        )
        if loaded != expected:
            raise PostgresError(f"{table.name}: {loaded:,} of {expected:,} rows were loaded")
    if table.comment:
        server.execute(f"comment on table {target} is {_quoted(table.comment)}")
    for column in table.columns:
        if column.comment:
            server.execute(
                f"comment on column {target}.{_name(column.name)} is {_quoted(column.comment)}"
            )
    for column in table.columns:
        if column.name in INDEXED:
            server.execute(f"create index on {target} ({_name(column.name)})")
    server.execute(f"analyze {target}")
    return int(expected)


def _grant(server: Server, tables: Sequence[_Table]) -> None:
    """Readers read all; those of a region the rows of its stores, and what has no rows of any."""
    for role in (READER, REGIONAL_READER):
        if not server.rows(f"select 1 from pg_roles where rolname = '{role}'"):
            server.execute(f"create role {role}")
    server.execute(f"create schema if not exists {ACCESS}")
    server.execute(
        f"create table if not exists {ACCESS}.role_regions "
        "(role_name text not null, region text not null, primary key (role_name, region))"
    )
    server.execute(
        f"comment on table {ACCESS}.role_regions is 'Regions of which a member of "
        f"{REGIONAL_READER} reads the stores. One row per role and region.'"
    )
    server.execute(f"grant usage on schema {ACCESS}, {INCOMING} to {READER}, {REGIONAL_READER}")
    server.execute(f"grant select on {ACCESS}.role_regions to {REGIONAL_READER}")
    server.execute(f"grant select on all tables in schema {INCOMING} to {READER}")
    stores = f"{INCOMING}.{STORES}"
    for table in tables:
        target = f"{INCOMING}.{_name(table.name)}"
        if rows := _rows_of_region(table, stores):
            server.execute(f"alter table {target} enable row level security")
            server.execute(
                f"create policy all_rows on {target} for select to {READER} using (true)"
            )
            server.execute(
                f"create policy own_regions on {target} for select to {REGIONAL_READER} "
                f"using ({rows})"
            )
        elif table.name not in REFERENCE:
            continue
        server.execute(f"grant select on {target} to {REGIONAL_READER}")


def _rows_of_region(table: _Table, stores: str) -> str | None:
    """Which rows of a mart are of the reader's regions; None if it does not name stores."""
    regions = (
        f"select granted.region from {ACCESS}.role_regions as granted "
        "inner join pg_catalog.pg_roles as roles on granted.role_name = roles.rolname "
        "where pg_catalog.pg_has_role(current_user, roles.oid, 'usage')"
    )
    if table.name == STORES:
        return f"{REGION} in ({regions})"
    if STORE in {column.name for column in table.columns}:
        return f"{STORE} in (select {STORE} from {stores} where {REGION} in ({regions}))"
    return None


def _swap(server: Server, wait_seconds: float) -> None:
    """The incoming schema takes the place of the one that is read, in one transaction."""
    deadline = time.monotonic() + wait_seconds
    held: list[str] = []
    while True:
        try:
            with _one_transaction(server):
                _take_place(server, held)
            return
        except _HeldError as error:
            if error.table:
                held = [error.table, *(table for table in held if table != error.table)]
            if time.monotonic() > deadline:
                with _one_transaction(server):
                    server.execute(f"drop schema {INCOMING} cascade")
                    who = _readers(server)
                raise PostgresError(
                    f"PostgreSQL keeps the version that it had: for {wait_seconds:,.0f} s "
                    f"{who or 'somebody'} held tables of it. Let that end, and publish again."
                ) from None
            time.sleep(_PAUSE_SECONDS)


class _HeldError(Exception):
    """Somebody reads a table."""

    def __init__(self, table: str | None) -> None:
        super().__init__(table)
        self.table = table


def _take_place(server: Server, held: Sequence[str]) -> None:
    # Whatever name is not in the path is written with its schema.
    server.execute("set local search_path = pg_catalog")
    if not _ours(server, SCHEMA):
        server.execute(f"alter schema {INCOMING} rename to {SCHEMA}")
        return
    granted, views = _granted(server), _views(server)
    _lock(server, held)
    renamed = [
        f"alter schema {SCHEMA} rename to {OUTGOING}",
        f"alter schema {INCOMING} rename to {SCHEMA}",
    ]
    # In one go: until the transaction ends, readers wait.
    server.execute(f"do $do$ begin {'; '.join((*renamed, *granted))}; end $do$")
    for name, options, definition in views:
        try:
            server.execute(f"create or replace view {name}{options} as {definition}")
        except server.error as error:
            raise PostgresError(
                f"PostgreSQL keeps the version that it had: the view {name} reads it and does not "
                f"fit the new one: {message(error)}. Change or drop the view."
            ) from None
    # Later it would need the locks again, in an order of its own.
    server.execute(f"drop schema {OUTGOING} cascade")


def _lock(server: Server, held: Sequence[str]) -> None:
    """Wait until nobody reads a table of the schema; raises ``_HeldError`` where somebody goes on.

    Tables that were ``held`` come first.
    """
    there = [
        row[0]
        for row in server.rows(
            "select relname from pg_class where relkind = 'r' "
            f"and relnamespace = '{SCHEMA}'::regnamespace order by relname"
        )
    ]
    first = [name for name in held if name in there]
    names = [*first, *(name for name in there if name not in first)]
    server.execute(f"set local lock_timeout = '{_LOCK_PATIENCE}'")
    server.execute(f"set local statement_timeout = '{_ALL_LOCKS_PATIENCE}'")
    try:
        server.execute(f"""
            do $do$
            declare locked text;
            begin
                foreach locked in array array[{", ".join(_quoted(name) for name in names)}]::text[]
                loop
                    execute format('lock table {SCHEMA}.%I in access exclusive mode', locked);
                end loop;
            exception when lock_not_available or deadlock_detected then
                raise exception using message = 'held: ' || locked, errcode = sqlstate;
            end $do$
        """)
    except server.error as error:
        if getattr(error, "sqlstate", None) not in _HELD:
            raise
        held_table = re.search(r"ERROR:\s+held: (\S+)", str(error))
        raise _HeldError(held_table[1] if held_table else None) from error
    server.execute("set local lock_timeout = 0")
    server.execute("set local statement_timeout = 0")


def _granted(server: Server) -> list[str]:
    """What is granted on the schema and still can be on the new one, as statements."""
    ours = f"('{READER}', '{REGIONAL_READER}')"
    to = (
        "case when acl.grantee = 0 then 'public' else quote_ident(roles.rolname) end"
        " || case when acl.is_grantable then ' with grant option' else '' end"
    )
    joined = "left join pg_roles as roles on roles.oid = acl.grantee"
    others = (
        f"(acl.grantee = 0 or roles.oid is not null) and coalesce(roles.rolname, '') not in {ours}"
    )
    exists = (
        "from pg_class as old inner join pg_class as new on old.relname = new.relname "
        f"and new.relnamespace = '{INCOMING}'::regnamespace and new.relkind = 'r'"
    )
    of_schema = f"old.relnamespace = '{SCHEMA}'::regnamespace and old.relkind = 'r'"
    sql = f"""
        select 'grant usage on schema {SCHEMA} to ' || {to}
        from pg_namespace, aclexplode(nspacl) as acl {joined}
        where nspname = '{SCHEMA}' and acl.privilege_type = 'USAGE'
        and acl.grantee <> nspowner and {others}
        union all
        select format('grant select on {SCHEMA}.%I to ', old.relname) || {to}
        {exists}, aclexplode(old.relacl) as acl {joined}
        where {of_schema} and acl.privilege_type = 'SELECT'
        and acl.grantee <> old.relowner and {others}
        union all
        select format('grant select (%I) on {SCHEMA}.%I to ', was.attname, old.relname) || {to}
        {exists} inner join pg_attribute as was on was.attrelid = old.oid and was.attnum > 0
        inner join pg_attribute as is_now on is_now.attrelid = new.oid
        and is_now.attname = was.attname, aclexplode(was.attacl) as acl {joined}
        where {of_schema} and acl.privilege_type = 'SELECT' and {others}
    """
    return [row[0] for row in server.rows(sql)]


def _views(server: Server) -> list[tuple[str, str, str]]:
    """Views outside that read the schema: name, options, definition."""
    found = server.rows(f"""
        select distinct
            format('%I.%I', spaces.nspname, views.relname), views.relkind::text,
            coalesce(' with (' || array_to_string(views.reloptions, ', ') || ')', ''),
            pg_get_viewdef(views.oid)
        from pg_depend as uses
        inner join pg_rewrite as rules
            on uses.classid = 'pg_rewrite'::regclass and uses.objid = rules.oid
        inner join pg_class as views on rules.ev_class = views.oid
        inner join pg_namespace as spaces on views.relnamespace = spaces.oid
        inner join pg_class as read
            on uses.refclassid = 'pg_class'::regclass and uses.refobjid = read.oid
        where read.relnamespace = '{SCHEMA}'::regnamespace
        and views.relnamespace <> '{SCHEMA}'::regnamespace
    """)
    for name, kind, _, _ in found:
        if kind != "v":
            raise PostgresError(
                f"PostgreSQL keeps the version that it had: {name} is a materialized view on it, "
                "which cannot follow to the new one. Make it a view or a table of your own."
            )
    return [(name, options, definition) for name, _, options, definition in found]


def _readers(server: Server) -> str:
    """Who holds tables of the schema, in words."""
    found = server.rows(f"""
        select distinct
            format('%s (process %s, %s)', sessions.usename, sessions.pid, sessions.state)
        from pg_locks as locks
        inner join pg_class as tables on locks.relation = tables.oid
        inner join pg_stat_activity as sessions on locks.pid = sessions.pid
        where tables.relnamespace = '{SCHEMA}'::regnamespace
        and sessions.pid <> pg_backend_pid()
        and locks.database = (select oid from pg_database where datname = current_database())
        order by 1
    """)
    return ", ".join(row[0] for row in found[:5])


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
