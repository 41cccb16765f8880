"""Which channel to test next, and how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from scoring.mix.curve import Array

SHARES = (0.1, 0.2, 0.3, 0.5)
"""Of customers who are not touched by the channel for the time of the test."""


@dataclass(frozen=True)
class Design:
    """A test in which a share of the customers is held back from a channel."""

    holdout_share: float
    weeks: int
    detectable: float
    """The margin that all customers' touches have to bring in the time of the test to be found."""
    finds: bool
    """Whether the channel is thought to bring so much."""


def value_of_information(spend: float, marginal: Array, other: float) -> tuple[float, float, float]:
    """Spend times the width of the marginal return times the chance that knowing it moves money.

    Args:
        spend: of the channel, over the time planned for.
        marginal: draws of what its next unit brings at today's spend.
        other: what the next unit brings in the mix as a whole.

    Returns:
        The value; the width of the 90% interval; the chance that the return is on the other side
        of ``other`` than is thought.
    """
    low, high = np.quantile(marginal, [0.05, 0.95])
    above = float(np.mean(marginal > other))
    chance = min(above, 1 - above)
    return float(spend * (high - low) * chance), float(high - low), chance


def designed(
    margin_a_week: float,
    customers: int,
    spread_a_week: float,
    *,
    confidence: float,
    power: float,
    most_weeks: int,
) -> Design | None:
    """The least test that finds what a channel brings: the shortest time, then the smallest share.

    A customer's margin of several weeks spreads as that of independent weeks: what customers
    differ in all the time has to be taken off by their margin before the test.

    Returns:
        None without customers or their spread. Where no test finds it the largest one.
    """
    if customers < 2 or not spread_a_week > 0 or most_weeks < 1:
        return None
    needed = float(norm.ppf((1 + confidence) / 2) + norm.ppf(power))
    best = None
    for weeks in range(1, most_weeks + 1):
        for share in SHARES:
            spread = spread_a_week * np.sqrt(weeks)
            error = spread * np.sqrt(customers / share + customers / (1 - share))
            detectable = needed * float(error)
            best = Design(share, weeks, detectable, margin_a_week * weeks >= detectable)
            if best.finds:
                return best
    return best
