"""The recommended mix against the best there is by the truth of the world's channels."""

from __future__ import annotations

import numpy as np

from judged.home import Figures, Judged


def budgets(judged: Judged) -> Figures:
    """What the recommended spend of today's total would truly bring, beside the optimum.

    Truth is what touches bring: people reached follow ``1 - exp(-exponent * spend over plan)``.
    Orders count with the mean margin of an order, the same for all channels. The optimum
    moves what the recommendation may move: within its bounds, but of all channels that it does not
    have to hold because their spend never varies.
    """
    found = judged.frame(f"""
        with plan as (
            select channel_id, sum(spend) / sum(spend_over_plan) as at_plan
            from {judged.truth("channel_months")} as m
            group by channel_id
        ),
        brought as (
            select channel_id, sum(m.orders) as orders,
                sum(1 - exp(-response_exponent * spend_over_plan)) as reached
            from {judged.truth("channel_months")} as m
            inner join {judged.truth("channels")} as c using (channel_id)
            group by channel_id
        )
        select
            channel_id, spend_varies, response_exponent as bend, at_plan,
            brought.orders / brought.reached as most, mix_action,
            spend_today, recommended_spend,
            spend_today * 0.5 as lower, spend_today * 1.5 as upper,
            datediff('month', starts_on, ends_on) + 1 as months
        from channel_mix
        inner join plan using (channel_id)
        inner join brought using (channel_id)
        inner join {judged.truth("channels")} as c using (channel_id)
        where scenario = 'same_total' and segment = 'all' and spend_today is not null
        order by channel_id
    """)
    today, spend = (found[c].to_numpy(dtype=float) for c in ("spend_today", "recommended_spend"))
    months = float(found.months.iloc[0])

    def orders(at: np.ndarray) -> float:
        over_plan = at / months / found.at_plan.to_numpy(dtype=float)
        reached = 1 - np.exp(-found.bend.to_numpy(dtype=float) * over_plan)
        return months * float(found.most.to_numpy(dtype=float) @ reached)

    varies = found.spend_varies.to_numpy(dtype=bool)
    lower = np.where(varies, found.lower, today).astype(float)
    upper = np.where(varies, found.upper, today).astype(float)
    bend = found.bend.to_numpy(dtype=float)
    at_plan = months * found.at_plan.to_numpy(dtype=float)
    first = months * found.most.to_numpy(dtype=float) * bend / at_plan

    def spent(marginal: float) -> np.ndarray:
        return np.clip(at_plan / bend * np.log(first / marginal), lower, upper)

    low, high = first.min() * 1e-6, first.max()
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if spent(middle).sum() > today.sum() else (low, middle)
    attainable = orders(spent(high)) - orders(today)
    gained = orders(spend) - orders(today)
    yield "mix: share of the attainable gain", ">= .90", gained / attainable
    yield "mix: attainable, share of what channels bring", "", attainable / orders(today)
    # Where spend never varied only the bounds of all could be moved: nothing is to be lost.
    still = np.where(varies, today, spend)
    yield (
        "mix: loss where spend never varies",
        "<= .02",
        max(0.0, 1 - orders(still) / orders(today)),
    )
    (told,) = judged.rows(
        "select expected_gain_low, expected_gain_high, expected_gain from channel_mix "
        "where scenario = 'same_total' and channel_id = '(total)'"
    )
    yield "mix: gain told", "", float(told[2] or 0)
    yield "mix: channels held", "", float((found.mix_action == "hold").sum())
