"""Points against what became of every lot, and what is to be redeemed yet."""

from __future__ import annotations

from judged.home import Figures, Judged


def redemption(judged: Judged) -> Figures:
    """Redemption rates and what became of lots, at the end of the world."""
    found = judged.frame(f"""
        select
            t.points, t.taken_back, t.redeemed, t.expired, t.outstanding,
            t.expected_to_be_redeemed, t.redemption_rate, c.ultimate_redemption_rate,
            c.ultimate_redemption_rate_low, c.ultimate_redemption_rate_high, c.basis,
            c.redeemed_points, c.expired_points
        from points_cohorts as c
        inner join {judged.truth("points")} as t on c.cohort_month = t.earned_month
        where t.entry_type = 'earn'
    """)
    if not len(found):
        return
    rows = judged.rows("""
        select ultimate_redemption_rate, earned_points_to_be_redeemed from loyalty_points
        where is_complete order by month_start desc limit 1
    """)
    rate, to_come = (float(str(value)) for value in rows[0])
    truth = found.redeemed.sum() + found.expected_to_be_redeemed.sum()
    net = (found.points - found.taken_back).sum()
    yield "points: redemption rate less the true", "+-.02", rate - float(truth / net)
    yield (
        "points: to be redeemed over the true",
        "",
        to_come / float(found.expected_to_be_redeemed.sum()),
    )
    young = found[found.basis != "complete"]
    yield (
        "points: mean error of immature months",
        "",
        float((young.ultimate_redemption_rate - young.redemption_rate).abs().mean()),
    )
    for state in ("redeemed", "expired"):
        wrong = (found[f"{state}_points"].astype(float) - found[state]).abs().sum()
        yield f"points: {state} of the wrong lot", "0", float(wrong)
    error = judged.rows("""
        select abs(sum(backtest_error * earned_points) / sum(earned_points)),
            avg(is_within_backtest_interval::int)
        from points_cohorts where backtest_error is not null
    """)[0]
    if error[0] is not None:
        yield "points: 12 months out, error", "<= .02", float(str(error[0]))
        yield "points: 12 months out, within interval", "", float(str(error[1]))


def identity(judged: Judged) -> Figures:
    """Points of lots that are in no state, and of the ledger that are in no lot."""
    (unexplained,) = judged.rows("""
        select coalesce(sum(abs(difference)), 0) from (
            select sum(points) - max(lot_points) as difference
            from fct_points_movements where lot_entry_id is not null group by lot_entry_id
        )
    """)[0]
    yield "points: lots that do not add up", "0", float(str(unexplained))
    (ledger,) = judged.rows(f"""
        select coalesce(sum(points), 0) from {judged.landed("loyalty", "points")}
        where entered_at < '{judged.as_of}'
    """)[0]
    (balance,) = judged.rows("""
        select coalesce(sum(balance_points - never_earned_points + unbooked_expired_points), 0)
        from customer_points
    """)[0]
    yield "points: ledger less balances", "0", float(str(ledger)) - float(str(balance))
