"""Declarations of metrics, and what follows from them."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import metrics
from metrics.__main__ import PAGE
from metrics.contracts import CHANGELOG, LEDGER, broken, kept, promised, with_additions
from metrics.declaration import DeclarationError, inputs_of, load
from metrics.docs import with_generated
from metrics.marts import load_marts

LINES = [f"mart_{m}.column_{c} {t}" for m in "ab" for c in "xy" for t in ("bigint", "date")]

REVENUE: dict[str, Any] = {
    "name": "revenue",
    "label": {"en": "Revenue", "zh": "收入"},
    "description": {"en": "Revenue.", "zh": "收入。"},
    "type": "simple",
    "mart": "fct_orders",
    "expression": "sum(net_revenue)",
    "where": "is_valid_order",
    "time_column": "order_date",
    "grain": "day",
    "dimensions": ["channel_id"],
    "format": "money",
    "owner": "finance",
}
LATER = {key: value for key, value in REVENUE.items() if key not in ("name", "expression", "where")}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"mart": "fct_ordres"}, "no mart fct_ordres"),
        ({"expression": "sum(revenue)"}, "fct_orders has no column revenue"),
        ({"expression": "net_revenue"}, "is none of sum()"),
        ({"where": "is_valid and is_identified"}, "fct_orders has no column is_valid"),
        ({"dimensions": ["channel"]}, "fct_orders has no dimension channel"),
        ({"time_column": "channel_id"}, "fct_orders.channel_id is no time"),
        ({"grains": ["hour"]}, "hour is finer than day, or no grain"),
        ({"label": {"en": "Revenue"}}, "in English (en) and in Chinese (zh)"),
        ({"description": {"en": "Revenue.", "zh": ""}}, "in English (en) and in Chinese (zh)"),
        ({"owner": "nobody"}, "owner nobody is none of"),
        ({"format": "euros"}, "format euros is none of"),
        ({"formula": "x"}, "there is no formula"),
        ({"type": "ratio", "numerator": "revenue"}, "a ratio metric lacks denominator"),
    ],
)
def test_a_declaration_that_says_something_untrue_is_refused(
    change: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(DeclarationError, match=re.escape(problem)):
        _load(tmp_path, {**REVENUE, **change})


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (REVENUE, "revenue is declared in a and a"),
        (
            {**LATER, "name": "x", "type": "ratio", "numerator": "revenue", "denominator": "y"},
            "there is no metric y",
        ),
        (
            {**LATER, "name": "x", "type": "cumulative", "metric": "revenue", "window": "4 weeks"},
            "4 weeks is no window",
        ),
        (
            {
                **LATER,
                **{"name": "x", "type": "derived", "expression": "revenue / before"},
                **{"before": {"metric": "revenue", "offset": "52 weeks"}},
            },
            "52 weeks is no offset",
        ),
        (
            {
                **LATER,
                **{"name": "x", "type": "derived", "expression": "revenue * 2"},
                **{"mart": "fct_order_lines"},
            },
            "revenue is not of fct_order_lines",
        ),
    ],
)
def test_what_a_metric_is_computed_from_must_fit(
    second: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(DeclarationError, match=re.escape(problem)):
        _load(tmp_path, REVENUE, second)


def test_every_type_and_format_is_declared() -> None:
    assert {metric.type for metric in load()} == {
        *("simple", "ratio", "cumulative", "derived", "conversion"),
    }
    assert {metric.format for metric in load()} <= set(metrics.FORMATS)
    labels = [metric.label.zh for metric in load()]
    assert len(labels) == len(set(labels))


def test_a_metric_is_asked_only_by_what_it_can_be_told_by() -> None:
    for by, problem in (
        (["channel"], "has no dimension channel"),
        (["hour"], "has no dimension hour"),
        (["day", "month"], "by one grain of time"),
    ):
        with pytest.raises(metrics.QueryError, match=problem):
            metrics.query("net_revenue", by)
    with pytest.raises(metrics.QueryError, match="needs a grain of time"):
        metrics.query("net_revenue_28d")
    with pytest.raises(metrics.QueryError, match="is told by day, week, retail_week"):
        metrics.query("net_revenue_change_52_weeks", ["year"])
    with pytest.raises(metrics.QueryError, match="there is no metric nothing"):
        metrics.query("nothing")


def test_every_metric_can_be_asked_by_all_it_is_told_by_where_nothing_has_landed() -> None:
    with duckdb.connect() as published:
        published.execute("create schema marts")
        for mart in load_marts().values():
            columns = ", ".join(f"{name} {kind}" for name, kind in mart.columns.items())
            published.execute(f"create table marts.{mart.name} ({columns})")
        for metric in load():
            grains = metrics.grains_of(metric)
            asked = [*((grain, *metric.dimensions) for grain in grains)]
            for by in asked if metric.needs_time else [(), *asked]:
                rows = published.execute(metrics.query(metric, by)).fetchall()
                assert rows in ([], [(None,)], [(0,)]), (metric.name, by)


def test_a_day_outside_the_calendar_has_its_month() -> None:
    """The day of a landing is the clock's; the calendar is that of the data."""
    with duckdb.connect() as published:
        published.execute("create schema marts")
        published.execute("create table marts.dim_dates as select date '2017-01-01' as date_day")
        published.execute(
            "create table marts.landing_reconciliation as "
            "select 'pos.orders' as table_name, 7 as landed_rows, date '2026-11-26' as landed_on"
        )
        for grain, start in (("week", date(2026, 11, 23)), ("month", date(2026, 11, 1))):
            rows = published.execute(metrics.query("landed_rows", [grain])).fetchall()
            assert rows == [(start, 7)]


def test_bi_gets_one_aggregate_where_there_is_one() -> None:
    assert metrics.expression("orders") == "count(*) filter (where is_valid_order)"
    assert metrics.expression("average_order_value") == (
        "cast(sum(net_revenue_after_returns) filter (where is_valid_order) as double)"
        " / nullif(cast(count(*) filter (where is_valid_order) as double), 0)"
    )
    none = {metric.name for metric in load() if metrics.expression(metric) is None}
    assert {
        *("net_revenue_28d", "second_purchase_rate_30d", "points_liability"),
        *("net_revenue_change_52_weeks", "stage_customers"),
    } <= none
    assert not {"nps", "return_rate", "customers"} & none


def test_every_input_is_of_the_same_mart_but_for_conversions() -> None:
    by_name = {metric.name: metric for metric in load()}
    for metric in load():
        marts = {by_name[name].mart for name in inputs_of(metric)}
        assert metric.type == "conversion" or marts <= {metric.mart}


def test_the_page_is_current() -> None:
    committed = PAGE.read_text(encoding="utf-8")
    assert committed == with_generated(committed), "run: python -m metrics"


def test_no_mart_breaks_what_it_promised_without_a_word() -> None:
    ledger = LEDGER.read_text(encoding="utf-8")
    assert ledger == with_additions(ledger), "run: python -m metrics"
    changelog = CHANGELOG.read_text(encoding="utf-8")
    assert broken(promised(), kept(), changelog) == [], "name it in docs/changelog.md"


@pytest.mark.parametrize(
    ("now", "lost"),
    [
        (["a.x bigint", "a.y date", "b.z date"], []),
        (["a.x bigint", "a.y date", "a.new date", "b.z date"], []),
        (["a.x bigint", "b.z date"], ["a.y date"]),
        (["a.x bigint", "a.why date", "b.z date"], ["a.y date"]),
        (["a.x bigint", "a.y timestamp", "b.z date"], ["a.y date"]),
        (["a.x bigint", "a.y date"], ["b.z date"]),
    ],
    ids=["same", "added", "dropped", "renamed", "retyped", "mart gone"],
)
def test_a_break_needs_a_line_of_its_own(now: list[str], lost: list[str]) -> None:
    before = ["a.x bigint", "a.y date", "b.z date"]
    elsewhere = "# Changelog\n`a.y`\n\n## Marts\nNothing.\n\n## Commands\n`a.y` and `b`\n"
    assert broken(before, now, elsewhere) == lost
    assert broken(before, now, "## Marts\n- `a.y`: see `a.x`\n- `b` is gone\n") == []


@given(st.sets(st.sampled_from(LINES)), st.sets(st.sampled_from(LINES)))
def test_what_is_promised_is_never_forgotten(before: set[str], now: set[str]) -> None:
    """Whatever is merged in whichever order, a line that was there once is there or broken."""
    lost = broken(sorted(before), sorted(now), "## Marts\n")
    assert set(lost) == before - now


def _load(folder: Path, *entries: dict[str, Any]) -> None:
    (folder / "a.yml").write_text(
        yaml.safe_dump({"metrics": list(entries)}, allow_unicode=True), encoding="utf-8"
    )
    load(folder)
