"""The study of prices: how units follow them, by product and by category."""

from __future__ import annotations

import pandas as pd

from scoring.price.pipeline import INPUT, PRICE, PriceSettings, study
from scoring.price.tables import TABLES
from scoring.study import Input, Study


def _prices(elasticities: pd.DataFrame) -> pd.DataFrame:
    """Categories' price elasticities, the best known first."""
    columns = ["item", "estimate", "interval_low", "interval_high", "stores", "weeks"]
    of_categories = (elasticities["level"] == "category") & (elasticities["measure"] == PRICE)
    known = elasticities.loc[of_categories & elasticities["estimate"].notna()]
    return known.sort_values(["standard_error", "item"])[columns].head(20)


PRICE_STUDY = Study(
    name="price",
    source="price",
    description="How units follow prices, promotions and placements.",
    input=Input(
        INPUT,
        {
            "level": "varchar",
            "category": "varchar",
            "item": "varchar",
            "store_id": "varchar",
            "week_start_date": "date",
            "units": "double",
            "category_units": "double",
            "price": "double",
            "regular_price": "double",
            "display_share": "double",
            "mailer_share": "double",
            "after_promotion_share": "double",
        },
    ),
    tables=TABLES,
    settings=PriceSettings,
    run=study,
    shown={"elasticities": _prices},
    domain="price",
)
