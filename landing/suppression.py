"""Persons who were erased: who they are is told by salted hashes, and their rows stay out.

The list says of a number only whether it is that of somebody who was erased. Hashes are HMAC-SHA256
with a salt of the home's own; without it the list is of no use to anybody, and with it numbers can
be tried, so that it is readable by its owner alone.

What becomes of a row follows from the contract. One that cannot be without its person (a profile,
an account and its points, a subscription) is left out; one that counts without them (an order, an
answer, a ticket, a contact) stays, anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from landing.contract import ACCOUNTS, COUPONS, CUSTOMER_IDS, CUSTOMERS, TABLES, TICKETS, Table
from landing.engine import connect, quote, read_parquet

CUSTOMER = f"{CUSTOMERS.qualified_name}.customer_id"
ACCOUNT = f"{ACCOUNTS.qualified_name}.account_id"
ALIAS = f"{CUSTOMER_IDS.qualified_name}.source_id"
LIST_FILE, SALT_FILE = "suppression_list.parquet", "suppression.salt"

_BLOCK = 64
_BETWEEN = "\x1f"
# A coupon without a customer is everybody's, which one of a person never becomes.
_LEAVES = {(COUPONS.qualified_name, "customer_id")}
# Texts that are not kept apart as personal data, and may be in the customer's own words.
_WORDS: Mapping[str, tuple[str, ...]] = {TICKETS.qualified_name: ("cancellation_reason",)}

Found = dict[str, set[str]]
"""Numbers of persons by what kind of number it is: ``CUSTOMER``, ``ACCOUNT`` or ``ALIAS``."""


class SuppressionError(RuntimeError):
    """The list of those who were erased cannot be used. Nothing was changed."""


@dataclass(frozen=True)
class Mark:
    """A column with a person's number; its row ``leaves`` with the person, or stays without."""

    column: str
    kind: str
    leaves: bool

    def value(self, rows: str) -> str:
        """SQL for the number: that of another system is one only together with the system."""
        number = f"{rows}.{self.column}"
        if self.kind != ALIAS:
            return number
        return f"{number} || chr(31) || coalesce({rows}.source_system, '')"


@cache
def marks(table: Table) -> tuple[Mark, ...]:
    """The columns of a table that tell of a person."""
    found = []
    for column in table.columns:
        kind = table.identity(column)
        leaves = not column.nullable or (table.qualified_name, column.name) in _LEAVES
        if kind in (CUSTOMER, ACCOUNT, ALIAS):
            found.append(Mark(column.name, kind, leaves))
    return tuple(found)


def words(table: Table) -> tuple[str, ...]:
    """The columns that go with the person where the row stays."""
    personal = (column.name for column in table.columns if column.personal)
    return (*personal, *_WORDS.get(table.qualified_name, ()))


def providers() -> tuple[Table, ...]:
    """Tables whose rows give a person further numbers: they come before all others."""
    return (CUSTOMER_IDS, ACCOUNTS)


def in_order() -> list[Table]:
    """The tables with numbers of persons, those that give further ones first."""
    return sorted(filter(marks, TABLES), key=lambda table: table not in providers())


def number_of(alias: str) -> str:
    """The number of another system without the system."""
    return alias.partition(_BETWEEN)[0]


@dataclass
class Suppression:
    """The list in a folder of state. Empty until somebody is erased."""

    state_dir: Path
    salt: bytes = b""
    hashes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, state_dir: Path) -> Suppression:
        """The list. Raises ``SuppressionError`` if it cannot be read, or has lost its salt."""
        path, salt_path = state_dir / LIST_FILE, state_dir / SALT_FILE
        salt = salt_path.read_bytes() if salt_path.exists() else b""
        read = cls(state_dir, salt)
        if not path.exists():
            return read
        if not salt:
            raise SuppressionError(
                f"{path} says who was erased, and {salt_path} without which it cannot be read is "
                "gone: put a copy of it back, or whoever was erased would land again"
            )
        try:
            with connect() as connection:
                rows = connection.execute(f"select kind, hash from {read_parquet(path)}").fetchall()
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise SuppressionError(f"{path} cannot be read: {reason}") from error
        for kind, value in rows:
            read.hashes[kind].add(value)
        return read

    def __bool__(self) -> bool:
        """Whether anybody was erased."""
        return any(self.hashes.values())

    @property
    def state(self) -> str:
        """Another text as soon as somebody was added."""
        listed = sorted((kind, sorted(hashes)) for kind, hashes in self.hashes.items() if hashes)
        return hashlib.sha256(repr(listed).encode()).hexdigest()[:16]

    def has(self, kind: str, value: str) -> bool:
        """Whether the number is that of somebody who was erased."""
        return bool(self.salt) and self._hash(value) in self.hashes[kind]

    def add(self, numbers: Mapping[str, Iterable[str]]) -> int:
        """Put numbers on the list, and write it down; how many were not on it."""
        if not self.salt and any(numbers.values()):
            self._make_salt()
        new = 0
        for kind, values in numbers.items():
            hashes = {self._hash(value) for value in values} - self.hashes[kind]
            self.hashes[kind] |= hashes
            new += len(hashes)
        if new:
            self._write()
        return new

    def list_only(self, kind: str, values: Iterable[str]) -> None:
        """Put numbers on the list without writing it down."""
        self.hashes[kind] |= {self._hash(value) for value in values}

    def find(
        self, connection: duckdb.DuckDBPyConnection, values: str, kind: str
    ) -> list[tuple[str]]:
        """Those of the distinct ``values`` (SQL, a column ``value``) that are on the list."""
        if not self.hashes[kind]:
            return []
        pad = self.salt.ljust(_BLOCK, b"\0")
        inner, outer = (bytes(byte ^ mask for byte in pad) for mask in (0x36, 0x5C))
        # HMAC as DuckDB can compute it, of a million numbers in two seconds.
        return connection.execute(
            f"with numbers as (select distinct value from ({values}) where value is not null) "
            "select value from numbers where sha256($outer::blob || unhex(sha256("
            "$inner::blob || encode(value)))) in (select unnest($hashes::varchar[]))",
            {"outer": outer, "inner": inner, "hashes": sorted(self.hashes[kind])},
        ).fetchall()

    def _hash(self, value: str) -> str:
        return hmac.new(self.salt, value.encode(), hashlib.sha256).hexdigest()

    def _make_salt(self) -> None:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        path = self.state_dir / SALT_FILE
        writing = path.with_name(path.name + ".writing")
        writing.unlink(missing_ok=True)
        salt = secrets.token_bytes(32)
        descriptor = os.open(writing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(salt)
            file.flush()
            os.fsync(file.fileno())
        writing.replace(path)
        self.salt = salt

    def _write(self) -> None:
        path = self.state_dir / LIST_FILE
        writing = path.with_name(path.name + ".writing")
        rows = sorted((kind, value) for kind, found in self.hashes.items() for value in found)
        with connect() as connection:
            connection.execute(
                f"copy (select unnest($kinds::varchar[]) as kind, unnest($hashes::varchar[]) as "
                f"hash) to {quote(writing)} (format parquet)",
                {"kinds": [kind for kind, _ in rows], "hashes": [value for _, value in rows]},
            )
        writing.chmod(0o600)
        writing.replace(path)


@dataclass(frozen=True)
class Suppressed:
    """What became of the rows of a batch: left out, or anonymous; and further numbers."""

    erased: int = 0
    anonymised: int = 0
    found: Found = field(default_factory=dict)


def suppress_batch(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    path: Path,
    suppression: Suppression,
    options: str,
    *,
    dry_run: bool = False,
) -> Suppressed | None:
    """Write a batch anew without the persons on the list; None if there is none of them in it.

    The other rows keep their order. At every instant the path names one whole file.
    """
    rows = read_parquet(path)
    connection.execute("create or replace temp table listed (mark integer, value varchar)")
    of_table = marks(table)
    for number, mark in enumerate(of_table):
        values = f"select {mark.value('landed')} as value from {rows} as landed"
        if found := suppression.find(connection, values, mark.kind):
            connection.execute(
                "insert into listed select ?, unnest(?::varchar[])",
                [number, [value for (value,) in found]],
            )
    is_listed = [
        f"({mark.value('landed')} in (select value from listed where mark = {number}))"
        for number, mark in enumerate(of_table)
    ]
    leaving = _either(
        listed for mark, listed in zip(of_table, is_listed, strict=True) if mark.leaves
    )
    staying = {
        mark.column: listed
        for mark, listed in zip(of_table, is_listed, strict=True)
        if not mark.leaves
    }
    blanked = {**staying, **dict.fromkeys(words(table), staying.get("customer_id", "false"))}
    ((erased, anonymised),) = connection.execute(
        f"select count(*) filter (where {leaving}), "
        f"count(*) filter (where {_either(staying.values())} and not coalesce({leaving}, false)) "
        f"from {rows} as landed"
    ).fetchall()
    if not erased and not anonymised:
        return None
    further = _further(connection, table, rows, leaving)
    if not dry_run:
        columns = ", ".join(
            f"case when {blanked[name]} then null else landed.{name} end as {name}"
            if name in blanked
            else f"landed.{name}"
            for name in table.column_names
        )
        writing = path.with_name(f".{path.name}.writing")
        connection.execute(
            f"copy (select {columns} from {rows} as landed "
            f"where not coalesce({leaving}, false)) to {quote(writing)} ({options})"
        )
        writing.replace(path)
    return Suppressed(int(erased), int(anonymised), further)


def _further(connection: duckdb.DuckDBPyConnection, table: Table, rows: str, leaving: str) -> Found:
    """The numbers that rows which leave give their person."""
    found: Found = {}
    if table in providers():
        mark = next(mark for mark in marks(table) if mark.kind != CUSTOMER)
        values = connection.execute(
            f"select distinct {mark.value('landed')} from {rows} as landed "
            f"where {leaving} and {mark.column} is not null"
        ).fetchall()
        found[mark.kind] = {value for (value,) in values}
    return found


def numbers_of(
    connection: duckdb.DuckDBPyConnection,
    batches: Mapping[str, Sequence[Path]],
    customer_ids: Iterable[str],
) -> Found:
    """All numbers under which persons have landed, their own and those of other systems.

    ``batches`` are the files of each table. The number that another system has is one of the
    customer's own where customers have profiles and none of them has it.
    """
    own = set(customer_ids)
    found: Found = {CUSTOMER: own, ACCOUNT: set(), ALIAS: set()}
    connection.execute(
        "create or replace temp table wanted as select unnest(?::varchar[]) as value", [sorted(own)]
    )
    for table in providers():
        if paths := batches.get(table.qualified_name):
            mark = next(mark for mark in marks(table) if mark.kind != CUSTOMER)
            values = connection.execute(
                f"select distinct {mark.value('landed')} from {read_parquet(*paths)} as landed "
                f"where customer_id in (select value from wanted) and {mark.column} is not null"
            ).fetchall()
            found[mark.kind] |= {value for (value,) in values}
    profiles = batches.get(CUSTOMERS.qualified_name)
    if profiles and found[ALIAS]:
        candidates = sorted({number_of(value) for value in found[ALIAS]})
        ((known, taken),) = connection.execute(
            "select count(*), list(distinct customer_id) filter (where customer_id in "
            f"(select unnest(?::varchar[]))) from {read_parquet(*profiles)}",
            [candidates],
        ).fetchall()
        others = connection.execute(
            "select distinct source_id from "
            f"{read_parquet(*batches[CUSTOMER_IDS.qualified_name])} "
            "where customer_id not in (select value from wanted)"
        ).fetchall()
        if known:
            found[CUSTOMER] = own | (
                set(candidates) - set(taken or ()) - {value for (value,) in others}
            )
    return found


def _either(conditions: Iterable[str]) -> str:
    listed = list(conditions)
    return f"({' or '.join(listed)})" if listed else "false"
