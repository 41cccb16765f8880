"""Reasons for leaving against why people left."""

from __future__ import annotations

from judged.home import Figures, Judged

CATEGORIES = ("product", "service", "price", "competitor")


def shares(judged: Judged) -> Figures:
    """Shares by category of those who are called lost and have left."""
    found = judged.frame(f"""
        select reason_basis as basis, reason_category as told, left_reason as truth
        from customer_churn_reasons inner join {judged.truth("people")} using (customer_id)
        where left_reason is not null
    """)
    marts = judged.frame("""
        select reason_category as category, max(category_share_of_stated) as said,
            max(category_share_estimated) as estimated,
            max(category_share_of_known_estimated) as of_known,
            max(category_share_if_none_unknown) as low, max(category_share_if_all_unknown) as high
        from churn_reasons where period_grain = 'all' group by 1
    """).set_index("category")
    known = found[found.basis != "unknown"]
    yield "reasons: known of all who left", "", len(known) / max(len(found), 1)
    for basis in ("stated", "inferred"):
        of = known[known.basis == basis]
        if len(of):
            yield f"reasons: {basis} and true", "", float((of.told == of.truth).mean())
    for category in CATEGORIES:
        true_share = float((found.truth == category).mean())
        yield f"reasons, {category}: share in truth", "", true_share
        known_share = float((known.truth == category).mean())
        counted = abs(float((known.told == category).mean()) - known_share)
        yield f"reasons, {category}: counted, off among the known", "", counted
        if category in marts.index:
            row = marts.loc[category]
            off = abs(float(row.of_known) - known_share)
            yield f"reasons, {category}: off among the known", "<= .02", off
            for name in ("said", "estimated"):
                yield (
                    f"reasons, {category}: {name} off",
                    "<= .02",
                    abs(float(row[name]) - true_share),
                )
            yield (
                f"reasons, {category}: bounds contain truth",
                "1",
                float(row.low <= true_share <= row.high),
            )
