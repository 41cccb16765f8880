"""What is in the baskets of a world."""

from __future__ import annotations

from landing.world.catalogue import PRODUCTS_PER_CATEGORY, SHELF_SLOTS, SHELF_STEPS, store_count
from landing.world.spec import World

LINE_NUMBERS = 1_000
"""The number of a line is that of its order followed by three digits."""


def lines_query(world: World, orders: str, shelf: str) -> str:
    """SQL for the lines of the orders in a table, with what the shelf says of their weeks.

    Each intended line is of a category, drawn from the customer's own list or from beyond it; at
    the prices of the week it is bought or not, and what is bought is one of the category's
    products. The first is always bought, so that no order is empty. Companions join a line,
    and of two rivals an order has only one.

    One hash a line, and one more for what is chosen: their bits are draws of their own. Joins are
    on one dense number each, which DuckDB looks up without hashing.

    Columns: order_no, line_no, product_no, quantity, regular_price, price, unit_cost, gives_way
    (whether it would not have been bought at a higher price), type_no (of who buys).
    """
    p = world.parameters
    rank = " + ".join(
        f"cast(product_draw >= t{of} as int)" for of in range(1, PRODUCTS_PER_CATEGORY)
    )
    listed = (
        f"cast(floor({p.favourites} * list_factor * "
        f"power(((line_bits >> 10) & 65535) / 65536.0, {p.list_concentration})) as usmallint)"
    )
    quantities = [
        round(65_536 * (p.one_unit_share + (1 - p.one_unit_share) * share))
        for share in (0.0, 0.72, 0.90)
    ]
    return f"""
        with intended as (
            select
                order_no, order_bits, person_bits, list_factor, type_no, place_key,
                unnest(range(intended_lines)) as draw_no
            from {orders}
        ),
        hashed as (
            select *, hash(xor(order_bits, cast(draw_no as ubigint))) as line_bits
            from intended
        ),
        listed as (
            select
                order_no, order_bits, draw_no, line_bits, place_key * 1024 + type_no * 256 as shelf,
                type_no * {SHELF_SLOTS} + cast(case
                    when (line_bits & 1023) < {round(1024 * p.explore_share)} then line_bits >> 26
                    else hash(xor(person_bits, cast({listed} as ubigint)))
                end & {SHELF_SLOTS - 1} as int) as slot_key
            from hashed
        ),
        categorised as (
            select
                order_no, draw_no, line_bits, shelf, companion_no,
                case
                    when rival_no is null or (hash(xor(
                        order_bits, cast(1000 + least(rival_no, category_no) as ubigint)
                    )) & 1) = cast(category_no > rival_no as ubigint)
                        then category_no
                    else rival_no
                end as category_no,
                cast(coalesce((line_bits >> 40) < companion_bits, false) as int) as companions
            from listed
            inner join category_slots using (slot_key)
        ),
        joined as (
            select
                order_no, cast(draw_no * 2 + step as smallint) as line_no, shelf,
                shelf + case when step = 0 then category_no else companion_no end as shelf_key,
                hash(xor(line_bits, case when step = 0 then {world.key("choice")}::ubigint
                    else {world.key("companion choice")}::ubigint end)) as choice_bits
            from categorised
            inner join (values (0, 0), (1, 0), (1, 1)) as steps (companions, step)
                using (companions)
        ),
        chosen as (
            select
                order_no, line_no, shelf, shelf_key, choice_bits, t1, t2, t3, t4,
                cast((choice_bits >> 24) & {SHELF_STEPS - 1} as int) as product_draw,
                line_no > 0 and acceptance < {SHELF_STEPS} as gives_way
            from joined
            inner join {shelf} using (shelf_key)
            where line_no = 0 or cast(choice_bits & {SHELF_STEPS - 1} as int) < acceptance
        ),
        ranked as (
            select
                order_no, line_no, shelf - (shelf & 1023) as price_base, gives_way,
                cast((shelf >> 8) & 3 as tinyint) as type_no,
                (shelf_key & 255) * {PRODUCTS_PER_CATEGORY} + {rank} as product_no,
                cast(choice_bits >> 48 as int) as quantity_draw
            from chosen
        ),
        priced as (
            select *, price_base + product_no as price_key from ranked
        )
        select
            order_no, line_no, cast(product_no as smallint) as product_no,
            cast(1 + cast(quantity_draw >= {quantities[0]} as int)
                + cast(quantity_draw >= {quantities[1]} as int)
                + cast(quantity_draw >= {quantities[2]} as int) as decimal(1, 0)) as quantity,
            regular_price, price, unit_cost, gives_way, type_no
        from priced
        inner join shelf_prices using (price_key)
    """


def wanted_query(world: World, condition: str) -> str:
    """SQL for the orders that meet a condition, with what their lines depend on."""
    monday = world.first_day.weekday()
    return f"""
        select
            order_no, orders.type_no, list_factor, intended_lines,
            {world.bits("line", "order_no")} as order_bits,
            {world.bits("list", "orders.person")} as person_bits,
            cast((day_index + {monday}) // 7 * {store_count(world)} + store_no as int) as place_key
        from orders
        inner join people on orders.person = people.person
        where {condition}
    """


def landed_lines_query(lines: str) -> str:
    """SQL for order lines as they land."""
    return f"""
        select
            cast(order_no * {LINE_NUMBERS} + line_no as varchar) as order_line_id,
            cast(order_no as varchar) as order_id,
            product_id,
            quantity,
            cast(price * quantity as decimal(18, 2)) as net_revenue,
            cast(regular_price * quantity as decimal(18, 2)) as gross_amount,
            cast(case when product_no % 3 = 0
                then (regular_price - price) * quantity else 0 end as decimal(18, 2))
                as loyalty_discount,
            cast(case when product_no % 3 <> 0
                then (regular_price - price) * quantity else 0 end as decimal(18, 2))
                as promotion_discount,
            cast(price * quantity as decimal(18, 2)) as amount_paid,
            cast(unit_cost * quantity as decimal(18, 2)) as cost_amount
        from {lines}
        inner join products using (product_no)
    """
