"""What published marts say of made-up retailers, beside the truth in the same homes.

    python bench/judge.py HOME [HOME ...]

A home is one in which ``lifecycle run --world`` has ended (docs/world.md). Prints a row per
figure with its bar, the value of each home and the median. Truth is of the day after the world's
last; where a home was run as of an earlier day, what came after is counted in its landing, and
figures that need the truth of that day are left out.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import adjusted_rand_score

HORIZON = 90
WITHIN = 0.2


class Judged:
    """A home: its published marts, its truth and its landing."""

    def __init__(self, home: Path) -> None:
        self.home = home
        published = home / "published" / "customer_lifecycle.duckdb"
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{published}' as published (read_only)")
        self.connection.execute("use published.marts")
        (self.as_of,) = self.rows("select max(as_of_date) from customer_value")[0]
        (last,) = self.rows(f"select max(ordered_at)::date from {self.landed('pos', 'orders')}")[0]
        self.is_at_the_end = self.as_of > last

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """All rows of a query."""
        return self.connection.execute(query).fetchall()

    def frame(self, query: str) -> pd.DataFrame:
        """The rows of a query as a frame."""
        return self.connection.execute(query).df()

    def truth(self, name: str) -> str:
        """SQL for a table of the truth."""
        return f"read_parquet('{self.home}/truth/{name}.parquet')"

    def landed(self, system: str, table: str) -> str:
        """SQL for a landed table."""
        return f"read_parquet('{self.home}/landing/{system}/{table}/*.parquet')"


Figures = Iterator[tuple[str, str, float]]


def clusters(judged: Judged) -> Figures:
    """Behavioural segments against the latent types, of those who are in one."""
    found = judged.frame(f"""
        select behavioural_segment, behavioural_reason is not null as is_in_none,
            case when later_from < as_of_date then coalesce(later_type, type) else type end as type
        from customer_segments
        inner join {judged.truth("people")} using (customer_id)
        where order_count > 0 and not shares_card
    """)
    in_one = found[~found.is_in_none]
    yield (
        "clusters: adjusted Rand index",
        ">= .80",
        adjusted_rand_score(in_one.type, in_one.behavioural_segment),
    )
    yield "clusters: share in none", "", float(found.is_in_none.mean())


def elasticities(judged: Judged) -> Figures:
    """Published price elasticities against the slopes that demand was made with."""
    for level, truth, key in (("product", "products", "product_id"), ("category",) * 3):
        table = {"category": "categories"}.get(truth, truth)
        found = judged.frame(f"""
            select price_elasticity as estimate, elasticity as truth,
                is_price_elasticity_published as is_published
            from price_elasticity
            inner join {judged.truth(table)} as t on item = t.{key}
            where item_level = '{level}'
        """)
        published = found[found.is_published.fillna(value=False).astype(bool)]
        yield f"{level} elasticity: published", "", float(len(published))
        yield f"{level} elasticity: of", "", float(len(found))
        if len(published):
            error = (published.estimate / published.truth - 1).abs()
            yield f"{level} elasticity: within 20%", ">= .90", float((error <= WITHIN).mean())
            yield f"{level} elasticity: wrong sign", "0", float((published.estimate >= 0).sum())


def suggestions(judged: Judged) -> Figures:
    """Next categories on the newest past day."""
    for kind, method, times in judged.rows("""
        select kind, method, times_popularity from next_category_backtests
        where is_used and cut_date = (select max(cut_date) from next_category_backtests)
        order by kind
    """):
        yield f"next category, {kind} ({method}): times popularity", "", float(str(times))


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


def lost(judged: Judged) -> Figures:
    """Stages of weekly shoppers against departures of 90 days ago and more."""
    found = judged.frame(f"""
        select lifecycle_stage, left_on, as_of_date
        from customer_lifecycle inner join {judged.truth("people")} using (customer_id)
        where purchase_days_per_year between 35 and 80 and not shares_card
            and lifecycle_stage <> 'prospect'
    """)
    left = found.left_on < found.as_of_date
    long_ago = left & ((found.as_of_date - found.left_on).dt.days >= HORIZON)
    for name, stages in (("lost", ["lost"]), ("dormant or lost", ["dormant", "lost"])):
        called = found.lifecycle_stage.isin(stages)
        yield f"{name}: precision", ">= .90", float(left[called].mean())
        yield f"{name}: recall", ">= .90", float(called[long_ago].mean())


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
    """Intervals of purchases against what came in the landing after the day of the run."""
    until = judged.as_of + timedelta(days=HORIZON)
    found = judged.frame(f"""
        with came as (
            select customer_id, count(distinct ordered_at::date) as purchases
            from {judged.landed("pos", "orders")}
            where ordered_at >= date '{judged.as_of}' and ordered_at < date '{until}'
                and order_type = 'sale' and order_status in ('completed', 'delivered')
            group by customer_id
        )
        select coalesce(purchases, 0) as purchases, expected_purchases_90d_low as low,
            expected_purchases_90d_high as high, expected_purchases_90d as expected
        from customer_value left join came using (customer_id)
        where expected_purchases_90d_low is not null
    """)
    inside = (found.purchases >= found.low.round()) & (found.purchases <= found.high.round())
    yield "purchases: 80% intervals cover", ".78-.82", float(inside.mean())
    yield (
        "purchases: expected over those that came",
        "",
        float(found.expected.sum() / found.purchases.sum()),
    )


ALWAYS: tuple[Callable[[Judged], Figures], ...] = (clusters, elasticities, suggestions)
AT_THE_END: tuple[Callable[[Judged], Figures], ...] = (potential, lost, forecasts)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homes", type=Path, nargs="+", metavar="HOME")
    bars: dict[str, str] = {}
    values: dict[str, list[float]] = {}
    for home in parser.parse_args().homes:
        judged = Judged(home)
        for of in (*ALWAYS, *(AT_THE_END if judged.is_at_the_end else (coverage,))):
            for name, bar, value in of(judged):
                bars[name] = bar
                values.setdefault(name, []).append(value)
    for name, found in values.items():
        each = " ".join(f"{value:9.3f}" for value in found)
        print(f"{name:<50}{bars[name]:>9}{statistics.median(found):9.3f}   {each}")


if __name__ == "__main__":
    main()
