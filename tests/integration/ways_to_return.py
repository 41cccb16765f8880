"""Every way in which a till writes a return, and what is left of the sales of its customer."""

from typing import NamedTuple

from tests_home import Home

BACK = "2024-05-10"
BEFORE = "2024-05-01"
"""A day that most of the returns are not known on."""


class Way(NamedTuple):
    """What is written of a return, and what it leaves of two sales of 100.00 each.

    Every customer buys p1 on the first of March and p2 on the first of April.
    """

    kept: int
    valid_orders: int
    lines: tuple[tuple[str, int, int], ...] = ()  # product, quantity, amount
    status: str = ""
    kind: str = ""
    original: str = ""
    day: str = BACK


WAYS = {
    "nothing returned": Way(200, 2),
    "reference": Way(110, 2, (("", -1, -90),), status="returned", original="reference-1"),
    "product": Way(100, 1, (("p1", -1, -100),)),
    "amount": Way(100, 1, (("", -1, -100),), day="2024-03-01"),
    "type": Way(110, 2, (("p1", 1, 90),), kind="return"),
    "original": Way(110, 2, (("p9", 1, 90),), status="returned", original="original-1"),
    "quantity": Way(110, 2, (("p1", -1, 90),)),
    "refund": Way(110, 2, (("p1", 1, -90),)),
    "fee": Way(110, 2, (("p1", -1, -100), ("fee", 1, 10)), status="returned"),
    "debt": Way(110, 2, (("p7", -1, -90),), day="2024-02-01"),
    "too-much": Way(0, 0, (("p7", -1, -250),)),
    "void": Way(200, 2, (("p1", -1, -90),), status="cancelled", kind="return"),
    "exchange": Way(110, 2, (("p1", -1, -90),), status="exchange", original="exchange-1"),
    "anonymous": Way(110, 2, (("p1", -1, -90),), status="returned", original="anonymous-1"),
    "inline": Way(110, 2),
    "later-basket": Way(110, 2),
    "state": Way(100, 1),
    "state-and-document": Way(110, 2, (("p1", -1, -90),)),
}
KEPT = sum(way.kept for way in WAYS.values())
UNMATCHED = -50
"""What returns take back beyond the sales that they could be of."""
ANONYMOUS = -90
"""What comes back without a customer, of a sale to a customer."""


def rows() -> tuple[list[str], list[str]]:
    """Orders (number, customer, time, state, number of the sale, type) and their lines."""
    orders, lines = [], []
    for name, way in WAYS.items():
        state = "returned" if name.startswith("state") else ""
        orders.append(f"{name}-1,{name},2024-03-01T09:00:00,{state},,")
        orders.append(f"{name}-2,{name},2024-04-01T09:00:00,,,")
        lines += [f"{name}-1-1,{name}-1,p1,1,100.00", f"{name}-2-1,{name}-2,p2,1,100.00"]
        if way.lines:
            customer = "" if name == "anonymous" else name
            document = f"{way.day}T10:00:00,{way.status},{way.original},{way.kind}"
            orders.append(f"{name}-3,{customer},{document}")
        lines += [
            f"{name}-3-{number},{name}-3,{product},{quantity},{amount}.00"
            for number, (product, quantity, amount) in enumerate(way.lines)
        ]
    lines += ["inline-1-2,inline-1,p1,-1,-90.00", "later-basket-2-2,later-basket-2,p1,-1,-90.00"]
    return orders, lines


def assert_they_count(home: Home) -> None:
    """Each lowers what its customer is worth, once and to the cent."""
    worth = {
        name: tuple(figures)
        for name, *figures in home.published(
            "select customer_id, sum(orders.net_revenue_after_returns), "
            "any_value(monetary_value), any_value(valid_order_count), "
            "any_value(average_order_value) from marts.fct_orders as orders "
            "inner join marts.customer_value using (customer_id) "
            "left join marts.customer_rfm using (customer_id) "
            "where order_type = 'sale' group by customer_id"
        )
    }
    for name, way in WAYS.items():
        money, average = (way.kept, way.kept / way.valid_orders) if way.kept else (None, None)
        assert (name, *worth[name]) == (name, way.kept, money, way.valid_orders, average)
    assert home.published(
        "select order_type, net_revenue, ordered_amount from marts.fct_orders "
        "where order_id in ('state-1', 'type-3', 'void-3') order by order_id"
    ) == [("sale", 0, 100), ("return", -90, -90), ("return", 0, -90)]


RFM = "customer_id, recency_days, frequency, monetary_value, r_score, f_score, m_score, segment"
LIFECYCLE = (
    "customer_id, lifecycle_stage, previous_stage, stage_since, last_purchase_date, "
    "expected_gap_days, rhythm_class, purchase_trend, purchases_to_date, reactivations, "
    "trailing_12m_revenue"
)


def history_before(home: Home) -> list[list[tuple[object, ...]]]:
    """What the marts that keep a history tell of the day ``BEFORE``."""
    past = f"where month_end = date '{BEFORE}' - 1 order by customer_id"
    return [
        home.published(f"select {RFM} from marts.customer_rfm_history {past}"),
        home.published(f"select {LIFECYCLE} from marts.customer_lifecycle_history {past}"),
    ]


def current(home: Home) -> list[list[tuple[object, ...]]]:
    """The same of a warehouse as of ``BEFORE``."""
    bought = "where recency_days is not null order by customer_id"
    return [
        home.published(f"select {RFM} from marts.customer_rfm {bought}"),
        home.published(f"select {LIFECYCLE} from marts.customer_lifecycle order by customer_id"),
    ]
