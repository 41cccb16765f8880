"""What is in the baskets of a world."""

from __future__ import annotations

from landing.world.catalogue import PRODUCTS_PER_CATEGORY, SHELF_SLOTS, TYPES, store_count
from landing.world.spec import World


def lines_query(world: World, orders: str, shelf: str) -> str:
    """SQL for the lines of the orders in a table, with what the shelf says of their weeks.

    Each intended line is of a category, drawn from the customer's own list or from beyond it; at
    the prices of the week it is bought or not, and what is bought is one of the category's
    products. The first is always bought, so that no order is empty. Companions join a line,
    and of two rivals an order has only one.

    Columns: order_no, line_no, product_no, category_no, quantity, regular_price, price, unit_cost,
    is_reduced, gives_way (whether it would not have been bought at a higher price), type_no (of who
    buys).
    """
    p = world.parameters
    stores = store_count(world)
    rank = " + ".join(
        f"cast(product_draw >= t{of} as int)" for of in range(1, PRODUCTS_PER_CATEGORY)
    )
    listed = (
        f"cast(floor({p.favourites} * list_factor * power(((line_bits >> 10) % 65536) / 65536.0, "
        f"{p.list_concentration})) as int)"
    )
    return f"""
        with intended as (
            select
                order_no, person, type_no, list_factor, week_no * {stores} + store_no as place_key,
                unnest(range(intended_lines)) as draw_no
            from {orders}
        ),
        hashed as (
            select *, {world.bits("line", "order_no", "draw_no")} as line_bits
            from intended
        ),
        listed as (
            select
                order_no, draw_no, type_no, place_key,
                type_no * {SHELF_SLOTS} + case
                    when (line_bits % 1024) / 1024.0 < {p.explore_share}
                        then cast((line_bits >> 26) % {SHELF_SLOTS} as int)
                    else cast({world.bits("list", "person", listed)} % {SHELF_SLOTS} as int)
                end as slot_key,
                (line_bits >> 40) / cast(1 << 24 as double) as companion_draw
            from hashed
        ),
        categorised as (
            select
                order_no, draw_no * 2 as line_no, type_no, place_key, companion_draw, companion_no,
                companion_share,
                case
                    when rival_no is null
                        or dice(order_no, 1000 + least(rival_no, category_no)) % 2
                        = cast(category_no > rival_no as int)
                        then category_no
                    else rival_no
                end as category_no
            from listed
            inner join category_slots using (slot_key)
            inner join categories using (category_no)
        ),
        joined as (
            select order_no, line_no, type_no, place_key, category_no from categorised
            union all
            select order_no, line_no + 1, type_no, place_key, companion_no
            from categorised
            where companion_draw < companion_share
        ),
        decided as (
            select
                order_no, line_no, type_no, place_key, category_no,
                cast((place_key * {len(TYPES)} + type_no) as bigint) * 256
                    + category_no as shelf_key,
                {world.bits("choice", "order_no", "line_no")} as choice_bits
            from joined
        ),
        chosen as (
            select
                order_no, line_no, type_no, place_key, decided.category_no, choice_bits,
                ((choice_bits >> 24) % 16777216) / 16777216.0 as product_draw,
                t1, t2, t3, t4, line_no > 0 and acceptance < 1 as gives_way
            from decided
            inner join {shelf} using (shelf_key)
            where line_no = 0 or (choice_bits % 16777216) / 16777216.0 < acceptance
        ),
        ranked as (
            select
                order_no, line_no, type_no, place_key, category_no, gives_way,
                (choice_bits >> 48) / 65536.0 as quantity_draw,
                category_no * {PRODUCTS_PER_CATEGORY} + {rank} as product_no
            from chosen
        )
        select
            order_no, line_no, ranked.product_no, ranked.category_no,
            case
                when quantity_draw < {p.one_unit_share} then 1
                when quantity_draw < {p.one_unit_share + (1 - p.one_unit_share) * 0.72} then 2
                when quantity_draw < {p.one_unit_share + (1 - p.one_unit_share) * 0.90} then 3
                else 4
            end as quantity,
            regular_price, price, unit_cost, is_reduced, gives_way, type_no
        from ranked
        inner join prices
            on ranked.place_key = prices.place_key and ranked.product_no = prices.product_no
    """


def wanted_query(world: World, condition: str) -> str:
    """SQL for the orders that meet a condition, with what their lines depend on."""
    monday = world.first_day.weekday()
    return f"""
        select
            order_no, orders.person, orders.type_no, list_factor, store_no, intended_lines,
            (day_index + {monday}) // 7 as week_no
        from orders
        inner join people on orders.person = people.person
        where {condition}
    """


def landed_lines_query(lines: str) -> str:
    """SQL for order lines as they land."""
    return f"""
        select
            cast(order_no as varchar) || '-' || cast(line_no as varchar) as order_line_id,
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
