"""Lists of customers beside the report."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from report_marts import AS_OF, contracts, marts_file, scored_base

from serving.report import render_report

IDS = ("=1+1", "+49", "-7", "@sum", "\tx", "＝1", "plain")


def base() -> dict[str, list[dict[str, Any]]]:
    """Customers with ids that a spreadsheet would run, one of them at risk."""
    return scored_base() | {
        "customer_360": [
            {
                "customer_id": customer,
                "as_of_date": AS_OF,
                "city": "Planted City",
                "lifecycle_stage": "lost" if number % 2 else "mature",
                "rfm_segment": "at_risk" if number < 2 else "champions",
                "churn_band": "high" if number == 0 else "low",
                "p_churn": 0.123456,
                "value_at_risk": Decimal("10.00"),
                "value_tier": "top_5_percent" if number == 6 else "rest",
                "clv_365d": Decimal("-5.50"),
                "net_revenue": Decimal(number - 3),
                "expected_next_purchase_date": AS_OF + timedelta(days=number * 7 - 7),
            }
            for number, customer in enumerate(IDS)
        ]
    }


def links(page: Path) -> dict[str, int]:
    """Files that a page links, by place, with the rows that it says they have."""
    found = re.findall(r'href="(lists/[^"]+)" download>[^<]* · ([\d,]+)<', page.read_text("utf-8"))
    return {place: int(rows.replace(",", "")) for place, rows in found}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_lists_hold_who_they_name_and_nothing_a_spreadsheet_runs(tmp_path: Path) -> None:
    page = render_report(marts_file(tmp_path / "a.duckdb", base()), tmp_path / "r" / "index.html")
    found = {Path(place).stem: read(tmp_path / "r" / place) for place in links(page)}
    assert {Path(place).stem: rows for place, rows in links(page).items()} == {
        name: len(rows) for name, rows in found.items()
    }
    assert {name: len(rows) for name, rows in found.items()} == {
        **{"at_risk": 1, "lapsed_with_value": 1, "top_value": 1, "due_soon": 2},
        **{"stage_lost": 3, "stage_mature": 4},
    }
    everybody = [row["customer_id"] for row in found["stage_lost"] + found["stage_mature"]]
    assert sorted(everybody) == sorted(name if name == "plain" else "'" + name for name in IDS)
    assert [row["customer_id"] for row in found["at_risk"]] == ["'=1+1"]
    assert [row["customer_id"] for row in found["lapsed_with_value"]] == ["'＝1"]
    # Due on the as-of date and a week later, and not on the day two weeks after it.
    assert {row["expected_next_purchase_date"] for row in found["due_soon"]} == {
        (AS_OF + timedelta(days=days)).isoformat() for days in (0, 7)
    }
    # Figures stay figures; nothing is in it that tells who somebody is.
    assert found["top_value"][0]["clv_365d"] == "-5.50"
    assert found["top_value"][0]["p_churn"] == "0.1235"
    assert "Planted City" not in "".join(
        file.read_text("utf-8") for file in (tmp_path / "r" / "lists").rglob("*.csv")
    )


def test_lists_change_with_the_page_and_go_with_it(tmp_path: Path) -> None:
    page = tmp_path / "r" / "index.html"
    render_report(marts_file(tmp_path / "a.duckdb", base()), page)
    before = links(page)
    told = page.read_bytes()
    folder = page.with_name("lists")

    # A file that cannot be rendered leaves the page and what it links.
    broken = marts_file(tmp_path / "broken.duckdb", base() | {"customer_360": []})
    with duckdb.connect(str(broken)) as connection:
        connection.execute("drop table marts.customer_value")
    with pytest.raises(duckdb.CatalogException):
        render_report(broken, page)
    assert page.read_bytes() == told
    assert all((page.parent / place).exists() for place in before)

    other = base()
    del other["customer_360"][1:]
    render_report(marts_file(tmp_path / "b.duckdb", other), page)
    after = links(page)
    assert after
    assert not after.keys() & before.keys()
    assert {file.relative_to(page.parent).as_posix() for file in folder.rglob("*.csv")} >= set(
        after
    )
    assert len(list(folder.iterdir())) == 1

    # Without customers there is nothing to download, and nothing stays.
    render_report(marts_file(tmp_path / "none.duckdb", {}), page)
    assert not links(page)
    assert not folder.exists()


def test_a_file_published_earlier_has_the_lists_that_it_can_have(tmp_path: Path) -> None:
    path = marts_file(tmp_path / "old.duckdb", base())
    with duckdb.connect(str(path)) as connection:
        connection.execute("alter table marts.customer_360 drop column expected_next_purchase_date")
        connection.execute("drop table marts.monthly_revenue")
    page = render_report(path, tmp_path / "index.html")
    names = {Path(place).stem for place in links(page)}
    assert "at_risk" in names
    assert "due_soon" not in names
    assert "no comparison: no whole month yet" in page.read_text("utf-8")


def test_contracts_have_every_column_of_the_lists() -> None:
    from serving.report.lists import _COLUMNS  # noqa: PLC0415

    (wide,) = (model for model in contracts() if model["name"] == "customer_360")
    assert set(_COLUMNS) <= {column["name"] for column in wide["columns"]}
    assert date.fromisoformat(str(AS_OF))
