"""Customer lifetime value: discounted expected spend."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scoring.btyd.likelihood import Vector
from scoring.btyd.purchases import PurchaseModel

PERIODS = 12


def discounted_purchases(
    model: PurchaseModel, horizon: float, *, years: float, annual_discount_rate: float
) -> Vector:
    """Expected purchases of the fitted customers over ``horizon``, discounted, shape (n,).

    The horizon, ``years`` long, is cut into twelve equal periods; purchases of a period are
    discounted from its middle:

        sum over k = 1..12 of (E[Y(k h)] - E[Y((k - 1) h)]) * (1 + d)^-((k - 1/2) / 12 * years)

    with h a twelfth of the horizon and d the annual discount rate. Times expected value per
    purchase this is the discounted customer lifetime value over the horizon.
    """
    if not np.isfinite(annual_discount_rate) or annual_discount_rate <= -1:
        raise ValueError("annual_discount_rate must be finite and above -1")
    ends = [model.expected_purchases(horizon * period / PERIODS) for period in range(PERIODS + 1)]
    increments = np.maximum(np.diff(np.array(ends), axis=0), 0.0)
    return discount_factors(years, annual_discount_rate) @ increments


def discount_factors(years: float, annual_discount_rate: float) -> Vector:
    """Discount factor at the middle of each of the twelve periods, shape (12,)."""
    middle: ArrayLike = (np.arange(PERIODS) + 0.5) / PERIODS * years
    return (1.0 + annual_discount_rate) ** -np.asarray(middle)
