"""A made-up world beside the Complete Journey: moments, shapes, seconds and memory.

    python bench/fidelity.py [CUSTOMERS] [--seed 1] [--from 2016-01-01] [--to 2017-12-31]

Moments are those of the last 365 days, of customers who bought in them. The KS complement is one
less the largest distance between two distribution functions. The world lands in a folder of its
own, which is removed.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from scipy import stats

from landing.complete_journey import land_complete_journey
from landing.engine import limit
from landing.world.land import land_world
from landing.world.spec import World

VIEWS = """
    create view sales as
    select order_id, customer_id, store_id, ordered_at, cast(ordered_at as date) as day
    from read_parquet('{landing}/pos/orders/*.parquet')
    where customer_id is not null and coalesce(order_type, 'sale') = 'sale'
        and order_status in ('completed', 'delivered')
        and ordered_at >= (
            select max(ordered_at) from read_parquet('{landing}/pos/orders/*.parquet')
        ) - interval 365 day;
    create view products as
    select product_id, category, brand_type from read_parquet('{landing}/pos/products/*.parquet');
    create table lines as
    select
        order_id, customer_id, quantity, net_revenue, gross_amount, category, brand_type
    from read_parquet('{landing}/pos/order_lines/*.parquet')
    inner join (select order_id, customer_id from sales) using (order_id)
    left join products using (product_id);
    create table baskets as
    select
        order_id, any_value(customer_id) as customer_id, count(*) as lines,
        sum(net_revenue) as value, count(distinct category) as categories
    from lines group by order_id;
    create table days as select distinct customer_id, day from sales;
    create table gaps as
    select customer_id, day - lag(day) over (partition by customer_id order by day) as gap
    from days;
    create table customers as
    select customer_id, sum(value) as value from baskets group by customer_id;
    create table per_year as select customer_id, count(*) as days from days group by customer_id;
"""

MOMENTS = {
    "lines a basket, mean": "select avg(lines) from baskets",
    "lines a basket, median": "select median(lines) from baskets",
    "lines a basket, p90": "select quantile_cont(lines, .9) from baskets",
    "lines a basket, p99": "select quantile_cont(lines, .99) from baskets",
    "quantity of one": "select avg((quantity = 1)::int) from lines",
    "categories a basket": "select avg(categories) from baskets",
    "categories a customer-year": """
        select avg(n) from (select count(distinct category) as n from lines group by customer_id)
    """,
    "basket value, median": "select median(value) from baskets",
    "basket value, mean": "select avg(value) from baskets",
    "basket value, p90": "select quantile_cont(value, .9) from baskets",
    "discounted lines": "select avg((gross_amount > net_revenue)::int) from lines",
    "discount share": "select 1 - sum(net_revenue) / sum(gross_amount) from lines",
    "private label share of sales": """
        select sum(net_revenue) filter (where brand_type = 'private') / sum(net_revenue) from lines
    """,
    "purchase days a year, p10": "select quantile_cont(days, .1) from per_year",
    "purchase days a year, median": "select median(days) from per_year",
    "purchase days a year, p90": "select quantile_cont(days, .9) from per_year",
    "gap, median": "select median(gap) from gaps",
    "gap, mean": "select avg(gap) from gaps",
    "gap, p90": "select quantile_cont(gap, .9) from gaps",
    "gap, own coefficient of variation": """
        select avg(v) from (
            select stddev_samp(gap) / avg(gap) as v from gaps
            where gap is not null group by customer_id having count(*) >= 2
        )
    """,
    "sales of the top 10%": """
        select sum(value) filter (where rank <= .1) / sum(value)
        from (select value, percent_rank() over (order by value desc) as rank from customers)
    """,
    "sales of the top 1%": """
        select sum(value) filter (where rank <= .01) / sum(value)
        from (select value, percent_rank() over (order by value desc) as rank from customers)
    """,
    "repeat share of the next basket": """
        with cut as (select max(day) - 92 as day from sales),
        bought as (
            select distinct customer_id, category from lines
            inner join (select order_id, day from sales) using (order_id)
            where day < (select day from cut)
        ),
        following as (
            select arg_min(order_id, ordered_at) as order_id from sales
            where day >= (select day from cut)
            and customer_id in (select customer_id from bought)
            group by customer_id
        ),
        baskets as (
            select distinct order_id, customer_id, category from lines
            where category is not null and order_id in (select order_id from following)
        )
        select avg(share) from (
            select order_id, avg((bought.category is not null)::int) as share
            from baskets left join bought using (customer_id, category) group by order_id
        )
    """,
    "Sundays": "select avg((dayofweek(ordered_at) = 0)::int) from sales",
    "Wednesdays": "select avg((dayofweek(ordered_at) = 3)::int) from sales",
    "Saturdays": "select avg((dayofweek(ordered_at) = 6)::int) from sales",
    "stores a customer, median": """
        select median(n) from (select count(distinct store_id) as n from sales group by customer_id)
    """,
}
VARIABLES = {
    "lines a basket": "select lines from baskets",
    "basket value": "select value from baskets",
    "categories a basket": "select categories from baskets",
    "line value": "select net_revenue from lines",
    "purchase days a year": "select days from per_year",
    "gap": "select gap from gaps where gap is not null",
    "sales a customer": "select value from customers",
    "hour of day": "select hour(ordered_at) from sales",
}
SAMPLE = 100_000


def opened(landing: Path) -> duckdb.DuckDBPyConnection:
    """The tables that moments are taken of."""
    connection = duckdb.connect(config={"memory_limit": "6GB", "threads": 2})
    connection.execute(VIEWS.format(landing=landing))
    return connection


def moment(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    """The one number of a query."""
    row = connection.execute(query).fetchone()
    return float("nan") if row is None or row[0] is None else float(row[0])


def sample(connection: duckdb.DuckDBPyConnection, query: str) -> np.ndarray:
    """Values of a variable: all, or a sample of them."""
    rows = connection.execute(
        f"select * from ({query}) using sample reservoir({SAMPLE} rows) repeatable (1)"
    ).fetchnumpy()
    return np.asarray(next(iter(rows.values())), dtype=float)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("customers", type=int, nargs="?", default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="first_day", default="2016-01-01")
    parser.add_argument("--to", dest="last_day", default="2017-12-31")
    parser.add_argument("--speed-only", action="store_true", help="Land, and compare nothing.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        limit("6GB", where)
        world = World(
            arguments.customers,
            date.fromisoformat(arguments.first_day),
            date.fromisoformat(arguments.last_day),
            arguments.seed,
        )
        started, cpu = time.perf_counter(), time.process_time()
        result = land_world(where / "world", world, where / "truth")
        rows = {table.table_name: table.rows for table in result.tables}
        print(
            f"{arguments.customers:,} customers, {rows['pos.order_lines']:,} order lines: "
            f"{time.perf_counter() - started:.1f} s, {time.process_time() - cpu:.1f} CPU s, "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB at most"
        )
        if arguments.speed_only:
            return
        land_complete_journey(where / "real")
        real, made = opened(where / "real"), opened(where / "world")
        print(f"\n{'moment':<36}{'real':>10}{'world':>10}{'ratio':>8}")
        for name, query in MOMENTS.items():
            expected, found = moment(real, query), moment(made, query)
            note = "" if abs(found / expected - 1) <= 0.1 else "  beyond 10%"
            print(f"{name:<36}{expected:>10.3f}{found:>10.3f}{found / expected:>8.2f}{note}")
        print(f"\n{'variable':<36}{'KS complement':>14}")
        for name, query in VARIABLES.items():
            distance = stats.ks_2samp(sample(real, query), sample(made, query)).statistic
            note = "" if distance <= 0.15 else "  below .85"
            print(f"{name:<36}{1 - distance:>14.3f}{note}")


if __name__ == "__main__":
    main()
