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
    without_sales,
)

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
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("marts.names")
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    tested = {
        name
        for model in contracts()
        for column in model["columns"]
        for test in column.get("data_tests", [])
        for name in told(column["name"], test)
    }
    assert "churn_driver" in read
    assert read <= tested
    assert tested - known == set()
    # What nothing is tested against is not known to be a list.
    assert known - tested == {"quarantine_reason"}


def told(column: str, test: Any) -> list[str]:
    """The lists that a dbt test holds a column against."""
    if test == "in_vocabulary":
        return [column]
    if not isinstance(test, dict) or "in_vocabulary" not in test:
        return []
    names = test["in_vocabulary"]["arguments"]["vocabulary"]
    return [names] if isinstance(names, str) else names


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
