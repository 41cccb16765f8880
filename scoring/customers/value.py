"""Customer lifetime value: discounted expected purchases."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scoring.btyd.likelihood import Vector
from scoring.btyd.purchases import PurchaseModel

# Nodes of the quadrature over time, up to a year and beyond; the relative error is below 1e-5 for
# lifetimes up to 100 years.
_NODES_OF_A_YEAR, _NODES = 5, 12


def discounted_purchases(
    model: PurchaseModel,
    years: float,
    annual_discount_rate: float,
    *,
    frequency: ArrayLike | None = None,
    recency: ArrayLike | None = None,
    age: ArrayLike | None = None,
) -> Vector:
    """Discounted expected purchases over ``years``, of the fitted or the given customers, (n,).

    With E[Y(t)] the expected purchases up to time t and the force of interest
    delta = ln(1 + annual_discount_rate), purchases are discounted from the time they are made:

        integral of e^(-delta t) dE[Y(t)] over (0, L)
            = e^(-delta L) E[Y(L)] + delta * integral of e^(-delta t) E[Y(t)] dt

    by Gauss-Legendre in the root of time, where expectations bend most at the start. Without an
    end this is the discounted expected residual transactions of Fader, Hardie & Lee (2005).
    The model's unit of time is a week.

    Raises:
        ValueError: the rate is not finite and above -1, or ``years`` is not positive.
    """
    if not np.isfinite(annual_discount_rate) or annual_discount_rate <= -1:
        raise ValueError("annual_discount_rate must be finite and above -1")
    if not np.isfinite(years) or years <= 0:
        raise ValueError("years must be finite and positive")
    length = years * 365 / 7
    force = float(np.log1p(annual_discount_rate))

    def expected(share: float) -> Vector:
        return model.expected_purchases(
            length * share, frequency=frequency, recency=recency, age=age
        )

    total = np.exp(-force * years) * expected(1.0)
    if force:
        nodes, weights = np.polynomial.legendre.leggauss(_NODES_OF_A_YEAR if years <= 1 else _NODES)
        for u, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            share = u**2
            # dt = 2 u du, in years.
            step = 2 * u * weight * years
            total = total + force * step * np.exp(-force * years * share) * expected(share)
    return total
