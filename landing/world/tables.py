"""The landing tables of a world, as queries on what was made: columns of the contract by name."""

from __future__ import annotations

from collections.abc import Callable

from landing import contract
from landing.contract import Table
from landing.world.actions import action_log
from landing.world.baskets import LINE_NUMBERS
from landing.world.loyalty import ENTRY_TYPES, POINT_COST
from landing.world.people import (
    AGES,
    DIMENSIONS,
    HABITS,
    INCOMES,
    MARKETING,
    OCCUPATIONS,
    SALES,
    SERVICE,
    by_type,
)
from landing.world.purchases import CAMPAIGN_DAYS, REASONS, there_share
from landing.world.spec import World

CURRENCY = "EUR"
TIME_ZONE = "Europe/Berlin"
HOLDOUT = "HOLDOUT"
"""A campaign all of whose targets are controls: those who are in no other one."""
CANCELS_SHARE = 0.35
SAYS_WHY_SHARE = 0.8
"""Of those who leave, how many tell, and of these how many say why; neither depends on why."""
REDEEMS = 0.7
# Months in which experiments of three months on channels begin.
LIFT_TEST_STARTS = (3, 9)
# Of the usual orders of those whom a campaign has reached: where they have seen it, and where not.
REDEEMS_USUAL = 0.10
REDEEMS_UNSEEN = 0.04
REWARD = 5
CITIES = (
    ("Northport", "tier 1", "north"),
    ("Westbridge", "tier 1", "west"),
    ("Easton", "tier 2", "east"),
    ("Southvale", "tier 2", "south"),
    ("Millbrook", "tier 3", "north"),
    ("Lakeside", "tier 3", "west"),
    ("Hillcrest", "tier 3", "east"),
)

Query = Callable[[World, str], str]
"""SQL for a table, from the world and a condition on ``day_index`` (``true``: all days)."""


def _day(column: str = "day_index") -> str:
    return f"(first_day() + cast({column} as int))"


def _moment(column: str = "day_index", seconds: str = "second_of_day") -> str:
    return f"(cast({_day(column)} as timestamp) + to_seconds(cast({seconds} as bigint)))"


def _listed(names: tuple[object, ...], number: str) -> str:
    """SQL for the name at a number from 0."""
    return f"([{', '.join(repr(name) for name in names)}])[1 + cast({number} as int)]"


def orders(world: World, condition: str) -> str:
    """Sales of some days."""
    late = "86400 * (1 + cast(dice(order_no, 5) % 3 as int))"
    wait = by_type((0, 172800, 86400, 14400), "sales_no")
    return f"""
        select
            cast(order_no as varchar) as order_id,
            case when not (orders.is_anonymous
                or is_card_forgotten) then customer_id end as customer_id,
            {_moment()} as ordered_at,
            store_id,
            {_listed(SALES, "sales_no")} as channel_id,
            order_status,
            'sale' as order_type,
            '{CURRENCY}' as currency,
            case when sales_no > 0 then {_moment()}
                + to_seconds(cast({wait} as bigint)) end as promised_at,
            case
                when sales_no > 0 and order_status = 'delivered'
                    and day_index < {world.days - 6} then
                    {_moment()} + to_seconds(cast({wait} as bigint))
                    + to_seconds(cast(case when is_late then {late} else
                        -- Unsigned numbers have no minus.
                        -cast(dice(order_no, 7) % 3600 as int) end as bigint))
            end as fulfilled_at,
            case when order_status = 'cancelled' then {_moment()}
                + to_seconds(1800) end as cancelled_at,
            case when order_status = 'cancelled' then 'changed mind' end as cancel_reason,
            cast(case when sales_no = 3 then 3.90 else 0 end as decimal(18, 2)) as shipping_amount,
            cast({by_type(("0.9", "3.2", "3.0", "6.4"), "sales_no")}
                + 0.06 * intended_lines as decimal(18, 2))
                as fulfilment_cost
        from orders
        inner join people on orders.payer = people.person
        inner join stores using (store_no)
        where {condition}
    """


def payments(world: World, condition: str) -> str:
    """What was paid for the orders of some days."""
    return f"""
        select
            cast(order_no as varchar) as order_id,
            1 as payment_sequence,
            case when dice(order_no, 9) % 3 = 0 then 'cash' else 'card' end as payment_method,
            value + case when sales_no = 3 then 3.90 else 0 end as paid_amount
        from orders
        inner join batch_values using (order_no)
        where order_status not in ('cancelled', 'test') and {condition}
    """


def products(world: World, condition: str) -> str:
    """All products."""
    return """
        select
            product_id,
            category || ' ' || case rank_no
                when 0 then 'own label' when 1 then 'classic' when 2 then 'select' when 3
                    then 'premium' else 'fine'
            end as product_name,
            case when is_private then 'House' else upper(left(department, 2)) || '-' || rank_no end
                as brand,
            case when is_private then 'private' else 'national' end as brand_type,
            cast(case when is_private then 1 else 10
                + product_no % 60 end as varchar) as manufacturer_id,
            department,
            category,
            cast(base_price * cost_share as decimal(18, 2)) as unit_cost,
            cast(base_price as decimal(18, 2)) as list_price
        from products
        order by product_no
    """


def stores(world: World, condition: str) -> str:
    """All stores."""
    return f"""
        select
            store_id,
            {_listed(tuple(city for city, _, _ in CITIES), f"city_no % {len(CITIES)}")} || ' '
                || cast(store_no % 4 + 1 as varchar) as store_name,
            case when format_draw < 0.2 then 'hypermarket' when format_draw < 0.7 then 'supermarket'
                else 'convenience' end as store_format,
            {_place("city_no")},
            '{TIME_ZONE}' as time_zone,
            first_day() - cast(400 + dice(store_no, 0) % 3000 as int) as opened_on,
            cast(300 + dice(store_no, 1) % 2500 as decimal(18, 3)) as sales_area_sqm
        from stores
        order by store_no
    """


def _place(number: str) -> str:
    names = zip(("city", "city_tier", "region"), zip(*CITIES, strict=True), strict=True)
    return ", ".join(
        f"{_listed(values, f'{number} % {len(CITIES)}')} as {name}" for name, values in names
    )


def customers(world: World, condition: str) -> str:
    """As they registered; see ``customer_changes`` for who moved."""
    return _profiles(world, "registered_at as updated_at", "home_store_no // 4", "true")


def customer_changes(world: World, condition: str) -> str:
    """One in twenty moves to another city during the days of the world."""
    when = f"first_day() + cast(dice(person, 3) % {world.days} as int)"
    return _profiles(
        world,
        f"greatest(registered_at + interval 1 day, cast({when} as timestamp)) as updated_at",
        "1 + home_store_no // 4",
        f"dice(person, 4) % 20 = 0 and cast(registered_at as date) < {when}",
    )


def _profiles(world: World, updated_at: str, city_no: str, condition: str) -> str:
    referred = "acquisition_channel_id = 'referral' and person > 0"
    return f"""
        with registered as (
            select
                *,
                case
                    when is_opening then cast(first_day() - cast(1
                        + profile_bits % 1500 as int) as timestamp)
                    else (select cast(first_day()
                        + min(day_index) as timestamp) from days where op_to > joins_op)
                end + to_hours(9) as registered_at,
                cast((profile_bits >> 12) % 6 as int) as age_no,
                (profile_bits >> 20) % 64 as habit_bits,
                identities.* exclude (person)
            from people_joined
            inner join identities using (person)
        ),
        born as (
            select
                person as birth_person,
                make_date(1940 + 10 * (5 - age_no) + 6 + cast(person % 10 as int),
                    1 + cast(person % 12 as int), 15) as born_on
            from registered
        )
        select
            customer_id,
            'H' || substr(customer_id, 2) as household_id,
            registered_at,
            full_name,
            email,
            phone,
            address,
            postal_code,
            'DE' as country,
            case when (profile_bits >> 26) % 10 < 7 or tells_birth_date then born_on
            end as birth_date,
            case when (profile_bits >> 30) % 10 < 8 then {_listed(AGES, "age_no")} end as age_band,
            case when (profile_bits >> 34) % 10 < 9
                then case when (profile_bits >> 38) % 100 < 58
                    then 'female' else 'male' end end as gender,
            case when (profile_bits >> 45) % 10 < 8 then {
        _listed(INCOMES, "income_no")
    } end as income_band,
            case when (profile_bits >> 50) % 10 < 6
                then {
        _listed(OCCUPATIONS, f"(profile_bits >> 54) % {len(OCCUPATIONS)}")
    } end as occupation,
            cast(household_no + 1 as varchar) as household_size,
            case when household_no >= 2
                then cast(household_no - 1 as varchar) else '0' end as children_count,
            {_place(city_no)},
            acquisition_channel_id,
            case when habit_bits < 40 then {
        _listed(
            SALES,
            by_type(
                tuple(
                    max(range(len(SALES)), key=habits[0].__getitem__) for habits in HABITS.values()
                )
            ),
        )
    } end as preferred_channel_id,
            case when {referred} then referrer_id end as referrer_customer_id,
            habit_bits < 44 as has_marketing_consent,
            registered_at as consent_changed_at,
            {updated_at}
        from registered
        inner join born using (birth_person)
        where {condition}
        order by person
    """


def customer_ids(world: World, condition: str) -> str:
    """Cards of people who share the number of another one."""
    return """
        select
            partner.customer_id as source_id, 'card' as source_system,
            holder.customer_id as customer_id,
            first_day() as linked_on
        from people as partner
        inner join people as holder on partner.card_of = holder.person
        order by source_id
    """


def subscriptions(world: World, condition: str) -> str:
    """A delivery pass, mostly of those who like convenience."""
    started = f"dice(person, 21) % {world.days}"
    return f"""
        select
            'SUB' || cast(person as varchar) as subscription_id,
            customer_id,
            first_day() + cast({started} as int) as started_on,
            case when dice(person, 22) % 3 = 0 and {started} + 90 < {world.days}
                then first_day() + cast({started} + 90 as int) end as ended_on,
            'month' as billing_interval,
            cast(6.90 as decimal(18, 2)) as interval_amount,
            case when dice(person, 22) % 3 = 0 and {started} + 90 < {world.days}
                then 'too expensive' end as end_reason
        from people
        where buys and not is_anonymous and card_of is null
            and {world.draw("subscription", "person")} < {by_type((0.01, 0.12, 0.02, 0.01))}
        order by person
    """


def activity(world: World, condition: str) -> str:
    """Visits of the web shop and openings of the app."""
    return f"""
        with weekly as (
            select person, customer_id, type_no, joins_op, week_no,
            {world.draw("active", "person", "absolute_week")} as drawn
            from people
            cross join weeks
            where not is_anonymous and card_of is null
        ),
        dated as (
            select *, week_no * 7
                + cast(floor(drawn * 7000) as int) % 7 - {world.first_day.weekday()} as day_index
            from weekly
            where drawn < {by_type((0.05, 0.35, 0.10, 0.04))}
        )
        select
            customer_id,
            {_day()} as activity_date,
            case when type_no = 1 then 'app_open' else 'visit' end as activity_kind,
            cast(1 + cast(floor(drawn * 10000) as int) % 4 as decimal(18, 3)) as activity_count
        from dated
        inner join days using (day_index)
        left join departures using (person)
        where op_to > joins_op
            and (left_day_index is null or day_index <= left_day_index) and {condition}
    """


def channels(world: World, condition: str) -> str:
    """All channels that there are."""
    rows = [
        *((name, "sales", name != "store") for name in SALES),
        *((name, "marketing", name not in ("direct_mail", "referral")) for name in MARKETING),
        *((name, "service", name == "chat") for name in SERVICE),
    ]
    values = ", ".join(
        f"('{name}', '{name.replace('_', ' ').capitalize()}', '{kind}', {str(online).lower()})"
        for name, kind, online in rows
        if name not in world.without_channels
    )
    return (
        f"select * from (values {values}) as c (channel_id, channel_name, channel_type, is_online)"
    )


def campaigns(world: World, condition: str) -> str:
    """All campaigns."""
    return f"""
        select
            campaign_id,
            'Campaign ' || cast(campaign_no + 1 as varchar) as campaign_name,
            case when is_randomised then 'randomised' else 'all targets' end as campaign_type,
            channel_id,
            {_day("first_day_index")} as start_date,
            {_day(f"first_day_index + {CAMPAIGN_DAYS - 1}")} as end_date,
            'orders' as objective,
            cast(0.05 * {world.customers} as decimal(18, 2)) as budget_amount
        from campaigns
        union all
        select
            '{HOLDOUT}', 'Global holdout', 'global holdout', null, first_day(),
            {_day(str(world.days - 1))}, 'orders', null
        order by campaign_id
    """


def campaign_targets(world: World, condition: str) -> str:
    """Whom a campaign was meant for, those held back included, and who is in none at all."""
    return f"""
        select
            campaign_id,
            customer_id,
            {_day("first_day_index")} as targeted_on,
            is_control,
            case when not is_control then 'A' end as variant
        from targets
        inner join people using (person)
        union all
        select '{HOLDOUT}', customer_id, {_day("came")}, true, null
        from people
        where is_holdout and not is_anonymous and card_of is null
        order by campaign_id, customer_id
    """


def campaign_variants(world: World, condition: str) -> str:
    """The one offer of each campaign."""
    return f"""
        select
            campaign_id, 'A' as variant, 'voucher' as offer_type, channel_id as channels,
            '5 off from 30' as terms, cast(30 as decimal(18, 2)) as required_amount,
            '5' as reward, cast(5 as decimal(18, 2)) as reward_amount,
            {_day("first_day_index")} as valid_from,
            {_day(f"first_day_index + {CAMPAIGN_DAYS - 1}")} as valid_to
        from campaigns
        order by campaign_no
    """


def touchpoints(world: World, condition: str) -> str:
    """Contacts by marketing, with what became of e-mails."""
    kind = (
        "case channel_id when 'search' then 'click' when 'referral' then 'referral' "
        "when 'social' then 'impression' when 'display' then 'impression' else 'sent' end"
    )
    costs = by_type(tuple(values[4] for values in MARKETING.values()), _channel_no("channel_id"))
    seen = (
        "not (channel_id = 'display' and touch_no % 10 < 3)"
        if "measurement" in world.biases
        else "true"
    )
    return f"""
        with contacts as (
            select
                touch_no, person, channel_id, {_moment()} as touched_at, {kind} as touch_type,
                cast(null as varchar) as campaign_id, cost, opened_bits,
                channel_id = 'email' and opened_bits < 330 as is_opened
            from touches
            where {seen} and {condition}
            union all
            select
                order_no, person, channel_id,
                cast({_day("first_day_index")} as timestamp) + to_hours(8), 'sent',
                campaign_id, {costs},
                cast(dice(order_no, 0) % 1024 as int),
                channel_id <> 'direct_mail' and is_viewed
            from (select *, first_day_index as on_day from targets)
            where not is_control and {condition.replace("day_index", "on_day")}
        ),
        steps as (
            select *, 0 as step from contacts
            union all
            select * replace ('open' as touch_type, touched_at + to_minutes(90) as touched_at,
            0 as cost), 1
            from contacts
            where is_opened
            union all
            select * replace ('click' as touch_type, touched_at + to_minutes(95) as touched_at,
            0 as cost), 2
            from contacts
            where channel_id = 'email' and is_opened and opened_bits < 60
        )
        select
            'T' || cast(touch_no as varchar) || '-' || step as touchpoint_id,
            customer_id,
            channel_id,
            touched_at,
            touch_type,
            campaign_id,
            cast(cost as decimal(18, 2)) as cost_amount
        from steps
        inner join people using (person)
    """


def _channel_no(column: str) -> str:
    return (
        f"case {column} "
        + " ".join(f"when '{name}' then {number}" for number, name in enumerate(MARKETING))
        + " end"
    )


def coupons(world: World, condition: str) -> str:
    """The coupon of each campaign."""
    return f"""
        select
            'V' || campaign_id as coupon_id, campaign_id, {_day("first_day_index")} as issued_on,
            {_day("first_day_index")} as valid_from,
            {_day(f"first_day_index + {CAMPAIGN_DAYS - 1}")} as valid_to,
            'amount' as coupon_kind, cast(5 as decimal(18, 3)) as coupon_value,
            cast(30 as decimal(18, 2)) as required_amount
        from campaigns
        order by campaign_no
    """


def coupon_redemptions(world: World, condition: str) -> str:
    """Coupons handed in, of a target at most one: the voucher is taken as a means of payment."""
    return f"""
        with brought as (
            select
                payer as person, campaign_no, order_no, day_index, second_of_day,
                {world.draw("hands in", "order_no")} < {REDEEMS} as is_handed_in
            from orders
            where campaign_no is not null and not is_card_forgotten
        ),
        usual as (
            select
                targets.person, targets.campaign_no, orders.order_no, orders.day_index,
                second_of_day,
                {world.draw("hands in usual", "orders.order_no")}
                    < case when is_viewed then {REDEEMS_USUAL} else {REDEEMS_UNSEEN} end
                as is_handed_in
            from targets
            inner join orders
                on targets.person = orders.payer
                and orders.day_index between first_day_index
                and first_day_index + {CAMPAIGN_DAYS - 1}
            inner join order_values on orders.order_no = order_values.order_no
            where not is_control and orders.campaign_no is null and not is_card_forgotten
                and order_status not in ('cancelled', 'test') and value >= 30
        ),
        handed_in as (
            select person, campaign_no, arg_min(order_no, (day_index, order_no)) as order_no
            from (from brought union all from usual)
            where is_handed_in
            group by person, campaign_no
        )
        select
            'V' || cast(order_no as varchar) || '-' || campaign_id as redemption_id,
            customer_id,
            'V' || campaign_id as coupon_id,
            campaign_id,
            channel_id,
            {_day()} as redeemed_on,
            {_moment()} as redeemed_at,
            cast(order_no as varchar) as order_id,
            cast({REWARD} as decimal(18, 2)) as discount_amount
        from handed_in
        inner join (select order_no, day_index, second_of_day from orders) using (order_no)
        inner join people using (person)
        inner join campaigns using (campaign_no)
        order by campaign_id, order_no
    """


def promotions(world: World, condition: str) -> str:
    """Displays and mailers."""
    return """
        select
            product_id, store_id, week_start_date,
            case when is_display then cast(1
                + product_no % 9 as varchar) else '0' end as display_location,
            case when is_mailer then 'A' else '0' end as mailer_location
        from prices
        inner join products using (product_no)
        inner join stores using (store_no)
        inner join weeks using (week_no)
        where is_display or is_mailer
    """


def prices(world: World, condition: str) -> str:
    """Prices from the week in which they changed."""
    return """
        with changes as (
            select
                *,
                lag(price) over (partition by product_no,
                store_no order by week_no) as price_before,
                lag(regular_price) over (partition by product_no,
                store_no order by week_no) as regular_before
            from prices
        )
        select
            product_id, store_id, week_start_date as valid_from, regular_price, price, is_reduced
        from changes
        inner join products using (product_no)
        inner join stores using (store_no)
        inner join weeks using (week_no)
        where price_before is null or price <> price_before or regular_price <> regular_before
    """


def channel_costs(world: World, condition: str) -> str:
    """Spend on media is what the touches cost; sales channels cost by order and month."""
    per_order = by_type(("0.40", "0.90", "0.70", "0.80"), "sales_no")
    return f"""
        select
            channel_id,
            cast(date_trunc('month', {_day()}) as date) as cost_date,
            'media' as cost_type,
            cast(sum(cost) as decimal(18, 2)) as cost_amount
        from touches
        group by all
        union all
        select
            {_listed(SALES, "sales_no")}, cast(date_trunc('month', {_day()}) as date), 'operations',
            cast(sum({per_order}) as decimal(18, 2))
        from orders
        group by all
        order by channel_id, cost_date
    """


def channel_lift_tests(world: World, condition: str) -> str:
    """What a channel brought in three months, as an experiment elsewhere would have found it.

    Its control group consists of others whom no table knows, and who had neither touches nor
    campaigns of the channel. Who would have been touched is known of both groups, and only orders
    in the days after are counted, so that the noise is that of these days and not of all orders.
    """
    window = " ".join(
        f"when '{name}' then {1 + 2 * carry}" for name, (_, _, _, carry, _) in MARKETING.items()
    )
    noise = world.normal("lift test", "channel_id", "started_on")
    there = there_share("first_day_index", CAMPAIGN_DAYS)
    return f"""
        with starts as (
            select distinct make_date(year(day), month(day), 1) as started_on
            from days
            where month(day) in ({", ".join(map(str, LIFT_TEST_STARTS))})
        ),
        tests as (
            select started_on, last_day(cast(started_on + interval 2 month as date)) as ended_on
            from starts
        ),
        inside as (
            select * from tests
            where started_on >= first_day() and ended_on < first_day() + {world.days}
        ),
        by_touches as (
            select
                channel_id, started_on, ended_on, sum(cost) as spend,
                count(distinct touches.person) as people,
                count(*) filter (
                    where brings_order_after_days is not null and buys
                    and coalesce(left_day_index, {world.days})
                        >= touches.day_index + brings_order_after_days
                ) as orders,
                sum(rate * {1 + world.parameters.same_day_share} * case channel_id {window} end)
                    as usual_orders
            from touches
            inner join people using (person)
            left join departures using (person)
            inner join inside on {_day("touches.day_index")} between started_on and ended_on
            group by channel_id, started_on, ended_on
        ),
        campaign_days as (
            select
                campaign_no, started_on,
                date_diff('day', greatest(started_on, {_day("first_day_index")}),
                    least(ended_on, {_day(f"first_day_index + {CAMPAIGN_DAYS - 1}")})) + 1 as days
            from campaigns
            cross join inside
            where {_day("first_day_index")} <= ended_on
                and {_day(f"first_day_index + {CAMPAIGN_DAYS - 1}")} >= started_on
        ),
        by_campaigns as (
            select
                channel_id, started_on,
                sum(days / {CAMPAIGN_DAYS} * uplift * {there}) as orders,
                sum(days * rate * {1 + world.parameters.same_day_share}) as usual_orders
            from campaign_days
            inner join targets using (campaign_no)
            inner join people using (person)
            left join departures using (person)
            where is_reached and not is_control
            group by channel_id, started_on
        ),
        measured as (
            select
                t.channel_id, t.started_on, ended_on, spend, people,
                t.orders + coalesce(c.orders, 0) as orders,
                t.usual_orders + coalesce(c.usual_orders, 0) as usual_orders
            from by_touches as t
            left join by_campaigns as c using (channel_id, started_on)
        ),
        compared as (
            select *, sqrt(2 * usual_orders + orders) as error
            from measured
        )
        select
            'LIFT-' || channel_id || '-' || strftime(started_on, '%Y%m') as lift_test_id,
            channel_id,
            'who would have been touched' as test_group,
            started_on,
            ended_on,
            'orders' as outcome,
            cast(spend as decimal(18, 2)) as spend_amount,
            people as treated_units,
            people as control_units,
            round(usual_orders + orders + {noise} * error) as treated_outcome,
            round(usual_orders) as control_outcome,
            round(usual_orders + orders + {noise} * error) - round(usual_orders)
                as incremental_outcome,
            error as standard_error
        from compared
        order by lift_test_id
    """


def accounts(world: World, condition: str) -> str:
    """Loyalty accounts, with the tier by the points of the last calendar year that is over."""
    return """
        select
            account_id,
            customer_id,
            card_number,
            coalesce(tier, 'basic') as tier,
            first_day() + cast(enrolled_day_index as int) as enrolled_on,
            'till' as enrolment_type,
            case when left_day_index > enrolled_day_index and dice(person, 31) % 4 = 0
                then first_day() + cast(left_day_index as int) end as closed_on
        from members
        inner join identities using (person)
        left join tier_years using (person)
        order by person
    """


def points(world: World, condition: str) -> str:
    """A point for every unit of currency, redeemed all at once; see ``loyalty.make_points``."""
    number = "cast(number as varchar)"
    return f"""
        select
            letter || case when letter = 'X' then lot_letter else '' end || {number} as entry_id,
            account_id,
            {entry_type()} as entry_type,
            cast(points as decimal(18, 2)) as points,
            {_moment()} as entered_at,
            case letter when 'E' then {number} when 'R' then {number} when 'B' then 'R' || {number}
                end as order_id,
            {_day("available_index")} as available_on,
            {_day("expires_index")} as expires_on,
            lot_letter || cast(lot_number as varchar) as lot_entry_id,
            case when letter = 'R'
                then cast(-points * {POINT_COST} as decimal(18, 2)) end as cost_amount,
            case letter when 'G' then 'GOODWILL-' || {number}
                when 'B' then 'REVERSAL-' || {number} end as external_id
        from point_entries
        inner join members using (person)
        where {condition}
    """


def entry_type() -> str:
    """SQL for the type of an entry of the ledger."""
    cases = " ".join(f"when '{letter}' then '{name}'" for letter, name in ENTRY_TYPES.items())
    return f"case letter {cases} end"


LEVELS = (4.0, 4.1, 4.2, 4.4)
"""How content the types are, of five."""
HURTS = {"product": "product", "service": "service", "delivery": "late", "price": "price"}
ANSWERS = {5: 0.30, 4: 0.18, 3: 0.10, 2: 0.22, 1: 0.35}
"""Shares that answer by how content they are on the whole."""


def _keen(at_a_hundred: float) -> str:
    """SQL for answering more often the more often somebody buys."""
    return f"({at_a_hundred} * least(1, rate * 365.25 / 100))"


def sheets_query(world: World) -> str:
    """SQL for the answers to be given after one order in twelve, and whether they are given.

    Who is content or angry answers more often than who is neither, and who buys often more than
    who does not. What is thought on the whole follows from what is thought of each dimension.
    """
    level = by_type(LEVELS)
    latent = ", ".join(
        f"""
        0.45 * {name}_liking + 0.65 * {world.normal(f"answer {name}", "order_no")}
            - case when experience = '{HURTS[name]}' then 2.2 else 0 end as {name}_latent
        """
        for name in DIMENSIONS
    )
    overall = " + ".join(
        f"case when sales_no > 0 then {weight} * {name}_latent else 0 end"
        if name == "delivery"
        else f"{weight} * {name}_latent"
        for name, (weight, _) in DIMENSIONS.items()
    )

    def score(latent: str) -> str:
        return f"cast(least(5, greatest(1, round({level} + {latent}))) as int)"

    scores = ", ".join(
        f"case when sales_no > 0 then {score('delivery_latent')} end as delivery"
        if name == "delivery"
        else f"{score(f'{name}_latent')} as {name}"
        for name in DIMENSIONS
    )
    answers = "case overall " + " ".join(f"when {at} then {p}" for at, p in ANSWERS.items())
    return f"""
        with asked as (
            select
                order_no, payer, day_index, second_of_day, sales_no, orders.type_no, rate,
                experience, {latent}
            from orders
            inner join people on orders.payer = people.person
            where {world.draw("asked", "order_no")} < 0.08 and not orders.is_anonymous
                and not is_card_forgotten and order_status not in ('cancelled', 'test')
                and day_index < {world.days - 2}
        ),
        scored as (
            select
                order_no, payer, day_index, second_of_day, sales_no, rate, {scores},
                {score(f"{overall} + 0.3 * {world.normal('answer', 'order_no')}")} as overall
            from asked
        )
        select
            *,
            {world.draw("answers", "order_no")} < {answers} end * (0.5 + {_keen(0.8)})
                as is_answered
        from scored
    """


def recommendation(world: World) -> str:
    """SQL for how likely a person would recommend, from 0 to 10, now and always."""
    liking = " + ".join(f"{weight} * {name}_liking" for name, (weight, _) in DIMENSIONS.items())
    return f"""least(10, greatest(0, cast(round(
        {by_type((7.0, 7.4, 7.8, 8.6))} + 1.2 * ({liking})
        + 1.2 * {world.normal("recommends", "person")}
    ) as int)))"""


def recommends_share() -> str:
    """SQL for the share of those asked who answer how likely they recommend, by their score."""
    return f"((0.05 + {_keen(0.25)}) * case when score in (7, 8) then 1 else 1.1 end)"


def surveys(world: World, condition: str) -> str:
    """What was asked and answered, or not, and once a year the question of recommendation.

    What was not answered bears the moment at which it was asked, some hours before answers come.
    """
    dimensions = ", ".join(f"'{name}'" for name in ("overall", *DIMENSIONS))
    return f"""
        with questions as (
            select
                order_no, payer, day_index, second_of_day, sales_no, is_answered,
                unnest([{dimensions}]) as dimension,
                unnest([overall, {", ".join(DIMENSIONS)}]) as score
            from sheets
            where {condition}
        ),
        asked as (
            select
                person, customer_id, day_index, rate, {recommendation(world)} as score
            from days
            inner join people
                on day_index % 365 = cast({world.bits("nps", "person")} % 365 as int)
            left join departed using (person)
            where buys and not is_anonymous and card_of is null and op_from >= joins_op
                and (left_day_index is null or day_index <= left_day_index) and {condition}
        ),
        recommending as (
            select
                *, {world.draw("nps answers", "person", "day_index")}
                    < {recommends_share()} as is_answered
            from asked
        )
        select
            'Q' || cast(order_no as varchar) || '-' || dimension as response_id,
            'Q' || cast(order_no as varchar) as sheet_id,
            customer_id,
            {_moment()} + to_hours(case when is_answered then 30 else 26 end) as responded_at,
            'csat' as survey_type,
            dimension,
            cast(case when is_answered then score end as decimal(18, 3)) as score,
            cast(5 as decimal(18, 3)) as scale_max,
            {_listed(SALES, "sales_no")} as channel_id,
            cast(order_no as varchar) as order_id
        from questions
        inner join people on questions.payer = people.person
        where score is not null
        union all
        select
            'N' || cast(person as varchar) || '-' || day_index, null, customer_id,
            cast({_day()} as timestamp) + to_hours(case when is_answered then 12 else 9 end),
            'nps', 'overall', case when is_answered then score end, 10, null, null
        from recommending
    """


def cancels(world: World) -> str:
    """SQL for whether who leaves says good-bye; it does not depend on why."""
    return f"({world.draw('cancels', 'person')} < {CANCELS_SHARE})"


def says_why(world: World) -> str:
    """SQL for whether who says good-bye says why."""
    return f"({world.draw('says why', 'person')} < {SAYS_WHY_SHARE})"


def tickets(world: World, condition: str) -> str:
    """Contacts with customer service: after bad experiences, to ask something, to say good-bye."""
    enquiries = by_type(tuple(habits[1] / 1000 for habits in HABITS.values()))
    reasons = {
        "late": ("service", "late delivery"),
        "product": ("product", "quality"),
        "service": ("service", "attitude"),
        "price": ("price", "too high"),
    }
    category, reason = (
        "case experience "
        + " ".join(f"when '{name}' then '{found[at]}'" for name, found in reasons.items())
        + " end"
        for at in range(2)
    )
    return f"""
        with opened as (
            select
                order_no, payer, day_index + 1 as day_index, second_of_day, sales_no,
                case when experience is not null then 'complaint' else 'enquiry' end as ticket_type,
                coalesce({category}, 'product') as reason_category,
                coalesce({reason}, 'missing product') as reason,
                cast(null as varchar) as cancellation_reason,
                -- Who leaves because of bad service has waited for an answer in vain.
                dice(order_no, 43) % 20 > case when departed.person is not null
                    and experience = 'service' then 13 else 0 end as is_resolved
            from orders
            left join departed on orders.order_no = departed.last_order_no
            where not is_anonymous and not is_card_forgotten and day_index + 1 < {world.days}
                and {world.draw("ticket", "order_no")} < case
                    when experience is null then {enquiries}
                    when experience = 'service' then 0.40
                    else 0.12 + 6 * {enquiries}
                end
            union all
            select
                last_order_no, orders.payer, left_day_index + 2, 36000, sales_no, 'cancellation',
                case when is_told then left_reason end,
                case when is_told then left_sub_reason end,
                case when is_told then left_sub_reason end, true
            from (
                select *, {says_why(world)} as is_told from departed where {cancels(world)}
            ) as departed
            inner join orders on departed.last_order_no = orders.order_no
            where not is_anonymous and not is_card_forgotten and left_day_index + 2 < {world.days}
        )
        select
            'TK' || cast(order_no as varchar) || '-' || left(ticket_type, 2) as ticket_id,
            customer_id,
            {_moment()} as opened_at,
            {_moment()} + to_minutes(cast(20 + dice(order_no, 42) % 300 as bigint))
                as first_answered_at,
            case when is_resolved
                then {_moment()} + to_minutes(cast(400 + dice(order_no, 44) % 4000 as bigint)) end
                    as resolved_at,
            {_listed(SERVICE, "dice(order_no, 45) % 2")} as channel_id,
            ticket_type, reason_category, reason, cancellation_reason,
            cast(120 + dice(order_no, 46) % 900 as bigint) as handling_seconds,
            cast(order_no as varchar) as order_id
        from opened
        inner join people on opened.payer = people.person
        where {condition}
    """


def sales_weekly(world: World, condition: str) -> str:
    """Of a kiosk whose till knows no baskets: magazines."""
    return f"""
        select
            store_id, week_start_date, product_id,
            cast(20 + dice(store_no, absolute_week) % 40 as decimal(18, 3)) as units,
            cast((20 + dice(store_no, absolute_week) % 40) * base_price as decimal(18, 2))
                as net_revenue
        from stores
        cross join weeks
        inner join products on category = 'magazines' and rank_no = 1
        where week_start_date >= first_day() and week_start_date + 6 <= {_day(str(world.days - 1))}
        order by store_id, week_start_date
    """


def inventory(world: World, condition: str) -> str:
    """Stock at the ends of months."""
    return f"""
        select
            store_id, product_id, {_day()} as inventory_date,
            cast(case when {world.draw("stock", "product_no", "store_no", "day_index")} < 0.02
                then 0
                else 5 + dice(hash(product_no, store_no), day_index) % 60 end as decimal(18, 3))
                    as units_on_hand,
            cast(dice(product_no, day_index) % 30 as decimal(18, 3)) as units_on_order
        from days
        cross join products
        cross join stores
        where day = last_day(day)
    """


SMALL: tuple[tuple[Table, str, Query], ...] = (
    (contract.PRODUCTS, "", products),
    (contract.STORES, "", stores),
    (contract.CUSTOMERS, "", customers),
    (contract.CUSTOMERS, "changes", customer_changes),
    (contract.CUSTOMER_IDS, "", customer_ids),
    (contract.SUBSCRIPTIONS, "", subscriptions),
    (contract.CHANNELS, "", channels),
    (contract.CAMPAIGNS, "", campaigns),
    (contract.CAMPAIGN_TARGETS, "", campaign_targets),
    (contract.CAMPAIGN_VARIANTS, "", campaign_variants),
    (contract.COUPONS, "", coupons),
    (contract.COUPON_REDEMPTIONS, "", coupon_redemptions),
    (contract.PROMOTIONS, "", promotions),
    (contract.PRICES, "", prices),
    (contract.CHANNEL_COSTS, "", channel_costs),
    (contract.CHANNEL_LIFT_TESTS, "", channel_lift_tests),
    (contract.ACTION_LOG, "", action_log),
    (contract.ACCOUNTS, "", accounts),
    (contract.SALES_WEEKLY, "", sales_weekly),
    (contract.INVENTORY, "", inventory),
)
"""Tables of one batch (or one more with changes), for all days at once."""

YEARLY: tuple[tuple[Table, Query], ...] = (
    (contract.ACTIVITY, activity),
    (contract.TOUCHPOINTS, touchpoints),
    (contract.POINTS, points),
    (contract.SURVEYS, surveys),
    (contract.TICKETS, tickets),
)
"""Tables of events, a batch for each year."""


def after_sales_orders(world: World) -> str:
    """Returns and exchanges, from ``returned``."""
    return f"""
        select
            returned.document || cast(order_no as varchar) as order_id,
            case when not is_card_forgotten then customer_id end as customer_id,
            {_moment("returned_day_index", "43200 + dice(order_no, 51) % 20000")} as ordered_at,
            store_id,
            'store' as channel_id,
            'completed' as order_status,
            case document when 'R' then 'return' else 'exchange' end as order_type,
            '{CURRENCY}' as currency,
            case when dice(order_no, 52) % 5 > 0 then cast(order_no as varchar) end
                as original_order_id
        from returned
        inner join orders using (order_no)
        inner join people on orders.payer = people.person
        inner join stores using (store_no)
    """


def after_sales_lines(world: World) -> str:
    """The lines that come back; of an exchange the same goods go out again."""
    return f"""
        with documents as (
            select returned.document, lines.*, -1 as sign
            from returned_lines as lines
            inner join returned using (order_no)
            where line_no = 0 or dice(hash(order_no, line_no), 53) % 10 < 2
            union all
            select returned.document, lines.*, 1
            from returned_lines as lines
            inner join returned using (order_no)
            where document = 'X' and (line_no = 0 or dice(hash(order_no, line_no), 53) % 10 < 2)
        )
        select
            document || cast(order_no * {LINE_NUMBERS} + line_no as varchar)
                || case when sign > 0 then '+' else '' end as order_line_id,
            document || cast(order_no as varchar) as order_id,
            product_id,
            sign * quantity as quantity,
            cast(sign * price * quantity as decimal(18, 2)) as net_revenue,
            cast(sign * price * quantity as decimal(18, 2)) as gross_amount,
            cast(sign * price * quantity as decimal(18, 2)) as amount_paid,
            cast(sign * unit_cost * quantity as decimal(18, 2)) as cost_amount
        from documents
        inner join products using (product_no)
    """


def sub_reason(reason: str, number: str) -> str:
    """SQL for a sub-reason of a reason for leaving."""
    cases = " ".join(
        f"when '{name}' then {_listed(subs, f'{number} % {len(subs)}')}"
        for name, subs in REASONS.items()
    )
    return f"case {reason} {cases} end"
