"""Price elasticities against the slopes that demand was made with."""

from __future__ import annotations

import numpy as np
from scipy import stats

from judged.home import Figures, Judged

WITHIN = 0.2
CONFIDENCE, PUBLISHED_CONFIDENCE = 0.9, 0.95


def elasticities(judged: Judged) -> Figures:
    """Published price elasticities against the slopes that demand was made with.

    Leaves out the category of the kiosk, whose sales follow no price. Of the 95% intervals those of
    90% are told, by the normal distribution: as the published ones are wider with few stores, so
    are they.
    """
    for level, truth, key in (("product", "products", "product_id"), ("category",) * 3):
        table = {"category": "categories"}.get(truth, truth)
        found = judged.frame(f"""
            select price_elasticity as estimate, elasticity as truth,
                price_elasticity_high as high, is_price_elasticity_published as is_published
            from price_elasticity
            inner join {judged.truth(table)} as t on item = t.{key}
            where item_level = '{level}' and price_elasticity is not null and t.category not in (
                select category from {judged.landed("pos", "sales_weekly")}
                inner join {judged.landed("pos", "products")} using (product_id)
            )
        """)
        half = (found.high - found.estimate) * stats.norm.ppf((1 + CONFIDENCE) / 2)
        half /= stats.norm.ppf((1 + PUBLISHED_CONFIDENCE) / 2)
        held = np.abs(found.estimate - found.truth) <= half
        yield f"{level} elasticity: 90% intervals cover", ".85-.95", float(held.mean())
        published = found[found.is_published.fillna(value=False).astype(bool)]
        yield f"{level} elasticity: published", "", float(len(published))
        yield f"{level} elasticity: of", "", float(len(found))
        if len(published):
            error = (published.estimate / published.truth - 1).abs()
            yield f"{level} elasticity: within 20%", ">= .90", float((error <= WITHIN).mean())
            yield f"{level} elasticity: wrong sign", "0", float((published.estimate >= 0).sum())
