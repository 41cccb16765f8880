"""What is true in a world: who people are, who left and why, what things bring, how prices act.

Written as Parquet files that the warehouse never reads; benches and tests do.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from landing.world.catalogue import TASTES, TYPES, shelf_query
from landing.world.people import HABITS, HOUSEHOLD_NEEDS, INCOME_NEEDS, MARKETING, by_type
from landing.world.purchases import leaving_by_experience
from landing.world.spec import World
from landing.write import PARQUET_OPTIONS, quote

HORIZONS = (30, 90, 365)
NEED_PER_YEAR = 4500
"""What a household of average size and income spends on groceries, wherever."""


def write_truth(connection: duckdb.DuckDBPyConnection, world: World, truth_dir: Path) -> None:
    """Write people, orders, campaigns, channels, categories, products and companions.

    * ``people``: a row per person: type, rate (purchase days a year), regularity, when and why they
      left, whether they are there, expected purchase days and the probability of none in the
      next 30, 90 and 365 days, and what they spend elsewhere in a year. Of who shares a card
      (``shares_card``), type, rate and what is expected are those of one of them.
    * ``orders``: a row per order that a touch or a campaign brought.
    * ``targets``: a row per campaign and target: the expected uplift in orders.
    * ``channels``: people reached at plan and at most, orders per touch, mean days until then.
    * ``categories``, ``products``: elasticities of units with respect to price.
    * ``companions``, ``rivals``: pairs of categories that belong together, or exclude each other.
    """
    shutil.rmtree(truth_dir, ignore_errors=True)
    truth_dir.mkdir(parents=True)
    for name, query in {
        "people": _people(world),
        "orders": """
            select cast(order_no as varchar) as order_id, customer_id, touch_no, campaign_no
            from orders
            inner join people on orders.payer = people.person
            where touch_no is not null or campaign_no is not null
            order by order_no
        """,
        "targets": """
            select campaign_id, customer_id, is_control, uplift
            from targets
            inner join people using (person)
            order by campaign_no, person
        """,
        "channels": _channels(world),
        "categories": _categories(),
        "products": _products(world),
        "companions": """
            select a.category, b.category as companion, a.companion_share
            from categories as a
            inner join categories as b on a.companion_no = b.category_no
            order by a.category_no
        """,
        "rivals": """
            select a.category, b.category as rival
            from categories as a
            inner join categories as b on a.rival_no = b.category_no
            where a.category_no < b.category_no
            order by a.category_no
        """,
    }.items():
        path = truth_dir / f"{name}.parquet"
        connection.execute(f"copy ({query}) to {quote(path)} ({PARQUET_OPTIONS})")


def _people(world: World) -> str:
    """A Weibull gap that has lasted so long lasts L longer with exp(-(b(t + L))^k + (bt)^k)."""
    scale = "(gamma(1 + 1 / regularity) * rate)"
    alive = "left_day_index is null and buys"
    leaving = by_type(tuple(leaving_by_experience(number) for number in range(len(TYPES))))
    ahead = ", ".join(
        f"""
        case
            when {alive} then exp(
                power({scale} * greatest(waited, 0), regularity)
                - power({scale} * (greatest(waited, 0) + {days}), regularity)
            )
            else 1
        end as p_no_purchase_{days}d,
        case
            when {alive} then rate * {days} * (1 - exp(-leaving_a_day * {days})) / (leaving_a_day
                * {days})
            else 0
        end as expected_purchases_{days}d
        """
        for days in HORIZONS
    )
    return f"""
        with bought as (
            select payer as person, max(day_index) as last_day_index, sum(value) as spend,
                count(distinct day_index) as purchase_days,
                sum(value) filter (where day_index >= {world.days - 365}) as spend_365d
            from orders
            inner join order_values using (order_no)
            where order_status not in ('cancelled', 'test')
            group by payer
        ),
        sharing as (
            select
                card_of as person,
                bool_and(departed.person is not null or not buys) as have_left,
                max(left_day_index) as others_left_day_index
            from people
            left join departed using (person)
            where card_of is not null
            group by card_of
        ),
        joined as (
            select
                people.* replace (sharing.person is not null as shares_card),
                -- Who shares a card is there as long as one of them is.
                case when left_day_index is not null and coalesce(have_left, true)
                    then greatest(left_day_index, coalesce(others_left_day_index, 0)) end
                    as left_day_index,
                left_reason, left_sub_reason, spend, spend_365d, purchase_days,
                (select max(op_to) from days)
                    - coalesce((select op_from from days
                        where days.day_index = bought.last_day_index), joins_op)
                    as waited,
                leaving_rate / 365.25 + 1e-9 + least(rate, 60 / 365.25) * {leaving}
                    as leaving_a_day,
                {by_type(HOUSEHOLD_NEEDS, "household_no")} * {by_type(INCOME_NEEDS, "income_no")}
                    * need_factor as need
            from people
            left join departed using (person)
            left join sharing using (person)
            left join bought using (person)
            where not is_anonymous and card_of is null
        )
        select
            customer_id,
            {by_type(tuple(f"'{name}'" for name in TYPES))} as type,
            {by_type(tuple(f"'{name}'" for name in TYPES), "later_type_no")} as later_type,
            first_day() + cast(moves_draw * {world.days} as int) as later_from,
            is_prospect,
            shares_card,
            rate * 365.25 as purchase_days_per_year,
            regularity,
            leaving_rate,
            buys and left_day_index is null as is_there,
            first_day() + cast(left_day_index as int) as left_on,
            left_reason,
            left_sub_reason,
            purchase_days,
            spend,
            need * {NEED_PER_YEAR} as need_per_year,
            greatest(
                0.05 * need * {NEED_PER_YEAR}, need * {NEED_PER_YEAR} - coalesce(spend_365d, 0)
            ) as spend_elsewhere_per_year,
            {ahead}
        from joined
        order by person
    """


def _channels(world: World) -> str:
    rows = ", ".join(
        f"('{name}', {', '.join(map(str, values))})" for name, values in MARKETING.items()
    )
    answers = ", ".join(f"{habits[5]} as answers_{name}" for name, habits in HABITS.items())
    return f"""
        select
            c.*, -ln(1 - reached / reached_at_most) as response_exponent, {answers}, touches, orders
        from (values {rows}) as c (channel_id, reached, reached_at_most, orders_per_touch,
        carry_over_days, cost)
        left join (
            select channel_id, count(*) as touches from touches group by channel_id
        ) using (channel_id)
        left join (
            select channel_id, count(*) as orders
            from orders
            inner join touches using (touch_no)
            group by channel_id
        ) using (channel_id)
        order by channel_id
    """


GIVES_WAY = """
    select category_no, sum(giving_way) / sum(lines) as gives_way
    from category_lines
    group by category_no
"""


def _categories() -> str:
    """The first line of an order is bought at any price: of a category, only the rest gives way."""
    return f"""
        select category, department, -elasticity * gives_way as elasticity
        from categories
        left join ({GIVES_WAY}) using (category_no)
        order by category_no
    """


def _products(world: World) -> str:
    """By the derivative of the choice, -b (1 - share), and the category's by the index.

    Of all weeks, as a few hold few promotions, and of the types by how much each buys of the
    category: who likes a product differs in how closely they watch its price. The kiosk's sales,
    which follow no price, are not in it.
    """
    last = (world.days - 1 + world.first_day.weekday()) // 7
    shelf = shelf_query(world, 0, last)
    substitution = world.parameters.substitution
    slope = by_type(tuple(substitution * tastes[1] for tastes in TASTES.values()))
    return f"""
        with shelf as ({shelf}),
        types as (
            select category_no, type_no, sum(lines) as lines
            from category_lines
            group by category_no, type_no
        ),
        shares as (
            select
                types.category_no,
                types.type_no,
                acceptance * lines as lines,
                unnest([0, 1, 2, 3, 4]) as rank_no,
                unnest([t1, t2 - t1, t3 - t2, t4 - t3, 1 - t4]) as share
            from shelf
            inner join types
                on shelf_key % 256 = types.category_no
                and (shelf_key // 256) % {len(TYPES)} = types.type_no
        ),
        index_weights as (
            select product_no, category_no, rank_no,
            exp(appeal) / sum(exp(appeal)) over (partition by category_no) as weight
            from products
        )
        select
            product_id,
            category,
            sum(share * lines * (-({slope}) * (1 - share) - elasticity * weight * gives_way))
                / sum(share * lines) as elasticity
        from shares
        inner join index_weights using (category_no, rank_no)
        inner join products using (product_no)
        inner join (select category_no, elasticity from categories) using (category_no)
        left join ({GIVES_WAY}) using (category_no)
        group by product_id, category
        order by product_id
    """
