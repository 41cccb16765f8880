"""Customers who buy at random, touches that bring orders, and the cells that dbt would count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from scoring.incrementality.pipeline import COLUMNS, IncrementalitySettings
from scoring.study import PANDAS_TYPES

FIRST = date(2016, 1, 1)
DAYS = 400
SETTINGS = IncrementalitySettings(FIRST + timedelta(DAYS))
EFFECTS = {"email": (0.06, 3.0), "search": (0.25, 2.0), "mail": (0.2, 10.0), "push": (0.0, 1.0)}
"""Orders a touch brings, and mean days until then."""


def events(
    seed: int,
    customers: int = 2_000,
    effects: Mapping[str, tuple[float, float]] = EFFECTS,
    after_orders: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Orders, touches and how many orders each channel brought.

    Who buys often is touched more often, and buys more on Saturdays and in spring. Touches of
    ``after_orders`` follow an order on the next day.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.5, 0.15 / 1.5, customers)
    season = 1 + 0.3 * np.sin(np.arange(DAYS) / 30) + 0.5 * (np.arange(DAYS) % 7 == 2)
    own = rng.poisson(rate[:, None] * season)
    who, day = np.nonzero(own)
    repeats = own[who, day]
    orders = [(np.repeat(who, repeats), np.repeat(day, repeats) + rng.random(repeats.sum()))]
    touches, brought = [], {}
    level = {name: rng.choice([0.3, 1.0, 2.0], DAYS // 30 + 1) for name in effects}
    for number, (name, (size, delay)) in enumerate(effects.items()):
        if name == after_orders:
            chosen = rng.random(len(who)) < 0.3
            person, at = who[chosen], day[chosen] + 1 + rng.random(chosen.sum())
        else:
            often = np.minimum(1, 0.01 * (0.5 + rate / rate.mean()))
            hit = (
                rng.random((customers, DAYS)) < often[:, None] * level[name][np.arange(DAYS) // 30]
            )
            person, start = np.nonzero(hit)
            at = start + rng.random(len(person))
        touches.append((person, at, number))
        brings = rng.random(len(person)) < size
        when = at[brings] + rng.exponential(delay, brings.sum())
        orders.append((person[brings][when < DAYS], when[when < DAYS]))
        brought[name] = len(orders[-1][0])
    of_orders = pd.DataFrame(
        {
            "customer": np.concatenate([person for person, _ in orders]),
            "moment": np.concatenate([at for _, at in orders]),
        }
    )
    names = list(effects)
    of_touches = pd.concat(
        [
            pd.DataFrame({"customer": person, "moment": at, "channel": names[number]})
            for person, at, number in touches
        ],
        ignore_index=True,
    )
    return of_orders, of_touches[of_touches["moment"] < DAYS], brought


def cells(orders: pd.DataFrame, touches: pd.DataFrame) -> pd.DataFrame:
    """What ``int_incremental_cells`` would hold; everybody is followed from the first day on."""
    s = SETTINGS
    before, carried = s.incremental_before_days, s.incremental_carry_over_days
    after = carried + s.incremental_after_days
    kind = "t.channel as channel_id, false as is_campaign, t.is_repeat"
    with duckdb.connect() as connection:
        connection.register("all_orders", orders)
        connection.register("all_touches", touches)
        return (
            connection.execute(f"""
                with o as (from all_orders),
                once as (
                    select customer, channel, floor(moment) as day, min(moment) as moment
                    from all_touches group by all
                ),
                t as (
                    select
                        *, row_number() over (order by customer, channel, moment) as touch,
                        coalesce(day - lag(day) over (
                            partition by customer, channel order by moment
                        ) <= 14, false) as is_repeat,
                        day >= {before} and day < {DAYS - after - 1} as is_index
                    from once
                ),
                i as (from t where is_index),
                found as (
                    select 'lag' as cell, t.customer % 100 as customer_group, {kind},
                        floor(o.moment - t.moment) as lag_days, count(*) as orders
                    from i as t inner join o on t.customer = o.customer
                    where floor(o.moment - t.moment) between {-before} and {after}
                    group by all
                    union all by name
                    select 'group' as cell, t.customer % 100 as customer_group, {kind},
                        count(*) as index_exposures
                    from i as t group by all
                    union all by name
                    select 'pair' as cell, {kind}, u.channel as other_channel_id,
                        false as other_is_campaign, u.is_repeat as other_is_repeat,
                        floor(u.moment - t.moment) as lag_days, count(*) as exposures,
                        sum(u.moment - t.moment - floor(u.moment - t.moment)) as shifted
                    from i as t inner join t as u
                        on t.customer = u.customer and t.touch <> u.touch
                    where floor(u.moment - t.moment) between {-before - carried - 1} and {after + 8}
                    group by all
                    union all by name
                    select 'date' as cell, {kind}, date '{FIRST}' + cast(day as int) as cell_date,
                        count(*) as exposures, count(*) filter (where is_index) as index_exposures,
                        coalesce(sum(moment - day) filter (where is_index), 0) as shifted
                    from t group by all
                    union all by name
                    select 'all' as cell, {kind}, date '{FIRST}' + cast(day as int) as cell_date,
                        count(*) as exposures
                    from t group by all
                    union all by name
                    select 'orders' as cell,
                        date '{FIRST}' + cast(floor(moment) as int) as cell_date,
                        count(*) as orders
                    from o group by all
                    union all by name
                    select 'customers' as cell, date '{FIRST}' as cell_date,
                        count(distinct customer) as orders
                    from o
                )
                select * from found
            """)
            .df()
            .astype({name: PANDAS_TYPES[kind] for name, kind in COLUMNS.items()})
        )
