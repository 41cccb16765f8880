"""Landing suites of the point of sale."""

from __future__ import annotations

from datetime import date

import great_expectations as gx

from expectations.landing.from_contract import contract_measures, day
from landing import contract

STALE_AFTER_DAYS = 7


def orders(landed_on: date) -> gx.ExpectationSuite:
    """Freshness, an even flow of orders, and customers who identify themselves.

    Orders that never become sales do not make data fresh or whole.
    """
    ahead = (
        "store_id in (select store_id from pos.stores, landing.manifest"
        " where table_name = 'pos.orders' and contains(time_zones_ahead, ',' || time_zone || ','))"
    )
    measures = contract_measures(
        contract.ORDERS,
        landed_on,
        strict=("original_order_id",),
        last_day=f"{day(landed_on)} + case when {ahead} then 1 else 0 end",
    )
    void = ", ".join(f"'{status}'" for status in contract.VOID_ORDER_STATUSES)
    visible = f"ordered_at < date '{landed_on}' + 1 and coalesce(order_status, '') not in ({void})"
    last_day = f"max(cast(ordered_at as date)) filter (where {visible})"
    recent = f"(select {last_day} from pos.orders)"
    bought = "cast(ordered_at as date)"
    measures.value(
        "days since the last order",
        f"date '{landed_on}' - {last_day}",
        f"the last order is at most {STALE_AFTER_DAYS} days older than the landing",
        "warning",
        high=STALE_AFTER_DAYS,
    )
    measures.value(
        "orders of the last 28 days to the 28 days before",
        f"count(*) filter (where {visible} and {bought} > {recent} - 28)"
        f" / nullif(count(*) filter (where {visible} and {bought} > {recent} - 56"
        f" and {bought} <= {recent} - 28), 0)",
        "there are as many orders as usual: between half and twice those of the 28 days before",
        "warning",
        low=0.5,
        high=2,
    )
    before = f"day < {recent} and day >= {recent} - 91"
    weekday = f"{before} and dayofweek(day) = dayofweek({recent})"
    measures.value(
        "orders of the last day to those of its weekday",
        f"(select any_value(orders) filter (where day = {recent}) / nullif(coalesce("
        f"case when count(*) filter (where {weekday}) >= 4"
        f" then median(orders) filter (where {weekday}) end,"
        f" median(orders) filter (where {before})), 0)"
        f" from (select {bought} as day, count(*) as orders from pos.orders where {visible}"
        " group by all))",
        "the last day, which sets the as-of date, is whole: it has at least a tenth of the orders"
        " that are usual on its weekday",
        "warning",
        low=0.1,
    )
    measures.value(
        "days without an order in the last 91",
        f"case when count({bought}) > 0"
        f" then least(91, {recent} - min({bought}) filter (where {visible}) + 1)"
        f" - count(distinct {bought}) filter (where {visible} and {bought} > {recent} - 91) end",
        "no load is missing: at most 27 of the last 91 days are without an order",
        "warning",
        high=27,
    )
    measures.value(
        "share of identified orders",
        "count(customer_id) / nullif(count(*), 0)",
        "at least a fifth of the orders carry a customer, or customer figures mean little",
        "warning",
        low=0.2,
    )
    measures.rows(
        "came back by its state alone",
        "order_status = 'returned' and coalesce(order_type, 'sale') = 'sale'"
        " and coalesce(original_order_id, order_id) = order_id and order_id in"
        " (select order_id from pos.order_lines group by order_id"
        " having sum(net_revenue) > 0 and min(quantity) >= 0)",
        "a return document has negative lines, an original order or the type return: an order in"
        " state returned without them is a sale that came back as a whole and counts for nothing",
        column="order_status",
        blocks=False,
    )
    measures.value(
        "largest share of one customer",
        "(select max(orders) / nullif(sum(orders), 0) from (select count(*) as orders"
        " from pos.orders where customer_id is not null group by customer_id)"
        " having count(*) >= 100)",
        "no customer number stands for a whole shop: at most 10% of the orders have the same",
        "warning",
        high=0.1,
    )
    return measures.suite()


def order_lines(landed_on: date) -> gx.ExpectationSuite:
    """Amounts with the right sign that add up, and usual values."""
    measures = contract_measures(contract.ORDER_LINES, landed_on)
    measures.rows(
        "money taken off without a reason",
        "quantity >= 0 and net_revenue < 0 and line_type is null",
        "what takes money off says why, by a negative quantity or by its line_type",
        column="net_revenue",
        blocks=False,
    )
    measures.rows(
        "return with a positive amount",
        "quantity < 0 and net_revenue > 0",
        "what is taken back has a negative amount; a positive one is turned",
        column="net_revenue",
        blocks=False,
    )
    measures.rows(
        "shelf price against the amount",
        "quantity >= 0 and gross_amount < 0 and net_revenue > 0",
        "gross_amount has the sign of net_revenue",
        column="gross_amount",
        blocks=False,
    )
    measures.rows(
        "money back in a void order",
        "net_revenue < 0 and order_id in (select order_id from pos.orders"
        " where order_status in ('cancelled', 'unavailable', 'test'))",
        "an order that never became a sale gives no money back: a credit note in state cancelled"
        " is a return, and counts only as one",
        column="net_revenue",
        blocks=False,
    )
    measures.rows(
        "net revenue does not add up",
        "gross_amount - coalesce(loyalty_discount, 0) - coalesce(promotion_discount, 0)"
        " - coalesce(coupon_match_discount, 0) <> net_revenue",
        "net revenue is gross amount less the retailer's discounts, but for 1% of the lines",
        column="net_revenue",
        tolerated_share=0.01,
        blocks=False,
    )
    measures.rows(
        "amount paid does not add up",
        "net_revenue - coalesce(manufacturer_coupon_discount, 0) <> amount_paid",
        "the amount paid is net revenue less manufacturers' coupons, but for 1% of the lines",
        column="amount_paid",
        tolerated_share=0.01,
        blocks=False,
    )
    measures.rows(
        "without revenue",
        "net_revenue = 0",
        "at most 10% of the lines are without revenue",
        column="net_revenue",
        tolerated_share=0.1,
    )
    measures.value("net revenue", "sum(net_revenue)", "there is revenue", "critical", low=0.01)
    measures.value(
        "mean line to median line",
        "avg(net_revenue) filter (where net_revenue > 0)"
        " / median(net_revenue) filter (where net_revenue > 0)",
        "line values are of one kind: the mean is at most 20 times the median",
        "warning",
        high=20,
    )
    measures.value(
        "orders without lines, share",
        "(select count(*) from pos.orders as o anti join pos.order_lines as l"
        " on o.order_id = l.order_id) / nullif((select count(*) from pos.orders), 0)",
        "at most 1% of the orders are without lines",
        "warning",
        high=0.01,
    )
    return measures.suite()


def products(landed_on: date) -> gx.ExpectationSuite:
    """Categories to analyse by."""
    measures = contract_measures(contract.PRODUCTS, landed_on)
    measures.rows(
        "without category",
        "category is null",
        "at least half of the products have a category",
        column="category",
        tolerated_share=0.5,
        blocks=False,
    )
    return measures.suite()


def stores(landed_on: date) -> gx.ExpectationSuite:
    """Time zones that there are."""
    measures = contract_measures(contract.STORES, landed_on)
    measures.rows(
        "unknown time_zone",
        "time_zone not in (select name from pg_timezone_names())",
        "time_zone is the IANA name of a time zone, such as Europe/Paris",
        column="time_zone",
        blocks=False,
    )
    return measures.suite()
