"""A concave response to spend, whose slope falls from the first unit on.

``f(s) = level * (1 - exp(-bend * s / at)) / (1 - exp(-bend))``: ``level`` is the response at the
spend ``at``, ``bend`` how far it is bent there (0: a straight line; 1: 63% of what it can ever
be). Both are known better than a slope at zero and a limit, which lie where nobody spent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STRAIGHT = 1e-9


@dataclass(frozen=True)
class Curves:
    """Curves of several channels: arrays that broadcast, channels along the last axis."""

    level: Array
    bend: Array
    at: Array

    def value(self, spend: Array) -> Array:
        """The response at a spend."""
        bend = np.maximum(self.bend, _STRAIGHT)
        return self.level * np.expm1(-bend * spend / self.at) / np.expm1(-bend)

    def marginal(self, spend: Array) -> Array:
        """What the next unit of spend brings."""
        bend = np.maximum(self.bend, _STRAIGHT)
        slope = -self.level * bend / (self.at * np.expm1(-bend))
        return np.asarray(slope * np.exp(-bend * spend / self.at))

    def spend_where(self, marginal: float) -> Array:
        """The spend at which the next unit brings so much: 0 where the first brings less.

        Infinite for ``marginal`` at or below zero.
        """
        bend = np.maximum(self.bend, _STRAIGHT)
        first = self.marginal(np.zeros_like(self.level))
        if marginal <= 0:
            return np.where(first > 0, np.inf, 0.0)
        ratio = np.maximum(first, 0.0) / marginal
        return np.asarray(self.at / bend * np.log(np.maximum(ratio, 1.0)))

    def times(self, factor: Array | float) -> Curves:
        """The same curves with a response so many times as large."""
        return Curves(self.level * factor, self.bend, self.at)

    def of(self, chosen: Array | NDArray[np.bool_] | int) -> Curves:
        """Some of the channels."""
        return Curves(self.level[..., chosen], self.bend[..., chosen], self.at[..., chosen])


def carried(spend: Array, carry: float) -> Array:
    """Spend along the first axis as it acts: of what acts in a period so much acts on in the next.

    Weights add up to one, so that what a steady spend brings does not depend on the carry-over.
    """
    acting = np.empty_like(spend)
    state = spend[0] if len(spend) else 0.0
    for period, amount in enumerate(spend):
        state = carry * state + (1 - carry) * amount
        acting[period] = state
    return acting
