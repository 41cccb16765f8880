"""Purchase and spend models against published values, brute force and simulated truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from customer_histories import simulate, simulate_given
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from scoring.btyd import (
    PURCHASE_MODELS,
    BetaGeoNBD,
    GammaGamma,
    ModifiedBetaGeoCNBDk,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    ShrunkenMeanSpend,
    fit_purchases,
    purchases,
)
from scoring.btyd.pareto import _first_event
from scoring.btyd.quadrature import (
    RegularEvents,
    purchases_before_dropout,
    regular_purchases_before_dropout,
)
from scoring.btyd.summary import Summary

DROPOUT = ["bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd"]


def with_params(name: str, *values: float, k: int = 3):
    model = PURCHASE_MODELS[name]() if name != "mbg_cnbd_k" else ModifiedBetaGeoCNBDk(k=k)
    model.params = dict(zip(model.parameters, values, strict=True))
    if name == "mbg_cnbd_k":
        model.params = {"k": k, **model.params}
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


@pytest.mark.parametrize(
    ("model", "values", "log_likelihood"),
    [
        # Batislam, Denizel & Filiztekin (2007); Fader, Hardie & Lee (2005).
        (ModifiedBetaGeoNBD, {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, -9582.13),
        (ParetoNBD, {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, -9594.97),
    ],
)
def test_mbg_nbd_and_pareto_nbd_published_values(model, values, log_likelihood, cdnow):
    fitted = model().fit(cdnow["x"], cdnow["t_x"], cdnow["T"])
    assert list(fitted.params) == list(values)
    # Published with three decimals, and beta from times with more than the two of this file.
    assert list(fitted.params.values()) == pytest.approx(list(values.values()), abs=1.2e-3)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=0.005)
    assert fitted.converged
    assert fitted.identified
    assert all(error is not None and error > 0 for error in fitted.standard_errors.values())


def test_pareto_nbd_published_predictions(cdnow):
    model = ParetoNBD().fit(cdnow["x"], cdnow["t_x"], cdnow["T"])
    customer = {"frequency": [26], "recency": [30.86], "age": [31.0]}
    assert model.expected_purchases(52, **customer) == pytest.approx([25.456], abs=1e-3)
    assert model.probability_alive(**customer) == pytest.approx([0.9979], abs=5e-5)
    assert model.expected_purchases_new(52) == pytest.approx(1.4734, abs=1e-4)


def test_mbg_cnbd_k_at_one_is_the_mbg_nbd(cdnow):
    history = cdnow["x"], cdnow["t_x"], cdnow["T"]
    simple, regular = ModifiedBetaGeoNBD().fit(*history), ModifiedBetaGeoCNBDk(k=1).fit(*history)
    assert regular.params == {"k": 1, **simple.params}
    assert regular.log_likelihood == simple.log_likelihood
    assert np.array_equal(regular.probability_alive(), simple.probability_alive())
    assert np.array_equal(regular.expected_purchases(39), simple.expected_purchases(39))
    assert np.array_equal(regular.probability_no_purchase(9), simple.probability_no_purchase(9))
    # CDNOW's customers are not regular, and choosing k says so.
    tried = fit_purchases(ModifiedBetaGeoCNBDk, *history)
    assert [model.name for model in tried] == ["mbg_cnbd_k", "mbg_nbd"]
    assert tried[0].params["k"] == 1
    assert "regularity not identified" in (tried[0].reason or "")
    assert tried[1].identified


@pytest.mark.parametrize("name", ["nbd", *DROPOUT])
def test_purchase_gradients_are_exact(name, cdnow):
    model = with_params(name, *np.ones(2 if name == "nbd" else 4))
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


HISTORIES = [
    (0, 0.0, 0.0),
    (0, 0.0, 20.0),
    (1, 2.0, 20.0),
    (4, 11.0, 20.0),
    (6, 20.0, 20.0),
]


def check_against_integrals(model, values, customer, integrals):
    """``integrals`` are of the likelihood, of it with silence after, alive, and purchases after."""
    likelihood, silent, still, bought = integrals
    given = dict(zip(("frequency", "recency", "age"), ([value] for value in customer), strict=True))
    mean_log_likelihood, _ = model._mean_log_likelihood(
        np.log(values), Summary.collapse(*given.values())
    )
    assert mean_log_likelihood == pytest.approx(np.log(likelihood), abs=1e-6)
    no_purchase = model.probability_no_purchase(13.0, **given)
    assert no_purchase == pytest.approx([silent / likelihood], rel=1e-6)
    assert model.probability_alive(**given) == pytest.approx([still / likelihood], rel=1e-6)
    expected = model.expected_purchases(13.0, **given)
    assert expected == pytest.approx([bought / likelihood], rel=1e-6)


@pytest.mark.parametrize("customer", HISTORIES)
@pytest.mark.parametrize(
    ("name", "k"), [("bg_nbd", 1), ("mbg_nbd", 1), ("mbg_cnbd_k", 2), ("mbg_cnbd_k", 5)]
)
def test_beta_geometric_models_against_integration_over_rate_and_dropout(name, k, customer):
    r, alpha, a, b, horizon = 2.0, 5.0 / k, 1.0, 2.5, 13.0
    x, tx, age = customer
    nodes, weights = np.polynomial.legendre.leggauss(400)
    rate, p = 6 * k * (nodes + 1), (nodes + 1) / 2
    rate_weight = 6 * k * weights * stats.gamma.pdf(rate, r, scale=1 / alpha) * rate ** (k * x)
    p_weight = weights / 2 * stats.beta.pdf(p, a, b)
    chances = x if name == "bg_nbd" else x + 1

    def alive_at(time: float) -> float:
        # Fewer than k events since the last purchase.
        waiting = stats.poisson.cdf(k - 1, rate * (time - tx)) * np.exp(-rate * tx)
        return float((p_weight @ (1 - p) ** chances) * (rate_weight @ waiting))

    gone = 0.0
    if chances:
        gone = (p_weight @ (p * (1 - p) ** (chances - 1))) * (rate_weight @ np.exp(-rate * tx))
    # With j events since the last purchase, the i-th purchase needs k i - j more.
    bought = 0.0
    for j in range(k):
        passed = stats.poisson.pmf(j, rate * (age - tx)) * np.exp(-rate * tx)
        for i in range(1, 150):
            made = float((rate_weight * passed) @ special.gammainc(k * i - j, rate * horizon))
            bought += made * float(p_weight @ (1 - p) ** (chances + i - 1))
    integrals = alive_at(age) + gone, alive_at(age + horizon) + gone, alive_at(age), bought
    values = (r, alpha, a, b)
    check_against_integrals(with_params(name, *values, k=k), values, customer, integrals)


@pytest.mark.parametrize("customer", HISTORIES)
def test_pareto_nbd_against_integration_over_rate_and_lifetime(customer):
    r, alpha, s, beta, horizon = 2.0, 5.0, 3.0, 20.0, 13.0
    x, tx, age = customer
    nodes, weights = np.polynomial.legendre.leggauss(400)
    rate, death = 6 * (nodes[:, None] + 1), 2 * (nodes[None, :] + 1)
    prior = stats.gamma.pdf(rate, r, scale=1 / alpha) * stats.gamma.pdf(death, s, scale=1 / beta)

    def integral(individual) -> float:
        return 12 * float(weights @ (rate**x * individual * prior) @ weights)

    def alive(time):
        return np.exp(-(rate + death) * time)

    def silent(time):
        return alive(time) + death / (rate + death) * (alive(tx) - alive(time))

    integrals = (
        integral(silent(age)),
        integral(silent(age + horizon)),
        integral(alive(age)),
        integral(alive(age) * rate * -np.expm1(-death * horizon) / death),
    )
    values = (r, alpha, s, beta)
    check_against_integrals(with_params("pareto_nbd", *values), values, customer, integrals)


def test_pareto_nbd_integrals_at_any_parameters():
    """By parts, G(x, t) + K(x, t) is the probability of no purchase and no death up to t."""
    rng = np.random.default_rng(3)
    x = np.array([0.0, 0, 1, 2, 30, 2000])
    t = np.array([0.0, 9, 0.01, 1, 0.5, 5])
    for spread in (1.0, 4.0, 11.0):
        for theta in rng.uniform(-spread, spread, (60, 4)):
            r, alpha, s, beta = np.exp(theta)
            (dies, d_dies), (buys, d_buys) = (
                _first_event(theta, x, t, death=death) for death in (True, False)
            )
            neither = -(r + x) * np.log(alpha + t) - s * np.log(beta + t)
            assert np.logaddexp(dies, buys) - neither == pytest.approx(np.zeros(6), abs=1e-6)
            share = special.expit(dies - buys)[:, None]
            truth = np.stack(
                [
                    -r * np.log(alpha + t),
                    -(r + x) * alpha / (alpha + t),
                    -s * np.log(beta + t),
                    -s * beta / (beta + t),
                ],
                axis=1,
            )
            together = share * d_dies + (1 - share) * d_buys
            assert together == pytest.approx(truth, rel=1e-5, abs=1e-5)


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


def test_regular_purchases_against_the_sum_over_them():
    rng = np.random.default_rng(3)
    checked = 0
    while checked < 150:
        k = int(rng.integers(1, 13))
        j = int(rng.integers(0, k))
        shape = 10 ** rng.uniform(-3, 3) + k * (x := int(10 ** rng.uniform(-1, 3))) + j
        a, b = 10 ** rng.uniform(-5, 5), 10 ** rng.uniform(-5, 4) + x + 1
        spread = 10 ** rng.uniform(-3, 3)
        if shape * spread > 3e3 * k:
            continue
        checked += 1
        mean = shape * spread / k
        terms = int(mean + 40 * np.sqrt(mean * (1 + spread)) + 60 * (1 + spread / k) + 50)
        i = np.arange(1, terms + 1, dtype=float)
        reached = special.betainc(k * i - j, shape, spread / (1 + spread))
        truth = reached @ np.exp(special.betaln(a, b + i - 1) - special.betaln(a, b))
        events = RegularEvents(k, j, shape)
        value = regular_purchases_before_dropout(events, np.array([spread]), a, b)
        assert value == pytest.approx([truth], rel=1e-7, abs=1e-12), (k, j, shape, spread, a, b)


def simulated(name: str, rng, age, truth: dict[str, float]):
    """x, tx, purchases in the 13 after, log gaps."""
    n = len(age)
    rate = rng.gamma(truth["r"], 1 / truth["alpha"], n)
    if name == "pareto_nbd":
        lifetime = rng.exponential(1 / rng.gamma(truth["s"], 1 / truth["beta"], n))
        return simulate_given(rng, age, 13.0, rate=rate, lifetime=lifetime)
    return simulate_given(
        rng,
        age,
        13.0,
        rate=rate,
        dropout=rng.beta(truth["a"], truth["b"], n),
        k=int(truth.get("k", 1)),
        at_first=name != "bg_nbd",
    )


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("bg_nbd", {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 2.0}),
        ("mbg_nbd", {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 2.0}),
        ("mbg_cnbd_k", {"k": 3, "r": 0.8, "alpha": 2.0, "a": 0.7, "b": 2.0}),
        ("pareto_nbd", {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 12.0}),
    ],
)
def test_simulated_truth_is_found_and_silence_is_calibrated(name, truth):
    rng = np.random.default_rng(11)
    age = rng.uniform(10, 60, 15_000)
    x, tx, later, log_gaps = simulated(name, rng, age, truth)
    model = PURCHASE_MODELS[name]().fit(x, tx, age)
    assert model.identified
    if name == "mbg_cnbd_k":
        # Regularity shows in (x, tx, T), and far more clearly in the gaps.
        assert model.params["k"] == truth["k"]
        known = ModifiedBetaGeoCNBDk().fit(x, tx, age, log_gaps=log_gaps)
        assert known.params == pytest.approx(model.params)
        few = slice(300)
        with_gaps = ModifiedBetaGeoCNBDk().fit(x[few], tx[few], age[few], log_gaps=log_gaps[few])
        assert with_gaps.params["k"] == truth["k"]
        assert with_gaps.identified
    for letter, value in truth.items():
        if letter == "k":
            continue
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
    assert silent.mean() - (1 - model.probability_alive()).mean() > 0.1
    expected = model.expected_purchases(13.0)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.03)
    deciles = np.digitize(expected, np.quantile(expected, np.arange(0.1, 1, 0.1)))
    for decile in np.unique(deciles):
        bought = later[deciles == decile]
        noise = bought.std() / np.sqrt(len(bought))
        assert abs(bought.mean() - expected[deciles == decile].mean()) < 4.5 * noise + 1e-3
    new = simulated(name, rng, np.zeros(60_000), truth)[2]
    noise = new.std() / np.sqrt(len(new))
    assert (
        abs(new.mean() - with_params(name, *list(truth.values())[-4:]).expected_purchases_new(13.0))
        < 4.5 * noise
    )


def test_what_gaps_add_is_the_likelihood_of_their_shares():
    """Given k, x and tx the gaps' shares of tx are Dirichlet(k, ..., k), whatever the rate."""
    rng = np.random.default_rng(8)
    gaps = [rng.gamma(2.0, 1.0, size) for size in (2, 3, 5, 1, 8)]
    x, tx = np.array([len(g) for g in gaps]), np.array([g.sum() for g in gaps])
    age, log_gaps = tx + 3.0, np.array([np.log(g).sum() for g in gaps])
    for k in (1, 2, 4):
        model = ModifiedBetaGeoCNBDk(k=k)
        known = model.fit(x, tx, age, log_gaps=log_gaps)
        gain = known.log_likelihood - model.fit(x, tx, age).log_likelihood
        shares = sum(
            stats.dirichlet.logpdf(g / g.sum(), np.full(len(g), k))
            - stats.dirichlet.logpdf(g / g.sum(), np.ones(len(g)))
            for g in gaps
            if len(g) > 1
        )
        assert gain == pytest.approx(shares)
    for impossible in (log_gaps + 5.0, log_gaps * np.nan):
        with pytest.raises(ValueError, match="possible for gaps that sum to recency"):
            ModifiedBetaGeoCNBDk().fit(x, tx, age, log_gaps=impossible)
    with pytest.raises(ValueError, match="as long as frequency"):
        ModifiedBetaGeoCNBDk().fit(x, tx, age, log_gaps=log_gaps[:2])
    with pytest.raises(ValueError, match="k and maximum_k"):
        ModifiedBetaGeoCNBDk(k=0)


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
    # Integrals that are sums of terms of both signs, or have fewer digits.
    slack = {"pareto_nbd": 1e-6, "mbg_cnbd_k": 1e-9}.get(model.name, 1e-12)
    customer = {"frequency": x, "recency": tx, "age": age}
    alive = model.probability_alive(**customer)
    assert np.all((alive >= 0) & (alive <= 1))
    silence, bought = np.ones(len(x)), np.zeros(len(x))
    for horizon in (0.0, 0.5, 13.0, 52.0, 5000.0):
        p = model.probability_no_purchase(horizon, **customer)
        e = model.expected_purchases(horizon, **customer)
        assert np.all(np.isfinite(p) & np.isfinite(e))
        assert np.all((p >= 0) & (p <= silence + slack))
        assert np.all(p >= 1 - alive - slack)
        assert np.all(e >= bought * (1 - 1e-7) - slack)
        # Markov: at least one purchase is no likelier than their expected number.
        assert np.all(1 - p <= e * (1 + 1e-7) + slack)
        silence, bought = p, e


@pytest.mark.parametrize("name", DROPOUT)
@settings(max_examples=15, deadline=None)
@given(CUSTOMERS)
def test_any_base_gets_a_model_and_sane_predictions(name, customers):
    x, tx, age = arrays(customers)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tried = fit_purchases(PURCHASE_MODELS[name], x, tx, age)
        for model in tried:
            if model.params:
                assert np.all(np.isfinite(list(model.params.values())))
                assert np.isfinite(model.log_likelihood)
                check_predictions(model, x, tx, age)
            assert model.identified or model.reason
        assert tried[-1].identified == (age.sum() > 0)


@pytest.mark.parametrize("name", DROPOUT)
@settings(max_examples=25, deadline=None)
@given(CUSTOMERS, st.lists(st.floats(-11, 11), min_size=4, max_size=4), st.integers(1, 12))
def test_predictions_are_sane_at_any_parameters(name, customers, log_parameters, k):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = with_params(name, *np.exp(log_parameters), k=k)
        check_predictions(model, *arrays(customers))


@pytest.mark.parametrize("name", DROPOUT)
@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=60, max_size=60), st.randoms(use_true_random=False))
def test_order_of_rows_and_collapsing_change_nothing(name, weights, random):
    rng = np.random.default_rng(5)
    age = rng.uniform(10, 60, 60)
    x, tx, _ = simulate(rng, age, 1.0, r=1.0, alpha=4.0, a=0.8, b=2.0)
    weighted = PURCHASE_MODELS[name]().fit(x, tx, age, weights)
    order = np.repeat(np.arange(60), weights)
    random.shuffle(order)
    repeated = PURCHASE_MODELS[name]().fit(x[order], tx[order], age[order])
    assert weighted.params == repeated.params
    assert weighted.log_likelihood == repeated.log_likelihood
    assert np.array_equal(weighted.expected_purchases(13)[order], repeated.expected_purchases(13))


@pytest.mark.parametrize("name", ["nbd", *DROPOUT])
def test_starting_from_a_part_of_the_rows_finds_the_same_maximum(name, cdnow, monkeypatch):
    history = cdnow["x"], cdnow["t_x"], cdnow["T"]
    weights = np.arange(len(cdnow)) % 3
    plain = PURCHASE_MODELS[name]().fit(*history, weights)
    monkeypatch.setattr(purchases, "_ROUGH", 100)
    from_part = PURCHASE_MODELS[name]().fit(*history, weights)
    assert from_part.converged
    assert from_part.params == pytest.approx(plain.params, rel=1e-6)
    assert from_part.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)


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
    for model in PURCHASE_MODELS.values():
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


@pytest.mark.parametrize("model", [BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD])
def test_a_fit_that_starts_near_another_ends_where_any_other_does(cdnow, model):
    half = cdnow.iloc[::2]
    near = fit_purchases(model, half["x"], half["t_x"], half["T"])[-1]
    found = fit_purchases(model, cdnow["x"], cdnow["t_x"], cdnow["T"], near=near)[-1]
    alone = fit_purchases(model, cdnow["x"], cdnow["t_x"], cdnow["T"])[-1]
    assert near.params != found.params
    assert found.log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-4)
    assert list(found.params.values()) == pytest.approx(list(alone.params.values()), rel=1e-2)
