"""What published figures became of the past: which changed, by how much, and why."""

import csv
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import PROJECT_DIR
from serving.publish import Audit, Mart, PublishedVersion, publish, restatements_of
from serving.restatements import CAUSES, Restatement, told

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
MARTS = [
    Mart("fct_orders", key=("order_id",)),
    Mart("monthly_revenue", key=("order_month",)),
    Mart("customer_value", key=("customer_id",)),
]
ORDERS = {
    "o1": ("2026-01-05", "10.00", "0.00"),
    "o2": ("2026-01-20", "5.50", "0.00"),
    "o3": ("2026-02-03", "7.00", "0.00"),
}
LANDED = {"pos.orders": ("a", 0), "crm.customers": ("a", 0)}


@dataclass
class Shop:
    """Publishes orders, and what a month of them sums up to."""

    home: Path
    orders: dict[str, tuple[str, str, str]] = field(default_factory=lambda: dict(ORDERS))
    factor: str = "1"
    published: list[PublishedVersion] = field(default_factory=list)

    def publish(
        self, as_of: str = "2026-02-10", landed: dict[str, tuple[str, int]] | None = None, **given
    ) -> list[Restatement]:
        with duckdb.connect(self.home / "warehouse.duckdb") as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(
                "create or replace table marts.fct_orders (order_id varchar, order_date date, "
                "net_revenue decimal(18, 2), returned_later_amount decimal(18, 2))"
            )
            for order_id, values in self.orders.items():
                connection.execute(
                    "insert into marts.fct_orders values (?, ?, ?, ?)", [order_id, *values]
                )
            connection.execute(f"delete from marts.fct_orders where order_date >= '{as_of}'")
            connection.execute(
                "create or replace table marts.monthly_revenue as select "
                "cast(date_trunc('month', order_date) as date) as order_month, "
                f"cast(sum(net_revenue) * {self.factor} as decimal(18, 2)) as net_revenue, "
                "avg(net_revenue) as revenue_per_order from marts.fct_orders group by 1"
            )
            connection.execute(
                "create or replace table marts.customer_value as "
                "select 'c1' as customer_id, sum(net_revenue) as net_revenue from marts.fct_orders"
            )
        path = self.home / "published" / "customer_lifecycle.duckdb"
        entry = publish(
            **{
                "warehouse_path": self.home / "warehouse.duckdb",
                "published_path": path,
                "versions_dir": path.parent / "versions",
                "marts": MARTS,
                "audit": Audit(passed=1),
                "as_of_date": date.fromisoformat(as_of),
                "code_revision": "abc",
                "run_id": "run",
                "keep_versions": 3,
                "compared_with": self.published[-1].version if self.published else None,
                "landed": landed or LANDED,
                "rules": {"dormant_factor": "3", "horizon": "90"},
                "now": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=len(self.published)),
                **given,
            }
        )
        self.published.append(entry)
        return restatements_of(path, entry.version)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        path = self.home / "published" / "customer_lifecycle.duckdb"
        with duckdb.connect(path, read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    assert shop.publish() == [], "there was nothing before"
    return shop


def figures(found: list[Restatement]) -> list[tuple[str, date, str, str]]:
    return [(row.mart, row.month_start, row.measure, row.cause) for row in found]


AGAIN = {**LANDED, "pos.orders": ("b", 0)}
REWRITTEN = {**LANDED, "pos.orders": ("b", 1)}


def test_the_same_figures_are_no_restatement_and_neither_is_what_came_since(shop: Shop) -> None:
    assert shop.publish() == []
    shop.orders["o4"] = ("2026-02-12", "3.00", "0.00")
    assert shop.publish("2026-03-05", AGAIN) == [], "February was not over, the 12th not visible"


def test_late_corrected_and_deleted_rows_are_told_apart(shop: Shop) -> None:
    shop.orders["late"] = ("2026-01-31", "4.00", "0.00")
    found = shop.publish(landed=AGAIN)
    assert figures(found) == [
        ("fct_orders", JANUARY, "net_revenue", "late_rows"),
        ("fct_orders", JANUARY, "rows", "late_rows"),
        ("monthly_revenue", JANUARY, "net_revenue", "late_rows"),
    ]
    assert (found[2].value_before, found[2].value_after) == (Decimal("15.50"), Decimal("19.50"))
    assert found[2].difference == Decimal("4.00")
    assert found[2].cause_detail == "landed late: 1 row of fct_orders"

    shop.orders["o1"] = ("2026-01-05", "11.00", "0.00")
    corrected = shop.publish(landed={**LANDED, "pos.orders": ("c", 1)})
    assert {cause for *_, cause in figures(corrected)} == {"corrected_rows"}
    del shop.orders["o2"]
    deleted = shop.publish(landed={**LANDED, "pos.orders": ("d", 2)})
    assert {cause for *_, cause in figures(deleted)} == {"deleted_rows"}
    shop.orders["o1"] = ("2026-02-05", "11.00", "0.00")
    moved = shop.publish(landed={**LANDED, "pos.orders": ("e", 3)})
    assert ("fct_orders", JANUARY, "rows", "deleted_rows") in figures(moved)
    assert ("fct_orders", FEBRUARY, "rows", "late_rows") in figures(moved)


@pytest.mark.parametrize(
    ("given", "cause", "detail"),
    [
        ({"code_revision": "def"}, "code_changed", "code abc to def"),
        (
            {"rules": {"dormant_factor": "4", "horizon": "90"}},
            "rules_changed",
            "rules: dormant_factor 3 to 4",
        ),
        ({"as_of": "2026-02-11"}, "as_of_moved", "as of 2026-02-10 to 2026-02-11"),
        ({"landed": AGAIN}, "landed_tables", "landed again: pos.orders"),
        ({}, "unknown", ""),
        (
            {"code_revision": "def", "as_of": "2026-02-11"},
            "several",
            "code abc to def; as of 2026-02-10 to 2026-02-11",
        ),
    ],
)
def test_what_no_row_explains_has_the_cause_that_is_left(
    shop: Shop, given: dict, cause: str, detail: str
) -> None:
    shop.factor = "1.1"
    (found,) = shop.publish(**given)
    assert (found.mart, found.cause, found.cause_detail) == ("monthly_revenue", cause, detail)


def test_a_change_elsewhere_in_the_row_does_not_explain_a_measure(shop: Shop) -> None:
    shop.factor = "1.1"
    shop.orders["o1"] = ("2026-01-05", "10.00", "10.00")
    found = {row.mart: row for row in shop.publish(landed=REWRITTEN, as_of="2026-02-11")}
    assert found["fct_orders"].measure == "returned_later_amount"
    assert found["fct_orders"].cause == "corrected_rows"
    assert found["monthly_revenue"].cause == "as_of_moved"


def test_restatements_are_kept_as_long_as_their_version(shop: Shop) -> None:
    for factor in ("1.1", "1.2", "1.3", "1.4"):
        shop.factor = factor
        shop.publish()
    kept = [entry.version for entry in shop.published[-3:]]
    assert shop.query("select version from marts.restatements order by version") == [
        (version,) for version in kept
    ]
    described = shop.query(
        "select count(*) from duckdb_columns() where table_name = 'restatements' "
        "and comment is not null"
    )
    assert described == [(10,)]
    shop.factor = "1.4"
    assert shop.publish() == []
    assert shop.published[-1].content_hash == shop.published[-2].content_hash


def test_a_line_tells_what_moved_most(shop: Shop) -> None:
    assert told([]) == ""
    shop.orders["late"] = ("2026-01-31", "4000.00", "0.00")
    assert told(shop.publish(landed=AGAIN)) == (
        "3 published figures changed, of 2026-01, in fct_orders, monthly_revenue (late rows); "
        "most: net_revenue of fct_orders 2026-01 from 15.5 to 4,015.5"
    )


def test_every_cause_has_a_name_in_both_languages() -> None:
    path = PROJECT_DIR / "seeds" / "accounting" / "accounting_labels.csv"
    with path.open(encoding="utf-8", newline="") as file:
        labels = [row for row in csv.DictReader(file) if row["vocabulary"] == "restatement_cause"]
    assert [row["value"] for row in labels] == list(CAUSES)
    assert all(row["label_en"] and row["label_zh"] for row in labels)
