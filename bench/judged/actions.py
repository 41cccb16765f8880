"""What actions add, against the world's draws, and whether ranking by it pays."""

from __future__ import annotations

from judged.home import Figures, Judged


def actions(judged: Judged) -> Figures:
    """Effects on orders of the decisions measured, and the gain of ranking above other policies."""
    found = judged.frame(f"""
        with truth as (
            select action, avg(effect_on_orders) as truth
            from {judged.truth("actions")}
            inner join action_log using (decision_id, action)
            where arm <> 'none' and is_over
                and date_diff('day', action_log.decided_on, as_of_date) <= 365
            group by action
        )
        select action, effect, interval_low <= truth and truth <= interval_high as is_covered,
            truth, sample_ratio
        from action_effects
        inner join truth using (action)
        where outcome = 'orders' and effect is not null
        order by action
    """)
    for row in found.itertuples():
        yield f"action, orders: {row.action}", "", float(row.effect)
        yield f"action, orders: {row.action}, truth", "", float(row.truth)
    if len(found):
        covered = float(found["is_covered"].astype(float).mean())
        yield "actions: 90% intervals cover", ".85-.95 of many", covered
        off = float((found["sample_ratio"] == "off").sum())
        yield "actions: lots called off", "0", off
    gains = judged.frame("""
        select policy, ranking_gain, ranking_gain_low
        from action_policy_values
        where action = 'all_actions' and policy <> 'ranking'
        order by policy
    """)
    for row in gains.itertuples():
        bar = "> 0" if row.policy == "riskiest_first" else ""
        yield f"ranking of actions above {row.policy}", bar, float(row.ranking_gain)
        yield f"ranking of actions above {row.policy}, low end", bar, float(row.ranking_gain_low)
