"""Sheets whose drivers are known."""

import numpy as np
import pandas as pd

from scoring.satisfaction.pipeline import COLUMNS, DIMENSIONS
from scoring.study import PANDAS_TYPES


def sheets(
    *,
    seed: int,
    count: int = 3000,
    weights: dict[str, float] | None = None,
    effect: dict[str, float] | None = None,
    per_customer: int = 1,
) -> pd.DataFrame:
    """Rows of ``int_satisfaction_sheets``.

    ``weights`` are what a point of each dimension adds to overall, ``effect`` what it adds to the
    probability of coming back, which depends on rhythm as well; so does contentment.
    """
    rng = np.random.default_rng(seed)
    weights = weights if weights is not None else {"product": 0.5, "service": 0.3, "price": 0.1}
    effect = effect or {}
    customers = -(-count // per_customer)
    who = np.repeat(np.arange(customers), per_customer)[:count]
    rhythm = rng.gamma(4.0, 1.0, customers)[who]
    mood = rng.normal(0, 0.3, customers)[who]
    names = list(weights)
    scores = {name: 3.5 + 0.05 * (rhythm - 4) + mood + rng.normal(0, 0.6, count) for name in names}
    overall = 3.5 + rng.normal(0, 0.5, count)
    probability = 0.35 + 0.05 * np.log1p(rhythm * 6) + 0.03 * mood
    for name in names:
        overall = overall + weights[name] * (scores[name] - 3.5)
        probability = probability + effect.get(name, 0.0) * (scores[name] - 3.5)
    frame = {
        "sheet_id": [f"s{number:06d}" for number in range(count)],
        "customer_id": [f"c{number:06d}" for number in who],
        "overall_score": overall,
        **{f"{name}_score": scores.get(name) for name in DIMENSIONS},
        "orders_before": np.round(rhythm * 6).astype(int),
        "revenue_before": rhythm * 60 * rng.gamma(10, 0.1, count),
        "days_since_last": rng.integers(1, 30, count),
        "mean_gap_days": 60 / (1 + rhythm),
        "is_after_leaving": False,
        "has_returned": rng.random(count) < np.clip(probability, 0, 1),
    }
    return pd.DataFrame(frame).astype({name: PANDAS_TYPES[kind] for name, kind in COLUMNS.items()})
