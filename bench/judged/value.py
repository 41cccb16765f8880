"""Potential and forecasts against what is to be expected, and what came."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
from scipy import stats

from judged.home import Figures, Judged

HORIZON = 90


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

    A whole interval can hold 80% exactly only by chance: the one told is the first of those that
    hold as much, the one a purchase narrower holds less. What is fair to both counts outcomes on a
    bound by half, as does a mid-p value; zero is no bound, as nothing lies below it.
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
            coalesce(purchases, 0)::double as purchases,
            expected_purchases_90d as expected_purchases,
            expected_purchases_90d_low as purchases_low,
            expected_purchases_90d_high as purchases_high,
            greatest(coalesce(spend, 0), 0)::double as spend,
            expected_spend_90d::double as expected_spend,
            expected_spend_90d_low::double as spend_low,
            expected_spend_90d_high::double as spend_high
        from customer_value left join came using (customer_id)
        where expected_purchases_90d_low is not null
    """)
    for name in ("purchases", "spend"):
        low, high, came = found[f"{name}_low"], found[f"{name}_high"], found[name]
        inside = ((came >= low) & (came <= high)).astype(float)
        if name == "purchases":
            on_bound = ((came == low) & (low > 0)).astype(float) + (came == high)
            yield "purchases: 80% intervals cover", "", float(inside.mean())
            narrower = inside - (came == high)
            yield "purchases: one narrower would cover", "", float(narrower.mean())
            fair = inside - 0.5 * np.minimum(on_bound, 1.0)
            yield "purchases: cover, on bounds by half", ".78-.82", float(fair.mean())
        else:
            yield "spend: 80% intervals cover", ".78-.82", float(inside.mean())
        yield (
            f"{name}: expected over those that came",
            "",
            float(found[f"expected_{name}"].sum() / came.sum()),
        )
        yield f"{name}: below the interval", "<= .10", float((came < low).mean())
        yield f"{name}: above the interval", "<= .10", float((came > high).mean())
