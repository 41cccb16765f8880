"""Potential and forecasts against what is to be expected, and what came."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
from scipy import stats

from judged.home import Figures, Judged

HORIZON = 90
# What an interval is to hold.
HELD = 0.8


def potential(judged: Judged) -> Figures:
    """Potential value against what is spent elsewhere."""
    found = judged.frame(f"""
        select potential_value, spend_elsewhere_per_year
        from customer_potential inner join {judged.truth("people")} using (customer_id)
        where potential_value is not null and not shares_card and is_there
    """)
    yield (
        "potential: Spearman",
        ">= .5",
        float(stats.spearmanr(found.potential_value, found.spend_elsewhere_per_year).statistic),
    )


def forecasts(judged: Judged) -> Figures:
    """Probabilities, expected purchases and spend against what is to be expected."""
    found = judged.frame(f"""
        select
            churn.p_no_purchase_90d as p, t.p_no_purchase_90d as p_true,
            v.expected_purchases_90d as purchases, t.expected_purchases_90d as purchases_true,
            v.expected_spend_90d as spend,
            t.expected_purchases_90d * t.spend / t.purchase_days as spend_true
        from customer_value as v
        inner join customer_churn as churn using (customer_id)
        inner join {judged.truth("people")} as t using (customer_id)
        where v.expected_purchases_90d is not null and not t.shares_card and t.purchase_days > 0
    """)
    bins = pd.qcut(found.p, 10, duplicates="drop")
    by_bin = found.groupby(bins, observed=True)[["p", "p_true"]].mean()
    weights = found.groupby(bins, observed=True).size() / len(found)
    yield (
        "p_churn: calibration error",
        "<= .02",
        float(((by_bin.p - by_bin.p_true).abs() * weights).sum()),
    )
    yield "p_churn: spread over the true", ".9-1.1", float(found.p.std() / found.p_true.std())
    for name in ("purchases", "spend"):
        yield (
            f"expected {name}: correlation",
            ">= .95",
            float(np.corrcoef(found[name], found[f"{name}_true"])[0, 1]),
        )
        yield (
            f"expected {name}: sum over the true",
            "",
            float(found[name].sum() / found[f"{name}_true"].sum()),
        )


def coverage(judged: Judged) -> Figures:
    """Intervals of purchases and spend against what came in the landing after the day of the run.

    Zero is held by every interval of those who have most likely left, 80% or more of whom buy
    nothing: no interval could hold less. So it is the others who are judged. Purchases are whole
    numbers: the interval told is the first that holds 80%, a purchase narrower it holds less.
    """
    until = judged.as_of + timedelta(days=HORIZON)
    found = judged.frame(f"""
        with came as (
            select
                customer_id,
                count(distinct case when order_type = 'sale' then ordered_at::date end)
                    as purchases,
                sum(net_revenue) as spend
            from {judged.landed("pos", "orders")}
            inner join {judged.landed("pos", "order_lines")} using (order_id)
            where ordered_at >= date '{judged.as_of}' and ordered_at < date '{until}'
                and order_type in ('sale', 'return')
                and order_status in ('completed', 'delivered')
            group by customer_id
        )
        select
            churn.p_no_purchase_90d as p_nothing,
            coalesce(came.purchases, 0)::double as purchases,
            v.expected_purchases_90d as expected_purchases,
            v.expected_purchases_90d_low as purchases_low,
            v.expected_purchases_90d_high as purchases_high,
            greatest(coalesce(came.spend, 0), 0)::double as spend,
            v.expected_spend_90d::double as expected_spend,
            v.expected_spend_90d_low::double as spend_low,
            v.expected_spend_90d_high::double as spend_high
        from customer_value as v
        inner join customer_churn as churn using (customer_id)
        left join came using (customer_id)
        where v.expected_purchases_90d_low is not null
    """)
    may_buy = found.p_nothing < HELD
    yield "intervals judged: share of customers", "", float(may_buy.mean())
    for name in ("purchases", "spend"):
        low, high, came = found[f"{name}_low"], found[f"{name}_high"], found[name]
        inside = (came >= low) & (came <= high)
        yield f"{name}: 80% intervals cover", ".78-.82", float(inside[may_buy].mean())
        if name == "purchases":
            narrower = inside & (came < high)
            yield "purchases: one narrower would cover", "", float(narrower[may_buy].mean())
        yield f"{name}: 80% intervals cover, of all", "", float(inside.mean())
        yield f"{name}: below the interval", "", float((came < low)[may_buy].mean())
        yield f"{name}: above the interval", "", float((came > high)[may_buy].mean())
        yield (
            f"{name}: expected over those that came",
            "",
            float(found[f"expected_{name}"].sum() / came.sum()),
        )
