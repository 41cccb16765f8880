"""Identifiers that a person would take for the same: C1 and c1, 1001 and 1001.0, 7 and 007."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from landing.masking import masked
from landing.texts import folded_identifier


@dataclass(frozen=True)
class Alike:
    """How many identifiers are like another one, and two that are."""

    count: int
    example: tuple[str, str]

    def __str__(self) -> str:
        """In words."""
        one, other = (masked(identifier) for identifier in self.example)
        return (
            f"{self.count:,} identifiers differ from another one only by upper and lower case, "
            f"blanks, zeros before the number or .0 behind it, such as {one!r} and {other!r}: they "
            "are taken for different ones"
        )


def alike(connection: duckdb.DuckDBPyConnection, queries: Sequence[str]) -> Alike | None:
    """Identifiers that are alike in the column ``identifier`` of all queries together."""
    row = connection.execute(f"select {alike_count(queries)}").fetchone()
    assert row is not None
    if not row[0]:
        return None
    found = connection.execute(f"{alike_example(queries)} order by 1 limit 1").fetchone()
    assert found is not None
    return Alike(row[0], (found[0], found[1]))


def alike_count(queries: Sequence[str]) -> str:
    """SQL for the number of identifiers that are like another one."""
    # As numbers, so that millions of identifiers fit in memory.
    hashed = (
        f"select distinct hash(identifier) as this, hash({folded_identifier('identifier')}) as "
        f"alike from ({_union(queries)}) where identifier is not null"
    )
    groups = f"select count(*) as members from ({hashed}) group by alike having count(*) > 1"
    return f"(select coalesce(cast(sum(members) as bigint), 0) from ({groups}))"


def alike_example(queries: Sequence[str]) -> str:
    """SQL for two identifiers of each kind that are alike."""
    return (
        f"select min(identifier) as identifier, max(identifier) as alike from ({_union(queries)}) "
        f"where identifier is not null group by {folded_identifier('identifier')} "
        "having min(identifier) <> max(identifier)"
    )


def _union(queries: Sequence[str]) -> str:
    return " union all ".join(f"select distinct identifier from ({query})" for query in queries)
