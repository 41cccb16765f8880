"""A board's number is the metric's, and the mart's."""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from board_marts import CUSTOMERS, panels, publish
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from boards import draw, load, render_boards
from boards.answer import Row, kept_back
from boards.board import UNIT, Panel, known_metrics
from boards.show import written
from landing.contract import TABLES
from metrics import GRAINS, expression, query
from serving.language import speaking

LEAST = 10
TRUNCATED = {"week": "week", "month": "month"}


class Page(HTMLParser):
    """Panels by key: their numbers as machines read them and as people do; and all that is told."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.html = path.read_text(encoding="utf-8")
        self.numbers: dict[str, list[tuple[dict[str, str], str]]] = {}
        self.states: dict[str, str] = {}
        self._panel = ""
        self._number: dict[str, str] | None = None
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "section":
            self._panel = attributes["id"]
            self.numbers[self._panel] = []
            self.states[self._panel] = attributes["class"].split()[2]
        if tag == "data":
            self._number = attributes

    def handle_data(self, data: str) -> None:
        if self._number is not None:
            self.numbers[self._panel].append((self._number, data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "data":
            self._number = None


@pytest.fixture(scope="module")
def without_pictures() -> Any:
    """Charts show what tables hold, and drawing them is most of what a page costs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("trend", "ranges"):
            patch.setattr(draw, name, lambda *_, **__: Markup("<svg></svg>"))
        yield


@pytest.fixture(scope="module")
def pages(
    published: Path, tmp_path_factory: pytest.TempPathFactory, without_pictures: None
) -> Mapping[tuple[str, str], Page]:
    folder = tmp_path_factory.mktemp("pages") / "boards"
    rendered = render_boards(published, folder, least=LEAST, browser=None)
    assert rendered.pages == 2 * len(load())
    return {
        (language, board.key): Page(folder / language / f"{board.key}.html")
        for language in ("en", "zh")
        for board in load()
    }


def the_same(shown: Any, found: Any) -> bool:
    return float(shown) == pytest.approx(float(found), rel=1e-12, abs=1e-12)


def keys(row: Mapping[str, Any], names: list[str]) -> str:
    return json.dumps({name: row[name] for name in names}, default=str, sort_keys=True)


def by_metric(
    connection: duckdb.DuckDBPyConnection, name: str, by: list[str], sql: str
) -> Callable[[dict[str, Any]], Any]:
    cursor = connection.execute(sql)
    columns = [column[0] for column in cursor.description or []]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    found = {keys(row, by): row[name] for row in rows}
    return lambda told: found[keys(told, by)]


def in_mart(name: str, by: list[str]) -> str | None:
    """The metric counted in its mart another way, where it is an aggregate of its rows."""
    metric = known_metrics()[name]
    aggregate = expression(metric)
    if aggregate is None:
        return None
    columns = [
        f"cast(date_trunc('{grain}', {metric.time_column}) as date) as {grain}"
        if (grain := TRUNCATED.get(column))
        else column
        for column in by
    ]
    groups = ", ".join(str(number + 1) for number in range(len(by)))
    return f"select {', '.join([*columns, f'{aggregate} as {name}'])} from marts.{metric.mart}" + (
        f" group by {groups}" if groups else ""
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_shown_is_the_metrics_and_the_marts(
    published: Path, pages: Mapping[tuple[str, str], Page], language: str
) -> None:
    shown: set[str] = set()
    with duckdb.connect(published, read_only=True) as connection, speaking(language):
        for board, panel in panels():
            numbers = pages[language, board.key].numbers[panel.key]
            state = pages[language, board.key].states[panel.key]
            assert numbers or state != "shown", (board.key, panel.key)
            for name in panel.values:
                told = [
                    (json.loads(each["data-by"]), each["value"], text)
                    for each, text in numbers
                    if each["data-name"] == name
                ]
                if not told:
                    continue
                by = list(told[0][0])
                sources = [query(name, by), in_mart(name, by)] if panel.metrics else [None]
                lookups = [by_metric(connection, name, by, sql) for sql in sources if sql]
                for key, value, text in told:
                    where = (panel.key, name, key)
                    form = panel.format_of(name)
                    form = (key[UNIT] or "number") if form == UNIT else form
                    if not panel.metrics:
                        is_there(connection, panel, key, name, value)
                    number = Decimal(value) if value else None
                    for lookup in lookups:
                        found = lookup(key)
                        assert (found is None) == (number is None), where
                        assert found is None or the_same(number, found), where
                    assert text == written(form, number), where
                    shown.add(name)
    metrics = {name for _, panel in panels() for name in panel.metrics}
    assert metrics <= shown


def is_there(
    connection: duckdb.DuckDBPyConnection, panel: Panel, key: dict[str, Any], name: str, value: str
) -> None:
    """A row of the mart has these keys and this value."""
    conditions = [f"{column} is not distinct from ?" for column in key]
    conditions.append(f"{name} is not distinct from try_cast(? as double)")
    found = connection.execute(
        f"select count(*) from marts.{panel.mart} where {' and '.join(conditions)}",
        [*key.values(), value or None],
    ).fetchone()
    assert found is not None
    assert found[0], (panel.key, key, name, value)


def test_pages_name_nobody_and_need_nothing(pages: Mapping[tuple[str, str], Page]) -> None:
    for page in pages.values():
        assert not any(customer in page.html for customer in CUSTOMERS)
        assert not re.search(r"https?:|<script|<link|@import|@font-face|url\((?!#)", page.html)
        assert "<b>app</b>" not in page.html
        for wrong in ("None</", "nan", "NaN", "undefined", "{", "Infinity"):
            text = re.sub(
                r"<style>.*?</style>|data-by=\"[^\"]*\"|value=\"None\"", "", page.html, flags=re.S
            )
            assert not re.search(rf"\b{wrong}\b" if wrong.isalpha() else re.escape(wrong), text), (
                wrong
            )


# Values of few customers


def row(number: int, size: int) -> Row:
    return Row({"month": "m", "stage": number}, {"v": size}, {"v": size})


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(1, 20))
def test_no_small_group_is_shown_nor_can_be_worked_out(sizes: list[int], least: int) -> None:
    panel = next(panel for _, panel in panels() if panel.kind == "matrix")
    panel = Panel(**{**vars(panel), "metrics": ("v",), "by": ("stage",), "people": {"*": ("v",)}})
    rows = kept_back(panel, [row(number, size) for number, size in enumerate(sizes)], least)
    hidden = [each for each in rows if each.is_hidden]
    assert all(
        not 0 < size < least for size in (each.values["v"] for each in rows if each not in hidden)
    )
    assert all(each.values["v"] for each in hidden)
    few = [each for each in hidden if each.values["v"] < least]
    others = [size for size in sizes if size >= least]
    if few and len(hidden) == 1:
        assert not others, "the only one kept back is the total less the others"
    if not few:
        assert not hidden


@pytest.mark.parametrize(("size", "text"), [(9, "&lt;10"), (10, "10")])
def test_a_value_is_shown_from_so_many_customers_on(
    tmp_path: Path, size: int, text: str, without_pictures: None
) -> None:
    database = publish(tmp_path / "few.duckdb", rows=0)
    with duckdb.connect(database) as connection:
        connection.execute(
            "insert into marts.loyalty_tiers by name "
            "select i as customer_id, true as is_open, 'gold' as tier_recorded, "
            f"date '2024-03-04' as as_of_date from range({size + 30}) as r (i) "
        )
        connection.execute(
            "update marts.loyalty_tiers set tier_recorded = 'basic' "
            "where try_cast(customer_id as int) < 30"
        )
        connection.execute(
            "insert into marts.loyalty_tiers by name select 'x' || i as customer_id, "
            "true as is_open, 'silver' as tier_recorded, date '2024-03-04' as as_of_date "
            "from range(20) as r (i)"
        )
    board = next(board for board in load() if board.key == "loyalty")
    folder = tmp_path / "boards"
    render_boards(database, folder, least=LEAST, browser=None, languages=["en"], boards=[board])
    page = Page(folder / "en" / "loyalty.html")
    told = {each["value"] for each, _ in page.numbers["tiers"]}
    # Of three tiers the small one is not named, nor the smallest other one.
    assert told == ({"30", "20", "10"} if size == 10 else {"30"})
    assert ("2 more have fewer" in page.html) == (size < 10)


# States


def test_a_board_of_a_mart_that_is_not_there_or_empty_says_what_fills_it(
    tmp_path: Path, without_pictures: None
) -> None:
    for name, without, sentence in (
        ("empty", (), "has no rows for it"),
        ("missing", ("campaign_effects", "loyalty_points"), "The published file has no mart"),
    ):
        folder = tmp_path / name
        database = publish(tmp_path / f"{name}.duckdb", rows=0, without=without)
        render_boards(database, folder, least=LEAST, browser=None)
        for board, panel in panels():
            for language in ("en", "zh"):
                page = Page(folder / language / f"{board.key}.html")
                assert page.states[panel.key] == "empty", (board.key, panel.key)
                assert getattr(panel.fills, language) in page.html
        assert sentence in Page(folder / "en" / "campaigns.html").html


def test_files_that_would_fill_a_board_are_in_the_contract() -> None:
    known = {table.name for table in TABLES} | {"action_log"}
    for board, panel in panels():
        for text in (panel.fills.en, panel.fills.zh):
            named = set(re.findall(r"(?<![\w/])(\w+)\.csv", text))
            assert named <= known, (board.key, panel.key, named - known)
            assert named or "seeds/" in text or "run" in text or "运行" in text, (
                board.key,
                panel.key,
            )


def test_every_grain_that_a_panel_asks_for_is_one() -> None:
    for _, panel in panels():
        if panel.metrics and panel.over:
            assert panel.over in GRAINS
