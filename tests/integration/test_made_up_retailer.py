"""A made-up retailer goes through the whole warehouse, and what was spoilt in it is found again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import duckdb
import pytest
from tests_home import Home

SPOILT = 0.02


@pytest.fixture(scope="module")
def world(homes: Callable[[], AbstractContextManager[Home]]) -> Iterator[Home]:
    """A home in which a run on a world with spoilt rows has ended well."""
    with homes() as home:
        home.run(
            *("run", "--world", "--customers", "300", "--from", "2016-07-01"),
            *("--to", "2017-12-31", "--dirt", str(SPOILT)),
        )
        yield home


def test_every_spoilt_row_is_accounted_for_and_no_other(world: Home) -> None:
    planted = duckdb.sql(f"""
        select table_name, outcome, count(*) as planted
        from '{world.path}/truth/planted.parquet'
        group by all
    """).fetchall()
    found = world.published("""
        select table_name, 'duplicate', duplicate_rows from marts.landing_reconciliation
        union all
        select table_name, 'superseded', superseded_rows from marts.landing_reconciliation
        union all
        select table_name, 'quarantined', quarantined_rows from marts.landing_reconciliation
    """)
    sales = {row for row in found if row[0] in ("pos.orders", "pos.order_lines") and row[2]}
    assert sales == set(planted)
    assert world.published("select sum(unexplained_rows) from marts.landing_reconciliation") == [
        (0,)
    ]


def test_customers_are_those_of_the_truth(world: Home) -> None:
    prospects, people = duckdb.sql(f"""
        select count(*) filter (where is_prospect), count(*)
        from '{world.path}/truth/people.parquet'
    """).fetchall()[0]
    assert world.published(
        """
        select count(*) filter (where lifecycle_stage = 'prospect') >= ?, count(*)
        from marts.customer_lifecycle
    """.replace("?", str(prospects))
    ) == [(True, people)]


def test_who_registered_again_is_found_and_nobody_else(world: Home) -> None:
    one_person = """
        select one.customer_id, other.customer_id
        from {0} as one
        inner join {0} as other
            on one.person_id = other.person_id and one.customer_id < other.customer_id
    """
    found = set(world.published(one_person.format("marts.customer_identity")))
    true = set(duckdb.sql(one_person.format(f"'{world.path}/truth/identities.parquet'")).fetchall())
    by_nothing = {
        customer
        for (customer,) in duckdb.sql(f"""
            select customer_id from '{world.path}/truth/identities.parquet'
            where planted = 'again by nothing'
        """).fetchall()
    }
    assert found <= true
    assert {pair for pair in true - found if not by_nothing & {*pair}} == set()
    assert len(found) > 10
