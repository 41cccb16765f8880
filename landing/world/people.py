"""Who lives in a world: prospects, customers, and people whom nobody knows by name."""

from __future__ import annotations

import duckdb

from landing.world.catalogue import OPERATIONAL_STEPS, store_count
from landing.world.spec import World

# Marketing channels: people touched in a week at plan, the number at which no more can be, the
# orders that a touch brings, the mean days until then, and what a touch costs at plan. Slots of one
# draw: a person has at most one touch a week. Together touches bring about 3% of the orders, the
# channels from 0.1% to 0.9%, far enough apart to be told from each other in 12,000 people.
MARKETING: dict[str, tuple[float, float, float, float, float]] = {
    "email": (0.130, 0.20, 0.070, 3.0, 0.004),
    "sms": (0.030, 0.06, 0.130, 2.0, 0.05),
    "push": (0.050, 0.08, 0.055, 1.0, 0.002),
    "search": (0.050, 0.10, 0.250, 2.0, 0.60),
    "social": (0.060, 0.12, 0.100, 5.0, 0.25),
    "display": (0.060, 0.10, 0.022, 7.0, 0.06),
    "direct_mail": (0.030, 0.08, 0.230, 10.0, 0.75),
    "referral": (0.008, 0.02, 0.250, 7.0, 2.00),
}
SPEND_LEVELS = (0.3, 0.6, 1.0, 1.6, 2.5)
"""Spend of a month over plan, each as likely, drawn for each channel by itself."""
STEADY_CHANNELS = ("push", "referral")
"""Always at plan, so that nothing can be learned of how they respond to spend."""
SALES = ("store", "web", "app", "delivery")
SERVICE = ("call_centre", "chat")
LONGEST_CARRY_OVER_DAYS = 40

# Of each type: shares of sales channels, orders (of 1,000) with a ticket, baskets over the
# world's, service and price sensitivity of leaving, and answers to touches over the channel's.
HABITS: dict[str, tuple[tuple[float, float, float, float], float, float, float, float, float]] = {
    "value": ((0.90, 0.05, 0.03, 0.02), 6.0, 1.05, 0.7, 2.5, 1.5),
    "convenience": ((0.30, 0.12, 0.33, 0.25), 10.0, 0.72, 1.5, 0.6, 1.1),
    "brand": ((0.80, 0.10, 0.07, 0.03), 8.0, 1.15, 1.0, 0.5, 0.6),
    "relationship": ((0.95, 0.02, 0.01, 0.02), 45.0, 1.0, 1.8, 0.9, 0.8),
}
SHARES = (0.32, 0.22, 0.24, 0.22)
"""Of the types among people."""

AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
INCOMES = ("under 25K", "25-49K", "50-74K", "75-99K", "100K and more")
HOUSEHOLD_NEEDS = (0.65, 0.95, 1.15, 1.35, 1.6)
INCOME_NEEDS = (0.75, 0.9, 1.0, 1.1, 1.25)
"""Of households of one to five persons and of the incomes, over the average."""
HOLDOUT_SHARE = 0.10
"""Of the people, in no campaign at all."""

# What is rated, with its weight in how content a customer is on the whole, and in whether they
# leave: in units of the logarithm of the rate of leaving, for a standard deviation.
DIMENSIONS: dict[str, tuple[float, float]] = {
    "product": (0.45, 0.40),
    "service": (0.32, 0.30),
    "delivery": (0.16, 0.15),
    "price": (0.08, 0.08),
}
HALO = 0.6
"""Correlation of each dimension with what a customer thinks of everything."""

# Who is a member when the world begins, and who joins in a year after it; both at the rate of
# purchases that an average customer has, and more often the more somebody buys. Of those who
# come anew, some join at once.
MEMBERS_SHARE = 0.35
JOINS_A_YEAR = 0.30
JOINS_AT_ONCE_SHARE = 0.30
OCCUPATIONS = ("employed", "self-employed", "student", "retired", "at home", "other")


def by_type(values: tuple[object, ...], column: str = "type_no") -> str:
    """SQL for the value of a type."""
    cases = " ".join(f"when {number} then {value}" for number, value in enumerate(values))
    return f"case {column} {cases} end"


def make_people(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create people: one row per person, with what they are like and since when they can buy.

    Of ``customers`` people some are prospects; beyond that number are those who buy without a card.
    Needs the calendar and the stores.
    """
    p = world.parameters
    anonymous = round(world.customers * p.anonymous_share)
    of_household = by_type(HOUSEHOLD_NEEDS, "household_no")
    of_income = by_type(INCOME_NEEDS, "income_no")
    last = "(select max(op_to) from days)"
    shares, total = [], 0.0
    for share in SHARES[:-1]:
        total += share
        shares.append(total)
    type_of = (
        "case "
        + " ".join(f"when {{draw}} < {share} then {number}" for number, share in enumerate(shares))
        + f" else {len(shares)} end"
    )
    type_no = type_of.format(draw=world.draw("type", "person"))
    later_type = type_of.format(draw=world.draw("later type", "person"))
    paid = "', '".join(("search", "social", "display", "direct_mail", "referral"))
    acquisition = world.draw("acquisition", "person")
    gone = _never_acquired(world)
    halo = (
        f"(0.4 * {world.normal('rate', 'person')} + {0.84**0.5} * {world.normal('halo', 'person')})"
    )
    thinks = ", ".join(
        f"{HALO} * halo + {(1 - HALO**2) ** 0.5} * {world.normal(f'thinks of {name}', 'person')} "
        f"as {name}_liking"
        for name in DIMENSIONS
    )
    weights = [leaving for _, leaving in DIMENSIONS.values()]
    variance = (HALO * sum(weights)) ** 2 + (1 - HALO**2) * sum(w * w for w in weights)
    liking = " + ".join(f"{leaving} * {name}_liking" for name, (_, leaving) in DIMENSIONS.items())
    keen = f"least(1.8, 0.3 + 0.7 * rate * 365.25 / {p.rate_mean})"
    enrolled = f"""
        case
            when is_prospect and {world.draw("prospect joins", "person")} >= 0.1 then null
            when is_opening and {world.draw("member", "person")} < {MEMBERS_SHARE} * {keen}
                then -1 - cast({world.bits("member since", "person")} % 1000 as int)
            when not is_opening
                and {world.draw("joins at once", "person")} < {JOINS_AT_ONCE_SHARE} then came
            else came + cast(1 + floor(
                -ln(1 - {world.draw("enrols", "person")}) / ({JOINS_A_YEAR} * {keen}) * 365.25
            ) as int)
        end
    """
    connection.execute(f"""
        create table people as
        with drawn as (
            select
                cast(person as int) as person,
                person >= {world.customers} as is_anonymous,
                {world.draw("prospect", "person")} < {p.prospects_share} as is_prospect,
                cast({type_no} as int) as type_no,
                -- One in twenty becomes another one.
                case when {world.draw("moves", "person")} < 0.05
                    then cast({later_type} as int) end as later_type_no,
                {world.draw("moves on", "person")} as moves_draw,
                {world.draw("opening", "person")} < {p.opening_share} as is_opening,
                {world.draw("joins", "person")} as joins_draw,
                {world.gamma("rate", p.rate_shape, "person")} * {p.rate_mean} / 365.25 as rate,
                {p.regularity} * (0.85 + 0.3 * {world.draw("regularity", "person")}) as regularity,
                {world.normal("basket", "person")} as basket_normal,
                exp(0.3 * {world.normal("list", "person")}) as list_factor,
                {world.gamma("leaving", 1.5, "person")} * {p.leaving_rate} as leaving_rate_drawn,
                {halo} as halo,
                {world.draw("holdout", "person")} < {HOLDOUT_SHARE} as is_holdout,
                cast(floor(5 * power({world.draw("household", "person")},
                1.4)) as int) as household_no,
                cast(floor(5 * {world.draw("income", "person")}) as int) as income_no,
                exp(0.15 * {world.normal("need", "person")}) as need_factor,
                {world.bits("store", "person")} as store_bits,
                {world.bits("profile", "person")} as profile_bits,
                {world.draw("card", "person")} < 0.03 as shares_card,
                case
                    when {acquisition} < 0.55 then 'store'
                    when {acquisition} < 0.70 then 'web'
                    else ['{paid}'][1 + cast(floor(({acquisition} - 0.70) / 0.30 * 5) as int)]
                end as acquisition_channel_id
            from range({world.customers + anonymous}) as people (person)
        ),
        thinking as (
            select
                *, {thinks}, case when is_opening then 0 else joins_draw * {last} end as joins_op
            from drawn
        ),
        coming as (
            select
                thinking.* exclude (halo, leaving_rate_drawn),
                coalesce(day_index, 0) as came,
                leaving_rate_drawn * exp(-({liking}) - {variance / 2}) as leaving_rate
            from thinking
            left join op_days on op_step = cast(floor(joins_op * {OPERATIONAL_STEPS}) as int)
        )
        select
            coming.*,
            -- What a household buys here grows with its size and income, as what it needs.
            exp({p.basket_spread_between} * basket_normal)
                * power({of_household} * {of_income}, 0.5)
                * {by_type(tuple(habits[2] for habits in HABITS.values()))} as basket_factor,
            'C' || lpad(cast(person + 1 as varchar), 8, '0') as customer_id,
            cast(store_bits % {store_count(world)} as int) as home_store_no,
            not is_prospect and not ({gone}) as buys,
            -- On which day of the world they join the loyalty programme, before it if below zero.
            case when not is_anonymous and (is_prospect or not ({gone})) then {enrolled} end
                as enrolled_day_index
        from coming
    """)
    # Of two who share a card, the second has no number of their own.
    connection.execute("""
        alter table people add column card_of int
    """)
    connection.execute("""
        update people
        set card_of = person - 1, enrolled_day_index = null
        where
            shares_card and not is_anonymous and person % 2 = 1
            and person - 1 in (select person from people where buys)
    """)


def _never_acquired(world: World) -> str:
    """SQL for whom a change of spend keeps from ever coming."""
    conditions = []
    for channel in sorted({*world.without_channels, *world.spend_factors} & set(MARKETING)):
        left = (
            0.0
            if channel in world.without_channels
            else reach_ratio(channel, world.spend_factors[channel])
        )
        came = world.draw("came by", "person")
        conditions.append(
            f"(not is_opening and acquisition_channel_id = '{channel}' and {came} < 0.6 "
            f"and {came} / 0.6 >= {left})"
        )
    return " or ".join(conditions) or "false"


def reach_ratio(channel: str, factor: float) -> float:
    """People reached at ``factor`` times the planned spend over those at plan.

    The response to spend is concave: most * (1 - exp(-a * spend)), with a such that plan reaches
    what is planned.
    """
    planned, most = MARKETING[channel][:2]
    missed = 1 - planned / most
    return float((1 - missed**factor) * most / planned)


def spend_levels(world: World, channel: str) -> tuple[float, ...]:
    """Spend over plan that months can have, each as likely."""
    factor = world.spend_factors.get(channel, 1.0)
    levels = (1.0,) if channel in STEADY_CHANNELS else SPEND_LEVELS
    return tuple(0.0 if channel in world.without_channels else factor * x for x in levels)


def spend_level_no(world: World, channel: str, day: str) -> str:
    """SQL for which of its levels a channel's spend has in the month of a day."""
    month = f"(year({day}) * 12 + month({day}))"
    draw = world.draw(f"spend on {channel}", month)
    return f"cast(floor({draw} * {len(spend_levels(world, channel))}) as int)"


def touches_bring_a_day(world: World) -> str:
    """SQL for the orders a day that touches bring a person on average, by type."""
    brought = sum(
        planned * brings / 7 * sum(reach_ratio(channel, x) for x in levels) / len(levels)
        for channel, (planned, _, brings, _, _) in MARKETING.items()
        for levels in [spend_levels(world, channel)]
    )
    return f"({brought!r} * {by_type(tuple(habits[5] for habits in HABITS.values()))})"
