"""Effects of campaigns against the orders and revenue that they truly brought."""

from __future__ import annotations

from judged.home import Figures, Judged

OUTCOMES = ("orders", "revenue")


def effects(judged: Judged) -> Figures:
    """Whether intervals hold the truth, and whether placebos of who held nobody back hold zero."""
    truth = " union all ".join(
        f"select campaign_id, '{outcome}' as outcome, effect_on_{outcome} as truth "
        f"from {judged.truth('campaigns')}"
        for outcome in OUTCOMES
    )
    found = judged.frame(f"""
        select estimator, is_chosen, truth,
            truth between interval_90_low and interval_90_high as is_covered,
            placebo_low <= 0 and placebo_high >= 0 as is_placebo_zero, evidence
        from campaign_estimates
        inner join ({truth}) as t using (campaign_id, outcome)
        where arm = 'all' and effect is not null
    """)
    random = found[found.estimator == "randomised"]
    if len(random):
        covered = float(random.is_covered.astype(float).mean())
        yield "campaigns, randomised: 90% intervals cover", ".85-.95", covered
        yield "campaigns, randomised: intervals", "", float(len(random))
    others = found[found.is_chosen & (found.estimator != "randomised")]
    placebos = others[others.is_placebo_zero.notna()]
    if len(placebos):
        zero = float(placebos.is_placebo_zero.astype(float).mean())
        yield "campaigns, nobody held back: placebos cover zero", ">= .85", zero
    if len(others):
        covered = float(others.is_covered.astype(float).mean())
        yield "campaigns, nobody held back: 90% intervals cover", "", covered
        # What a wrong estimate must not do: pass for evidence.
        wrong = others[~others.is_covered.astype(bool)]
        passed = float((wrong.evidence == "strong").sum())
        yield "campaigns, nobody held back: strong and wrong", "0", passed
