"""Price elasticities against the slopes that demand was made with."""

from __future__ import annotations

from judged.home import Figures, Judged

WITHIN = 0.2


def elasticities(judged: Judged) -> Figures:
    """Published price elasticities against the slopes that demand was made with."""
    for level, truth, key in (("product", "products", "product_id"), ("category",) * 3):
        table = {"category": "categories"}.get(truth, truth)
        found = judged.frame(f"""
            select price_elasticity as estimate, elasticity as truth,
                is_price_elasticity_published as is_published
            from price_elasticity
            inner join {judged.truth(table)} as t on item = t.{key}
            where item_level = '{level}'
        """)
        published = found[found.is_published.fillna(value=False).astype(bool)]
        yield f"{level} elasticity: published", "", float(len(published))
        yield f"{level} elasticity: of", "", float(len(found))
        if len(published):
            error = (published.estimate / published.truth - 1).abs()
            yield f"{level} elasticity: within 20%", ">= .90", float((error <= WITHIN).mean())
            yield f"{level} elasticity: wrong sign", "0", float((published.estimate >= 0).sum())
