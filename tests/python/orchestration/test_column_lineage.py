"""Columns are followed through a query to the tables that it reads."""

from orchestration.column_lineage import Source, column_lineage

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
