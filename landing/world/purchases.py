"""Who buys when and where in a world, what becomes of the order, and who leaves for what reason.

An order has a number of its own (``order_no``) that does not depend on any other order, so that
what is drawn for it is the same in every twin.
"""

from __future__ import annotations

import duckdb

from landing.world.actions import FROM_ACTION, make_actions
from landing.world.catalogue import (
    OPERATIONAL_STEPS,
    first_week,
    has_new_competitor,
    is_dearer,
)
from landing.world.people import (
    HABITS,
    LONGEST_CARRY_OVER_DAYS,
    MARKETING,
    SALES,
    by_type,
    reach_ratio,
    spend_level_no,
    spend_levels,
)
from landing.world.spec import World, WorldError

# Numbers of orders: those of a person's own rhythm by person and count, a second one of the day
# half-way between; those that a touch, a campaign, joining or a tier brought above them all.
PER_PERSON = 8_192
SECOND_OF_DAY = 4_096
FROM_TOUCH = 1 << 43
FROM_CAMPAIGN = 1 << 44
FROM_JOINING = 1 << 45
FROM_TIER = 1 << 46
PER_TOUCH = 1 << 18
PER_CAMPAIGN = 1 << 10

LARGEST_BASKET = 200.0
"""Lines that no basket exceeds; the larger one is, the less it grows."""

# On which days of a cycle campaigns begin: the third while the second is on.
CAMPAIGN_CYCLE_DAYS = 84
CAMPAIGN_STARTS = (14, 56, 63)
CAMPAIGN_DAYS = 14
CAMPAIGN_TARGETED = 0.30
CAMPAIGN_CONTROL = 0.25
CAMPAIGN_CHANNELS = ("email", "push", "sms", "direct_mail")
CAMPAIGN_VIEWED = (0.50, 0.45, 0.80, 0.60)
"""Shares of those reached who see it, by channel; only they buy more."""
OVERLAP_FACTOR = 0.5
"""What is left of a campaign's uplift in who is reached by the one before it, too."""
# Orders that being targeted brings, by type; one in twenty is put off and buys less.
CAMPAIGN_UPLIFT = (0.20, 0.12, 0.04, 0.10)
PUT_OFF_SHARE = 0.05

JOINING_EFFECT = 0.12
"""Purchase days that members have more than they would have had, of those of their own rhythm."""
SHIFTED_DAYS = 15
"""By how many days at most a day that is brought lies from the one that it is drawn for."""

REASONS: dict[str, tuple[str, ...]] = {
    "product": ("missing product", "quality", "assortment"),
    "service": ("late delivery", "communication", "attitude"),
    "price": ("too high", "too few promotions"),
    "competitor": ("product", "price", "marketing"),
}
# What an order can bring about: share of orders, by channel (store, web, app, delivery), and how
# likely it makes leaving when sensitivities are 1.
LATE = (0.0, 0.05, 0.05, 0.10)
POOR_PRODUCT = 0.012
POOR_SERVICE = 0.008
PRICE_SHOCK = 0.006
# Where the store is dearer than else, and where it is not, over the average.
PRICE_SHOCK_DEARER = 6.0
PRICE_SHOCK_ELSE = (1 - 6.0 * 0.15) / 0.85
COMPETITOR_FACTOR = 3.0
"""Of leaving without a bad experience, while a competitor is new."""
LEAVES_AFTER = {"late": 0.015, "product": 0.04, "service": 0.05, "price": 0.04}


def make_purchases(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create touches, campaigns, targets and orders; needs the calendar and the people.

    Raises ``WorldError`` if a campaign or channel that is to be changed does not exist.
    """
    _check_names(world)
    _touches(connection, world)
    _campaigns(connection, world)
    make_actions(connection, world)
    _orders(connection, world)


def leaving_by_experience(type_no: int) -> float:
    """How likely an order of a type makes leave by what is experienced, at 60 a year at most."""
    shares, _, _, service, price, _ = list(HABITS.values())[type_no]
    late = sum(share * of_channel for share, of_channel in zip(shares, LATE, strict=True))
    return (
        late * LEAVES_AFTER["late"] * service
        + POOR_PRODUCT * LEAVES_AFTER["product"]
        + POOR_SERVICE * LEAVES_AFTER["service"] * service
        + PRICE_SHOCK * LEAVES_AFTER["price"] * price
    )


def there_share(first: str, days: int) -> str:
    """SQL for the share of some days on which a person has not left yet."""
    return (
        f"case when not buys then 0.0 when left_day_index is null then 1.0 "
        f"else greatest(0, least({days}, left_day_index - {first} + 1)) / {days}.0 end"
    )


def campaign_ids(world: World) -> list[str]:
    """The campaigns of the world's days, from the first."""
    return [f"CMP{number + 1:03d}" for number in range(_campaign_count(world))]


def _campaign_count(world: World) -> int:
    last = world.days - CAMPAIGN_DAYS - 14
    return sum(
        1
        for cycle in range(last // CAMPAIGN_CYCLE_DAYS + 1)
        for start in CAMPAIGN_STARTS
        if cycle * CAMPAIGN_CYCLE_DAYS + start - CAMPAIGN_STARTS[0] <= last
    )


def _check_names(world: World) -> None:
    channels = {*MARKETING, *SALES[1:]}
    if unknown := world.without_channels - frozenset(channels):
        raise WorldError(
            f"--without channel={', '.join(sorted(unknown))}: there are "
            f"{', '.join(sorted(channels))}"
        )
    if unknown := frozenset(world.spend_factors) - frozenset(MARKETING):
        raise WorldError(
            f"--spend channel={', '.join(sorted(unknown))}: there are "
            f"{', '.join(sorted(MARKETING))}"
        )
    if unknown := world.without_campaigns - frozenset(campaign_ids(world)):
        raise WorldError(
            f"--without campaign={', '.join(sorted(unknown))}: from {world.first_day} to "
            f"{world.last_day} there are {', '.join(campaign_ids(world)) or 'none'}"
        )


def _touches(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """At most one a person and week, of the channel in whose slot the week's draw falls."""
    starts, start = [], 0.0
    for _, most, *_ in MARKETING.values():
        starts.append(start)
        start += most
    assert start < 1
    # Where there is bias by selection, those who buy often anyway are touched more.
    chosen = "least(1.8, 0.3 + 5 * rate)" if "selection" in world.biases else "1"
    reach, dearness = [], []
    for channel, (planned, *_) in MARKETING.items():
        levels = spend_levels(world, channel)
        ratios = [reach_ratio(channel, level) for level in levels]
        level_no = spend_level_no(world, channel, "week_start_date")
        reach.append(by_type(tuple(planned * ratio for ratio in ratios), level_no))
        # More spend reaches fewer more: each touch costs what the spend over them is.
        over = (
            level / ratio if ratio else 1.0 for level, ratio in zip(levels, ratios, strict=True)
        )
        dearness.append(by_type(tuple(over), level_no))
    monthly = ", ".join(
        f"{reached} as reach_{number}, {dearer} as dearness_{number}"
        for number, (reached, dearer) in enumerate(zip(reach, dearness, strict=True))
    )
    channel_no = " ".join(
        f"when slot >= {low} and slot < {low} + reach_{number} * {chosen} then {number}"
        for number, low in enumerate(starts)
    )
    by_channel: dict[str, list[str]] = {
        "channel_id": [f"'{channel}'" for channel in MARKETING],
        "brings": [str(figures[2]) for figures in MARKETING.values()],
        "carry": [str(figures[3]) for figures in MARKETING.values()],
        "cost": [
            f"{figures[4]} * dearness_{number}" for number, figures in enumerate(MARKETING.values())
        ],
    }
    of = {
        name: "case channel_no "
        + " ".join(f"when {number} then {figure}" for number, figure in enumerate(figures))
        + " end"
        for name, figures in by_channel.items()
    }
    connection.execute(f"""
        create table touches as
        with monthly as (select *, {monthly} from weeks),
        weekly as (
            select
                person, monthly.*, rate, type_no, joins_op, is_prospect,
                {world.draw("touch", "person", "absolute_week")} as slot
            from people
            cross join monthly
            where not is_anonymous and card_of is null
        ),
        touched as (
            select *, cast(case {channel_no} end as int) as channel_no from weekly
        ),
        drawn as (
            select *, {world.bits("touch time", "person", "absolute_week")} as bits
            from touched
            where channel_no is not null
        ),
        dated as (
            select *, week_no * 7 + cast(bits % 7 as int) - {world.first_day.weekday()} as day_index
            from drawn
        )
        select
            person,
            cast({FROM_TOUCH} + cast(person as bigint) * {PER_TOUCH} + week_no * 16
                + channel_no as bigint)
                as touch_no,
            channel_no,
            {of["channel_id"]} as channel_id,
            {of["cost"]} as cost,
            cast(day_index as int) as day_index,
            7 * 3600 + cast((bits >> 8) % 50400 as int) as second_of_day,
            cast((bits >> 24) % 1024 as int) as opened_bits,
            case
                when not is_prospect
                    and ((bits >> 34) % 32768) / 32768.0
                    < {of["brings"]} * {by_type(tuple(h[5] for h in HABITS.values()))}
                then
                    least(
                        {LONGEST_CARRY_OVER_DAYS},
                        1 + cast(floor(-ln(1 - ((bits >> 49) % 32768) / 32768.0) * {of["carry"]})
                            as int)
                    )
            end as brings_order_after_days
        from dated
        inner join days using (day_index)
        where op_to >= joins_op or is_prospect
    """)


def _campaigns(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    count = _campaign_count(world)
    channels = ", ".join(f"'{channel}'" for channel in CAMPAIGN_CHANNELS)
    left_out = ", ".join(f"'{name}'" for name in sorted(world.without_campaigns)) or "''"
    connection.execute(f"""
        create table campaigns as
        select
            cast(campaign_no as int) as campaign_no,
            'CMP' || lpad(cast(campaign_no + 1 as varchar), 3, '0') as campaign_id,
            ([{channels}])[1 + cast(campaign_no % {len(CAMPAIGN_CHANNELS)} as int)] as channel_id,
            -- Three of four hold a control group back, drawn at random.
            campaign_no % 4 <> 3 as is_randomised,
            cast(campaign_no // {len(CAMPAIGN_STARTS)} * {CAMPAIGN_CYCLE_DAYS}
                + {list(CAMPAIGN_STARTS)}[1 + campaign_no % {len(CAMPAIGN_STARTS)}] as int)
                as first_day_index,
            {list(CAMPAIGN_VIEWED)}[1 + cast(campaign_no % {len(CAMPAIGN_CHANNELS)} as int)]
                as viewed_share
        from range({count}) as campaigns (campaign_no)
    """)
    connection.execute(f"delete from campaigns where campaign_id in ({left_out})")
    # Without a control group, who is targeted may say something of who would buy anyway, or leave.
    chosen = "1"
    if "selection" in world.biases:
        chosen += " * least(2.2, 0.2 + 6 * rate)"
    if "hidden" in world.biases:
        chosen += " * least(2.5, 0.3 + 7 * leaving_rate)"
    targeted = f"{CAMPAIGN_TARGETED} * {chosen}"
    hears = "dice(person, 2000 + campaign_no) % 3 = 0" if "spillover" in world.biases else "false"
    uplift = by_type(CAMPAIGN_UPLIFT)
    cycle = len(CAMPAIGN_STARTS)
    connection.execute(f"""
        create table targets as
        with drawn as (
            select
                campaigns.*,
                person, type_no, is_prospect,
                {world.draw("targeted", "person", "campaign_no")} as targeted_draw,
                case when is_randomised
                    then {CAMPAIGN_TARGETED} else {targeted} end as targeted_share,
                {world.draw("control", "person", "campaign_no")} < {CAMPAIGN_CONTROL}
                and is_randomised as is_control,
                {world.draw("put off", "person")} < {PUT_OFF_SHARE} as is_put_off,
                rate * {CAMPAIGN_DAYS} * {1 + world.parameters.same_day_share} as usual_orders,
                {world.draw("views", "person", "campaign_no")} < viewed_share as is_viewed,
                {world.draw("uplift", "person", "campaign_no")} as uplift_draw,
                cast({world.bits("uplift day", "person", "campaign_no")} % {CAMPAIGN_DAYS} as int)
                    as uplift_day
            from campaigns
            cross join people
            inner join days on days.day_index = first_day_index
            where not is_anonymous and card_of is null and not is_holdout
                and (op_from >= joins_op or is_prospect)
        ),
        chosen as (
            select *, not is_control or {hears} as is_reached
            from drawn
            where targeted_draw < targeted_share
        ),
        in_turn as (
            select
                *,
                {uplift} as full_uplift,
                lag(campaign_no) over of_person = campaign_no - 1
                    and lag(is_reached) over of_person as is_reached_before,
                lead(campaign_no) over of_person = campaign_no + 1
                    and lead(is_reached) over of_person as is_reached_after
            from chosen
            window of_person as (partition by person order by campaign_no)
        ),
        lifted as (
            select
                *,
                case
                    when is_prospect then 0
                    when is_put_off then greatest(-0.5 * full_uplift, -usual_orders)
                    -- Who is reached by two at a time gives less to the second.
                    when campaign_no % {cycle} = {cycle - 1} and is_reached_before
                        then {OVERLAP_FACTOR} * full_uplift
                    else full_uplift
                end as own_uplift
            from in_turn
        )
        select
            campaign_no, campaign_id, channel_id, first_day_index, person, is_control, is_put_off,
            is_reached, is_viewed, own_uplift,
            -- What would be lacking without it, the second of two giving more then.
            own_uplift - case
                when campaign_no % {cycle} = {cycle - 2} and is_reached and is_reached_after
                    and not is_prospect and not is_put_off
                    then {1 - OVERLAP_FACTOR} * full_uplift
                else 0
            end as uplift,
            is_viewed and uplift_draw < own_uplift / viewed_share as brings_order,
            -- Of the orders in the campaign's days.
            case when is_put_off then least(1, 0.5 * full_uplift / usual_orders) else 0 end
                as stays_away_share,
            {FROM_CAMPAIGN} + cast(person as bigint) * {PER_CAMPAIGN} + campaign_no as order_no,
            first_day_index + uplift_day as day_index
        from lifted
    """)


def _orders(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """One row per order, cut off where its customer leaves."""
    p = world.parameters
    last = connection.execute("select max(op_to) from days").fetchone()
    assert last is not None
    connection.execute(f"""
        create table visits as
        with numbered as (
            select
                person,
                rate,
                regularity,
                is_opening,
                joins_op,
                unnest(range(cast(
                    ceil(1.5 * expected + 3 * expected / sqrt(1 + expected)) + 4 as int
                ))) as visit_no
            from (select *, rate * ({last[0]} - joins_op) as expected from people)
            where buys
        ),
        gaps as (
            select
                person,
                visit_no,
                joins_op,
                case
                    -- The clock of those who were there before runs since some purchase before.
                    when visit_no = 0 and not is_opening then 0.0
                    else power(-ln(1 - {world.draw("gap", "person", "visit_no")}), 1 / regularity)
                        / (gamma(1 + 1 / regularity) * rate)
                        * case when visit_no = 0 then {world.draw("phase", "person")} else 1 end
                end as gap
            from numbered
        ),
        timed as (
            select
                person,
                visit_no,
                joins_op + sum(gap) over (partition by person order by visit_no) as op_time
            from gaps
        )
        select person, cast(visit_no as int) as visit_no, day_index
        from timed
        inner join op_days on op_step = cast(floor(op_time * {OPERATIONAL_STEPS}) as int)
        where op_time < {last[0]} and visit_no < {SECOND_OF_DAY}
    """)
    put_off = f"""
        and not exists (
            select 1 from targets
            where targets.person = visits.person and is_reached and is_put_off
                and visits.day_index between first_day_index
                    and first_day_index + {CAMPAIGN_DAYS - 1}
                and {world.draw("stays away", "visits.person", "visits.visit_no")}
                    < stays_away_share
        )
    """
    connection.execute(f"""
        create table planned as
        select
            person, cast(person as bigint) * {PER_PERSON} + visit_no as order_no, day_index,
            null as touch_no, null as campaign_no
        from visits
        where true {put_off}
        union all
        select
            person, cast(person as bigint) * {PER_PERSON} + {SECOND_OF_DAY} + visit_no, day_index,
            null, null
        from visits
        where {world.draw("second", "person", "visit_no")} < {p.same_day_share} {put_off}
        union all
        select person, touch_no, day_index + brings_order_after_days, touch_no, null
        from touches
        inner join people using (person)
        where brings_order_after_days is not null and buys
        union all
        select person, order_no, day_index, null, campaign_no
        from targets
        inner join people using (person)
        where is_reached and brings_order and buys
        union all
        select person, order_no, order_day_index, null, null
        from action_decisions
        where brings_order
        union all
        select
            person, {FROM_JOINING} + cast(person as bigint) * {PER_PERSON} + visit_no,
            shifted_index, null, null
        from ({_shifted(world, "joining", (0, world.days - 1), str(JOINING_EFFECT), "people")})
        where shifted_index >= enrolled_day_index
    """)
    connection.execute(f"create table decided as {_decided(world, 'planned')}")
    connection.execute("drop table planned")
    connection.execute("""
        create table departures as
        select
            person,
            min(day_index) as left_day_index,
            arg_min(coalesce(experience, 'none'), (day_index, order_no)) as last_experience,
            arg_min(order_no, (day_index, order_no)) as last_order_no
        from decided
        where leaves
        group by person
    """)
    connection.execute(f"create table orders as {_placed(world, 'decided')}")
    connection.execute("drop table decided")


def add_tier_orders(
    connection: duckdb.DuckDBPyConnection, world: World, first: int, last: int
) -> None:
    """Add what tiers bring in the days of a year, from ``tier_years``."""
    extra = f"""
        select
            person, {FROM_TIER} + cast(person as bigint) * {PER_PERSON} + visit_no as order_no,
            shifted_index as day_index, null as touch_no, null as campaign_no
        from ({_shifted(world, "tier", (first, last), "effect", "tier_years")})
    """
    connection.execute(f"create or replace temp table decided as {_decided(world, f'({extra})')}")
    connection.execute(f"insert into orders {_placed(world, 'decided')}")
    connection.execute("drop table decided")


def _shifted(world: World, purpose: str, span: tuple[int, int], share: str, of: str) -> str:
    """SQL for days near those of a share of the visits in a span, which they do not leave.

    Visits of those who have left go on without being orders, so that a day that is brought is as
    likely before somebody leaves as at any time.
    """
    first, last = span
    bits = world.bits(f"{purpose} day", "person", "visit_no")
    by = f"cast({bits} % {2 * SHIFTED_DAYS + 1} as int)"
    inside = (
        f"case when near < {first} then least({last}, 2 * {first} - near) "
        f"when near > {last} then greatest({first}, 2 * {last} - near) else near end"
    )
    return f"""
        select *, {inside} as shifted_index
        from (
            select *, visits.day_index + {by} - {SHIFTED_DAYS} as near
            from visits
            inner join {of} using (person)
            where visits.day_index between {first} and {last}
                and {world.draw(purpose, "person", "visit_no")} < {share}
        )
    """


def _decided(world: World, planned: str) -> str:
    """SQL for what becomes of planned orders: where, how large, how they go, and who leaves."""
    p = world.parameters
    last = "(select max(op_to) from days)"
    habits = list(HABITS.values())
    cuts = [by_type(tuple(sum(h[0][: of + 1]) for h in habits)) for of in range(3)]
    closed = " ".join(
        f"when sales_no = {number} then case when lost_draw < 0.3 then -1 else 0 end"
        for number, channel in enumerate(SALES)
        if channel in world.without_channels
    )
    sales_no = f"case {closed} else sales_no end" if closed else "sales_no"
    late = by_type(LATE, "sales_no")
    week = f"(day_index + {world.first_day.weekday()}) // 7 + {first_week(world)}"
    dearer = is_dearer(world, "home_store_no", week)
    price_shock = f"""{PRICE_SHOCK} * case when {dearer}
        then {PRICE_SHOCK_DEARER} else {PRICE_SHOCK_ELSE} end"""
    return f"""
        with drawn as (
            select
                planned.*,
                case
                    when later_type_no is not null
                        and op_from > moves_draw * {last} then later_type_no
                    else type_no
                end as type_no,
                home_store_no, rate, leaving_rate, basket_factor, is_anonymous,
                coalesce(card_of, person) as payer,
                {world.draw("channel", "order_no")} as channel_draw,
                {world.draw("lost", "order_no")} as lost_draw,
                {world.draw("experience", "order_no")} as experience_draw,
                {world.draw("leaves", "order_no")} as leaves_draw,
                {world.bits("visit", "order_no")} as bits,
                {p.basket_median} * 1.2 * basket_factor
                    * exp({p.basket_spread} * {world.normal("lines", "order_no")}) as lines_drawn
            from {planned} as planned
            inner join people using (person)
            inner join days using (day_index)
        ),
        placed as (
            select
                *,
                case
                    when is_anonymous or channel_draw < {cuts[0]} then 0
                    when channel_draw < {cuts[1]} then 1
                    when channel_draw < {cuts[2]} then 2
                    else 3
                end as sales_no
            from drawn
        ),
        kept as (
            select * replace (cast({sales_no} as int) as sales_no)
            from placed
        ),
        experienced as (
            select
                *,
                case
                    when experience_draw < {late} then 'late'
                    when experience_draw < {late} + {POOR_PRODUCT} then 'product'
                    when experience_draw < {late} + {POOR_PRODUCT + POOR_SERVICE} then 'service'
                    when experience_draw < {late} + {POOR_PRODUCT + POOR_SERVICE} + {price_shock}
                        then 'price'
                end as experience
            from kept
            where sales_no >= 0
        )
        select
            person, payer, order_no, day_index, touch_no, campaign_no, type_no, home_store_no,
            sales_no, bits, is_anonymous, experience,
            greatest(1, cast(round(
                {LARGEST_BASKET} * lines_drawn / ({LARGEST_BASKET} + lines_drawn) + 0.2
            ) as int)) as intended_lines,
            -- What actions, joining and tiers bring makes nobody leave.
            order_no < {FROM_ACTION} and leaves_draw
            < 1 - exp(
                -leaving_rate / (365.25 * rate) * case
                    when {has_new_competitor(world, "home_store_no", week)}
                        then {COMPETITOR_FACTOR} else 1 end
            )
            + case experience
                when 'late' then {LEAVES_AFTER["late"]} * {by_type(tuple(h[3] for h in habits))}
                when 'product' then {LEAVES_AFTER["product"]}
                when 'service' then {LEAVES_AFTER["service"]}
                    * {by_type(tuple(h[3] for h in habits))}
                when 'price' then {LEAVES_AFTER["price"]} * {by_type(tuple(h[4] for h in habits))}
                else 0
            end * least(1, 60 / (365.25 * rate)) as leaves
        from experienced
    """


def _placed(world: World, decided: str) -> str:
    """SQL for the orders of those who are still there, with their time and what became of them."""
    p = world.parameters
    last_second = by_type((12 * 3600, 15 * 3600, 13 * 3600, 9 * 3600))
    width = by_type((28800, 25200, 28800, 21600))
    return f"""
        select
            decided.* exclude (leaves, bits),
            case when decided.experience = 'late'
                and sales_no > 0 then true else false end as is_late,
            {last_second} - 7200 + cast((bits % 4096) / 4096.0 * {width} as int)
                + cast(((bits >> 12) % 4096) / 4096.0 * 7200 as int) as second_of_day,
            -- The home store, or one of five others near it.
            case
                when ((bits >> 24) % 4096) / 4096.0 < 1 - {p.other_stores_share}
                    or sales_no > 0 then home_store_no
                else (home_store_no + 1 + cast(floor(4 * power(((bits >> 36) % 4096) / 4096.0,
                1.5)) as int))
                    % (select count(*) from stores)
            end as store_no,
            not is_anonymous and ((bits >> 48) % 1024) < 10 as is_card_forgotten,
            case
                when sales_no > 0 and (bits >> 58) = 0 and (bits >> 50) % 2 = 0 then 'cancelled'
                when (bits >> 48) % 8192 = 17 then 'test'
                when sales_no > 0 then 'delivered'
                else 'completed'
            end as order_status
        from {decided} as decided
        left join departures using (person)
        where
            (left_day_index is null or decided.day_index <= left_day_index)
            and decided.day_index < {world.days}
        order by day_index, order_no
    """
