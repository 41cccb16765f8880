"""A world is the same every time, its twins differ in what was changed and its truth is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats

from landing.contract import CUSTOMERS, TABLES
from landing.world import (
    actions,
    baskets,
    identities,
    land,
    loyalty,
    people,
    purchases,
    tables,
    truth,
)
from landing.world.catalogue import DEARER_BY, TYPES, make_catalogue, shelf_query
from landing.world.land import land_world, make_world, put_on_shelf
from landing.world.spec import (
    BIASES,
    Bias,
    Parameters,
    World,
    WorldError,
    biases,
    changes,
    left_out,
)

WORLD = World(300, date(2016, 1, 1), date(2016, 6, 30), seed=3)


class Landed:
    """A world that has landed, as views named ``system_table``, its truth as ``truth_name``."""

    def __init__(self, where: Path, world: World) -> None:
        self.world = world
        land_world(where / "landing", world, where / "truth")
        self.connection = duckdb.connect()
        for table in TABLES:
            pattern = where / "landing" / table.system / table.name / "*.parquet"
            name = f"{table.system}_{table.name}"
            self.connection.execute(f"create view {name} as from read_parquet('{pattern}')")
        for path in sorted((where / "truth").glob("*.parquet")):
            self.connection.execute(f"create view truth_{path.stem} as from '{path}'")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def number(self, query: str) -> float:
        return float(self.rows(query)[0][0] or 0)

    def contents(self) -> dict[str, tuple[Any, ...]]:
        """Rows of each table, and a sum over their hashes, in which the order plays no part."""
        return {
            table.qualified_name: self.rows(
                f"select count(*), sum(hash(t)::hugeint) from {table.system}_{table.name} as t"
            )[0]
            for table in TABLES
        }

    def orders(self) -> set[str]:
        return {order for (order,) in self.rows("select order_id from pos_orders")}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    return Landed(tmp_path_factory.mktemp("world"), WORLD)


@pytest.fixture
def twin(tmp_path: Path) -> Callable[..., Landed]:
    return lambda **changed: Landed(tmp_path, replace(WORLD, **changed))


def test_every_table_has_rows(landed: Landed) -> None:
    empty = [name for name, (rows, _) in landed.contents().items() if not rows]
    assert empty == []


def test_a_seed_gives_the_same_rows_at_any_number_of_threads(
    landed: Landed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_thread(*args: Any) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(*args)
        connection.execute("set threads = 1")
        return connection

    monkeypatch.setattr(land, "connect", one_thread)
    assert Landed(tmp_path, WORLD).contents() == landed.contents()


def test_another_seed_is_another_world(landed: Landed, twin: Callable[..., Landed]) -> None:
    other = twin(seed=4).contents()
    assert all(other[name] != landed.contents()[name] for name in ("pos.orders", "crm.customers"))


def test_without_a_campaign_only_what_it_brought_is_gone(
    landed: Landed, twin: Callable[..., Landed]
) -> None:
    without = twin(without_campaigns=frozenset({"CMP002"}))
    touched = {
        customer
        for (customer,) in landed.rows(
            "select customer_id from truth_targets where campaign_id = 'CMP002' and not is_control"
        )
    }
    changed = landed.rows("select order_id, customer_id from pos_orders")
    there = without.orders()
    gone = {(order, customer) for order, customer in changed if order not in there}
    brought = {
        order for (order,) in landed.rows("select order_id from truth_orders where campaign_no = 1")
    }
    assert brought
    assert brought <= {order for order, _ in gone}
    assert {customer for _, customer in gone if customer} <= touched
    # What is the same order has the same lines.
    same = "select sum(hash(l)::hugeint) from pos_order_lines as l where order_id in ({})"
    kept = ", ".join(f"'{order}'" for order in sorted(there & landed.orders()))
    assert landed.rows(same.format(kept)) == without.rows(same.format(kept))


def test_less_spend_brings_less_and_disturbs_nobody_else(
    landed: Landed, twin: Callable[..., Landed]
) -> None:
    less = twin(spend_factors={"push": 0.5})
    touches = (
        "select count(*) from marketing_touchpoints "
        "where channel_id {} 'push' and campaign_id is null"
    )
    assert less.number(touches.format("<>")) == landed.number(touches.format("<>"))
    ratio = less.number(touches.format("=")) / landed.number(touches.format("="))
    # Half of the planned 5% of 8% at most: 1 - sqrt(1 - 5/8) of 8% remain.
    assert ratio == pytest.approx((1 - 0.375**0.5) / 0.625, abs=0.05)


def test_spend_of_months_differs_and_is_concave_but_where_it_is_steady(landed: Landed) -> None:
    months = landed.rows(
        "select channel_id, month, spend_over_plan, spend, touches from truth_channel_months"
        # The week that the world begins in belongs to the month before.
        " where month >= date '2016-01-01'"
    )
    levels = {
        channel: [level for name, _, level, *_ in months if name == channel]
        for channel in people.MARKETING
    }
    steady = {channel for channel, found in levels.items() if len(set(found)) == 1}
    assert steady == set(people.STEADY_CHANNELS)
    in_step = [a for a in levels for b in levels if a < b and levels[a] == levels[b]]
    assert len(in_step) == 1, "only the two steady ones"
    reach = {level: people.reach_ratio("email", level) for level in people.SPEND_LEVELS}
    for name, _, level, spend, touches in months:
        if name == "email":
            assert spend / touches == pytest.approx(0.004 * level / reach[level])
    assert list(reach.values()) == sorted(reach.values())
    assert reach[2.5] / 2.5 < reach[1.0] < reach[0.3] / 0.3


def _experiments(connection: duckdb.DuckDBPyConnection, world: World) -> dict[str, Any]:
    make_world(connection, world)
    found = connection.execute(
        "select lift_test_id, channel_id, incremental_outcome, standard_error from "
        f"({tables.channel_lift_tests(world, 'true')})"
    ).fetchall()
    return {test: figures for test, *figures in found}


def test_experiments_on_channels_tell_the_large_ones_from_nothing() -> None:
    """And count what campaigns of the channel brought, which a channel held back lacks as well."""
    world = World(6_000, date(2016, 1, 1), date(2016, 12, 31), seed=3)
    with duckdb.connect() as connection:
        found = _experiments(connection, world)
        campaigns = connection.execute(f"""
            select channel_id, first_day_index,
                sum(uplift * {purchases.there_share("first_day_index", purchases.CAMPAIGN_DAYS)})
            from targets
            inner join people using (person)
            left join departures using (person)
            where not is_control
            group by all
        """).fetchall()
    assert len(found) == 2 * len(people.MARKETING)
    strong = {channel for channel, lift, error in found.values() if lift > 2.6 * error}
    assert {"email", "search", "direct_mail"} <= strong
    every = frozenset(purchases.campaign_ids(world))
    with duckdb.connect() as connection:
        without = _experiments(connection, replace(world, without_campaigns=every))
    of_campaigns = dict.fromkeys(people.MARKETING, 0.0)
    for channel, first, orders in campaigns:
        days = [world.first_day + timedelta(first + n) for n in range(purchases.CAMPAIGN_DAYS)]
        of_campaigns[channel] += orders * np.mean(
            [day.month in (3, 4, 5, 9, 10, 11) for day in days]
        )
    assert min(of_campaigns[channel] for channel in purchases.CAMPAIGN_CHANNELS) > 0
    for channel in people.MARKETING:
        tests = [test for test, (name, *_) in found.items() if name == channel]
        lacking = sum(found[test][1] - without[test][1] for test in tests)
        noise = 3 * sum(found[test][2] - without[test][2] for test in tests)
        assert lacking == pytest.approx(of_campaigns[channel], abs=noise + 2 * len(tests))


def test_a_higher_price_is_paid_less_often(landed: Landed, twin: Callable[..., Landed]) -> None:
    dearer = twin(price_factors={"bread": 1.5})
    units = """
        select sum(quantity) from pos_order_lines inner join pos_products using (product_id)
        where category {} 'bread' and quantity > 0
    """
    assert dearer.number(units.format("=")) < 0.97 * landed.number(units.format("="))
    assert dearer.number(units.format("<>")) == landed.number(units.format("<>"))


def test_the_uplift_of_the_truth_is_what_the_twin_without_the_campaign_lacks() -> None:
    world = World(30_000, date(2016, 1, 1), date(2016, 2, 15), seed=7)
    orders = {}
    for name, twin in {
        "with": world,
        "without": replace(world, without_campaigns=frozenset({"CMP001"})),
    }.items():
        with duckdb.connect() as connection:
            make_world(connection, twin)
            orders[name] = dict(
                connection.execute("select person, count(*) from orders group by person").fetchall()
            )
            if name == "with":
                # Of those who are still there when it is over.
                targets = connection.execute("""
                    select person, is_put_off, uplift
                    from targets
                    inner join people using (person)
                    left join departures using (person)
                    where campaign_no = 0 and not is_control and buys
                        and (left_day_index is null or left_day_index > first_day_index + 14)
                """).fetchall()
    for of in (False, True):
        expected = [uplift for _, is_put_off, uplift in targets if is_put_off is of]
        found = [
            orders["with"].get(person, 0) - orders["without"].get(person, 0)
            for person, is_put_off, _ in targets
            if is_put_off is of
        ]
        error = np.std(found) / len(found) ** 0.5
        assert abs(np.mean(found) - np.mean(expected)) < 3 * error < abs(np.mean(expected))


def test_the_elasticities_of_the_truth_are_those_of_dearer_twins(
    landed: Landed, twin: Callable[..., Landed]
) -> None:
    step = 1.02
    names = [name for (name,) in landed.rows("select category from truth_categories")]
    dearer = twin(price_factors=dict.fromkeys(names, step))
    units = "select sum(quantity) from pos_order_lines where quantity > 0"
    found = np.log(dearer.number(units) / landed.number(units)) / np.log(step)
    expected = landed.number("""
        select sum(elasticity * units) / sum(units)
        from truth_categories
        inner join (
            select category, sum(quantity) as units
            from pos_order_lines inner join pos_products using (product_id)
            where quantity > 0 group by category
        ) using (category)
    """)
    # Prices are rounded to cents, and there are some thousand units to lose.
    assert found == pytest.approx(expected, rel=0.12)


def test_the_elasticities_of_products_are_those_of_a_dearer_shelf(landed: Landed) -> None:
    # The third product of every category one per cent dearer in all stores and weeks; choices are
    # those of the types that bought, as often as each did.
    shelf = shelf_query(WORLD, 0, (WORLD.days - 1 + WORLD.first_day.weekday()) // 7)
    bought = landed.connection.execute("""
        select category, type, count(*) as lines
        from pos_order_lines
        inner join pos_orders using (order_id)
        inner join truth_people using (customer_id)
        inner join pos_products using (product_id)
        where quantity > 0 and later_type is null
        group by category, type
    """).df()
    shares = {}
    with duckdb.connect() as connection:
        make_catalogue(connection, WORLD)
        connection.register("bought", bought)
        cases = " ".join(f"when {number} then '{name}'" for number, name in enumerate(TYPES))
        for step in (1.0, 1.01):
            connection.execute(
                "create or replace temp table dearer as select * replace (cast(case when rank_no "
                f"= 2 then price * {step} else price end as double) as price) from prices"
            )
            query = shelf.replace("from prices", "from dearer")
            shares[step] = dict(
                connection.execute(f"""
                    select category, sum(lines * acceptance * (t3 - t2))
                    from ({query})
                    inner join categories on shelf_key % 256 = category_no
                    inner join bought using (category)
                    where case (shelf_key // 256) % {len(TYPES)} {cases} end = type
                    group by category
                """).fetchall()
            )
    found = {of: np.log(shares[1.01][of] / shares[1.0][of]) / np.log(1.01) for of in shares[1.0]}
    expected = dict(
        landed.rows("""
            select category, elasticity
            from truth_products
            inner join pos_products using (product_id, category)
            where cast(substr(product_id, 2) as int) % 5 = 2
        """)
    )
    off = np.array([found[of] / expected[of] - 1 for of in found])
    assert len(off) > 100
    # What a category gives way is a tenth of it; a few weeks or equal types would be off by a
    # seventeenth on average.
    assert np.abs(off).mean() < 0.025


def test_nobody_buys_who_has_left_or_never_came(landed: Landed) -> None:
    assert (
        landed.number("""
            select count(*) from pos_orders inner join truth_people using (customer_id)
            where order_type = 'sale' and (cast(ordered_at as date) > left_on or is_prospect)
        """)
        == 0
    )
    share = landed.number("select avg(is_prospect::int) from truth_people")
    assert 0.1 <= share <= 0.2
    assert landed.number("select count(*) from truth_people where left_on is not null") > 0


def test_deliveries_are_a_day_late_or_more_and_else_there_before_they_were_promised(
    landed: Landed,
) -> None:
    found = landed.rows("""
        select
            channel_id,
            count(*),
            count(*) filter (where fulfilled_at >= promised_at + interval 1 day),
            count(*) filter (where fulfilled_at > promised_at - interval 1 hour
                and fulfilled_at <= promised_at),
            count(distinct promised_at - fulfilled_at) > 100
        from pos_orders
        where fulfilled_at is not null
        group by channel_id
    """)
    assert {channel for channel, *_ in found} == {"web", "app", "delivery"}
    for channel, orders, late, on_time, are_spread in found:
        assert late + on_time == orders
        expected = {"web": 0.05, "app": 0.05, "delivery": 0.10}[channel] * orders
        assert abs(late - expected) < 4 * expected**0.5
        assert are_spread


def test_a_store_is_dearer_on_its_shelf_and_at_its_till_when_its_truth_says_so(
    over_a_year: Landed,
) -> None:
    """By product, against the same store's quarters before and after.

    Longer spans have cheap weeks in which more is bought, so that what is paid in them is less.
    """
    at_the_till = """
        select pos_orders.store_id, product_id, cast(ordered_at as date) as day,
            net_revenue / quantity as price
        from pos_order_lines inner join pos_orders using (order_id)
        where order_type = 'sale'
    """
    on_the_shelf = """
        select store_id, product_id, valid_from as day, regular_price as price
        from marketing_prices
    """
    for prices in (on_the_shelf, at_the_till):
        found = over_a_year.rows(f"""
            with told as (
                select p.*, valid_from, day between valid_from and valid_to as is_dearer
                from ({prices}) as p
                inner join truth_dearer_stores as d
                    on p.store_id = d.store_id and day between valid_from - 91 and valid_to + 91
            ),
            products as (
                select
                    store_id, product_id,
                    avg(ln(price)) filter (where is_dearer)
                        - avg(ln(price)) filter (where not is_dearer) as change
                from told
                group by store_id, product_id, valid_from
            )
            select store_id, avg(change) from products where change is not null group by store_id
        """)
        assert len(found) >= 2
        for _, change in found:
            assert change == pytest.approx(np.log(1 + DEARER_BY), abs=0.03)


def test_every_order_has_lines_and_every_line_an_order(landed: Landed) -> None:
    assert (
        landed.number("""
            select count(*) from pos_orders
            full join (select distinct order_id from pos_order_lines) as l using (order_id)
            where pos_orders.order_id is null or l.order_id is null
        """)
        == 0
    )


def test_categories_meet_by_chance_but_for_companions_and_rivals(landed: Landed) -> None:
    """Draws that hang together would keep unrelated categories apart, or bring them together."""
    met = {
        frozenset(pair): (seen, expected)
        for *pair, seen, expected in landed.rows("""
            with baskets as (
                select distinct order_id, category
                from pos_order_lines inner join pos_products using (product_id) where quantity > 0
            ),
            large as (
                select order_id, category, count(*) over (partition by order_id) as size
                from baskets
            ),
            medium as (select * from large where size between 20 and 40),
            single as (
                select category, count(*) / (select count(distinct order_id) from medium) as share
                from medium group by category
            )
            select a.category, b.category, count(c.order_id),
                any_value(a.share * b.share) * (select count(distinct order_id) from medium)
            from single as a inner join single as b on a.category < b.category
            left join (
                select x.order_id, x.category as one, y.category as other
                from medium as x inner join medium as y using (order_id)
            ) as c on a.category = c.one and b.category = c.other
            group by a.category, b.category
        """)
    }
    rivals = {frozenset(pair) for pair in landed.rows("select category, rival from truth_rivals")}
    assert all(met[pair][0] == 0 for pair in rivals if pair in met)
    never = {pair for pair, (seen, expected) in met.items() if expected > 12 and not seen}
    assert never <= rivals


def test_who_is_reached_by_two_campaigns_at_a_time_gives_less_to_the_second(
    landed: Landed, twin: Callable[..., Landed]
) -> None:
    without = twin(without_campaigns=frozenset({"CMP002"}))
    uplift = "select customer_id, uplift from truth_targets where campaign_id = '{}' and is_reached"
    first, second = (dict(landed.rows(uplift.format(name))) for name in ("CMP002", "CMP003"))
    alone = dict(without.rows(uplift.format("CMP003")))
    both = [
        customer
        for customer in first.keys() & second.keys()
        if first[customer] > 0 and second[customer] > 0
    ]
    assert both
    for customer in both:
        assert second[customer] < alone[customer]
        assert first[customer] == pytest.approx(alone[customer] - second[customer])


def test_who_is_held_out_is_in_no_campaign(landed: Landed) -> None:
    held_out = {
        customer
        for (customer,) in landed.rows("select customer_id from truth_people where is_holdout")
    }
    in_a_campaign = {
        customer
        for (customer,) in landed.rows("""
            select customer_id from marketing_campaign_targets where campaign_id <> 'HOLDOUT'
        """)
    }
    assert held_out
    assert not held_out & in_a_campaign
    assert set(
        landed.rows("""
            select customer_id, is_control from marketing_campaign_targets
            where campaign_id = 'HOLDOUT'
        """)
    ) == {(customer, True) for customer in held_out}


NOT_RANDOMISED = """
    select avg({of}) filter (where not is_randomised) / avg({of}) filter (where is_randomised)
    from targets inner join people using (person) inner join campaigns using (campaign_no)
    where not is_control
"""
BIASED: dict[Bias, str] = {
    "selection": NOT_RANDOMISED.format(of="rate"),
    "hidden": NOT_RANDOMISED.format(of="leaving_rate"),
    "spillover": "select avg(is_reached::int) from targets where is_control",
    "measurement": "select -count(*) from ({touchpoints}) where channel_id = 'display'",
}


def _biased(*of: Bias) -> dict[Bias, float]:
    world = World(1_500, date(2016, 1, 1), date(2016, 5, 31), seed=7, biases=frozenset(of))
    with duckdb.connect() as connection:
        make_world(connection, world)
        touchpoints = tables.touchpoints(world, "true")
        return {
            bias: float(connection.execute(query.format(touchpoints=touchpoints)).fetchall()[0][0])
            for bias, query in BIASED.items()
        }


def test_whose_records_are_one_persons_changes_nothing_that_anybody_does(
    landed: Landed, twin: Callable[..., Landed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "BLOCKS", dict.fromkeys(identities.BLOCKS, 0.0))
    alone = twin()
    changed = {name for name, rows in landed.contents().items() if rows != alone.contents()[name]}
    assert changed == {"crm.customers", "loyalty.accounts"}
    personal = {column.name for column in CUSTOMERS.columns if column.personal}
    kept = ", ".join(c.name for c in CUSTOMERS.columns if c.name not in personal)
    query = f"select {kept} from crm_customers order by all"
    assert landed.rows(query) == alone.rows(query)
    for world, again in ((landed, True), (alone, False)):
        assert world.rows("""
            select bool_or(planted like 'again %'),
                bool_and((planted like 'again %') = (person_id <> customer_id)),
                count(*) = (select count(distinct customer_id) from crm_customers)
            from truth_identities
        """) == [(again, True, True)]


def test_a_bias_is_in_what_it_is_said_to_be() -> None:
    assert set(BIASED) == set(BIASES)
    without = _biased()
    for bias, before in without.items():
        assert _biased(bias)[bias] > before + 0.2 * abs(before)


def test_joining_brings_what_its_truth_says_and_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(3_000, date(2016, 1, 1), date(2016, 12, 31), seed=7)
    orders = {}
    for effect in (purchases.JOINING_EFFECT, 0.0):
        monkeypatch.setattr(purchases, "JOINING_EFFECT", effect)
        with duckdb.connect() as connection:
            make_world(connection, world)
            orders[effect] = dict(
                connection.execute("select order_no, day_index from orders").fetchall()
            )
            if effect:
                own, brought, before = connection.execute(f"""
                    select
                        count(*) filter (where {truth.OWN}),
                        count(*) filter (where order_no >= {purchases.FROM_JOINING}),
                        count(*) filter (where order_no >= {purchases.FROM_JOINING}
                            and day_index < enrolled_day_index)
                    from orders inner join members using (person)
                    where day_index >= enrolled_day_index or order_no >= {purchases.FROM_JOINING}
                """).fetchall()[0]
    with_, without = orders.values()
    assert without.items() <= with_.items()
    assert len(with_) - len(without) == brought
    assert before == 0
    expected = 0.12 * own
    assert abs(brought - expected) < 4 * expected**0.5


def test_actions_bring_what_they_say_to_whom_they_are_done_and_change_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(1_500, date(2016, 1, 1), date(2016, 12, 31), seed=7)
    orders = {}
    planted = dict(actions.ACTIONS)
    for effect in (1.0, 0.0):
        changed = {
            name: (share, effect * brings, *rest)
            for name, (share, brings, *rest) in planted.items()
        }
        monkeypatch.setattr(actions, "ACTIONS", changed)
        with duckdb.connect() as connection:
            make_world(connection, world)
            orders[effect] = dict(
                connection.execute("select order_no, day_index from orders").fetchall()
            )
            if effect:
                expected, drawn, held, suppressed = connection.execute(f"""
                    select
                        sum(uplift) filter (where is_taken and buys and (left_day_index is null
                            or left_day_index > day_index + {actions.WINDOW_DAYS})
                            and day_index + {actions.WINDOW_DAYS} <= {world.days}),
                        count(*) filter (where not is_suppressed),
                        avg(is_control::int) filter (where not is_suppressed),
                        count(*) filter (where is_suppressed and (is_taken or is_control))
                    from action_decisions left join departed using (person)
                """).fetchall()[0]
    with_, without = orders.values()
    assert without.items() <= with_.items()
    brought = [order for order in with_.keys() - without.keys() if order >= actions.FROM_ACTION]
    assert len(brought) == len(with_) - len(without)
    # Of those who leave within the days of an action some come before they do.
    assert 0.9 * expected - 4 * expected**0.5 < len(brought) < 1.15 * expected + 4 * expected**0.5
    spread = (actions.CONTROL_SHARE * (1 - actions.CONTROL_SHARE) / drawn) ** 0.5
    assert abs(held - actions.CONTROL_SHARE) < 4 * spread
    assert suppressed == 0


@pytest.fixture(scope="module")
def over_a_year(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    world = World(250, date(2016, 1, 1), date(2017, 3, 31), seed=3)
    return Landed(tmp_path_factory.mktemp("year"), world)


def test_a_tier_follows_from_points_that_landed_and_brings_its_share(over_a_year: Landed) -> None:
    assert (
        over_a_year.number("""
            with earned as (
                select customer_id, sum(points) as points
                from loyalty_points inner join loyalty_accounts using (account_id)
                where entry_type = 'earn' and year(entered_at) = 2016 group by customer_id
            )
            select count(*)
            from truth_tiers left join earned using (customer_id)
            left join loyalty_accounts as a using (customer_id)
            where qualifying_points <> coalesce(points, 0) or truth_tiers.tier <> a.tier
                or truth_tiers.tier <> case when qualifying_points >= 2500 then 'gold'
                    when qualifying_points >= 1000 then 'silver' else 'basic' end
        """)
        == 0
    )
    found = over_a_year.rows("""
        select effect, sum(own_purchase_days), sum(tier_orders) from truth_tiers group by effect
    """)
    assert {effect for effect, _, _ in found} == {0, 0.08, 0.16}
    for effect, own, brought in found:
        assert abs(brought - effect * own) <= 4 * (effect * own) ** 0.5
    assert over_a_year.rows("select sum(tier_orders) from truth_tiers") == over_a_year.rows(
        "select count(*) from truth_orders where brought_by = 'tier'"
    )
    assert (
        over_a_year.number("""
            select count(*) from truth_orders inner join pos_orders using (order_id)
            where brought_by = 'tier' and year(ordered_at) <> 2017
        """)
        == 0
    )


def test_the_ledger_read_first_in_first_out_gives_the_truth_of_points(over_a_year: Landed) -> None:
    """Lot by lot: what of each month was redeemed, has expired and is outstanding."""
    found: dict[tuple[str, date], list[float]] = {}
    debts = 0
    lots: dict[str, dict[str, list[Any]]] = {}
    pending = 0
    for entry, account, kind, change, entered, expires, lot, available in over_a_year.rows("""
        select entry_id, account_id, entry_type, points::int, entered_at, expires_on, lot_entry_id,
            coalesce(available_on, entered_at::date)
        from loyalty_points order by entered_at, entry_type <> 'expire', points < 0, entry_id
    """):
        of_account, points = lots.setdefault(account, {}), change
        if points > 0:
            month = entered.date().replace(day=1)
            tally = found.setdefault((kind, month), [0, 0, 0])
            of_account[entry] = [points, expires, tally, available]
            debt = of_account.pop("debt", [0])[0]
            of_account[entry][0] -= min(debt, points)
            if debt > points:
                of_account["debt"] = [debt - points]
            continue
        if kind == "adjust" and of_account[lot][0] == 0:
            debts += 1
            points = -_consume(of_account, -points, 3)
            if points:
                of_account["debt"] = [of_account.get("debt", [0])[0] - points]
        elif kind in ("adjust", "expire"):
            of_account[lot][0] += points
            if kind == "expire":
                assert of_account[lot][0] == 0
                of_account[lot][2][1] -= points
        else:
            assert _consume(of_account, -points, 0) == 0
            # All that can be spent is redeemed, and nothing else.
            left = [(of[0], of[3]) for name, of in of_account.items() if name != "debt" and of[0]]
            assert all(available > entered.date() for _, available in left)
            pending += len(left)
    for of_account in lots.values():
        for name, (left, *rest) in of_account.items():
            if name != "debt":
                rest[1][2] += left
    truth_ = {
        (kind, month): [redeemed, expired, outstanding]
        for kind, month, redeemed, expired, outstanding in over_a_year.rows("""
            select entry_type, earned_month, redeemed, expired, outstanding from truth_points
        """)
    }
    assert debts
    assert pending
    assert found == truth_


def _consume(lots: dict[str, list[Any]], points: int, tally: int) -> int:
    """Take points from the oldest lots; what is lacking."""
    for name, (left, *rest) in list(lots.items()):
        if name != "debt":
            taken = min(left, points)
            lots[name][0] -= taken
            points -= taken
            if tally < 3:
                rest[1][tally] += taken
    return points


def test_what_is_owed_beyond_one_redemption_is_owed_at_the_next_ones() -> None:
    """100 points were spent and come back; what was earned since falls short of it twice."""
    with duckdb.connect() as connection:
        connection.execute("""
            create macro dice(id, purpose) as hash(id + purpose);
            create table members as
            select 1 as person, 2.0 as redeems_share, 0 as opening_points, 0 as enrolled_day_index;
            create table bought (order_no bigint, day_index int, value decimal(18, 2));
            insert into bought
            values (1, 0, 100), (2, 10, 5), (3, 20, 30), (4, 40, 200), (5, 60, 1);
            create table orders as
            select
                order_no, 1 as payer, day_index, 36000 as second_of_day,
                'completed' as order_status, false as is_card_forgotten, false as is_anonymous
            from bought;
            create table order_values as select order_no, value from bought;
            create table returned as
            select 1 as order_no, 'R' as document, 11 as returned_day_index;
            create table returned_lines as
            select 1 as order_no, 0 as line_no, 100.0 as price, 1 as quantity
        """)
        loyalty.make_points(connection, WORLD)
        redeemed = connection.execute("""
            select number, points from point_entries where letter = 'R' order by number
        """).fetchall()
    assert redeemed == [(2, -100), (5, -(200 + 30 + 5 - 100))]


def test_points_that_are_outstanding_will_be_redeemed_as_those_before(over_a_year: Landed) -> None:
    complete, expected = (
        over_a_year.number(f"""
            select sum(redemption_rate * (points - taken_back)) / sum(points - taken_back)
            from truth_points where entry_type = 'earn' and outstanding {which} 0
        """)
        for which in ("=", ">")
    )
    assert expected == pytest.approx(complete, abs=0.06)


def test_satisfaction_follows_its_weights_and_is_told_by_the_content(over_a_year: Landed) -> None:
    frame = over_a_year.connection.execute(
        "select * from truth_sheets where delivery is not null"
    ).df()
    names = [
        name
        for (name,) in over_a_year.rows(
            "select dimension from truth_dimensions order by overall_weight desc"
        )
    ]
    slopes = np.linalg.lstsq(
        np.column_stack([frame[names], np.ones(len(frame))]), frame.overall, rcond=None
    )[0][: len(names)]
    assert list(slopes) == sorted(slopes, reverse=True)
    told, kept = (
        over_a_year.number(f"select avg(overall) from truth_sheets where {which} is_answered")
        for which in ("", "not")
    )
    assert told > kept + 0.1
    landed_ = over_a_year.number("""
        select avg(score) from service_surveys where survey_type = 'csat' and dimension = 'overall'
    """)
    assert landed_ == pytest.approx(told)


def test_what_was_asked_and_not_answered_lands_without_a_score(over_a_year: Landed) -> None:
    questions = """
        select 'Q' || order_id as sheet_id, is_answered, dimension, score
        from (unpivot truth_sheets on overall, product, service, delivery, price
            into name dimension value score)
    """
    assert (
        over_a_year.number(f"""
            select count(*)
            from ({questions}) as t
            full join (select * from service_surveys where survey_type = 'csat') as s
                using (sheet_id, dimension)
            where t.sheet_id is null or s.sheet_id is null
                or s.score is distinct from case when is_answered then t.score end
        """)
        == 0
    )
    assert set(
        over_a_year.rows("""
            select survey_type, count(score) between 1 and count(*) - 1
            from service_surveys group by survey_type
        """)
    ) == {("csat", True), ("nps", True)}


def test_weighting_by_how_often_people_buy_corrects_the_score_of_recommendation() -> None:
    world = World(40_000, date(2016, 1, 1), date(2016, 1, 7), seed=7)
    with duckdb.connect() as connection:
        make_world(connection, world)
        scores, answers, rates = (
            connection.execute(f"""
            select score, {tables.recommends_share()} as answers, rate
            from (
                select *, {tables.recommendation(world)} as score from people
                where buys and not is_anonymous
            )
        """)
            .fetchnumpy()
            .values()
        )
    net = 100.0 * ((scores >= 9).astype(float) - (scores <= 6))
    bands = np.digitize(rates, np.quantile(rates, np.arange(0.1, 1, 0.1)))
    weighted = np.mean(
        [np.average(net[bands == band], weights=answers[bands == band]) for band in range(10)]
    )
    assert abs(np.average(net, weights=answers) - net.mean()) > 3
    assert abs(weighted - net.mean()) < 2


def test_why_people_left_is_said_whatever_it_is_and_can_be_seen_of_prices() -> None:
    world = World(6_000, date(2016, 1, 1), date(2016, 12, 31), seed=7)
    with duckdb.connect() as connection:
        make_world(connection, world)
        rows = connection.execute(truth.reasons_query(world)).df()
    table = rows.groupby(["reason", "is_said"]).size().unstack()
    assert set(table.index) == set(purchases.REASONS)
    assert stats.chi2_contingency(table).pvalue > 0.001
    assert table[True].sum() / len(rows) == pytest.approx(0.28, abs=0.03)
    price = rows.reason == "price"
    assert rows.store_was_dearer[price].mean() > 0.8
    assert rows.store_was_dearer[~price].mean() < 0.4


CATEGORIES = """
    count(distinct (person, product_no // 5)) from lines inner join orders using (order_no)
"""

MOVES: dict[str, tuple[dict[str, float], str]] = {
    "prospects_share": ({"prospects_share": 0.4}, "select avg(is_prospect::int) from people"),
    "opening_share": ({"opening_share": 0.9}, "select avg(is_opening::int) from people"),
    "rate_mean": ({"rate_mean": 90.0}, "select count(*) from orders"),
    "rate_shape": ({"rate_shape": 4.0}, "select -stddev(rate) / avg(rate) from people"),
    "regularity": (
        {"regularity": 3.0},
        """
        select -avg(variation) from (
            select stddev(gap) / avg(gap) as variation from (
                select
                    person,
                    day_index - lag(day_index) over (partition by person order by order_no) as gap
                from orders
                where order_no < (1::bigint << 43) and order_no % 8192 < 4096
            ) where gap is not null group by person having count(*) > 4
        )
        """,
    ),
    "same_day_share": (
        {"same_day_share": 0.4},
        "select count(*) / count(distinct (person, day_index)) from orders",
    ),
    "leaving_rate": ({"leaving_rate": 0.9}, "select count(*) from departed"),
    "basket_median": ({"basket_median": 9.0}, "select median(intended_lines) from orders"),
    "basket_spread": (
        {"basket_spread": 1.4},
        "select quantile_cont(intended_lines, 0.95) / median(intended_lines) from orders",
    ),
    "basket_spread_between": (
        {"basket_spread_between": 0.9},
        "select stddev(ln(basket_factor)) from people",
    ),
    "favourites": (
        {"favourites": 60},
        f"select -{CATEGORIES}",
    ),
    "list_concentration": (
        {"list_concentration": 6.0},
        f"select -{CATEGORIES}",
    ),
    "explore_share": (
        {"explore_share": 0.5},
        f"select {CATEGORIES}",
    ),
    "price_median": ({"price_median": 4.0}, "select median(base_price) from products"),
    "price_spread": ({"price_spread": 1.0}, "select stddev(ln(base_price)) from products"),
    "promotion_share": ({"promotion_share": 0.6}, "select avg(is_reduced::int) from prices"),
    "promotion_depth": (
        {"promotion_depth": 0.45},
        "select 1 - sum(price) / sum(regular_price) from prices",
    ),
    "private_label_liking": (
        {"private_label_liking": 2.0},
        "select avg(is_private::int) from lines inner join products using (product_no)",
    ),
    "substitution": ({"substitution": 6.0}, "select avg((price < regular_price)::int) from lines"),
    "one_unit_share": ({"one_unit_share": 0.95}, "select avg((quantity = 1)::int) from lines"),
    "sunday_share": (
        {"sunday_share": 0.3},
        "select avg((dayofweek(day) = 0)::int) from orders inner join days using (day_index)",
    ),
    "wednesday_share": (
        {"wednesday_share": 0.3},
        "select avg((dayofweek(day) = 3)::int) from orders inner join days using (day_index)",
    ),
    "saturday_share": (
        {"saturday_share": 0.3},
        "select avg((dayofweek(day) = 6)::int) from orders inner join days using (day_index)",
    ),
    "other_stores_share": (
        {"other_stores_share": 0.5},
        "select count(distinct (person, store_no)) from orders",
    ),
    "returns_share": ({"returns_share": 0.1}, "select count(*) from returned"),
    "anonymous_share": ({"anonymous_share": 0.4}, "select avg(is_anonymous::int) from people"),
}


def _moments(parameters: Parameters) -> dict[str, float]:
    world = World(150, date(2016, 1, 1), date(2016, 3, 31), seed=5, parameters=parameters)
    with duckdb.connect() as connection:
        make_world(connection, world)
        put_on_shelf(connection, world, 0, 13)
        connection.execute(f"create table wanted as {baskets.wanted_query(world, 'true')}")
        lines = baskets.lines_query(world, "wanted", "shelf")
        connection.execute(f"create table lines as {lines}")
        return {
            name: float((connection.execute(query).fetchone() or [0])[0])
            for name, (_, query) in MOVES.items()
        }


@pytest.fixture(scope="module")
def moments() -> dict[str, float]:
    return _moments(Parameters())


@pytest.mark.parametrize("name", MOVES)
def test_a_parameter_moves_its_moment(name: str, moments: dict[str, float]) -> None:
    changed, _ = MOVES[name]
    before, after = moments[name], _moments(replace(Parameters(), **changed))[name]  # type: ignore[arg-type]
    assert after - before > 0.15 * abs(before)


def test_every_parameter_has_a_moment() -> None:
    assert set(MOVES) == set(Parameters.__dataclass_fields__)


def test_a_world_of_one_person_lands(tmp_path: Path) -> None:
    one = Landed(tmp_path, World(1, date(2016, 1, 1), date(2016, 1, 2)))
    assert one.number("select count(*) from crm_customers") == 1


def _refused() -> Iterator[tuple[Callable[[], object], str]]:
    yield lambda: replace(WORLD, customers=0), "--customers is 0"
    yield lambda: replace(WORLD, last_day=date(2015, 1, 1)), "--from 2016-01-01 is after --to"
    yield lambda: replace(WORLD, last_day=date(2036, 1, 1)), "at most 3,653"
    yield lambda: replace(WORLD, dirt=1.0), "--dirt is 1.0"
    yield lambda: biases(["moon"]), "--bias moon: expected selection"
    yield lambda: changes(["bread:+5%"], "--price", "category"), "--price 'bread:"
    yield lambda: changes(["channel=tv:-1"], "--spend", "channel"), "--spend 'channel=tv:-1'"
    yield lambda: left_out(["person=1"]), "--without 'person=1'"


@pytest.mark.parametrize(("ask", "told"), list(_refused()))
def test_what_cannot_be_is_refused(ask: Callable[[], object], told: str) -> None:
    with pytest.raises(WorldError, match=re.escape(told)):
        ask()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"without_campaigns": frozenset({"CMP999"})}, "there are CMP001"),
        ({"without_channels": frozenset({"store"})}, "there are app"),
        ({"spend_factors": {"app": 2.0}}, "there are direct_mail"),
        ({"price_factors": {"unicorns": 2.0}}, "no category unicorns"),
    ],
)
def test_what_is_not_in_the_world_cannot_be_changed(changed: dict[str, Any], told: str) -> None:
    with duckdb.connect() as connection, pytest.raises(WorldError, match=told):
        make_world(connection, replace(WORLD, **changed))
