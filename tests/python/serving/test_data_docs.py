"""Data Docs: what the page says, and that it needs nothing but itself."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from expectations.validate import Finding, Judgement, TableValidation
from serving.data_docs import Checked, keep_results, render_data_docs
from serving.publish import PublishedVersion

AT = datetime(2024, 6, 30, 4, 5, tzinfo=UTC)
STATUS = "order_status is one of completed, cancelled"


def _orders(broken: Sequence[str] = ()) -> TableValidation:
    """A table with a rule that warns of a few rows and blocks at half of them."""

    def status(severity: str, expected: str) -> Judgement:
        finding = None
        if severity in broken:
            examples = ("order_id o<1>, order_status lost",)
            finding = Finding(
                "pos.orders", "order_status", severity, expected, 7, 9, examples=examples
            )
        return Judgement("order_status", severity, expected, "7 of 9 rows", finding=finding)

    judgements = (
        Judgement(None, "critical", "the columns and their types are those of the contract", "yes"),
        status("warning", STATUS),
        status("critical", f"{STATUS}; at least 50% of the rows must keep to it"),
        Judgement("ordered_at", "warning", "ordered_at is never empty", judged=False),
    )
    return TableValidation("pos.orders", "pos.orders", 9, judgements, 0.1)


def _version(run_id: str) -> PublishedVersion:
    return PublishedVersion(
        "20240630T040600Z", AT, date(2024, 6, 30), {"m": 1}, "hash", 9, 1, "abc", run_id
    )


def _page(
    docs: Path,
    published: PublishedVersion | None,
    broken: Sequence[str] = (),
    run_id: str = "run-b",
) -> str:
    keep_results(docs, "landing", [_orders(broken)], Checked(AT, run_id))
    return render_data_docs(docs, published).read_text()


def _text(page: str) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.S)).split()
    )


@pytest.mark.parametrize("broken", [(), ("warning",), ("warning", "critical")])
def test_the_page_needs_no_other_host_and_no_script(tmp_path: Path, broken: Sequence[str]) -> None:
    site = tmp_path / "landing" / "static" / "fonts"
    site.mkdir(parents=True)  # of pages that were written before
    (site / "old.html").write_text('<script src="https://cdn.example/jquery.js"></script>')
    page = _page(tmp_path, _version("run-b"), broken)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert path.name in ("index.html", "results.json")
            assert not re.search(r"https?:|//|<script|@import|url\(", path.read_text()), path
    assert set(re.findall(r'(?:href|src)="([^"#][^"]*)"', page)) == {"../report/index.html"}
    assert page == _page(tmp_path, _version("run-b"), broken)


def test_what_was_expected_and_found_is_told(tmp_path: Path) -> None:
    text = _text(_page(tmp_path, None))
    assert "blocks 0 warns 0 met 3 not judged 1 Not as expected" in text
    assert "Everything is as expected." in text
    assert f"order_status {STATUS} 7 of 9 rows warns met" in text
    assert "ordered_at ordered_at is never empty warns not judged" in text

    text = _text(_page(tmp_path, None, ["warning"]))
    told = f"warns pos.orders.order_status: 7 of 9 rows break the rule that {STATUS}."
    example = "For example order_id o&lt;1&gt;, order_status lost"
    assert f"{told} {example}" in text
    assert text.count(example) == 2, "at the top, and in the table"
    assert '<details id="pos.orders" open>' in _page(tmp_path, None, ["warning"])

    text = _text(_page(tmp_path, None, ["warning", "critical"]))
    assert f"blocks pos.orders.order_status: 7 of 9 rows break the rule that {STATUS}; at" in text
    assert told not in text, "what blocks is not told twice"


def test_the_header_says_when_for_which_date_in_which_run_and_what_is_published(
    tmp_path: Path,
) -> None:
    scores = TableValidation("scores.customer_scores", "scores.customer_scores", 5, (), 0.1)
    page = _page(tmp_path, None, run_id="run-a")
    assert "../report" not in page, "there is no report yet"
    assert "nothing was built yet" in page

    keep_results(tmp_path, "scores", [scores], Checked(AT, "run-a", date(2024, 6, 29)))
    text = _text(render_data_docs(tmp_path, _version("run-a")).read_text())
    assert (
        "Checked 30 June 2024, 04:05 UTC Run run-a As of 29 June 2024 "
        "Published version 20240630T040600Z Looked at 2 tables"
    ) in text

    later = Checked(AT.replace(hour=9), "run-b")
    keep_results(tmp_path, "landing", [_orders(["critical"])], later)
    text = _text(render_data_docs(tmp_path, _version("run-a")).read_text())
    assert "Run run-b As of nothing was built yet" in text
    assert "not from this run; people read version 20240630T040600Z, as of 30 June 2024" in text
    assert "Scores Checked 30 June 2024, 04:05 UTC, in an earlier run, run-a." in text
    assert text.count("in an earlier run") == 1


def test_an_area_that_is_checked_part_by_part_keeps_the_other_parts(tmp_path: Path) -> None:
    relations = ["marts.first", "marts.second"]

    def page(table: str, run_id: str, known: Sequence[str] = relations) -> str:
        checked = Checked(AT, run_id, date(2024, 6, 29))
        keep_results(tmp_path, "marts", [TableValidation(table, table, 5, (), 0.1)], checked, known)
        return _text(render_data_docs(tmp_path, None).read_text())

    page("marts.second", "run-a")
    text = page("marts.first", "run-a")
    assert "Looked at 2 tables" in text
    assert text.index("marts.first") < text.index("marts.second")
    assert "in an earlier run" not in text

    text = page("marts.first", "run-b")
    told = "0 expectations, checked 30 June 2024, 04:05 UTC, in an earlier run"
    assert text.count("in an earlier run") == 1
    assert text.index(told) > text.index("marts.second")
    assert "marts.second" not in page("marts.first", "run-b", ["marts.first"]), (
        "it is a mart no more"
    )


def test_results_of_another_version_of_the_page_do_not_stop_a_run(tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "results.json").write_text('{"tables": [{"name": "marts.old"}]}')
    page = _page(tmp_path, None)
    assert "pos.orders" in page
    assert "marts.old" not in page
