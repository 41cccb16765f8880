"""Which columns of other tables a column is made of, as far as the SQL of a model tells."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlglot import exp, parse_one
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

DIALECT = "duckdb"

Relation = tuple[str, str]
"""Schema and table."""


class Source(NamedTuple):
    """A column of a table."""

    schema: str
    table: str
    column: str


Lineage = dict[str, list[Source]]
"""For each column of a query, what it is made of, sorted; nothing for a count of rows."""


def column_lineage(sql: str, columns: Mapping[Relation, Sequence[str]]) -> Lineage:
    """Follow each column that a query returns to the tables.

    ``columns`` are those of the tables that it reads, as far as they are known. Raises
    ``SqlglotError`` for what cannot be followed.
    """
    schema = MappingSchema(dialect=DIALECT)
    for (schema_name, table), names in columns.items():
        if names:
            schema.add_table(exp.table_(table, db=schema_name), dict.fromkeys(names, "unknown"))
    parsed = parse_one(sql, dialect=DIALECT)
    for found in parsed.find_all(exp.Table):
        # The database is left out: there is one.
        found.set("catalog", None)
    # Once for all columns: it would take most of the time.
    qualified = qualify(parsed, dialect=DIALECT, schema=schema, validate_qualify_columns=False)
    nodes = lineage(
        None,
        qualified,
        schema,
        dialect=DIALECT,
        scope=build_scope(qualified),
        # Copies of the query for every node, for a drawing.
        trim_selects=False,
        copy=False,
    )
    return {column: _leaves(node) for column, node in nodes.items()}


@dataclass
class Followed:
    """The lineage of models as it was last followed, kept in a file: it takes longer than reading.

    ``path`` holds one lineage for each model, with a hash of what it follows from. What cannot be
    read there is followed again.
    """

    path: Path
    _kept: dict[str, tuple[str, Lineage]] = field(init=False)
    _is_new: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Read what was kept."""
        try:
            kept = orjson.loads(self.path.read_bytes())
            self._kept = {
                model: (
                    of,
                    {name: [Source(*source) for source in found] for name, found in told.items()},
                )
                for model, (of, told) in kept.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            self._kept = {}

    def follow(self, model: str, sql: str, columns: Mapping[Relation, Sequence[str]]) -> Lineage:
        """``column_lineage``, as it was kept if neither the query nor what it reads has changed."""
        of = hashlib.sha256(repr((sql, sorted(columns.items()))).encode()).hexdigest()
        if self._kept.get(model, ("", {}))[0] != of:
            self._kept[model], self._is_new = (of, column_lineage(sql, columns)), True
        return self._kept[model][1]

    def keep(self) -> None:
        """Write the file, if anything is new."""
        if self._is_new:
            writing = self.path.with_name(self.path.name + ".writing")
            writing.write_bytes(orjson.dumps(self._kept, default=tuple))
            writing.replace(self.path)


def _leaves(column: Node) -> list[Source]:
    found = set()
    for node in column.walk():
        table = node.expression
        # A table whose columns are not known is a leaf with a star for a column.
        if not node.downstream and isinstance(table, exp.Table) and not node.name.endswith("*"):
            found.add(Source(table.db, table.name, exp.to_column(node.name).name))
    return sorted(found)
