"""Purchase and spend models against published values, brute force and simulated truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from customer_histories import simulate
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from scoring.btyd import (
    NBD,
    PURCHASE_MODELS,
    BetaGeoNBD,
    GammaGamma,
    Poisson,
    ShrunkenMeanSpend,
    fit_purchases,
)
from scoring.btyd.quadrature import purchases_before_dropout
from scoring.btyd.summary import Summary


def bg_nbd(r: float, alpha: float, a: float, b: float) -> BetaGeoNBD:
    model = BetaGeoNBD()
    model.params = {"r": r, "alpha": alpha, "a": a, "b": b}
    return model


def test_bg_nbd_published_values(cdnow):
    model = BetaGeoNBD().fit(cdnow["x"], cdnow["t_x"], cdnow["T"])
    assert list(model.params) == ["r", "alpha", "a", "b"]
    assert list(model.params.values()) == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=6e-4)
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    assert model.converged
    assert model.identified
    assert model.reason is None
    expected = model.expected_purchases(39, frequency=[2], recency=[30.43], age=[38.86])
    assert expected == pytest.approx([1.226], abs=5e-4)

    # Standard errors against the curvature of the likelihood in the parameters themselves.
    best = np.array(list(model.params.values()))
    summary = Summary.collapse(cdnow["x"], cdnow["t_x"], cdnow["T"])

    def gradient(point):
        return -model._mean_log_likelihood(np.log(point), summary)[1] / point * len(cdnow)

    curvature = optimize.approx_fprime(best, gradient, 1e-6)
    errors = np.sqrt(np.diag(np.linalg.inv(curvature)))
    assert list(model.standard_errors.values()) == pytest.approx(errors, rel=1e-3)


def test_gamma_gamma_published_values(cdnow):
    repeat = cdnow[cdnow["x"] > 0]
    assert len(repeat) == 946
    model = GammaGamma().fit(repeat["x"], repeat["zbar"])
    assert list(model.params) == ["p", "q", "gamma"]
    assert list(model.params.values()) == pytest.approx([6.25, 3.74, 15.44], abs=0.01)
    p, q, gamma = model.params.values()
    # Without a purchase the base's mean; with ever more of them the customer's own.
    values = model.expected_value(frequency=[0, 1, 10_000], mean_spend=[np.nan, 10.0, 80.0])
    assert values[0] == pytest.approx(p * gamma / (q - 1))
    assert values[1] == pytest.approx(p * (gamma + 10) / (p + q - 1))
    assert values[2] == pytest.approx(80.0, rel=1e-3)


@pytest.mark.parametrize("name", ["nbd", "bg_nbd"])
def test_purchase_gradients_are_exact(name, cdnow):
    model = PURCHASE_MODELS[name]()
    few = cdnow.iloc[::40]
    summary = Summary.collapse(
        [*few["x"], 0, 400, 3], [*few["t_x"], 0, 30, 38.9], [*few["T"], 0, 38.9, 38.9]
    )
    size = len(model.parameters)
    for point in np.random.default_rng(7).uniform(-3, 4, (8, size)):
        _, gradient = model._mean_log_likelihood(point, summary)
        numeric = optimize.approx_fprime(
            point, lambda theta: model._mean_log_likelihood(theta, summary)[0], 1e-6
        )
        assert gradient == pytest.approx(numeric, rel=1e-4, abs=1e-4)


def test_gamma_gamma_gradient_is_exact():
    x, m, w = np.array([1.0, 4, 90]), np.array([0.2, 3.0, 1.1]), np.array([1.0, 5, 2])
    for point in np.random.default_rng(7).uniform(-3, 4, (8, 3)):
        _, gradient = GammaGamma._mean_log_likelihood(point, x, m, w)
        numeric = optimize.approx_fprime(
            point, lambda theta: GammaGamma._mean_log_likelihood(theta, x, m, w)[0], 1e-6
        )
        assert gradient == pytest.approx(numeric, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    ("x", "tx", "age"), [(0, 0.0, 20.0), (1, 2.0, 20.0), (4, 11.0, 20.0), (6, 20.0, 20.0)]
)
def test_bg_nbd_against_integration_over_rate_and_dropout(x, tx, age):
    r, alpha, a, b, horizon = 2.0, 5.0, 1.0, 2.5, 13.0
    nodes, weights = np.polynomial.legendre.leggauss(400)
    rates, p_nodes = 6 * (nodes[:, None] + 1), (nodes[None, :] + 1) / 2
    prior = stats.gamma.pdf(rates, r, scale=1 / alpha) * stats.beta.pdf(p_nodes, a, b)

    def integral(individual) -> float:
        return 3 * float(weights @ (individual(rates, p_nodes) * prior) @ weights)

    def alive(rate, p, until):
        return (1 - p) ** x * rate**x * np.exp(-rate * until)

    def gone(rate, p):
        return p * (1 - p) ** (x - 1) * rate**x * np.exp(-rate * tx) if x else 0.0 * p

    likelihood = integral(lambda rate, p: alive(rate, p, age) + gone(rate, p))
    silent = integral(lambda rate, p: alive(rate, p, age + horizon) + gone(rate, p))
    still = integral(lambda rate, p: alive(rate, p, age))
    bought = integral(lambda rate, p: alive(rate, p, age) * -np.expm1(-rate * p * horizon) / p)

    model, customer = bg_nbd(r, alpha, a, b), {"frequency": [x], "recency": [tx], "age": [age]}
    mean_log_likelihood, _ = model._mean_log_likelihood(
        np.log([r, alpha, a, b]), Summary.collapse(*customer.values())
    )
    assert mean_log_likelihood == pytest.approx(np.log(likelihood), abs=1e-6)
    no_purchase = model.probability_no_purchase(horizon, **customer)
    assert no_purchase == pytest.approx([silent / likelihood], rel=1e-6)
    assert model.probability_alive(**customer) == pytest.approx([still / likelihood], rel=1e-6)
    expected = model.expected_purchases(horizon, **customer)
    assert expected == pytest.approx([bought / likelihood], rel=1e-6)


def test_expected_purchases_far_beyond_the_hypergeometric_function():
    """Against a sum over would-be purchases k: P(at least k would be made) P(alive for them)."""
    rng = np.random.default_rng(3)
    checked = 0
    while checked < 150:
        shape = 10 ** rng.uniform(-3, 3) + (x := int(10 ** rng.uniform(-1, 3)))
        a, b, spread = (
            10 ** rng.uniform(-5, 5),
            10 ** rng.uniform(-5, 5) + x,
            10 ** rng.uniform(-4, 4),
        )
        if shape * spread > 3e3:
            continue
        checked += 1
        mean = shape * spread
        terms = int(mean + 40 * np.sqrt(mean * (1 + spread)) + 60 * (1 + spread) + 50)
        k = np.arange(1, terms + 1, dtype=float)
        reached = special.betainc(k, shape, spread / (1 + spread))
        stayed = np.cumsum(np.log((b + k[:-1] - 1) / (a + b + k[:-1] - 1)))
        truth = reached @ np.exp(np.concatenate([[0.0], stayed]))
        value = purchases_before_dropout(shape, np.array([spread]), a, b)
        assert value == pytest.approx([truth], rel=1e-8), (shape, spread, a, b)


def test_simulated_truth_is_found_and_silence_is_calibrated():
    rng = np.random.default_rng(11)
    truth = {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 2.0}
    age = rng.uniform(10, 60, 30_000)
    x, tx, later = simulate(rng, age, 13.0, **truth)
    model = BetaGeoNBD().fit(x, tx, age)
    for letter, value in truth.items():
        error = model.standard_errors[letter]
        assert error is not None
        assert abs(model.params[letter] - value) < 4 * error

    silent = later == 0
    probability = model.probability_no_purchase(13.0)
    deciles = np.digitize(probability, np.quantile(probability, np.arange(0.1, 1, 0.1)))
    for decile in np.unique(deciles):
        rows = deciles == decile
        noise = np.sqrt(np.sum(probability[rows] * (1 - probability[rows]))) / rows.sum()
        assert abs(silent[rows].mean() - probability[rows].mean()) < 4.5 * noise + 1e-3
    # The usual shortcut misses those who are alive and stay away.
    assert silent.mean() - (1 - model.probability_alive()).mean() > 0.2
    expected = model.expected_purchases(13.0)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.03)


def test_time_unit_only_changes_alpha(cdnow):
    weeks = BetaGeoNBD().fit(cdnow["x"], cdnow["t_x"], cdnow["T"])
    days = BetaGeoNBD().fit(cdnow["x"], cdnow["t_x"] * 7, cdnow["T"] * 7)
    assert days.params["alpha"] == pytest.approx(7 * weeks.params["alpha"], rel=1e-5)
    assert days.params["a"] == pytest.approx(weeks.params["a"], rel=1e-5)
    assert days.log_likelihood == pytest.approx(
        weeks.log_likelihood - cdnow["x"].sum() * np.log(7), rel=1e-9
    )
    assert days.expected_purchases(70) == pytest.approx(weeks.expected_purchases(10), rel=1e-5)


CUSTOMERS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 3), st.integers(0, 2000)),  # frequency
        st.one_of(st.just(1.0), st.floats(0.001, 1.0)),  # recency as a share of age
        st.one_of(st.just(0.0), st.floats(0.1, 1000.0)),  # age
    ),
    min_size=1,
    max_size=12,
)


def arrays(customers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, share, age = (np.array(column, dtype=float) for column in zip(*customers, strict=True))
    x = np.where(age > 0, x, 0.0)
    return x, np.where(x > 0, share * age, 0.0), age


def check_predictions(model, x, tx, age):
    customer = {"frequency": x, "recency": tx, "age": age}
    alive = model.probability_alive(**customer)
    assert np.all((alive >= 0) & (alive <= 1))
    silence, bought = np.ones(len(x)), np.zeros(len(x))
    for horizon in (0.0, 0.5, 13.0, 52.0, 5000.0):
        p = model.probability_no_purchase(horizon, **customer)
        e = model.expected_purchases(horizon, **customer)
        assert np.all(np.isfinite(p) & np.isfinite(e))
        assert np.all((p >= 0) & (p <= silence * (1 + 1e-12)))
        assert np.all(p >= 1 - alive - 1e-12)
        assert np.all(e >= bought * (1 - 1e-8))
        # Markov: at least one purchase is no likelier than their expected number.
        assert np.all(1 - p <= e * (1 + 1e-7) + 1e-12)
        silence, bought = p, e


@settings(max_examples=25, deadline=None)
@given(CUSTOMERS)
def test_any_base_gets_a_model_and_sane_predictions(customers):
    x, tx, age = arrays(customers)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tried = fit_purchases(BetaGeoNBD, x, tx, age)
        for model in tried:
            if model.params:
                assert np.all(np.isfinite(list(model.params.values())))
                assert np.isfinite(model.log_likelihood)
                check_predictions(model, x, tx, age)
            assert model.identified or model.reason
        assert tried[-1].identified == (age.sum() > 0)


@settings(max_examples=25, deadline=None)
@given(CUSTOMERS, st.lists(st.floats(-11, 11), min_size=4, max_size=4))
def test_predictions_are_sane_at_any_parameters(customers, log_parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_predictions(bg_nbd(*np.exp(log_parameters)), *arrays(customers))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=60, max_size=60), st.randoms(use_true_random=False))
def test_order_of_rows_and_collapsing_change_nothing(weights, random):
    rng = np.random.default_rng(5)
    age = rng.uniform(10, 60, 60)
    x, tx, _ = simulate(rng, age, 1.0, r=1.0, alpha=4.0, a=0.8, b=2.0)
    weighted = BetaGeoNBD().fit(x, tx, age, weights)
    order = np.repeat(np.arange(60), weights)
    random.shuffle(order)
    repeated = BetaGeoNBD().fit(x[order], tx[order], age[order])
    assert weighted.params == repeated.params
    assert weighted.log_likelihood == repeated.log_likelihood
    assert np.array_equal(weighted.expected_purchases(13)[order], repeated.expected_purchases(13))


def test_dropout_that_is_not_there_falls_back_to_nbd():
    rng = np.random.default_rng(2)
    rate, age = rng.gamma(3.0, 1 / 6.0, 800), np.full(800, 40.0)
    x = rng.poisson(rate * age).astype(float)
    last = age * rng.random(800) ** (1 / np.maximum(x, 1))
    tried = fit_purchases(BetaGeoNBD, x, np.where(x > 0, last, 0), age)
    assert [model.name for model in tried] == ["bg_nbd", "nbd"]
    assert not tried[0].identified
    assert "dropout not identified" in (tried[0].reason or "")
    nbd = tried[1]
    assert nbd.identified
    assert nbd.params["r"] == pytest.approx(3.0, rel=0.2)
    # The rejected model says the same: dropout is next to nothing.
    assert tried[0].expected_purchases(13).sum() == pytest.approx(
        nbd.expected_purchases(13).sum(), rel=0.02
    )
    r, alpha = nbd.params.values()
    assert nbd.probability_no_purchase(13) == pytest.approx(
        ((alpha + age) / (alpha + age + 13)) ** (r + x)
    )


@pytest.mark.parametrize(
    ("x", "tx", "age"),
    [([3], [8.0], [10.0]), ([0], [0.0], [10.0]), ([0] * 50, [0.0] * 50, list(range(50)))],
    ids=["one customer", "one one-time buyer", "all one-time buyers"],
)
def test_bases_that_tell_only_one_rate(x, tx, age):
    tried = fit_purchases(BetaGeoNBD, x, tx, age)
    assert [model.name for model in tried] == ["bg_nbd", "nbd", "poisson"]
    assert all("not identified" in (model.reason or "") for model in tried[:2])
    poisson = tried[2]
    rate = (sum(x) + 0.5) / sum(age)
    assert poisson.expected_purchases(13) == pytest.approx(np.full(len(x), 13 * rate))
    silence = (sum(age) / (sum(age) + 13)) ** (sum(x) + 0.5)
    assert poisson.probability_no_purchase(13) == pytest.approx(np.full(len(x), silence))


def test_bases_that_tell_nothing():
    for model in fit_purchases(BetaGeoNBD, [], [], []):
        assert model.reason == "no customers"
        assert model.expected_purchases(13).shape == (0,)
    tried = fit_purchases(BetaGeoNBD, [0, 0], [0, 0], [0, 0])
    assert not tried[-1].identified
    assert tried[-1].reason == "no time observed after any first purchase"
    with pytest.raises(ValueError, match="no time observed"):
        tried[-1].expected_purchases(13)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (([1], [5.0], [4.0]), "recency must not exceed age"),
        (([1], [0.0], [4.0]), "recency must be positive"),
        (([-1], [0.0], [4.0]), "frequency must be finite and not negative"),
        (([0.5], [1.0], [4.0]), "frequency must be whole"),
        (([1], [1.0], [np.nan]), "age must be finite"),
        (([1, 2], [1.0], [4.0]), "one length"),
    ],
)
def test_impossible_customers_are_refused(arguments, problem):
    for model in (BetaGeoNBD, NBD, Poisson):
        with pytest.raises(ValueError, match=problem):
            model().fit(*arguments)


def test_spend_that_gamma_gamma_cannot_learn():
    few = GammaGamma().fit([1] * 29, np.linspace(1, 30, 29))
    assert not few.identified
    assert few.reason == "29 customers with repeat spend, fewer than 30"
    assert GammaGamma().fit([1] * 30, np.linspace(1, 30, 30)).params

    same = GammaGamma().fit([3] * 50, [20.0] * 50)
    assert not same.identified
    assert "spread of spend not identified" in (same.reason or "")

    rng = np.random.default_rng(0)

    def draw(q: float) -> np.ndarray:
        return rng.gamma(4 * 5.0, 1 / (4 * rng.gamma(q, 1 / 9, 2000)))

    wild = GammaGamma().fit([4] * 2000, draw(0.8))
    assert not wild.identified
    assert "tail of spend too heavy" in (wild.reason or "")

    mixed = GammaGamma().fit([4] * 2000 + [2, 2, 0], [*draw(4.0), 0.0, -3.0, np.nan])
    assert mixed.identified
    assert mixed.reason == "2 customers without positive spend left out"
    p, q, gamma = mixed.params.values()
    assert mixed.expected_value()[-3:] == pytest.approx([p * gamma / (q - 1)] * 3)


def test_shrunken_mean_spend():
    model = ShrunkenMeanSpend().fit([1, 3, 0], [10.0, 30.0, np.nan])
    assert model.params == {"mu": 25.0}
    assert model.expected_value() == pytest.approx([17.5, 28.75, 25.0])
    nothing = ShrunkenMeanSpend().fit([1, 2], [0.0, -5.0])
    assert nothing.reason == "no positive spend"
    assert nothing.expected_value() == pytest.approx([0.0, 0.0])
