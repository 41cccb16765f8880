"""What is true in a world: who people are, who left and why, what things bring, how prices act.

Written as Parquet files that the warehouse never reads; benches and tests do.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from landing.engine import quote
from landing.world.actions import (
    CROSSOVER_SHARE,
    DECISION_ID,
    FROM_ACTION,
    TAKEN_SHARE,
    WINDOW_DAYS,
    actions_bring_a_day,
)
from landing.world.catalogue import (
    SHELF_STEPS,
    TASTES,
    TYPES,
    has_new_competitor,
    is_dearer,
    shelf_query,
)
from landing.world.people import (
    DIMENSIONS,
    HABITS,
    HOUSEHOLD_NEEDS,
    INCOME_NEEDS,
    MARKETING,
    by_type,
    spend_level_no,
    spend_levels,
    touches_bring_a_day,
)
from landing.world.purchases import (
    CAMPAIGN_DAYS,
    FROM_JOINING,
    FROM_TIER,
    FROM_TOUCH,
    JOINING_EFFECT,
    PER_PERSON,
    SECOND_OF_DAY,
    leaving_by_experience,
    there_share,
)
from landing.world.spec import World
from landing.world.tables import HOLDOUT, cancels, entry_type, recommendation, says_why
from landing.write import PARQUET_OPTIONS

OWN = f"(order_no < {FROM_TOUCH} and order_no % {PER_PERSON} < {SECOND_OF_DAY})"
"""SQL for the first order of a day that is of a person's own rhythm."""
BROUGHT_BY = f"""
    case
        when order_no >= {FROM_TIER} then 'tier'
        when order_no >= {FROM_JOINING} then 'joining'
        when order_no >= {FROM_ACTION} then 'action'
        when campaign_no is not null then 'campaign'
        when touch_no is not null then 'touch'
        else 'nothing'
    end
"""
OF_EXPERIENCE = by_type(tuple(leaving_by_experience(number) for number in range(len(TYPES))))
LEAVING_A_DAY = (
    f"(leaving_rate / 365.25 + 1e-9 + least(people.rate, 60 / 365.25) * {OF_EXPERIENCE})"
)
BROUGHT_SHARE = (
    f"(coalesce(effect, 0) + case when people.enrolled_day_index < (select count(*) from days) "
    f"then {JOINING_EFFECT} else 0 end)"
)
"""SQL for the purchase days that membership and tier bring now, of those of the own rhythm."""
HORIZONS = (30, 90, 365)
NEED_PER_YEAR = 4500
"""What a household of average size and income spends on groceries, wherever."""


def write_truth(connection: duckdb.DuckDBPyConnection, world: World, truth_dir: Path) -> None:
    """Write a file for each table of the truth.

    What each means is in docs/world.md.
    """
    shutil.rmtree(truth_dir, ignore_errors=True)
    truth_dir.mkdir(parents=True)
    for name, query in {
        "people": _people(world),
        "orders": f"""
            select
                cast(order_no as varchar) as order_id, customer_id, touch_no, campaign_no,
                {BROUGHT_BY} as brought_by
            from orders
            inner join people on orders.payer = people.person
            where {BROUGHT_BY} <> 'nothing'
            order by order_no
        """,
        "targets": f"""
            select
                campaign_id, customer_id, is_control, is_reached, is_viewed, uplift,
                {there_share("first_day_index", CAMPAIGN_DAYS)} as there_share
            from targets
            inner join people using (person)
            left join departed using (person)
            order by campaign_no, person
        """,
        "campaigns": _campaigns(world),
        "actions": f"""
            select
                {DECISION_ID} as decision_id, action, customer_id, first_day() + day_index
                    as decided_on,
                is_suppressed, is_control, is_taken, uplift,
                {there_share("day_index", WINDOW_DAYS)} as there_share,
                uplift * {there_share("day_index", WINDOW_DAYS)} * {TAKEN_SHARE - CROSSOVER_SHARE!r}
                    as effect_on_orders
            from action_decisions
            left join departed using (person)
            order by decision_id
        """,
        "members": """
            select
                account_id, customer_id, first_day() + cast(enrolled_day_index as int)
                    as enrolled_on,
                rate * 365.25 as own_purchase_days_per_year, redeems_share
            from members
            order by person
        """,
        "joining": _joining(),
        "tiers": _tiers(world),
        "points": _points(world),
        "dimensions": f"""
            select *
            from (values {
            ", ".join(
                f"('{name}', {overall}, {leaving})"
                for name, (overall, leaving) in DIMENSIONS.items()
            )
        }) as d (dimension, overall_weight, leaving_weight)
        """,
        "sheets": f"""
            select
                cast(order_no as varchar) as order_id, customer_id, is_answered, overall,
                {", ".join(DIMENSIONS)}
            from sheets
            inner join people on sheets.payer = people.person
            order by order_no
        """,
        "identities": """
            select
                customer_id, true_person_id as person_id, true_household_id as household_id,
                planted
            from identities
            inner join people using (person)
            order by person
        """,
        "recommendation": f"""
            select
                customer_id, {recommendation(world)} as score,
                buys and left_day_index is null as is_there,
                first_day() + cast(left_day_index as int) as left_on
            from people
            left join departed using (person)
            where buys and not is_anonymous and card_of is null
            order by person
        """,
        "reasons": reasons_query(world),
        "dearer_stores": _periods(is_dearer(world, "store_no", "absolute_week")),
        "competitors": _periods(has_new_competitor(world, "store_no", "absolute_week")),
        "channels": _channels(world),
        "channel_months": _channel_months(world),
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
    ahead = ", ".join(
        f"""
        case
            when {alive} then exp(
                power({scale} * greatest(waited, 0), regularity)
                - power({scale} * (greatest(waited, 0) + {days}), regularity)
                - brought_a_day * {days}
            )
            else 1
        end as p_no_purchase_{days}d,
        case
            when {alive} then (rate + brought_a_day)
                * (1 - exp(-leaving_a_day * {days})) / leaving_a_day
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
                {LEAVING_A_DAY} as leaving_a_day,
                rate * {BROUGHT_SHARE} + {touches_bring_a_day(world)}
                    + {actions_bring_a_day(world)} as brought_a_day, tier,
                {by_type(HOUSEHOLD_NEEDS, "household_no")} * {by_type(INCOME_NEEDS, "income_no")}
                    * need_factor as need
            from people
            left join departed using (person)
            left join sharing using (person)
            left join bought using (person)
            left join tier_years on people.person = tier_years.person
            where not is_anonymous and card_of is null
        )
        select
            customer_id,
            {by_type(tuple(f"'{name}'" for name in TYPES))} as type,
            {by_type(tuple(f"'{name}'" for name in TYPES), "later_type_no")} as later_type,
            first_day() + cast(moves_draw * {world.days} as int) as later_from,
            is_prospect,
            shares_card,
            (rate + brought_a_day) * 365.25 as purchase_days_per_year,
            regularity,
            leaving_rate,
            buys and left_day_index is null as is_there,
            first_day() + cast(left_day_index as int) as left_on,
            left_reason,
            left_sub_reason,
            is_holdout,
            case when enrolled_day_index < {world.days}
                then first_day() + cast(enrolled_day_index as int) end as enrolled_on,
            tier,
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


def _campaigns(world: World) -> str:
    """Effects by campaign and, beside those of whom no campaign reaches, of all together."""
    there = there_share("first_day_index", CAMPAIGN_DAYS)
    return f"""
        with brought as (
            select
                campaign_no, person, count(*) as orders, sum(value) as revenue
            from orders
            inner join order_values using (order_no)
            where campaign_no is not null
            group by campaign_no, person
        ),
        reached as (
            select
                targets.*, {there} as there_share, coalesce(orders, 0) as orders,
                coalesce(revenue, 0) as revenue
            from targets
            inner join people using (person)
            left join departed using (person)
            left join brought on targets.person = brought.person
                and targets.campaign_no = brought.campaign_no
        ),
        of_campaign as (
            select
                campaign_id,
                count(*) filter (where not is_control) as targeted,
                count(*) filter (where is_control) as controls,
                count(*) filter (where not is_control and is_viewed) as viewed,
                sum(uplift * there_share) filter (where not is_control) as incremental_orders,
                sum(orders) filter (where not is_control) as orders_brought,
                sum(revenue) filter (where not is_control) as revenue_brought,
                sum(orders) filter (where is_control) as spillover_orders
            from reached
            group by campaign_id
            union all
            select
                '{HOLDOUT}',
                (select count(*) from people where not is_holdout and not is_anonymous
                    and card_of is null),
                (select count(*) from people where is_holdout and not is_anonymous
                    and card_of is null),
                count(distinct person) filter (where is_reached and is_viewed),
                sum(own_uplift * there_share) filter (where is_reached),
                sum(orders), sum(revenue), 0
            from reached
        )
        select
            of_campaign.campaign_id, is_randomised, channel_id,
            first_day() + first_day_index as start_date,
            first_day() + first_day_index + {CAMPAIGN_DAYS - 1} as end_date,
            of_campaign.* exclude (campaign_id),
            incremental_orders / targeted as effect_on_orders,
            incremental_orders / targeted * revenue_brought / nullif(orders_brought, 0)
                as effect_on_revenue
        from of_campaign
        left join campaigns using (campaign_id)
        order by of_campaign.campaign_id
    """


def _joining() -> str:
    """What members bought since they enrolled, by what brought it."""
    return f"""
        with bought as (
            select
                orders.person,
                count(*) filter (where {OWN}) as own_purchase_days,
                count(*) filter (where {BROUGHT_BY} = 'joining') as joining_orders,
                count(*) filter (where {BROUGHT_BY} = 'tier') as tier_orders,
                sum(value) filter (where {BROUGHT_BY} = 'joining') as joining_revenue,
                sum(value) filter (where {BROUGHT_BY} = 'tier') as tier_revenue
            from orders
            inner join order_values using (order_no)
            inner join members using (person)
            where day_index >= enrolled_day_index
            group by orders.person
        )
        select
            customer_id, first_day() + cast(enrolled_day_index as int) as enrolled_on,
            {JOINING_EFFECT} as effect,
            coalesce(own_purchase_days, 0) as own_purchase_days,
            coalesce(joining_orders, 0) as joining_orders, coalesce(tier_orders, 0) as tier_orders,
            coalesce(joining_revenue, 0) as joining_revenue,
            coalesce(tier_revenue, 0) as tier_revenue
        from members
        left join bought using (person)
        order by person
    """


def _tiers(world: World) -> str:
    """Of members and years that follow a calendar year of points."""
    return f"""
        with bought as (
            select
                orders.person, year(day) as first_year,
                count(*) filter (where {OWN}) as own_purchase_days,
                count(*) as orders,
                count(*) filter (where {BROUGHT_BY} = 'tier') as tier_orders,
                sum(value) filter (where {BROUGHT_BY} = 'tier') as tier_revenue
            from orders
            inner join order_values using (order_no)
            inner join days using (day_index)
            group by orders.person, year(day)
        )
        select
            customer_id, t.first_year as valid_in_year, qualifying_points, tier, effect,
            coalesce(own_purchase_days, 0) as own_purchase_days, coalesce(orders, 0) as orders,
            coalesce(tier_orders, 0) as tier_orders, coalesce(tier_revenue, 0) as tier_revenue
        from all_tier_years as t
        inner join members using (person)
        left join bought on t.person = bought.person and t.first_year = bought.first_year
        order by t.first_year, t.person
    """


def _points(world: World) -> str:
    """What is outstanding is redeemed if an order comes that does it before it expires."""
    redeeming = f"""(
        (people.rate * (1 + {BROUGHT_SHARE}) * {1 + world.parameters.same_day_share}
            + {touches_bring_a_day(world)}) * 0.985 * redeems_share
    )"""
    return f"""
        with hazards as (
            select
                members.person,
                case when members.left_day_index is null and buys then {redeeming} else 0 end
                    as redeeming,
                {LEAVING_A_DAY} as leaving
            from members
            inner join people using (person)
            left join tier_years on members.person = tier_years.person
        ),
        fates as (
            select
                lot_ends.*,
                case when redeemed_by is not null then ending else 0 end as redeemed,
                case when redeemed_by is null and expires_index < {world.days}
                    then ending else 0 end as expired,
                case when redeemed_by is null and expires_index >= {world.days}
                    then ending else 0 end as outstanding,
                redeeming / (redeeming + leaving) * exp(-leaving * waiting)
                    * (1 - exp(-(redeeming + leaving) * (expires_index - {world.days} - waiting)))
                    as redemption_probability
            from (
                select
                    *, greatest(0, coalesce(available_index, 0) - {world.days}) as waiting
                from lot_ends
            ) as lot_ends
            inner join hazards using (person)
        )
        select
            {entry_type()} as entry_type,
            cast(date_trunc('month', first_day() + day_index) as date) as earned_month,
            cast(sum(points) as bigint) as points,
            cast(sum(points - remaining) as bigint) as taken_back,
            cast(sum(redeemed) as bigint) as redeemed,
            cast(sum(expired) as bigint) as expired,
            cast(sum(outstanding) as bigint) as outstanding,
            sum(outstanding * redemption_probability) as expected_to_be_redeemed,
            (sum(redeemed) + sum(outstanding * redemption_probability))
                / nullif(sum(remaining), 0) as redemption_rate
        from fates
        group by entry_type, earned_month
        order by entry_type, earned_month
    """


def reasons_query(world: World) -> str:
    """Of those who left: why, whether they said so, and what of it can be seen."""
    return f"""
        with leavers as (
            select
                departed.*, customer_id, home_store_no, absolute_week,
                first_day() + left_day_index as left_on
            from departed
            inner join people using (person)
            inner join weeks on first_day() + left_day_index between week_start_date
                and week_start_date + 6
            where not is_anonymous and card_of is null
        )
        select
            customer_id, left_on, left_reason as reason, left_sub_reason as sub_reason,
            {cancels(world)} and {says_why(world)} as is_said,
            last_experience = 'late' as was_late,
            last_experience = 'product' as had_poor_product,
            last_experience = 'service' as had_poor_service,
            {is_dearer(world, "home_store_no", "absolute_week")} as store_was_dearer,
            {has_new_competitor(world, "home_store_no", "absolute_week")} as had_new_competitor
        from leavers
        order by person
    """


def _periods(condition: str) -> str:
    """SQL for the weeks in which something holds of a store, as spans."""
    return f"""
        with held as (
            select
                store_no, store_id, week_no, week_start_date,
                week_no - row_number() over (partition by store_no order by week_no) as span_no
            from stores
            cross join weeks
            where {condition}
        )
        select
            any_value(store_id) as store_id, min(week_start_date) as valid_from,
            max(week_start_date) + 6 as valid_to
        from held
        group by store_no, span_no
        order by store_no, valid_from
    """


def _channels(world: World) -> str:
    rows = ", ".join(
        f"('{name}', {', '.join(map(str, values))}, {len(set(spend_levels(world, name))) > 1})"
        for name, values in MARKETING.items()
    )
    answers = ", ".join(f"{habits[5]} as answers_{name}" for name, habits in HABITS.items())
    return f"""
        select
            c.*, -ln(1 - reached / reached_at_most) as response_exponent, {answers}, touches,
            coalesce(orders, 0) as orders,
            coalesce(campaign_orders, 0) as campaign_orders
        from (values {rows}) as c (channel_id, reached, reached_at_most, orders_per_touch,
        carry_over_days, cost, spend_varies)
        left join (
            select channel_id, count(*) as touches from touches group by channel_id
        ) using (channel_id)
        left join (
            select channel_id, count(*) as orders
            from orders
            inner join touches using (touch_no)
            group by channel_id
        ) using (channel_id)
        left join (
            select channel_id, sum(incremental_orders) as campaign_orders
            from ({_campaigns(world)})
            where incremental_orders is not null
            group by channel_id
        ) using (channel_id)
        order by channel_id
    """


def _channel_months(world: World) -> str:
    """Of weeks that begin in the month, as spend is set by the week's first day."""
    levels = " ".join(
        f"when '{name}' then "
        f"{by_type(spend_levels(world, name), spend_level_no(world, name, 'week_start_date'))}"
        for name in MARKETING
    )
    return f"""
        select
            channel_id, cast(date_trunc('month', week_start_date) as date) as month,
            cast(any_value(case channel_id {levels} end) as double) as spend_over_plan,
            cast(sum(cost) as double) as spend, count(*) as touches, count(brought) as orders,
            sum(brought) as revenue
        from (
            select touches.*, week_start_date, value as brought
            from touches
            inner join weeks on first_day() + touches.day_index
                between week_start_date and week_start_date + 6
            left join orders using (touch_no)
            left join order_values using (order_no)
        )
        group by channel_id, month
        order by channel_id, month
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
                unnest([t1, t2 - t1, t3 - t2, t4 - t3, {SHELF_STEPS} - t4]) / {SHELF_STEPS}.0
                    as share
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
