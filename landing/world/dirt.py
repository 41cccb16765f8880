"""Spoils rows of a world's sales, with a list of what was spoilt and what has to become of it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from landing import contract
from landing.contract import Table
from landing.engine import quote, read_parquet
from landing.world.spec import World
from landing.write import PARQUET_OPTIONS

# Kind, table, what becomes of the row, and how a row is changed that lands beside the right one.
KINDS: tuple[tuple[str, Table, str, dict[str, str]], ...] = (
    ("duplicate", contract.ORDER_LINES, "duplicate", {}),
    (
        "orphan",
        contract.ORDER_LINES,
        "quarantined",
        {"order_line_id": "order_line_id || '-orphan'", "order_id": "'0' || order_id"},
    ),
    (
        "missing",
        contract.ORDER_LINES,
        "quarantined",
        {"order_line_id": "order_line_id || '-missing'", "quantity": "null"},
    ),
    ("duplicate", contract.ORDERS, "duplicate", {}),
    (
        "future",
        contract.ORDERS,
        "quarantined",
        {"order_id": "order_id || '-future'", "ordered_at": "ordered_at + interval 20 year"},
    ),
    (
        "missing",
        contract.ORDERS,
        "quarantined",
        {"order_id": "order_id || '-missing'", "ordered_at": "null"},
    ),
    (
        "superseded",
        contract.ORDERS,
        "superseded",
        # The right version is corrected late; this one is what was told before.
        {"updated_at": "ordered_at", "order_status": "'pending'"},
    ),
)


def spoil(
    connection: duckdb.DuckDBPyConnection, world: World, where: Path, truth_dir: Path
) -> None:
    """Add spoilt rows to the batches of orders and order lines in ``where``.

    Of every kind, ``world.dirt`` over the number of kinds is spoilt of the table's rows. The list
    is ``planted`` in ``truth_dir``: table_name, row_key, kind and outcome, which is duplicate,
    superseded or quarantined.
    """
    connection.execute(
        "create table planted (table_name varchar, row_key varchar, kind varchar, outcome varchar)"
    )
    for table in (contract.ORDERS, contract.ORDER_LINES):
        key = table.key[0]
        of_table = [kind for kind in KINDS if kind[1] == table]
        for path in sorted(where.glob(f"{table.name}.*.parquet")):
            connection.execute(
                f"create or replace temp table rows as select * from {read_parquet(path)}"
            )
            late = "ordered_at + interval 1 day" if table == contract.ORDERS else "updated_at"
            spoilt = [f"select * replace ({late} as updated_at) from rows"]
            for kind, _, outcome, changed in of_table:
                is_it = f"{world.draw(kind, key)} < {world.dirt / len(of_table)}"
                values = {"updated_at": late, **changed}
                as_it_is = ", ".join(f"{sql} as {name}" for name, sql in values.items())
                spoilt.append(f"select * replace ({as_it_is}) from rows where {is_it}")
                new_key = changed.get(key, key)
                connection.execute(
                    f"insert into planted select '{table.qualified_name}', {new_key}, '{kind}', "
                    f"'{outcome}' from rows where {is_it}"
                )
            target = path.with_suffix(".spoilt")
            columns = ", ".join(
                f"cast({column.name} as {column.sql_type}) as {column.name}"
                for column in table.columns
            )
            connection.execute(
                f"copy (select {columns} from ({' union all '.join(spoilt)})) to {quote(target)} "
                f"({PARQUET_OPTIONS})"
            )
            target.replace(path)
    connection.execute(
        f"copy (select * from planted order by all) to {quote(truth_dir / 'planted.parquet')} "
        f"({PARQUET_OPTIONS})"
    )
