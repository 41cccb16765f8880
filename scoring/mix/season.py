"""How the months to come compare with the average month."""

from __future__ import annotations

import numpy as np

from scoring.mix.curve import Array

LEAST_MONTHS = 24
_SHRINK = 1.0


def indices(months: Array, margin: Array) -> Array:
    """An index for each calendar month (0 is January) whose mean is 1, from two years on; else 1.

    A straight trend in the logarithm is taken off. An index of few years is drawn towards 1.

    Args:
        months: number of each month since year 0, without gaps, in order.
        margin: its margin.
    """
    if len(margin) < LEAST_MONTHS or not (margin > 0).all():
        return np.ones(12)
    time = (months - months.mean()) / 12
    calendar = months.astype(int) % 12
    dummies = np.eye(12)[calendar]
    design = np.column_stack([time, dummies])
    found = np.linalg.lstsq(design, np.log(margin), rcond=None)[0][1:]
    years = dummies.sum(axis=0)
    centred = (found - found.mean()) * years / (years + _SHRINK)
    index = np.exp(centred)
    return np.asarray(index / index.mean())
