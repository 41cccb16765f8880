"""Expected purchases of a customer who may drop out after each of them, without cancellation."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special
from scipy.linalg import eigh_tridiagonal

from scoring.btyd.likelihood import Vector

_CHUNK = 100_000  # values held at once, whatever the number of customers


def purchases_before_dropout(shape: float, spread: Vector, a: float, b: float) -> Vector:
    """E[(1 - (1 + p u)^-shape) / p] for p ~ Beta(a, b) and each u of ``spread``, shape (n,)."""
    values = np.empty_like(spread)
    # Gauss-Jacobi converges geometrically unless the integrand bends closer to p = 0 than its nodes
    # lie: the singularity at p = -1/u, the decay over 1 / (shape u). Concentrated p is no trouble.
    near = (spread <= 1.0) & (shape * spread <= 20.0 * (a + b)) | (a >= 16.0)
    for rule, rows in ((_by_gauss_jacobi, near), (_by_parts, ~near)):
        if rows.any():
            values[rows] = rule(shape, spread[rows], a, b)
    # Bounds that hold exactly: at most what somebody who never drops out would buy.
    return np.minimum(values, shape * spread)


def _by_gauss_jacobi(shape: float, spread: Vector, a: float, b: float) -> Vector:
    p, weight = _beta_nodes(a, b, 32)
    values = np.empty_like(spread)
    size = _CHUNK // len(p)
    for start in range(0, len(spread), size):
        rows = slice(start, start + size)
        log_none = -shape * np.log1p(np.outer(spread[rows], p))
        values[rows] = (-np.expm1(log_none) / p) @ weight
    return values


@lru_cache(maxsize=4096)
def _beta_nodes(a: float, b: float, count: int) -> tuple[Vector, Vector]:
    """Nodes and weights (which sum to 1) of the Gauss rule for Beta(a, b), by Golub & Welsch."""
    k = np.arange(1, count, dtype=np.float64)
    s = a + b - 2
    diagonal = np.empty(count)
    diagonal[0] = (a - b) / (a + b)
    diagonal[1:] = (a - b) * s / ((2 * k + s) * (2 * k + s + 2))
    squares = np.empty(count - 1)
    squares[0] = 4 * a * b / ((a + b) ** 2 * (a + b + 1))
    k = k[1:]
    squares[1:] = (
        4
        * k
        * (k + b - 1)
        * (k + a - 1)
        * (k + s)
        / ((2 * k + s) ** 2 * (2 * k + s + 1) * (2 * k + s - 1))
    )
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    return np.clip((1 + nodes) / 2, 1e-30, 1.0), vectors[0] ** 2


def _by_parts(shape: float, spread: Vector, a: float, b: float) -> Vector:
    """The same integral by parts, g(1) + integral of BetaCDF(p) (-g'(p)) dp, all terms positive.

    g(p) = (1 - (1 + p u)^-shape) / p, and -g'(p) p^2 is the probability of two or more events of
    a negative binomial. In s = logit(p) the integrand is smooth at the same scale for every u and
    dies off on both sides, so the trapezoidal rule converges geometrically.
    """
    step = 0.2
    left = -np.log(shape * spread.max()) - 30.0
    s = np.arange(min(left, -30.0), 30.0 + step, step)
    p, q = special.expit(s), special.expit(-s)
    cumulative = special.betainc(a, b, p) * q / p
    values = np.empty_like(spread)
    size = max(1, _CHUNK // len(s))
    for start in range(0, len(spread), size):
        rows = slice(start, start + size)
        v = np.outer(spread[rows], p)
        log_none = -shape * np.log1p(v)
        none = np.exp(log_none)
        two_or_more = np.where(
            (shape + 1) * v < 1e-5,
            0.5 * shape * (shape + 1) * v**2,
            -np.expm1(log_none) - shape * v / (1 + v) * none,
        )
        at_one = -np.expm1(-shape * np.log1p(spread[rows]))
        values[rows] = at_one + step * (two_or_more @ cumulative)
    return values


class RegularEvents(NamedTuple):
    """Events at a rate that is Gamma(``shape``, 1); a purchase is made at every ``k``-th of them.

    ``passed`` events (0..k-1) have gone towards the first purchase.
    """

    k: int
    passed: int
    shape: float


def regular_purchases_before_dropout(
    events: RegularEvents, spread: Vector, a: float, b: float
) -> Vector:
    """Expected purchases within each time u of ``spread``, shape (n,).

    With M events, N = floor((passed + M) / k) purchases would be made. Dropout follows each with
    chance p ~ Beta(a, b), b >= 1, which leaves the mean of g(p) = E[1 - (1 - p)^N] / p.
    """
    k, shape = events.k, events.shape
    values = np.empty_like(spread)
    near = (spread <= k) & (shape * spread <= 20.0 * k * (a + b)) | (a >= 16.0)
    for rule, rows in ((_regular_by_gauss_jacobi, near), (_regular_by_logit, ~near)):
        if rows.any():
            values[rows] = rule(events, spread[rows], a, b)
    return np.maximum(values, 0.0)


def _regular_by_gauss_jacobi(events: RegularEvents, spread: Vector, a: float, b: float) -> Vector:
    p, weight = _beta_nodes(a, b, 32)
    values = np.empty_like(spread)
    size = _CHUNK // len(p)
    for start in range(0, len(spread), size):
        rows = slice(start, start + size)
        values[rows] = _regular_given_dropout(events, spread[rows], p, 1.0 - p) @ weight
    return values


def _regular_by_logit(events: RegularEvents, spread: Vector, a: float, b: float) -> Vector:
    """The same over logit(p) by the trapezoidal rule, which converges geometrically.

    For small a the density falls off too slowly towards p = 0, where g is nearly g(0) (1-p)^c,
    c = E[N(N-1)] / (2 E[N]). That part, never more than g by Jensen's inequality, is known.
    """
    without = _regular_given_dropout(events, spread, np.zeros(1), np.ones(1))[:, 0]
    c = 0.5 * ((events.shape + 1.0) * spread / events.k + 1.0)
    values = without * np.exp(special.betaln(a, b + c) - special.betaln(a, b))
    step = 0.2
    left = min(-np.log(c.max()) - 32.0, -32.0)
    s = np.arange(left, 32.0 + step, step)
    p, q = special.expit(s), special.expit(-s)
    log_q = -np.logaddexp(0.0, s)
    weight = step * np.exp(-a * np.logaddexp(0.0, -s) + b * log_q - special.betaln(a, b))
    size = max(1, _CHUNK // len(s))
    for start in range(0, len(spread), size):
        rows = slice(start, start + size)
        known = without[rows, None] * np.exp(np.outer(c[rows], log_q))
        values[rows] += (_regular_given_dropout(events, spread[rows], p, q) - known) @ weight
    return values


def _regular_given_dropout(events: RegularEvents, spread: Vector, p: Vector, q: Vector) -> Vector:
    """g(p) for each u and each p = 1 - q, shape (n, m).

    With s = q^(1/k) and w the k-th roots of unity, E[q^N] is a sum over w of the generating
    function (1 + u (1 - s w))^-shape of M. The term of w = 1 is the only one to cancel against 1.
    """
    k, passed, shape = events
    q = np.maximum(q, 1e-16)
    p = np.maximum(p, 1e-300)
    log_s = np.where(q > 0.5, np.log1p(-p), np.log(q)) / k
    towards = np.arange(k)[:, None]
    # log of the mean over c < k of s^(passed - c).
    log_phase = passed * log_s + np.log1p(np.mean(np.expm1(-towards * log_s), axis=0))
    log_none = log_phase - shape * np.log1p(np.outer(spread, -np.expm1(log_s)))
    values = -np.expm1(log_none) / p
    s = np.exp(log_s)
    for m in range(1, k // 2 + 1):
        root = s * np.exp(2j * np.pi * m / k)
        factor = root ** (passed + 1) / (k * q * (1.0 - root))
        if 2 * m < k:
            factor = 2.0 * factor
        chance = np.exp(-shape * np.log1p(np.outer(spread, 1.0 - root)))
        values -= np.real(factor * chance)
    return values
