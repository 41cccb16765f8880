"""Panels of shops whose elasticities are known, with prices that follow demand."""

from datetime import date, timedelta

import numpy as np
import pandas as pd


def panel(
    *,
    seed: int,
    categories: int = 12,
    products: int = 5,
    stores: int = 16,
    weeks: int = 78,
    units: float = 60.0,
    choice: float = -2.6,
    reacts: float = 1.5,
) -> tuple[pd.DataFrame, dict[tuple[str, str], float]]:
    """Rows of ``int_price_panel`` and the true elasticity by level and item.

    Demand of a category moves from week to week, and promotions with it: ``reacts`` is how much
    likelier they are in a strong week. ``units`` are those of a category in a store and week.
    """
    rng = np.random.default_rng(seed)
    frames, truth = [], {}
    shape = (stores, weeks, products)
    halves = np.arange(weeks) // 26
    for number in range(categories):
        name = f"category {number:02}"
        elasticity = -rng.uniform(0.3, 0.8)
        shock = 0.25 * rng.normal(size=(1, weeks, 1))
        appeal = rng.normal(0, 0.5, (1, 1, products)) + rng.normal(0, 0.2, (stores, 1, products))
        course = 0.1 * rng.normal(size=(stores, halves.max() + 1, 1))[:, halves]
        own = 0.06 * rng.normal(size=(stores, halves.max() + 1, products))[:, halves]
        regular = course + own + 0.04 * rng.normal(size=(1, weeks, products))
        odds = 0.25 * np.exp(reacts * shock)
        promoted = (rng.random((1, weeks, products)) < odds) & (rng.random(shape) < 0.85)
        reduction = np.where(promoted, np.log(rng.uniform(0.65, 0.9, (1, weeks, products))), 0.0)
        display = rng.random(shape) < np.where(promoted, 0.35, 0.03)
        before = np.concatenate([np.zeros((stores, 1, products), bool), promoted[:, :-1]], axis=1)
        price = regular + reduction
        weight = np.exp(appeal + choice * price + 0.35 * display - 0.12 * before)
        share = weight / weight.sum(axis=2, keepdims=True)
        base = np.exp(appeal) / np.exp(appeal).sum(axis=2, keepdims=True)
        index = (base * price).sum(axis=2, keepdims=True)
        volume = units * np.exp(elasticity * index + shock + rng.normal(0, 0.3, (stores, 1, 1)))
        sold = rng.poisson(volume * share).astype(float)

        mine = (volume * share).sum(axis=(0, 1))
        mean_share = (volume * share * share).sum(axis=(0, 1)) / mine
        truth["category", name] = elasticity
        frames.append(_rows("category", name, [name], sold.sum(axis=2)[..., None], index))
        names = [f"{name} product {k}" for k in range(products)]
        for k, item in enumerate(names):
            truth["product", item] = choice * (1 - mean_share[k]) + elasticity * mean_share[k]
        frames.append(
            _rows(
                "product",
                name,
                names,
                sold,
                price,
                regular=regular,
                display=display,
                before=before,
            )
        )
    return pd.concat(frames, ignore_index=True), truth


def _rows(
    level: str,
    category: str,
    items: list[str],
    units: np.ndarray,
    price: np.ndarray,
    *,
    regular: np.ndarray | None = None,
    display: np.ndarray | None = None,
    before: np.ndarray | None = None,
) -> pd.DataFrame:
    store, week, item = (axis.ravel() for axis in np.indices(units.shape))
    zero = np.zeros(units.size)
    frame = pd.DataFrame(
        {
            "level": level,
            "category": category,
            "item": np.array(items, dtype=object)[item],
            "store_id": np.char.add("s", store.astype(str)).astype(object),
            "week_start_date": [date(2024, 1, 1) + timedelta(weeks=int(w)) for w in week],
            "units": units.ravel(),
            "category_units": np.broadcast_to(units.sum(axis=2)[..., None], units.shape).ravel(),
            "price": np.exp(price).ravel(),
            "regular_price": np.exp(price if regular is None else regular).ravel(),
            "display_share": zero if display is None else display.ravel().astype(float),
            "mailer_share": zero,
            "after_promotion_share": zero if before is None else before.ravel().astype(float),
        }
    )
    alone = frame.groupby(["store_id", "week_start_date"])["units"].transform("sum") > 0
    return frame[alone]
