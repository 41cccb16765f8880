"""Columns are followed through a query to the tables that it reads."""

from pathlib import Path

import pytest

from orchestration import column_lineage as module
from orchestration.column_lineage import Followed, Source, column_lineage

ORDERS = ("core", "orders")
CUSTOMERS = ("core", "customers")


def test_columns_are_followed_through_ctes_joins_and_stars() -> None:
    sql = """
        with orders as (select * from "warehouse"."core"."orders"),
        totals as (
            select customer_id, sum(net_revenue - discount) as spent, count(*) as order_count
            from orders
            group by customer_id
        )
        select customers.name as customer_name, totals.spent, order_count, 'eur' as currency
        from totals
        left join "warehouse"."core"."customers" as customers using (customer_id)
    """
    columns = {
        ORDERS: ["customer_id", "net_revenue", "discount"],
        CUSTOMERS: ["customer_id", "name"],
    }
    assert column_lineage(sql, columns) == {
        "customer_name": [Source(*CUSTOMERS, "name")],
        "spent": [Source(*ORDERS, "discount"), Source(*ORDERS, "net_revenue")],
        "order_count": [],
        "currency": [],
    }


def test_a_table_that_is_not_known_is_no_error() -> None:
    assert column_lineage("select total from (select * from read_parquet('a'))", {}) == {
        "total": []
    }
    assert column_lineage("select o.a as b from core.orders as o", {}) == {
        "b": [Source(*ORDERS, "a")]
    }


def test_a_lineage_is_followed_again_only_if_it_may_be_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counted(sql: str, columns: dict[tuple[str, str], list[str]]) -> module.Lineage:
        asked.append(sql)
        return column_lineage(sql, columns)

    monkeypatch.setattr(module, "column_lineage", counted)
    path, sql = tmp_path / "lineage.json", "select * from core.orders"

    def follow(sql: str, *columns: str) -> module.Lineage:
        followed = Followed(path)
        found = followed.follow("orders", sql, {ORDERS: columns})
        followed.keep()
        return found

    assert follow(sql, "a") == follow(sql, "a") == {"a": [Source(*ORDERS, "a")]}
    assert asked == [sql]
    assert follow(sql, "a", "b") == {name: [Source(*ORDERS, name)] for name in "ab"}
    assert follow("select a as c from core.orders", "a", "b") == {"c": [Source(*ORDERS, "a")]}
    path.write_text("[]")
    assert follow("select a as c from core.orders", "a", "b") == {"c": [Source(*ORDERS, "a")]}
    assert len(asked) == 4
