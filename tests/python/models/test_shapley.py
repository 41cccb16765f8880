"""The macro ``shapley_share`` against the definition: all orders in which factors may change."""

from __future__ import annotations

from itertools import permutations
from math import factorial, prod
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

MACRO = Path(__file__).parents[3] / "macros" / "shapley_share.sql"
FACTORS = ["buyers", "frequency", "basket", "price"]

Side = list[float]


def by_definition(base: Side, now: Side) -> list[float]:
    """Mean over all orders of what each factor's change did when its turn came."""
    shares = [0.0] * len(base)
    for order in permutations(range(len(base))):
        levels = list(base)
        for factor in order:
            before = prod(levels)
            levels[factor] = now[factor]
            shares[factor] += (prod(levels) - before) / factorial(len(base))
    return shares


def by_macro(base: Side, now: Side) -> list[float]:
    """What the SQL of the macro says in DuckDB."""
    names = FACTORS[: len(base)]
    macro = (
        Environment(autoescape=False, extensions=["jinja2.ext.do"])
        .from_string(MACRO.read_text(encoding="utf-8"))
        .module
    )
    shares = [macro.shapley_share(names, name) for name in names]  # type: ignore[attr-defined]
    columns = ", ".join(
        f"{value!r}::double as {name}{side}"
        for side, values in (("_base", base), ("", now))
        for name, value in zip(names, values, strict=True)
    )
    found = duckdb.sql(f"select {', '.join(shares)} from (select {columns})").fetchone()
    assert found is not None
    return list(found)


LEVELS = st.floats(min_value=0, max_value=1000, allow_subnormal=False)


@settings(max_examples=50, deadline=None)
@given(
    st.integers(min_value=2, max_value=4).flatmap(
        lambda n: st.tuples(*[st.lists(LEVELS, min_size=n, max_size=n)] * 2)
    )
)
def test_shares_are_means_over_all_orders(sides: tuple[Side, Side]) -> None:
    base, now = sides
    scale = max(1.0, prod(max(pair) for pair in zip(base, now, strict=True)))
    found = by_macro(base, now)
    assert found == pytest.approx(by_definition(base, now), rel=1e-9, abs=1e-12 * scale)
    assert sum(found) == pytest.approx(prod(now) - prod(base), rel=1e-9, abs=1e-12 * scale)
