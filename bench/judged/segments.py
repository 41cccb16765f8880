"""Segments against the latent types."""

from __future__ import annotations

from sklearn.metrics import adjusted_rand_score

from judged.home import Figures, Judged


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
