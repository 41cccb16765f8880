"""Simulated customers for the tests of purchase models."""

from __future__ import annotations

import numpy as np


def simulate(
    rng: np.random.Generator,
    age: np.ndarray,
    future: float,
    *,
    r: float,
    alpha: float,
    a: float,
    b: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """BG/NBD purchases: x and tx up to each age, and the number in ``future`` after it."""
    n = len(age)
    rate, dropout = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, tx, later, _ = simulate_given(rng, age, future, rate=rate, dropout=dropout)
    return x, tx, later


def simulate_given(
    rng: np.random.Generator,
    age: np.ndarray,
    future: float,
    *,
    rate: np.ndarray,
    dropout: np.ndarray | float = 0.0,
    lifetime: np.ndarray | float = np.inf,
    k: int = 1,
    at_first: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Purchases at every k-th event of each customer's ``rate``: x, tx, later and log gaps.

    A customer leaves with chance ``dropout`` after each purchase (``at_first``: also after the
    first), or when the ``lifetime`` is over.
    """
    n = len(age)
    dropout = np.broadcast_to(dropout, n)
    end = np.minimum(age + future, lifetime)
    x, tx, later, clock, log_gaps = (np.zeros(n) for _ in range(5))
    active = np.arange(n)
    if at_first:
        active = active[rng.random(n) >= dropout]
    while len(active):
        gap = rng.standard_gamma(k, len(active)) / np.maximum(rate[active], 1e-12)
        clock[active] += gap
        within = clock[active] <= end[active]
        active, gap = active[within], gap[within]
        seen = clock[active] <= age[active]
        x[active[seen]] += 1
        tx[active[seen]] = clock[active[seen]]
        log_gaps[active[seen]] += np.log(gap[seen])
        later[active[~seen]] += 1
        active = active[rng.random(len(active)) >= dropout[active]]
    return x, tx, later, log_gaps
