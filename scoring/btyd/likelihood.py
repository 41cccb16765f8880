"""Maximum likelihood over positive parameters, in their logarithms, with exact gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Vector = NDArray[np.float64]
Objective = Callable[[Vector], tuple[float, Vector]]

# Data are scaled to a mean of one before a fit, so one range serves every parameter. Beyond it
# a mixing distribution is a point mass (or all its mass is at zero) as far as data can tell.
LOWER, UPPER = np.log(1e-5), np.log(1e5)
GRADIENT_TOLERANCE = 1e-6


def one_thread() -> AbstractContextManager[object]:
    """Within it the linear algebra library uses one thread.

    On vectors this short its threads only wait for each other, at several times the cost.
    """
    return _threads().limit(limits=1, user_api="blas")


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


@dataclass(frozen=True)
class Optimum:
    """Where the mean log-likelihood is highest.

    ``log_parameters`` has shape (k,), ``value`` is the mean log-likelihood, ``covariance`` of
    shape (k, k) is that of the log parameters (zero rows for parameters at their bound, None
    where the likelihood is flat), and ``at_bound`` marks parameters that stopped at the range.
    """

    log_parameters: Vector
    value: float
    covariance: Vector | None
    converged: bool
    at_bound: NDArray[np.bool_]


def maximise(
    objective: Objective,
    starts: Sequence[Vector],
    total_weight: float,
    rough: Objective | None = None,
    near: Vector | None = None,
) -> Optimum:
    """Maximise a mean log-likelihood from the best of several starts.

    ``objective`` maps log parameters to the mean log-likelihood and its gradient;
    ``total_weight`` is the number of customers behind the mean and scales the covariance.
    ``rough`` is the same for a part of the customers, to come near the maximum cheaply; ``near``
    are log parameters that are near it already, then standard errors are left out.
    Quasi-Newton within the bounds, then Newton steps on differences of the exact gradient.
    """
    negative = _negated(objective)
    theta = None if near is None else _towards(negative, negative, near)
    if theta is not None and np.max(np.abs(negative(theta)[1])) >= GRADIENT_TOLERANCE:
        theta = _quasi_newton(negative, theta)
    if theta is None:
        cheap = negative if rough is None else _negated(rough)
        begin = starts if near is None else [near]
        clipped = [np.clip(start, LOWER + 1.0, UPPER - 1.0) for start in begin]
        theta = _quasi_newton(cheap, min(clipped, key=lambda start: cheap(start)[0]))
        if rough is not None:
            towards = _towards(negative, cheap, theta)
            theta = _quasi_newton(negative, theta) if towards is None else towards

    free = _free(theta)
    # One fit of many alike: near enough, and nobody asks for its standard errors.
    inverse = None if near is not None else _inverse(_hessian(negative, theta, free))
    for _ in range(0 if near is not None else 2):
        better = _newton(negative, theta, inverse)
        if better is None:
            break
        moved = np.max(np.abs(better - theta))
        theta = better
        if moved < 1e-4:
            break
        inverse = _inverse(_hessian(negative, theta, free))

    value, gradient = negative(theta)
    covariance: Vector | None = None
    if inverse is not None:
        covariance = np.zeros((len(theta), len(theta)))
        covariance[np.ix_(free, free)] = inverse / total_weight
    return Optimum(
        log_parameters=theta,
        value=-value,
        covariance=covariance,
        converged=bool(np.max(np.abs(gradient[free]), initial=0.0) < GRADIENT_TOLERANCE),
        at_bound=~free,
    )


def _towards(negative: Objective, cheap: Objective, start: Vector) -> Vector | None:
    """Newton steps from a place near the maximum, curved as ``cheap`` is there; None if none."""
    # A parameter at its bound in a part of the customers need not be so in all of them.
    free = _free(start)
    inverse = _inverse(_hessian(cheap, start, free)) if free.all() else None
    return _newton(negative, start, inverse, tolerance=1e-7)


def _negated(objective: Objective) -> Objective:
    """The objective to minimise; asked again for the point asked last, it does not compute."""
    last: list[tuple[Vector, float, Vector]] = []

    def negative(theta: Vector) -> tuple[float, Vector]:
        if not last or not np.array_equal(last[0][0], theta):
            value, gradient = objective(theta)
            last[:] = [(theta.copy(), -value, -gradient)]
        return last[0][1], last[0][2]

    return negative


def _free(theta: Vector) -> NDArray[np.bool_]:
    return (theta > LOWER + 1e-6) & (theta < UPPER - 1e-6)


def _quasi_newton(negative: Objective, start: Vector) -> Vector:
    result = optimize.minimize(
        negative,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWER, UPPER)] * len(start),
        options={"maxiter": 1000, "maxfun": 5000, "ftol": 1e-14, "gtol": 1e-8, "maxcor": 20},
    )
    return np.asarray(result.x, dtype=np.float64)


def _newton(
    negative: Objective, start: Vector, inverse: Vector | None, tolerance: float = 1e-11
) -> Vector | None:
    """Steps with one inverse Hessian while each at least halves the gradient.

    None where the first step does not. Parameters at a bound stay there.
    """
    if inverse is None:
        return None
    free = _free(start)
    theta, (value, gradient) = start, negative(start)
    found: Vector | None = None
    for _ in range(12):
        size = np.max(np.abs(gradient[free]), initial=0.0)
        if size < tolerance:
            return theta
        step = np.zeros_like(theta)
        step[free] = -inverse @ gradient[free]
        candidate = theta + step
        if np.any(candidate < LOWER) or np.any(candidate > UPPER) or np.max(np.abs(step)) > 1:
            break
        new_value, new_gradient = negative(candidate)
        if new_value > value + 1e-13 * abs(value) or np.max(np.abs(new_gradient[free])) > size / 2:
            break
        theta, value, gradient = candidate, new_value, new_gradient
        found = theta
    return found


def _hessian(function: Objective, theta: Vector, free: NDArray[np.bool_]) -> Vector:
    """Central differences of the exact gradient over the free parameters."""
    width = 1e-4
    rows = []
    for index in np.flatnonzero(free):
        shift = np.zeros_like(theta)
        shift[index] = width
        rows.append((function(theta + shift)[1] - function(theta - shift)[1])[free] / (2 * width))
    matrix = np.array(rows).reshape(len(rows), len(rows))
    return (matrix + matrix.T) / 2


def _inverse(matrix: Vector) -> Vector | None:
    """Inverse of a positive definite matrix; None where it is not clearly so."""
    if matrix.size == 0:
        return matrix
    eigenvalues, eigenvectors = np.linalg.eigh(matrix)
    if eigenvalues[0] <= 1e-9:
        return None
    return (eigenvectors / eigenvalues) @ eigenvectors.T
