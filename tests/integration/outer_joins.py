"""Outer joins that DuckDB can only make by comparing every row with every row.

It joins by hash where rows are equal in something and further conditions compare the two sides. A
condition on the kept side alone (``and orders.is_bearing``) or an ``or`` is looked at for every
pair: of a million rows that is hours. ``case when orders.is_bearing then orders.customer_id end =``
is the same and joins by hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp, parse_one

_COMPARISONS = (exp.EQ, exp.NullSafeEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_EQUALITIES = (exp.EQ, exp.NullSafeEQ)


def compared_in_pairs(compiled: Path) -> Iterator[tuple[str, str]]:
    """File and joined relation of every such join in a folder of compiled SQL."""
    for path in sorted(compiled.rglob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        for join in parse_one(sql, read="duckdb").find_all(exp.Join) if sql.strip() else ():
            if join.side and join.args.get("on") and not _is_hashed(join):
                yield path.stem, join.alias_or_name


def _is_hashed(join: exp.Join) -> bool:
    on = join.args["on"]
    conditions = [part.unnest() for part in (on.flatten() if isinstance(on, exp.And) else [on])]
    sides = [_sides(condition, join.alias_or_name) for condition in conditions]
    return all(sides) and any(
        isinstance(condition, _EQUALITIES) and side == "both"
        for condition, side in zip(conditions, sides, strict=True)
    )


def _sides(condition: exp.Expr, joined: str) -> str | None:
    """``both`` if one side is compared with the other, ``joined`` if it is about that one alone."""
    tables = _tables(condition)
    if tables == {joined}:
        return "joined"
    if isinstance(condition, _COMPARISONS):
        left, right = _tables(condition.left), _tables(condition.right)
        if (left == {joined} and joined not in right) or (right == {joined} and joined not in left):
            return "both"
    return None


def _tables(expression: exp.Expr) -> set[str]:
    return {column.table for column in expression.find_all(exp.Column)}
