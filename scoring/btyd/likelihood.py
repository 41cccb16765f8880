"""Maximum likelihood over positive parameters, in their logarithms, with exact gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Vector = NDArray[np.float64]
Objective = Callable[[Vector], tuple[float, Vector]]

# Data are scaled to a mean of one before a fit, so one range serves every parameter. Beyond it
# a mixing distribution is a point mass (or all its mass is at zero) as far as data can tell.
LOWER, UPPER = np.log(1e-5), np.log(1e5)
GRADIENT_TOLERANCE = 1e-6


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


def maximise(objective: Objective, starts: Sequence[Vector], total_weight: float) -> Optimum:
    """Maximise a mean log-likelihood from the best of several starts.

    ``objective`` maps log parameters to the mean log-likelihood and its gradient;
    ``total_weight`` is the number of customers behind the mean and scales the covariance.
    Quasi-Newton within the bounds, then Newton steps on differences of the exact gradient.
    """

    def negative(theta: Vector) -> tuple[float, Vector]:
        value, gradient = objective(theta)
        return -value, -gradient

    clipped = [np.clip(start, LOWER + 1.0, UPPER - 1.0) for start in starts]
    best_start = min(clipped, key=lambda start: negative(start)[0])
    result = optimize.minimize(
        negative,
        best_start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWER, UPPER)] * len(best_start),
        options={"maxiter": 1000, "maxfun": 5000, "ftol": 1e-14, "gtol": 1e-8, "maxcor": 20},
    )
    theta = np.asarray(result.x, dtype=np.float64)
    value, gradient = negative(theta)
    at_bound = (theta <= LOWER + 1e-6) | (theta >= UPPER - 1e-6)
    free = ~at_bound

    hessian = _hessian(negative, theta, free)
    for _ in range(3):
        factor = _inverse(hessian)
        if factor is None or np.max(np.abs(gradient[free]), initial=0.0) < 1e-11:
            break
        step = np.zeros_like(theta)
        step[free] = -factor @ gradient[free]
        candidate = theta + step
        if np.any(candidate < LOWER) or np.any(candidate > UPPER) or np.max(np.abs(step)) > 1:
            break
        new_value, new_gradient = negative(candidate)
        if new_value > value + 1e-13 * abs(value) or np.max(np.abs(new_gradient[free])) >= np.max(
            np.abs(gradient[free])
        ):
            break
        theta, value, gradient = candidate, new_value, new_gradient
        hessian = _hessian(negative, theta, free)

    covariance: Vector | None = None
    inverse = _inverse(hessian)
    if inverse is not None:
        covariance = np.zeros((len(theta), len(theta)))
        covariance[np.ix_(free, free)] = inverse / total_weight
    return Optimum(
        log_parameters=theta,
        value=-value,
        covariance=covariance,
        converged=bool(np.max(np.abs(gradient[free]), initial=0.0) < GRADIENT_TOLERANCE),
        at_bound=at_bound,
    )


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
