"""English and Chinese: everything is said in the one that is read."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from report_marts import (
    PROJECT,
    Page,
    contracts,
    labels,
    marts_file,
    rendered,
    scored_base,
    vocabulary,
    without_sales,
)

from landing.contract import TABLES
from scoring.btyd import PURCHASE_MODELS, SPEND_MODELS
from scoring.customers.backtest import COVERAGE_METRICS
from scoring.customers.champion import NAIVE
from scoring.customers.forecast import BLEND, BTYD, PRIOR
from scoring.customers.panel import AVERAGE
from scoring.customers.reasons import TOPICS
from scoring.customers.stability import INPUTS
from scoring.metrics import AMOUNT_METRICS, PROBABILITY_METRICS
from serving import chinese
from serving.language import retell, say, speaking
from serving.report import render_report
from serving.report.names import Names
from serving.report.sections import GROUPS
from serving.report.sections.report_card import CALIBRATED, ERRORS

ROOM = PROJECT / "serving"


def said(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from said(node.body)
        yield from said(node.orelse)


def texts() -> set[str]:
    """What the code and the template say."""
    found = {name for name, _ in GROUPS}
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "say"
            ):
                found.update(text for argument in node.args[:1] for text in said(argument))
    for path in ROOM.rglob("*.jinja"):
        found.update(re.findall(r'say\("([^"]+)"', path.read_text(encoding="utf-8")))
    return found | {*CALIBRATED.values(), *(name for name, _ in ERRORS.values())}


def values(text: str) -> set[int]:
    """Which of its values a text takes."""
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return {int(name) if name else position for position, name in enumerate(names)}


def test_every_text_has_a_chinese_one() -> None:
    assert texts() - chinese.TEXTS.keys() == set()


def test_every_name_of_a_value_has_a_label_in_both_languages() -> None:
    rows = labels()
    assert len({(row["vocabulary"], row["value"]) for row in rows}) == len(rows) > 100
    for row in rows:
        for column in ("label_en", "label_zh"):
            assert (row[column] or "").strip(), row
        assert bool(row["meaning_en"]) == bool(row["meaning_zh"]), row
        assert row["label_zh"] != row["label_en"] or not re.search(
            r"[a-z]{2,} [a-z]{2,}", row["label_en"]
        ), f"still English: {row}"


def test_every_list_of_names_that_is_read_and_tested_has_names() -> None:
    known = {row["vocabulary"] for row in labels()}
    read = {
        argument.value
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and re.fullmatch(r"marts\.names(\.\w+)?", ast.unparse(node.func))
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    tested = {
        name
        for model in contracts()
        for place in (model, *model["columns"])
        for test in place.get("data_tests", [])
        for name in told(test)
    }
    assert "churn_driver" in read
    # Reasons are joined in a column: assert_quarantine_reasons_are_named.
    tested |= {"quarantine_reason"}
    # What publishing writes is no model: test_restatements.
    tested |= {"restatement_cause"}
    assert read <= tested
    # What nothing is tested against is not known to be a list.
    assert tested == known


def told(test: Any) -> list[str]:
    """The lists that a dbt test holds columns against."""
    if isinstance(test, str):
        return []
    lists = [
        *test.get("valid_columns", {}).get("arguments", {}).get("vocabularies", {}).values(),
        *(test[name]["arguments"]["vocabulary"] for name in test if name == "in_vocabulary"),
    ]
    return [name for one in lists for name in ([one] if isinstance(one, str) else one)]


def test_what_code_can_write_into_a_mart_has_a_label() -> None:
    spends = {
        f"{purchases}/{spend}"
        for purchases in (AVERAGE, *PURCHASE_MODELS)
        for spend in SPEND_MODELS
    }
    models = {AVERAGE, BLEND, BTYD, NAIVE, "hiatus", "lifetime", *PRIOR}
    assert models | PURCHASE_MODELS.keys() | spends == set(vocabulary("model"))
    metrics = {*AMOUNT_METRICS, *PROBABILITY_METRICS, *COVERAGE_METRICS, "loss", "later_year_bias"}
    assert metrics == set(vocabulary("metric"))
    assert TOPICS.keys() == set(vocabulary("churn_driver"))
    assert INPUTS.keys() < set(vocabulary("drift_variable"))

    assert all(table.reuse_reason.endswith("_number_reused") for table in TABLES)
    reasons = {"number_reused", "missing", "unknown", "future_date", "implausible_date"}
    for path in (PROJECT / "models" / "staging").rglob("base_*.sql"):
        rules = r'(?:rules=\{|^\s+)"(\w+)": '
        reasons.update(re.findall(rules, path.read_text(encoding="utf-8"), re.MULTILINE))
    assert "stray_date" in reasons
    reasons |= {
        rule.name for table in TABLES for rule in table.rules if rule.effect == "quarantine"
    }
    assert "negative_price" in reasons
    reasons = {re.sub("^negative_.*", "negative", reason) for reason in reasons}
    assert reasons | {"older_version_counts"} == set(vocabulary("quarantine_reason"))
    for table in TABLES:
        for column in table.columns:
            if vocabulary(column.name):
                assert set(column.accepted_values) <= set(vocabulary(column.name)), column.name


def test_reasons_of_quarantine_are_told_with_what_they_are_about(tmp_path: Path) -> None:
    reasons = "missing_customer_id, order_number_reused, unknown_order, a_new_reason"
    rows = scored_base()
    rows["quarantine_reasons"][0]["rejection_reasons"] = reasons
    text = rendered(tmp_path / "en", rows).text("accounting")
    assert "missing customer id, order number reused, unknown order, a new reason 7" in text
    text = rendered(tmp_path / "zh", rows, "zh").text("accounting")
    assert "缺少 customer id、order 编号重复使用、未知订单、a new reason 7" in text


def test_a_name_is_told_in_the_language_of_the_page() -> None:
    names = Names(labels())
    assert names("churn_driver", "hiatus") == "Time since the last purchase"
    assert names.within("return_match", "referenced") == "names its sale"
    assert names("churn_driver", "weather_of_late") == "Weather of late"
    assert names.values("churn_band", {"new_band", "low", "high"}) == ["high", "low", "new_band"]
    with speaking("zh"):
        assert names("churn_driver", "hiatus") == "距上次购买的时间"
        assert names.meaning("lifecycle_stage", "growing") == "购买多于以往。"


def test_every_noun_that_is_counted_has_a_chinese_one() -> None:
    nouns = {
        text
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "count"
        and len(node.args) > 1
        for text in said(node.args[1])
    }
    assert nouns
    assert nouns <= chinese.COUNTED.keys()


def test_chinese_texts_take_values_that_there_are() -> None:
    for text, told in chinese.TEXTS.items():
        assert values(told) <= values(text), text
        fields = [name for _, name, _, _ in string.Formatter().parse(told) if name is not None]
        assert all(fields) or not any(fields), f"numbered and unnumbered: {told}"


# What the data hold in words.
FROM_DATA = {"model of tomorrow", "future date"}


@pytest.mark.parametrize("base", [scored_base, without_sales])
def test_a_chinese_page_speaks_no_english(
    base: Callable[[], dict[str, list[dict[str, Any]]]], tmp_path: Path
) -> None:
    rows = base() | {"model_runs": []}
    page = rendered(tmp_path, rows, "zh")
    body = page.html.partition("<body>")[2]
    texts = re.findall(r">([^<]+)<", body) + re.findall(r' aria-label="([^"]+)"', body)
    prose = {
        phrase
        for text in texts
        for phrase in re.findall(r"[A-Za-z]{2,}(?:,? [a-z]{2,})+", unescape(text))
    }
    assert prose <= FROM_DATA


def test_reasons_are_told_in_the_language_of_the_page() -> None:
    reason = "last purchase 60 days ago, usually every 7 days (raises churn)"
    assert retell(reason) == reason
    with speaking("zh"):
        assert retell(reason) == "上次购买在 60 天前，通常每 7 天一次（流失风险升高）"
        assert retell("something new") == "something new"
        assert say("no such text {}", 1) == "no such text 1"
    assert say("Customers") == "Customers"


def test_one_file_has_both_languages_and_opens_in_the_one_that_is_set(tmp_path: Path) -> None:
    database = marts_file(tmp_path / "a.duckdb", scored_base())
    path = render_report(
        database, tmp_path / "zh.html", title="Ours & <theirs>", languages=["zh", "en"]
    )
    page = Page(path)
    ids = re.findall(r'\bid="([^"]+)"', page.html)
    assert len(ids) == len(set(ids))
    assert {"churn", "en-churn", "language-zh", "language-en"} <= set(ids)
    anchors = set(re.findall(r'href="#([^"]+)"', page.html))
    assert anchors <= set(ids)
    assert '<html lang="zh">' in page.html
    assert 'id="language-zh" aria-label="中文" checked' in page.html
    assert page.html.count("checked>") == 1
    assert "<title>Ours &amp; &lt;theirs&gt; · 截至 2026年4月1日</title>" in page.html
    assert "流失风险" in page.text("churn")
    assert "Risk of churn" in page.text("en-churn")
    assert "script" not in page.tags
