"""Orders that channels truly brought, beside every model of attribution."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from judged.home import Figures, Judged

DRAWS = 20_000


def contributions(judged: Judged) -> Figures:
    """Shares of what all channels bring: by the incremental study and, beside it, by each model.

    Of what was brought a table knows what became a valid order of a known customer.
    """
    ((known_share,),) = judged.rows(f"""
        select avg(coalesce(is_valid_order and is_identified, false)::int)
        from {judged.truth("orders")} as t left join fct_orders using (order_id)
        where t.brought_by in ('touch', 'campaign')
    """)
    truth = float(known_share) * (  # type: ignore[arg-type]
        judged.frame(f"""
            select channel_id, orders + campaign_orders as orders
            from {judged.truth("channels")}
        """)
        .set_index("channel_id")["orders"]
        .sort_index()
    )
    there = {name for (name,) in judged.rows("select table_name from duckdb_tables()")} | {
        name for (name,) in judged.rows("select view_name from duckdb_views()")
    }
    models: dict[str, pd.Series] = {}
    if "channel_increments" in there:
        found = judged.frame("""
            select channel_id, incremental_orders as orders, incremental_orders_lower as lower,
                incremental_orders_upper as upper, incremental_share, share_lower, share_upper
            from channel_increments where customer_kind = 'all'
        """).set_index("channel_id")
        models["incremental study"] = found["incremental_share"]
        known = found[found["orders"].notna()]
        of = truth.reindex(known.index)
        covered = float(((known["lower"] <= of) & (of <= known["upper"])).mean())
        yield "channels, incremental orders: 90% intervals cover", ".85-.95", covered
        known = found[found["incremental_share"].notna()]
        of = (truth / truth.sum()).reindex(known.index)
        covered = float(((known["share_lower"] <= of) & (of <= known["share_upper"])).mean())
        yield "channels, shares: 90% intervals cover", ".85-.95", covered
        yield "channels told what they bring", "", float(len(known))
    if "fct_attribution" in there:
        credited = judged.frame("""
            select attribution_model, channel_id, sum(order_credit) as orders
            from fct_attribution where channel_id not like '(%' group by all
        """)
        for model, part in credited.groupby("attribution_model"):
            models[str(model)] = part.set_index("channel_id")["orders"].astype(float)
    elif "channel_contribution" in there:
        credited = judged.frame("""
            select attribution_model, channel_id, sum(attributed_orders) as orders
            from channel_contribution where channel_id not like '(%' group by all
        """)
        for model, part in credited.groupby("attribution_model"):
            models[str(model)] = part.set_index("channel_id")["orders"].astype(float)
    for model, orders in models.items():
        kind = model.startswith("incremental")
        tau, error = against(orders, truth)
        yield f"channels, {model}: Kendall's tau", ">= .9" if kind else "", tau
        yield f"channels, {model}: error of shares", "<= .02" if kind else "", error
    if "channel_calibration" in there:
        yield from _calibrated(judged, truth)


def against(orders: pd.Series, truth: pd.Series) -> tuple[float, float]:
    """Kendall's tau, and the mean absolute error of shares; a channel without a row has none."""
    found = orders.reindex(truth.index).fillna(0.0).to_numpy(dtype=float)
    shares = found / found.sum() if found.sum() > 0 else found
    of = (truth / truth.sum()).to_numpy()
    return float(kendalltau(shares, of).statistic), float(np.abs(shares - of).mean())


def _calibrated(judged: Judged, truth: pd.Series) -> Figures:
    """Whether experiments on the largest channel alone bring all channels' shares nearer."""
    found = judged.frame("""
        select
            channel_id, uncalibrated_orders, applied_ratio as ratio, ratio_error,
            (incremental_orders_upper - incremental_orders_lower) / 2 / 1.645 / incremental_orders
                as own_error
        from channel_calibration
        left join channel_increments using (channel_id)
        where attribution_model = 'incremental' and uncalibrated_orders is not null
            and channel_id not like '(%' and customer_kind = 'all'
    """).set_index("channel_id")
    if found.empty or found["ratio"].isna().all():
        return
    before = found["uncalibrated_orders"].astype(float)
    after = before.copy()
    largest = before[found["ratio"].notna()].idxmax()
    after[largest] *= float(found.loc[largest, "ratio"])
    yield "channels, incremental: error, not calibrated", "", against(before, truth)[1]
    yield "channels, incremental: error, largest calibrated", "falls", against(after, truth)[1]
    if not found["own_error"].isna().any():
        yield from _expected(truth.reindex(found.index), found, str(largest))
    for name, orders in (("not calibrated", before), ("calibrated", after)):
        off = abs(float(orders[largest] / truth[largest]) - 1)
        yield f"channels, incremental: orders of the largest off, {name}", "", off


def _expected(truth: pd.Series, found: pd.DataFrame, largest: str) -> Figures:
    """What that test is to bring: errors of shares if all estimates err as they say they do."""
    random = np.random.default_rng(1)
    of = truth.to_numpy(dtype=float)
    error = found["own_error"].to_numpy(dtype=float)
    drawn = of * (1 + error * random.standard_normal((DRAWS, len(of))))
    place = list(found.index).index(largest)
    test_error = float(found.loc[largest, "ratio_error"])
    tested = of[place] * (1 + test_error * random.standard_normal(DRAWS))
    weight = error[place] ** 2 / (error[place] ** 2 + test_error**2)
    calibrated = drawn.copy()
    calibrated[:, place] += weight * (tested - drawn[:, place])

    def off(orders: np.ndarray) -> np.ndarray:
        shares = orders / orders.sum(axis=1, keepdims=True)
        return np.abs(shares - of / of.sum()).mean(axis=1)

    before, after = off(drawn), off(calibrated)
    yield "channels, incremental: expected, not calibrated", "", float(before.mean())
    yield "channels, incremental: expected, calibrated", "falls", float(after.mean())
    yield "channels, incremental: share of draws that fall", "", float((after < before).mean())
