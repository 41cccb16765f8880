"""Days, stores, categories, products and their prices in a world."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import duckdb
import pandas as pd
from dateutil.easter import easter  # type: ignore[import-untyped]

from landing.world.spec import World, WorldError

DEPARTMENTS: dict[str, str] = {
    "produce": "apples, bananas, berries, citrus, grapes, melons, salads, tomatoes, "
    "peppers, onions, potatoes, carrots, mushrooms, herbs, exotic fruit, "
    "cabbages",
    "meat": "beef, pork, chicken, turkey, lamb, minced meat, sausages, bacon, ham, cold "
    "cuts, game, marinated meat",
    "fish": "fresh fish, shellfish, smoked fish, sushi, fish salads",
    "dairy": "milk, butter, cream, yogurt, curd, hard cheese, soft cheese, eggs, milk "
    "drinks, desserts, plant milk",
    "bakery": "bread, rolls, cakes, pastries, toast, pretzels, flatbread, biscuits fresh",
    "deli": "salads ready, sandwiches, soups fresh, pizza fresh, dips, olives, tofu",
    "frozen": "frozen pizza, frozen vegetables, ice cream, frozen fish, frozen meals, "
    "frozen potatoes, frozen fruit, frozen bakery",
    "pantry": "pasta, rice, flour, sugar, salt and spices, oil, vinegar, sauces, ketchup, "
    "mustard, mayonnaise, canned tomatoes, canned vegetables, canned fish, "
    "soups, pulses, baking, broth, noodles, couscous",
    "breakfast": "cereals, muesli, jam, honey, chocolate spread, porridge, nut butter, crispbread",
    "snacks": "crisps, nuts, chocolate, sweets, gum, biscuits, bars, popcorn, crackers, "
    "dried fruit",
    "drinks": "water, cola, lemonade, juice, energy drinks, iced tea, syrup, smoothies, "
    "sports drinks",
    "hot drinks": "coffee, instant coffee, coffee capsules, black tea, herbal tea, cocoa",
    "alcohol": "beer, red wine, white wine, sparkling wine, spirits, cider, aperitifs",
    "household": "detergent, softener, dishwashing, cleaning, toilet paper, kitchen paper, "
    "bin bags, foil, candles, batteries, light bulbs, air care, insecticide",
    "personal care": "shampoo, shower gel, soap, toothpaste, toothbrushes, deodorant, shaving, "
    "skin care, hair styling, cosmetics, feminine care, tissues, cotton, sun "
    "care",
    "health": "vitamins, plasters, cough, pain relief, sports nutrition",
    "baby": "nappies, baby food, baby milk, baby care, wipes",
    "pets": "cat food, dog food, cat litter, pet snacks, bird food",
    "general": "stationery, kitchenware, textiles, toys, magazines, flowers, garden, "
    "cards, party, seasonal goods",
}
FRESH = ("produce", "meat", "fish", "dairy", "bakery", "deli")
PRODUCTS_PER_CATEGORY = 5
SHELF_SLOTS = 4096
SHELF_STEPS = 1 << 24
"""Draws are compared with shares as whole numbers of so many."""
TYPES = ("value", "convenience", "brand", "relationship")

# First days of the Spring Festival; in years beyond there is none.
SPRING_FESTIVAL = [
    date.fromisoformat(day)
    for day in """
        2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08
        2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22
        2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03
        2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08
    """.split()  # noqa: SIM905
]
OPERATIONAL_STEPS = 24
"""Parts of an average day in which the clock that purchases follow is read."""

# Of each type: liking of private label, elasticity of choice over the world's, of features, and how
# many of the lines are from fresh departments over those of others.
TASTES = {
    "value": (1.1, 1.4, 1.2, 0.9),
    "convenience": (-0.2, 0.75, 0.8, 0.7),
    "brand": (-1.6, 0.65, 0.7, 1.0),
    "relationship": (0.0, 0.95, 1.0, 2.2),
}


# In some quarters a store is dearer than else, in some half years a competitor is new beside it.
DEARER_SHARE = 0.15
DEARER_BY = 0.08
COMPETITOR_SHARE = 0.2
COMPETITOR_WEEKS = 13


def is_dearer(world: World, store_no: str, absolute_week: str) -> str:
    """SQL for whether a store is dearer than else in a week."""
    return f"({world.draw('dearer', store_no, f'({absolute_week}) // 13')} < {DEARER_SHARE})"


def has_new_competitor(world: World, store_no: str, absolute_week: str) -> str:
    """SQL for whether a competitor is new beside a store in a week."""
    return (
        f"({world.draw('competitor', store_no, f'({absolute_week}) // 26')} < {COMPETITOR_SHARE} "
        f"and ({absolute_week}) % 26 < {COMPETITOR_WEEKS})"
    )


def first_week(world: World) -> int:
    """The number of the first week, counted since 2000."""
    first_monday = world.first_day - timedelta(days=world.first_day.weekday())
    return (first_monday - date(2000, 1, 3)).days // 7


def store_count(world: World) -> int:
    """Stores of a world: one for some thousands of people, four at least."""
    return max(4, min(60, world.customers // 4_000))


def make_catalogue(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create days, op_days, stores, categories, category_slots, products, prices and shelf weights.

    Raises ``WorldError`` if a category whose price is to change does not exist.
    """
    _days(connection, world)
    _categories(connection, world)
    _stores(connection, world)
    _products(connection, world)
    _prices(connection, world)


def _days(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """The calendar, and the clock of purchases: operational time passes faster on busy days."""
    days: list[tuple[object, ...]] = []
    steps: list[tuple[int, int]] = []
    elapsed = 0.0
    for index, (day, busy) in enumerate(_busy_days(world)):
        days.append((index, day, busy, elapsed, elapsed + busy))
        elapsed += busy
        while len(steps) / OPERATIONAL_STEPS < elapsed:
            steps.append((len(steps), index))
    _fill(
        connection, "days(day_index int, day date, busy double, op_from double, op_to double)", days
    )
    _fill(connection, "op_days(op_step int, day_index int)", steps)


def _busy_days(world: World) -> Iterator[tuple[date, float]]:
    p = world.parameters
    rest = (1 - p.sunday_share - p.wednesday_share - p.saturday_share) / 4
    weekdays = [rest, rest, p.wednesday_share, rest, rest, p.saturday_share, p.sunday_share]
    for index in range(world.days):
        day = world.first_day + timedelta(days=index)
        yearly = 1 + 0.06 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 340) / 365.25)
        yield day, 7 * weekdays[day.weekday()] * yearly * _holiday(day)


def _holiday(day: date) -> float:
    christmas = (date(day.year, 12, 25) - day).days
    before_easter = (easter(day.year) - day).days
    if christmas == 0 or before_easter == 0:
        return 0.35
    if 0 < christmas <= 10 or 0 < before_easter <= 6:
        return 1.25
    festival = next((day_ for day_ in SPRING_FESTIVAL if day_.year == day.year), None)
    if festival and 0 < (festival - day).days <= 8:
        return 1.12
    return 1.0


def _categories(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    rows = [
        (department, name.strip(), department in FRESH)
        for department, names in DEPARTMENTS.items()
        for name in names.split(",")
    ]
    if missing := set(world.price_factors) - {name for _, name, _ in rows}:
        raise WorldError(
            f"--price: there is no category {', '.join(sorted(missing))}; there are "
            f"{', '.join(sorted(name for _, name, _ in rows))}"
        )
    numbered = [(index, *row) for index, row in enumerate(rows)]
    _fill(
        connection,
        "named(category_no int, department text, category text, is_fresh bool)",
        numbered,
    )
    p = world.parameters
    last = len(rows)
    connection.execute(f"""
        create table categories as
        select
            *,
            exp(1.0 * {world.normal("category popularity", "category_no")}) as popularity,
            {p.price_median} * exp({p.price_spread}
                * {world.normal("category price", "category_no")})
                as price_level,
            0.3 + 0.5 * {world.draw("category elasticity", "category_no")} as elasticity,
            0.15 * {world.draw("season", "category_no")} as season,
            {world.draw("season phase", "category_no")} as season_phase,
            -- Three in ten have a companion that joins them in the basket, one in ten a rival that
            -- never does.
            case
                when category_no % 10 in (0, 3, 6) then category_no + 1
            end as companion_no,
            0.15 + 0.2 * {world.draw("companion", "category_no")} as companion_share,
            case
                when category_no % 10 = 8 and category_no + 1 < {last} then category_no + 1
                when category_no % 10 = 9 then category_no - 1
            end as rival_no
        from named
        order by category_no
    """)
    tastes = " ".join(
        f"when {number} then {fresh}" for number, (_, _, _, fresh) in enumerate(TASTES.values())
    )
    connection.execute(f"""
        create table category_slots as
        with weights as (
            select
                type_no,
                category_no,
                popularity * case when is_fresh then case type_no {tastes} end else 1 end as weight
            from categories
            cross join range({len(TYPES)}) as types (type_no)
        ),
        shares as (
            select
                *,
                sum(weight) over (partition by type_no order by category_no)
                    / sum(weight) over (partition by type_no) as share_to,
                weight / sum(weight) over (partition by type_no) as share
            from weights
        )
        select
            cast(type_no * {SHELF_SLOTS} + slot as int) as slot_key,
            cast(category_no as int) as category_no,
            cast(companion_no as int) as companion_no,
            cast(companion_share * {SHELF_STEPS} as int) as companion_bits,
            cast(rival_no as int) as rival_no
        from shares
        inner join categories using (category_no)
        inner join range({SHELF_SLOTS}) as slots (slot)
            on (slot + 0.5) / {SHELF_SLOTS} > share_to - share
            and (slot + 0.5) / {SHELF_SLOTS} <= share_to + 1e-12
    """)


def _stores(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    connection.execute(f"""
        create table stores as
        select
            cast(store_no as int) as store_no,
            'S' || lpad(cast(store_no + 1 as varchar), 3, '0') as store_id,
            cast(store_no // 4 as int) as city_no,
            0.05 * {world.normal("store price", "store_no")} as price_level,
            {world.draw("store format", "store_no")} as format_draw
        from range({store_count(world)}) as stores (store_no)
    """)


def _products(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """The first product of each category is the retailer's own, and cheaper."""
    connection.execute(f"""
        create table products as
        with numbered as (
            select
                cast(category_no * {PRODUCTS_PER_CATEGORY} + rank_no as int) as product_no,
                cast(rank_no as int) as rank_no,
                categories.*
            from categories
            cross join range({PRODUCTS_PER_CATEGORY}) as ranks (rank_no)
        )
        select
            product_no,
            category_no,
            rank_no,
            department,
            category,
            '1' || lpad(cast(product_no as varchar), 5, '0') as product_id,
            rank_no = 0 as is_private,
            round(
                price_level * case when rank_no = 0 then 0.78 else 0.85 + 0.12 * rank_no end
                * exp(0.12 * {world.normal("product price", "product_no")}), 2
            ) as base_price,
            0.5 * {world.normal("product appeal", "product_no")} - 0.08 * rank_no as appeal,
            0.58 + 0.18 * {world.draw("product cost", "product_no")} as cost_share
        from numbered
    """)


def _prices(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """What a product costs by store and week: regular prices, promotions timed to demand.

    A regular price follows the cost of its product by quarter, the store, and a course of its own
    by category, store and half year, which demand knows nothing of. Promotions are more frequent
    in weeks in which the category is asked for anyway, so prices are endogenous.
    """
    p = world.parameters
    first_monday = world.first_day - timedelta(days=world.first_day.weekday())
    weeks = (world.last_day - first_monday).days // 7 + 1
    factors = " ".join(
        f"when '{name}' then {factor}" for name, factor in sorted(world.price_factors.items())
    )
    factor = f"case category {factors} else 1.0 end" if factors else "1.0"
    absolute = first_week(world)
    connection.execute(f"""
        create table weeks as
        select
            cast(week_no as int) as week_no,
            cast(week_no + {absolute} as int) as absolute_week,
            date '{first_monday}' + cast(week_no * 7 as int) as week_start_date
        from range({weeks}) as weeks (week_no)
    """)
    connection.execute(f"""
        create table demand as
        select
            category_no,
            week_no,
            season * cos(2 * pi() * (absolute_week / 52.18 + season_phase))
                + 0.10 * {world.normal("demand", "category_no", "absolute_week")} as shock
        from categories
        cross join weeks
    """)
    connection.execute(f"""
        create table prices as
        with weekly as (
            select
                product_no,
                category_no,
                rank_no,
                week_no,
                store_no,
                base_price,
                cost_share,
                absolute_week,
                {factor} as factor,
                {world.draw("promotion", "product_no", "absolute_week")} as promotion_draw,
                {world.draw("depth", "product_no", "absolute_week")} as depth_draw,
                {world.draw("joins", "product_no", "store_no", "absolute_week")} as joins_draw,
                {world.draw("display", "product_no", "store_no", "absolute_week")} as display_draw,
                {world.draw("mailer", "product_no", "absolute_week")} as mailer_draw,
                0.06 * {world.normal("cost", "product_no", "absolute_week // 13")} as cost_change,
                stores.price_level
                + case when {is_dearer(world, "store_no", "absolute_week")}
                    then ln(1 + {DEARER_BY}) else 0 end
                + 0.09 * {world.normal("course", "category_no", "store_no", "absolute_week // 26")}
                + 0.05
                * {world.normal("own course", "product_no", "store_no", "absolute_week // 17")}
                    as price_change,
                shock
            from products
            cross join weeks
            cross join stores
            inner join demand using (category_no, week_no)
        ),
        reduced as (
            select
                *,
                greatest(0.05, base_price * factor * exp(0.7 * cost_change
                    + price_change)) as regular,
                promotion_draw < {p.promotion_share} * (1 + 1.5 * least(greatest(shock, -0.4), 0.4))
                and joins_draw < 0.85 as is_reduced
            from weekly
        )
        select
            cast((week_no * {store_count(world)} + store_no) as int) as place_key,
            product_no,
            category_no,
            rank_no,
            week_no,
            store_no,
            cast(round(regular, 2) as decimal(9, 2)) as regular_price,
            cast(greatest(0.01, round(
                regular * case
                    when is_reduced then 1 - {p.promotion_depth} * (0.4 + 1.2 * depth_draw) else 1
                end, 2
            )) as decimal(9, 2)) as price,
            is_reduced,
            case when is_reduced
                then display_draw < 0.35 else display_draw < 0.03 end as is_display,
            case when is_reduced then mailer_draw < 0.4 else mailer_draw < 0.02 end as is_mailer,
            cast(round(base_price * cost_share * exp(cost_change), 2) as decimal(9, 2)) as unit_cost
        from reduced
    """)


def shelf_query(world: World, first_week: int, last_week: int) -> str:
    """SQL for what is chosen: by store, week, category and type, shares of products and acceptance.

    One row per place, category and type: ``t1`` to ``t4`` are cumulative shares of the products
    (multinomial logit), ``acceptance`` how many of the intended purchases are made at these prices,
    all of ``SHELF_STEPS``. The key is the place, ten bits up, the type, eight bits up, and the
    category.
    """
    p = world.parameters
    private, elasticity, feature = (
        " ".join(
            f"when {number} then {tastes[of]}" for number, tastes in enumerate(TASTES.values())
        )
        for of in range(3)
    )
    cuts = ", ".join(
        f"cast({SHELF_STEPS} * sum(weight) filter (where rank_no < {rank}) / sum(weight) as int) "
        f"as t{rank}"
        for rank in range(1, PRODUCTS_PER_CATEGORY)
    )
    return f"""
        with promoted as (
            select place_key, product_no, category_no, rank_no, store_no, week_no, price,
            is_display, is_mailer,
                lag(is_reduced) over (partition by product_no,
                store_no order by week_no) as was_reduced
            from prices
            where week_no between {first_week - 1} and {last_week}
        ),
        utility as (
            select
                place_key, promoted.category_no, promoted.rank_no, type_no, week_no, appeal,
                ln(price / base_price) as change,
                appeal
                + case when is_private then {p.private_label_liking}
                    + case type_no {private} end else 0 end
                - {p.substitution} * case type_no {elasticity} end * ln(price / base_price)
                + case type_no {feature} end * (
                    case when is_display then 0.35 else 0 end
                        + case when is_mailer then 0.3 else 0 end
                )
                - case when was_reduced then 0.12 else 0 end as utility
            from promoted
            inner join products using (product_no)
            cross join range({len(TYPES)}) as types (type_no)
            where week_no between {first_week} and {last_week}
        ),
        weighted as (select *, exp(utility) as weight from utility)
        select
            cast(place_key * 1024 + type_no * 256 + weighted.category_no as int) as shelf_key,
            {cuts},
            cast({SHELF_STEPS} * least(1.0, 0.72 * exp(
                -any_value(elasticity) * sum(exp(appeal) * change) / sum(exp(appeal))
                    + any_value(shock)
            )) as int) as acceptance
        from weighted
        inner join categories using (category_no)
        inner join demand
            on weighted.category_no = demand.category_no and weighted.week_no = demand.week_no
        group by place_key, type_no, weighted.category_no
    """


def shelf_prices_query(first_week: int, last_week: int) -> str:
    """SQL for prices by place, ten bits up, and product."""
    return f"""
        select
            cast(place_key * 1024 + product_no as int) as price_key, regular_price, price, unit_cost
        from prices
        where week_no between {first_week} and {last_week}
    """


def _fill(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    connection.execute(f"create table {table}")
    frame = pd.DataFrame(rows)
    connection.register("frame", frame)
    connection.execute(f"insert into {table.partition('(')[0]} select * from frame")
