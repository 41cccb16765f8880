"""How inputs and scores are distributed over the base, in bins that never move.

Fixed bins can be compared between any two fits; what is drift is decided where they are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scoring.btyd.likelihood import Vector

# Powers of two suit days, purchases and money alike, whatever the currency.
AMOUNT_EDGES = (0.0, *(2.0**power for power in range(-2, 25)))
PROBABILITY_EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.66, 0.8, 0.9, 1.0)

# Inputs that tell behaviour of late; an age only tells that time has passed.
INPUTS: Mapping[str, str] = {
    "days_since_last_purchase": "hiatus",
    "purchases_a_week_90d": "purchase_rate_90d",
    "spend_a_week_90d": "spend_rate_90d",
    "mean_gap_days": "mean_gap_faded",
    "mean_purchase_value": "mean_amount_faded",
}


def distribution(values: Vector, *, probabilities: bool) -> list[dict[str, Any]]:
    """Customers per bin, one record for each bin that has any.

    A record has ``bin`` (0 for undefined values), ``lower_bound`` and ``upper_bound`` ([lower,
    upper), None if open or undefined) and ``customers``.
    """
    edges = np.array(PROBABILITY_EDGES if probabilities else AMOUNT_EDGES)
    last = len(edges) - 1 if probabilities else len(edges)
    bins = np.minimum(np.searchsorted(edges, values, side="right"), last)
    counts = np.bincount(np.where(np.isfinite(values), bins, 0), minlength=last + 1)
    return [
        {
            "bin": number,
            "lower_bound": float(edges[number - 1]) if number else None,
            "upper_bound": float(edges[number]) if 0 < number < len(edges) else None,
            "customers": int(count),
        }
        for number, count in enumerate(counts)
        if count
    ]
