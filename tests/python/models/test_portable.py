"""Models call nothing that one engine alone has: what engines do each their own way is in macros.

Whether the marts are the same on other engines is a matter of minutes (``make engines``); this
finds the function or the type that would stop them there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
# DuckDB, PostgreSQL and Spark have all of these, and mean the same by them.
FUNCTIONS = """
    abs avg ceil coalesce concat concat_ws count date_part dense_rank exp extract first_value floor
    greatest lag lead least length ln lower max min mod ntile nullif percent_rank power rank replace
    right round row_number sign split_part sqrt stddev_samp substring sum translate trim upper
    var_samp
"""
SYNTAX = "and as cast decimal else exists from in not on or over select then when where"
# Words of DuckDB's for what others call otherwise, or not at all.
WORDS = re.compile(
    r"\b(?:varchar|text|hugeint|struct|qualify|exclude|pivot|unpivot|asof|positional|ilike|glob|"
    r"group by all|order by all|filter)\b|::|\[|\{|->|//"
)


def plain(sql: str) -> str:
    """A model without comments, Jinja and what stands in quotes."""
    for pattern, instead in (
        (r"\{#.*?#\}|\{%.*?%\}", ""),
        (r"\{\{.*?\}\}", "x"),
        (r"--[^\n]*", ""),
        (r"'[^']*'", "''"),
    ):
        sql = re.sub(pattern, instead, sql, flags=re.DOTALL)
    return sql


def only_here(sql: str) -> list[str]:
    """What other engines may not have."""
    text = plain(sql)
    called = {
        name
        for name in re.findall(r"\b([a-z_0-9]+)\s*\(", text)
        if name not in SYNTAX.split() and name != "x"
    }
    return [*sorted(called - set(FUNCTIONS.split())), *WORDS.findall(text)]


def test_models_are_for_every_engine() -> None:
    assert len(MODELS) > 300
    found = {path.stem: only_here(path.read_text(encoding="utf-8")) for path in MODELS}
    assert {model: words for model, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select list_sum(a) from t", ["list_sum"]),
        ("select cast(a as varchar) from t", ["varchar"]),
        ("select a::date from t", ["::"]),
        ("select count(*) filter (where a) from t", ["filter", "filter"]),
        ("select 'strftime(' as a, {{ dbt.hash('b') }} -- list_sum(a)\nfrom t", []),
    ],
)
def test_what_one_engine_has_is_found(sql: str, found: list[str]) -> None:
    assert only_here(sql) == found
