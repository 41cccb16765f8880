"""Every way in which a till writes a return lowers what its customer is worth, from that day on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
from tests_home import PROJECT_DIR, Home

ORDERS = "order_id,customer_id,ordered_at,order_status,order_type,original_order_id"
LINES = "order_line_id,order_id,product_id,quantity,net_revenue"
BACK = "2024-05-10"


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


def _regular() -> Iterator[tuple[str, str, str]]:
    """Orders of 30 customers who buy again and again, each in a rhythm of their own."""
    for customer in range(30):
        day = date(2023, 6, 1) + timedelta(days=customer)
        while day < date(2024, 6, 29) - timedelta(days=5 * (customer % 7)):
            yield f"r{customer}-{day}", f"r{customer}", str(day)
            day += timedelta(days=5 + customer % 11)


def _write(folder: Path) -> None:
    orders, lines = [ORDERS], [LINES]
    for order, customer, day in _regular():
        orders.append(f"{order},{customer},{day}T10:00:00,,,")
        lines.append(f"{order}-1,{order},p1,1,10.00")
    for name, way in WAYS.items():
        state = "returned" if name.startswith("state") else ""
        orders.append(f"{name}-1,{name},2024-03-01T09:00:00,{state},,")
        orders.append(f"{name}-2,{name},2024-04-01T09:00:00,,,")
        lines += [f"{name}-1-1,{name}-1,p1,1,100.00", f"{name}-2-1,{name}-2,p2,1,100.00"]
        if way.lines:
            customer = "" if name == "anonymous" else name
            document = f"{way.day}T10:00:00,{way.status},{way.kind},{way.original}"
            orders.append(f"{name}-3,{customer},{document}")
        lines += [
            f"{name}-3-{number},{name}-3,{product},{quantity},{amount}.00"
            for number, (product, quantity, amount) in enumerate(way.lines)
        ]
    lines += ["inline-1-2,inline-1,p1,-1,-90.00", "later-basket-2-2,later-basket-2,p1,-1,-90.00"]
    folder.mkdir()
    (folder / "orders.csv").write_text("\n".join(orders) + "\n")
    (folder / "order_lines.csv").write_text("\n".join(lines) + "\n")


RFM = "customer_id, recency_days, frequency, monetary_value, r_score, f_score, m_score, segment"
LIFECYCLE = (
    "customer_id, lifecycle_stage, previous_stage, stage_since, last_purchase_date, "
    "expected_gap_days, rhythm_class, purchase_trend, purchases_to_date, reactivations, "
    "trailing_12m_revenue"
)


def test_every_way_to_write_a_return_counts_from_its_day_on(home: Home, tmp_path: Path) -> None:
    _write(tmp_path / "files")
    home.run("run", "--from", str(tmp_path / "files"), "--landed-on", "2024-06-30")

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

    # Accounting: the money is off once, on the day of the return, to the cent. What no sale can
    # bear stays with the return.
    regular = 10 * len(list(_regular()))
    total = regular + sum(way.kept for way in WAYS.values()) - 50
    assert home.published(
        "select sum(net_revenue), sum(net_revenue_after_returns) from marts.fct_orders"
    ) == [(total, total)]
    assert home.published(
        "select order_type, net_revenue, ordered_amount from marts.fct_orders "
        "where order_id in ('state-1', 'type-3', 'void-3') order by order_id"
    ) == [("sale", 0, 100), ("return", -90, -90), ("return", 0, -90)]
    assert home.published(
        "select return_match, line_count from marts.return_matches order by match_rank"
    ) == [("referenced", 4), ("product", 8), ("amount", 1), ("unmatched", 2)]

    # What a return takes back was there before it: the past is what a replay shows.
    def shown(query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(home.warehouse_path, read_only=True) as connection:
            return connection.execute(f"{query} order by customer_id").fetchall()

    past = "where month_end = '2024-04-30'"
    history = [
        shown(f"select {RFM} from marts.customer_rfm_history {past}"),
        shown(f"select {LIFECYCLE} from marts.customer_lifecycle_history {past}"),
    ]
    subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), "--quiet", "run"),
            *("--select", "+customer_rfm", "+customer_lifecycle"),
            *("--vars", "{as_of_date: 2024-05-01}", "--target-path", tmp_path / "target"),
        ],
        cwd=PROJECT_DIR,
        env={**os.environ, "LIFECYCLE_HOME": str(home.path)},
        check=True,
    )
    assert history == [
        shown(f"select {RFM} from marts.customer_rfm where recency_days is not null"),
        shown(f"select {LIFECYCLE} from marts.customer_lifecycle"),
    ]
