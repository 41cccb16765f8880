"""The regression against dummies and brute force."""

import numpy as np
import pytest
from sklearn.linear_model import PoissonRegressor

from scoring.price.choice import Choices


def _world(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = (4, 12, 3)
    price, display = rng.normal(0, 0.3, shape), (rng.random(shape) < 0.3).astype(float)
    log_mean = (
        rng.normal(0, 0.5, (4, 1, 3)) + rng.normal(1, 0.5, (4, 12, 1)) - 2 * price + 0.4 * display
    )
    available = rng.random(shape) < 0.9
    units = rng.poisson(np.exp(log_mean)).astype(float) * available
    return units, available, price[..., None], display[..., None]


def test_slopes_and_errors_are_those_of_a_regression_with_a_dummy_for_every_effect() -> None:
    units, available, price, display = _world()
    fit = Choices(units, available, price, display).fit((0, 1))
    assert fit.converged

    blocks, times, items = np.nonzero(available)
    y = units[available]
    columns = [np.where(items == k, price[available][:, 0], 0.0) for k in range(3)]
    columns += [display[available][:, 0]]
    columns += [(blocks * 12 + times == cell).astype(float) for cell in range(48)]
    columns += [(blocks * 3 + items == pair).astype(float) for pair in range(12)]
    x = np.column_stack(columns)
    dummies = PoissonRegressor(alpha=1e-9, fit_intercept=False, max_iter=5000, tol=1e-9)
    dummies.fit(x, y)
    assert fit.slopes == pytest.approx(dummies.coef_[:4], abs=2e-3)

    # The sandwich with all dummies in it.
    mean = np.exp(x[:, :4] @ fit.slopes + x[:, 4:] @ dummies.coef_[4:])
    bread = np.linalg.pinv((x * mean[:, None]).T @ x)
    for axis, cluster in ((0, blocks), (1, times)):
        size = len(set(cluster))
        scores = np.array(
            [(x * (y - mean)[:, None])[cluster == c].sum(axis=0) for c in range(size)]
        )
        brute = bread @ (scores.T @ scores) @ bread * size / (size - 1)
        errors = np.sqrt(np.diag(fit.covariances[axis]))
        assert errors == pytest.approx(np.sqrt(np.diag(brute))[:4], rel=0.02)

    # Two-way (Cameron, Gelbach and Miller 2011): what is within a cell is not counted twice.
    cells = blocks * 12 + times
    scores = np.array([(x * (y - mean)[:, None])[cells == cell].sum(axis=0) for cell in range(48)])
    both = np.diag(fit.covariances[0] + fit.covariances[1])
    once = np.diag(bread @ (scores.T @ scores) @ bread)[:4]
    assert np.diag(fit.covariances[2]) == pytest.approx(both - once, rel=0.05)
    assert fit.clusters == (4, 12, 4)


def test_two_products_are_a_logistic_regression_on_the_difference() -> None:
    # One store, two weeks, one slope: odds 3 at a log price difference of -1 against odds 1 at 0.
    units = np.array([[[30.0, 10.0], [20.0, 20.0]]])
    price = np.array([[[-1.0, 0.0], [0.0, 0.0]]])[..., None]
    fit = Choices(units, units > 0, np.zeros((1, 2, 2, 0)), price).fit((1,))
    assert fit.slopes == pytest.approx([-np.log(3)], abs=1e-6)


def test_what_does_not_vary_is_not_told() -> None:
    units, available, price, display = _world()
    alike = np.repeat(price[:, :, :1], 3, axis=2)
    fit = Choices(units, available, np.zeros((4, 12, 3, 0)), np.concatenate([alike, display], 3))
    slopes = fit.fit((0,)).slopes
    assert np.isnan(slopes[0])
    assert np.isfinite(slopes[1])
    # Nor what varies only together.
    same = np.concatenate([display, 2 * display], axis=3)
    told = Choices(units, available, np.zeros((4, 12, 3, 0)), same).fit((0,)).slopes
    assert np.isnan(told).all()
