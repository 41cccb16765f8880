"""Persons and households against who registered again and who lives together."""

from __future__ import annotations

from judged.home import Figures, Judged

LIMIT = 10


def persons(judged: Judged) -> Figures:
    """Precision and recall on pairs of customers, and the largest person."""
    for name, bars in {"person": (">= .99", ">= .95"), "household": ("", "")}.items():
        truth, found = (
            f"""
            select one.customer_id as customer_id, other.customer_id as other_id
            from {source} as one
            inner join {source} as other
                on one.{name}_id = other.{name}_id and one.customer_id < other.customer_id
            """
            for source in (judged.truth("identities"), "customer_identity")
        )
        # Who was not seen yet, as of an earlier day, cannot be found.
        right, of_found, of_truth = judged.rows(f"""
            with truth as ({truth}), found as ({found}), seen as (
                select truth.* from truth
                inner join customer_identity as one on truth.customer_id = one.customer_id
                inner join customer_identity as other on truth.other_id = other.customer_id
            )
            select
                (select count(*) from found inner join seen using (customer_id, other_id)),
                (select count(*) from found),
                (select count(*) from seen)
        """)[0]
        if of_found and of_truth:
            hits = float(str(right))
            yield f"identity: precision of {name} pairs", bars[0], hits / float(str(of_found))
            yield f"identity: recall of {name} pairs", bars[1], hits / float(str(of_truth))
    (largest,) = judged.rows("select coalesce(max(customers), 0) from dim_person")[0]
    yield "identity: customers of the largest person", f"<= {LIMIT}", float(str(largest))
