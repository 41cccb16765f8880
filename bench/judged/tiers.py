"""Effects of tiers and of joining against what brought the orders."""

from __future__ import annotations

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
    joining = judged.frame(f"""
        with truth as (
            select sum(j.joining_orders + j.tier_orders) as brought,
                sum(date_diff('day', j.enrolled_on, (select max(as_of_date) from loyalty_tiers)))
                    / 30.44 as months
            from {judged.truth("joining")} as j
            inner join {judged.truth("people")} as p using (customer_id)
            where j.enrolled_on >= (select min(order_date) from fct_orders) + interval 3 month
        )
        select estimate, interval_low, interval_high, brought / months as truth
        from loyalty_join_effects
        cross join truth
        where outcome = 'orders' and term = 'effect' and estimate is not null
    """)
    for row in joining.itertuples():
        yield "joining, orders a month", "", row.estimate
        yield "joining, orders a month, truth", "", row.truth
        covers = row.interval_low <= row.truth <= row.interval_high
        yield "joining, orders a month, covered", "1", float(covers)
