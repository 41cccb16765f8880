"""Purchase histories for the tests: summaries as dbt makes them, and simulated customers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd


def summarise(
    purchases: pd.DataFrame, as_of: date, horizon_days: int, *, holdout: bool = True
) -> pd.DataFrame:
    """``int_customers_summarised`` from one row per customer and day with a purchase."""
    log = purchases[purchases["day"] < pd.Timestamp(as_of)].sort_values("day")
    cutoffs = [(as_of - timedelta(days=1), False)]
    if holdout:
        cutoffs.append((as_of - timedelta(days=1 + horizon_days), True))
    frames = []
    for cutoff, is_holdout in cutoffs:
        last = pd.Timestamp(cutoff)
        window = pd.Timedelta(days=horizon_days)
        past = log[log["day"] <= last]
        by = past.groupby("customer_id")
        recent = past[past["day"] > last - window].groupby("customer_id")["spend"]
        future = log[(log["day"] > last) & (log["day"] <= last + window)]
        after = future.groupby("customer_id")["spend"]
        frame = pd.DataFrame(
            {
                "frequency": by.size() - 1,
                "first_purchase_date": by["day"].min(),
                "last_purchase_date": by["day"].max(),
                "total_spend": by["spend"].sum(),
            }
        )
        first = by["spend"].first()
        frame["mean_repeat_spend"] = (frame["total_spend"] - first) / frame["frequency"].where(
            frame["frequency"] > 0
        )
        frame["recency_days"] = (frame["last_purchase_date"] - frame["first_purchase_date"]).dt.days
        frame["age_days"] = (last - frame["first_purchase_date"]).dt.days
        frame["previous_purchases"] = recent.size().reindex(frame.index).fillna(0).astype(int)
        frame["previous_spend"] = recent.sum().reindex(frame.index).fillna(0.0)
        bought = after.size().reindex(frame.index).fillna(0.0)
        frame["holdout_purchases"] = bought if is_holdout else np.nan
        spent = after.sum().reindex(frame.index).fillna(0.0)
        frame["holdout_spend"] = spent if is_holdout else np.nan
        frames.append(
            frame.reset_index().assign(
                cutoff_date=cutoff, is_holdout=is_holdout, horizon_days=horizon_days
            )
        )
    return pd.concat(frames, ignore_index=True)


def simulate(
    rng: np.random.Generator,
    age: np.ndarray,
    future: float,
    *,
    r: float,
    alpha: float,
    a: float,
    b: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """BG/NBD purchases: x and tx up to each age, and the number in ``future`` after it."""
    n = len(age)
    rate, dropout = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, tx, later, _ = simulate_given(rng, age, future, rate=rate, dropout=dropout)
    return x, tx, later


def simulate_given(
    rng: np.random.Generator,
    age: np.ndarray,
    future: float,
    *,
    rate: np.ndarray,
    dropout: np.ndarray | float = 0.0,
    lifetime: np.ndarray | float = np.inf,
    k: int = 1,
    at_first: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Purchases at every k-th event of each customer's ``rate``: x, tx, later and log gaps.

    A customer leaves with chance ``dropout`` after each purchase (``at_first``: also after the
    first), or when the ``lifetime`` is over.
    """
    n = len(age)
    dropout = np.broadcast_to(dropout, n)
    end = np.minimum(age + future, lifetime)
    x, tx, later, clock, log_gaps = (np.zeros(n) for _ in range(5))
    active = np.arange(n)
    if at_first:
        active = active[rng.random(n) >= dropout]
    while len(active):
        gap = rng.standard_gamma(k, len(active)) / np.maximum(rate[active], 1e-12)
        clock[active] += gap
        within = clock[active] <= end[active]
        active, gap = active[within], gap[within]
        seen = clock[active] <= age[active]
        x[active[seen]] += 1
        tx[active[seen]] = clock[active[seen]]
        log_gaps[active[seen]] += np.log(gap[seen])
        later[active[~seen]] += 1
        active = active[rng.random(len(active)) >= dropout[active]]
    return x, tx, later, log_gaps
