"""Effects of tiers and of joining against what brought the orders."""

from __future__ import annotations

import pandas as pd

from judged.home import Figures, Judged


def tiers(judged: Judged) -> Figures:
    """Tiers by rule against those of the world, and what a tier and joining bring."""
    agreeing, members = judged.rows("""
        select sum(case when tier_agreement = 'same' then 1 else 0 end),
            sum(case when tier_agreement <> 'not_comparable' then 1 else 0 end)
        from loyalty_tiers
    """)[0]
    if members:
        yield "tiers: as recorded", "1", float(agreeing) / float(members)  # type: ignore[arg-type]
    effects = judged.frame(f"""
        with near as (
            select e.tier, e.effect, e.effect_low, e.effect_high, e.naive_low, e.naive_high,
                avg(t.own_purchase_days) * 0.08 as truth
            from loyalty_tier_effects as e
            inner join {judged.truth("tiers")} as t
                on t.valid_in_year = year(e.reviewed_on) + 1
                and abs(t.qualifying_points - e.from_amount) <= 0.1 * e.from_amount
            where e.outcome = 'orders' and e.effect is not null and e.tier_rank is not null
            group by all
        )
        select * from near
    """)
    for row in effects.itertuples():
        name = f"tier effect on orders: {row.tier}"
        yield name, "", row.effect
        yield f"{name}, truth", "", row.truth
        covers = row.effect_low <= row.truth <= row.effect_high
        yield f"{name}, covered", "1", float(covers)
        yield f"{name}, naive covers", "0", float(row.naive_low <= row.truth <= row.naive_high)
    # What the estimate is of: the months after that of joining, as far as they are over, of those
    # who had bought when the data began, whatever brought it that membership brings.
    joining = judged.frame(f"""
        with members as (
            select customer_id, date_trunc('month', t.enrolled_on) as joined
            from {judged.truth("members")} as t
            inner join (
                select customer_id, min(order_date) as first_order
                from fct_orders group by customer_id
            ) using (customer_id)
            where first_order < (select min(order_date) + interval 3 month from fct_orders)
                and t.enrolled_on >= (select min(order_date) + interval 3 month from fct_orders)
        ),
        months as (
            select customer_id, joined + to_months(after) as month, after
            from members cross join (select unnest(range(1, 7))::int as after)
            where joined + to_months(after + 1) <= '{judged.as_of}'
        ),
        brought as (
            select
                o.customer_id, date_trunc('month', order_date) as month, count(*) as orders,
                sum(net_revenue_after_returns) as net_revenue
            from {judged.truth("orders")} as t
            inner join fct_orders as o using (order_id)
            where t.brought_by in ('joining', 'tier') and o.is_valid_order
            group by all
        ),
        by_month as (
            select
                avg(coalesce(orders, 0)) as orders, avg(coalesce(net_revenue, 0)) as net_revenue
            from months left join brought using (customer_id, month)
            group by after
        ),
        truth as (
            select 'orders' as outcome, avg(orders) as truth from by_month
            union all
            select 'net_revenue', avg(net_revenue) from by_month
        )
        select
            outcome, estimate, interval_low, interval_high, truth::double as truth, naive_low,
            naive_high
        from loyalty_join_effects
        inner join truth using (outcome)
        left join (select naive_low, naive_high from loyalty_profitability where tier_basis = 'all'
            and naive_low is not null) on outcome = 'net_revenue'
        where term = 'effect' and estimate is not null
        order by outcome
    """)
    for row in joining.itertuples():
        name = f"joining, {row.outcome} a month"
        yield name, "", row.estimate
        yield f"{name}, truth", "", row.truth
        covers = row.interval_low <= row.truth <= row.interval_high
        yield f"{name}, covered", "1", float(covers)
        if not pd.isna(row.naive_low):
            naive = row.naive_low <= row.truth <= row.naive_high
            yield f"{name}, naive covers", "0", float(naive)
