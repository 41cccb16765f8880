"""Budgets by marginal return: the next unit goes where it brings most, until bounds bind.

For concave curves this is the optimum: between its bounds a channel's next unit brings the same
everywhere, at a lower bound less, at an upper one more (Karush, Kuhn and Tucker). The common
marginal return is found by bisection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.mix.curve import Array, Curves

_HALVINGS = 200


class InfeasibleBoundsError(ValueError):
    """Bounds that no budget can meet, named."""


@dataclass(frozen=True)
class Allocation:
    """Spend by channel; what the next unit brings; and what no channel may take."""

    spend: Array
    marginal: float
    unallocated: float


def check_bounds(
    names: Sequence[str], lower: Array, upper: Array, total: float | None = None
) -> None:
    """Refuse bounds that cannot be met.

    Raises:
        InfeasibleBoundsError: a channel's minimum is above its maximum, or the minima add up to
            more than the total.
    """
    crossed = [
        f"{name} (minimum {low:,.2f}, maximum {high:,.2f})"
        for name, low, high in zip(names, lower, upper, strict=True)
        if low > high
    ]
    if crossed:
        raise InfeasibleBoundsError(f"minimum above maximum: {', '.join(crossed)}")
    if total is not None and lower.sum() > total * (1 + 1e-9) + 1e-9:
        each = ", ".join(
            f"{name} {low:,.2f}" for name, low in zip(names, lower, strict=True) if low > 0
        )
        raise InfeasibleBoundsError(
            f"the minima add up to {lower.sum():,.2f}, the budget is {total:,.2f}: {each}"
        )


def at_marginal(curves: Curves, lower: Array, upper: Array, marginal: float) -> Array:
    """The spend of each channel at which its next unit brings so much, within bounds."""
    return np.asarray(np.clip(curves.spend_where(marginal), lower, upper))


def same_total(curves: Curves, lower: Array, upper: Array, total: float) -> Allocation:
    """The best use of a total; what exceeds all maxima, or would bring a loss, is not allocated."""
    most = at_marginal(curves, lower, upper, 0.0)
    if most.sum() <= total:
        return Allocation(most, 0.0, float(total - most.sum()))
    first = curves.marginal(np.zeros_like(lower))
    # A common marginal at which too much is spent, and one at which too little is.
    low, high = 0.0, float(max(first.max(), 0.0)) * 2 + 1e-12
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if at_marginal(curves, lower, upper, middle).sum() > total:
            low = middle
        else:
            high = middle
    less, more = at_marginal(curves, lower, upper, high), at_marginal(curves, lower, upper, low)
    # Straight curves jump where the bisection ends: what is left goes to those that jump.
    between = float((more - less).sum())
    share = (total - float(less.sum())) / between if between > 0 else 0.0
    return Allocation(less + min(max(share, 0.0), 1.0) * (more - less), high, 0.0)


def to_target(curves: Curves, lower: Array, upper: Array, target: float) -> Allocation:
    """As much as brings at least the target with its last unit."""
    return Allocation(at_marginal(curves, lower, upper, target), target, 0.0)


def at_least_return(curves: Curves, lower: Array, upper: Array, least: float) -> Allocation:
    """As much volume as there is while all spend together returns at least so much per unit.

    The minima alone may return less: then they are all that is spent.
    """
    first = curves.marginal(np.zeros_like(lower))

    def returned(marginal: float) -> tuple[Array, bool]:
        spend = at_marginal(curves, lower, upper, marginal)
        whole = float(spend.sum())
        return spend, whole <= 0 or float(curves.value(spend).sum()) >= least * whole

    low, high = 0.0, float(max(first.max(), 0.0)) * 2 + 1e-12
    most, returns = returned(0.0)
    if returns:
        return Allocation(most, 0.0, 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if returned(middle)[1]:
            high = middle
        else:
            low = middle
    return Allocation(returned(high)[0], high, 0.0)
