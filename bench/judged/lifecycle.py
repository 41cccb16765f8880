"""Stages against departures."""

from __future__ import annotations

from judged.home import Figures, Judged

HORIZON = 90


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
