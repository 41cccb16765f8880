"""How evenly order lines fall into partitions, and how those of a far larger retailer would.

    python bench/partitions.py HOME [--lines 100e9] [--customers 1e9] [--buckets 4096]

Reads the published order lines of a run. Sizes are measured in bytes of Parquet; those of the
larger retailer are told from the moments of what a customer buys: a bucket of many customers by
their hash varies by the coefficient of variation over the square root of their count. Whether that
holds is tried on the retailer itself, at several numbers of buckets. Distinct customers are counted
exactly and by a sketch.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path

import duckdb
from scipy.stats import norm

TRIED = (4, 16, 64, 256)
MEGABYTE = 2**20


def main() -> None:
    """Print the tables of docs/scale.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--lines", type=float, default=100e9)
    parser.add_argument("--customers", type=float, default=1e9)
    parser.add_argument("--buckets", type=int, default=4096)
    given = parser.parse_args()
    with duckdb.connect() as connection:
        published = given.home / "published" / "customer_lifecycle.duckdb"
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute("use published.marts")
        connection.execute("set threads = 2")
        connection.execute("set preserve_insertion_order = false")
        bytes_a_line = _bytes_a_line(connection)
        _by_day(connection, bytes_a_line, given.lines)
        _by_customer(connection, bytes_a_line, given)
        _distincts(connection)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[float, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(float(value) for value in row)


def _bytes_a_line(connection: duckdb.DuckDBPyConnection) -> float:
    """Of a month's lines, as a Parquet file with zstd in the order of their customers."""
    month = connection.execute(
        "select date_trunc('month', max(order_date)) - interval 1 month from fct_order_lines"
    ).fetchone()
    assert month is not None
    of_month = f"date_trunc('month', order_date) = '{month[0]}'"
    (lines,) = _one(connection, f"select count(*) from fct_order_lines where {of_month}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        connection.execute(
            f"copy (from fct_order_lines where {of_month} order by customer_id, order_id) "
            f"to '{path}' (format parquet, compression zstd)"
        )
        size = path.stat().st_size
    print(f"{lines:,.0f} lines of a month: {size / lines:.1f} bytes a line")
    return size / lines


def _heading(*columns: str) -> None:
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def _by_day(connection: duckdb.DuckDBPyConnection, bytes_a_line: float, lines: float) -> None:
    total, middle, most, days = _one(
        connection,
        """
        select sum(lines), median(lines), max(lines), count(*)
        from (select count(*) as lines from fct_order_lines group by order_date)
        """,
    )
    factor = lines / total * bytes_a_line / 2**30
    print(
        f"by day: {days:,.0f} partitions, median {middle * factor:,.1f} GB, largest "
        f"{most * factor:,.1f} GB ({most / middle:.2f} times the median)"
    )


def _by_customer(
    connection: duckdb.DuckDBPyConnection, bytes_a_line: float, given: argparse.Namespace
) -> None:
    connection.execute("""
        create temp table by_customer as
        select customer_id, count(*) as lines from fct_order_lines
        where customer_id is not null group by customer_id
    """)
    (all_lines,) = _one(connection, "select count(*) from fct_order_lines")
    known, customers, variation = _one(
        connection,
        "select sum(lines), count(*), stddev_pop(lines) / avg(lines) from by_customer",
    )
    print(
        f"lines without a customer: {1 - known / all_lines:.3f}; lines a customer: coefficient of "
        f"variation {variation:.2f}"
    )
    _heading("buckets", "customers in one", "largest over mean", "as the moments say")
    for buckets in TRIED:
        (largest,) = _one(
            connection,
            f"""
            select max(lines) / avg(lines) from (
                select sum(lines) as lines from by_customer group by hash(customer_id) % {buckets}
            )
            """,
        )
        expected = _largest(customers / buckets, variation, buckets)
        print(f"| {buckets} | {customers / buckets:,.0f} | {largest:.3f} | {expected:.3f} |")
    in_one = given.customers / given.buckets
    largest = _largest(in_one, variation, given.buckets)
    share_known = known / all_lines
    mean = given.lines * share_known / given.buckets * bytes_a_line / 2**30
    nobody = given.lines * (1 - share_known) * bytes_a_line / 2**30
    print(
        f"\n{given.buckets} buckets by customer at {given.lines:.0e} lines: mean {mean:,.2f} GB, "
        f"largest {largest:.3f} times that; lines without a customer in one bucket: "
        f"{nobody:,.0f} GB, {nobody / mean:,.0f} times the mean; spread by the order's hash: "
        f"{nobody / given.buckets:,.2f} GB more in each"
    )


def _largest(in_one: float, variation: float, buckets: int) -> float:
    """The largest of so many buckets over their mean, of independent customers.

    The count of customers in a bucket varies as well: by Poisson's variance.
    """
    error = math.sqrt((1 + variation**2) / in_one)
    return 1 + float(norm.ppf(1 - 0.5 / buckets)) * error


def _distincts(connection: duckdb.DuckDBPyConnection) -> None:
    _heading("customers by", "groups", "exact", "sketch", "median error", "largest")
    for name, key in {
        "month": "date_trunc('month', order_date)",
        "store and month": "store_id, date_trunc('month', order_date)",
        "product": "product_id",
    }.items():
        taken = []
        for number, function in enumerate(("count(distinct {})", "approx_count_distinct({})")):
            started = time.perf_counter()
            connection.execute(
                f"create or replace temp table found_{number} as select hash({key}) as key, "
                f"{function.format('customer_id')} as customers from fct_order_lines group by {key}"
            )
            taken.append(time.perf_counter() - started)
        groups, middle, most = _one(
            connection,
            """
            select count(*), median(off), max(off) from (
                select abs(b.customers / a.customers - 1) as off
                from found_0 as a inner join found_1 as b using (key)
                where a.customers > 0
            )
            """,
        )
        print(
            f"| {name} | {groups:,.0f} | {taken[0]:.1f} s | {taken[1]:.1f} s | {middle:.1%} "
            f"| {most:.1%} |"
        )


if __name__ == "__main__":
    main()
