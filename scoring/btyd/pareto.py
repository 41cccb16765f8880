"""Pareto/NBD: a customer who can leave at any moment.

Sources: Schmittlein, Morrison & Colombo (1987), 'Counting Your Customers: Who Are They and What
Will They Do Next?', Management Science 33(1); Fader & Hardie (2005), 'A Note on Deriving the
Pareto/NBD Model and Related Expressions'.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from scoring.btyd.likelihood import Vector
from scoring.btyd.purchases import NBD, MixtureModel
from scoring.btyd.summary import Summary

_CHUNK = 50_000  # values held at once, whatever the number of customers


class ParetoNBD(MixtureModel):
    """Purchases at a rate that is Gamma(r, alpha), until a death at a rate that is Gamma(s, beta).

    With m = r + x,

        L(x, tx, T) = Gamma(m) alpha^r beta^s / Gamma(r) * { G(x, tx) + K(x, T) }
        G(x, t) = s * integral from t to infinity of (alpha + u)^-m (beta + u)^-(s + 1) du
        K(x, t) = m * integral from t to infinity of (alpha + u)^-(m + 1) (beta + u)^-s du

    After tx either death comes first, at any time, or a purchase, and then after T. This equals
    the usual form, whose difference of two hypergeometric functions cancels: by parts,
    G(x, t) + K(x, t) = (alpha + t)^-m (beta + t)^-s. Both integrands are positive and both are
    integrated numerically (relative error below 1e-9), with their derivatives.
    """

    name = "pareto_nbd"
    parameters = ("r", "alpha", "s", "beta")
    time_parameters = ("alpha", "beta")
    simpler = NBD
    adds = "dropout"

    def _mean_log_likelihood(self, theta: Vector, summary: Summary) -> tuple[float, Vector]:
        r, _, s, _ = np.exp(theta)
        total = summary.total_weight
        counts, by_count = summary.counts, summary.count_weight
        died, died_of = summary.recency_pairs
        bought, bought_of = summary.age_pairs
        frequency = summary.frequency
        log_g, d_g = _first_event(theta, frequency[died], summary.recency[died], death=True)
        log_k, d_k = _first_event(theta, frequency[bought], summary.age[bought], death=False)
        log_died, log_bought = log_g[died_of], log_k[bought_of]
        share = special.expit(log_died - log_bought)
        weight_died = summary.weight * share
        value = (
            by_count @ (special.gammaln(r + counts) - special.gammaln(r))
            + total * (r * theta[1] + s * theta[3])
            + summary.weight @ np.logaddexp(log_died, log_bought)
        )
        gradient = np.bincount(died_of, weights=weight_died, minlength=len(died)) @ d_g
        gradient += (
            np.bincount(bought_of, weights=summary.weight - weight_died, minlength=len(bought))
            @ d_k
        )
        gradient[0] += r * (
            by_count @ (special.digamma(r + counts) - special.digamma(r)) + total * theta[1]
        )
        gradient[1] += total * r
        gradient[2] += total * s * theta[3]
        gradient[3] += total * s
        return float(value / total), gradient / total

    def _starts(self, summary: Summary) -> list[Vector]:
        rate = max(float(summary.weight @ summary.frequency) / summary.total_weight, 1e-3)
        return [
            np.log([r, r / (2 * rate), s, s / death])
            for r in (0.3, 1.0, 3.0)
            for s in (0.3, 1.0, 3.0)
            for death in (0.3, 1.5)
        ]

    def _log_theta(self) -> Vector:
        return np.log([self.params[letter] for letter in self.parameters])

    def _log_likelihoods(self, summary: Summary, horizon: float) -> tuple[Vector, Vector]:
        """log G(x, tx) and log K(x, T + horizon) per row."""
        theta = self._log_theta()
        died, died_of = summary.recency_pairs
        bought, bought_of = summary.age_pairs
        x, later = summary.frequency, summary.age + horizon
        log_g, _ = _first_event(theta, x[died], summary.recency[died], death=True)
        log_k, _ = _first_event(theta, x[bought], later[bought], death=False)
        return log_g[died_of], log_k[bought_of]

    def _probability_alive(self, summary: Summary) -> Vector:
        r, alpha, s, beta = self.params.values()
        log_alive = -(r + summary.frequency) * np.log(alpha + summary.age) - s * np.log(
            beta + summary.age
        )
        return np.exp(np.minimum(log_alive - np.logaddexp(*self._log_likelihoods(summary, 0.0)), 0))

    def _probability_no_purchase(self, horizon: float, summary: Summary) -> Vector:
        log_died, log_bought = self._log_likelihoods(summary, 0.0)
        _, log_later = self._log_likelihoods(summary, horizon)
        dead = special.expit(log_died - log_bought)
        return dead + special.expit(log_bought - log_died) * np.exp(
            np.minimum(log_later - log_bought, 0.0)
        )

    def _expected_purchases(self, horizon: float, summary: Summary) -> Vector:
        """Fader & Hardie (2005); (1 - z^(s - 1)) / (s - 1) is continuous at s = 1."""
        r, alpha, s, beta = self.params.values()
        age = summary.age
        longer = np.log1p(horizon / (beta + age))
        lifetime = (beta + age) * longer * special.exprel((1.0 - s) * longer)
        rate = (r + summary.frequency) / (alpha + age)
        return rate * np.minimum(lifetime, horizon) * self._probability_alive(summary)


def _first_event(theta: Vector, x: Vector, t: Vector, *, death: bool) -> tuple[Vector, Vector]:
    """log G(x, t) (``death``) or log K(x, t), shape (n,), and its gradient in theta, (n, 4)."""
    r, alpha, s, beta = np.exp(theta)
    m = r + x
    # The integrals run over v = log((c + u) / (c + t)) with c the smaller of alpha and beta.
    of_beta = bool(beta <= alpha)
    by_death, by_purchase = (s, beta + t), (m, alpha + t)
    means = _integrate(
        *(by_death if of_beta else by_purchase),
        *(by_purchase if of_beta else by_death),
        of_smaller=death == of_beta,
    )
    log_alpha, log_beta = np.log(alpha + t), np.log(beta + t)
    log_value = means[0] - m * log_alpha - s * log_beta + np.log(s if death else m)
    smaller, larger = means[1::2], means[2::2]
    (log_b, inverse_b), (log_a, inverse_a) = (smaller, larger) if of_beta else (larger, smaller)
    gradient = np.empty((len(t), 4))
    gradient[:, 0] = r * ((0.0 if death else 1.0) / m - log_alpha - log_a)
    gradient[:, 1] = -alpha * (m + (not death)) * inverse_a / (alpha + t)
    gradient[:, 2] = float(death) - s * (log_beta + log_b)
    gradient[:, 3] = -beta * (s + death) * inverse_b / (beta + t)
    return log_value, gradient


def _integrate(
    power: float | Vector,
    smaller: Vector,
    other_power: float | Vector,
    larger: Vector,
    *,
    of_smaller: bool,
) -> Vector:
    """Integral over u > 0 of the density at which one of two competing Lomax events comes first.

    With X = 1 + u / ``smaller`` and Y = 1 + u / ``larger``, the integral of X^-power
    Y^-other_power / (X smaller) du, or / (Y larger) unless ``of_smaller``. Returns shape (5, n):
    its logarithm, and the means under it of log X, log Y, 1 / X and 1 / Y.
    """
    rho = smaller / larger
    p, o = (
        np.broadcast_to(np.asarray(e, dtype=np.float64), rho.shape) for e in (power, other_power)
    )
    # In v = log X the integrand falls at a rate that rises from this one to power + other_power.
    rate = p + o * rho
    out = np.empty((5, len(rho)))
    # Its shape changes near v = -log(rho). Where that is close to zero, or little is left there,
    # nodes for an exponential will do (error below 1e-8); otherwise panels go through it.
    plain = rate > np.clip(-2.8 * np.log(rho) - 1.8, 0.05, 5.0)
    for rule, rows in ((_exponential_nodes, plain), (_panel_nodes, ~plain)):
        found = np.flatnonzero(rows)
        if not len(found):
            continue
        size = max(1, _CHUNK // _NODES)
        for start in range(0, len(found), size):
            part = found[start : start + size]
            v, weight = rule(rate[part], (p + o)[part], rho[part])
            w = np.exp(-v)
            q = w + rho[part, None] * (1.0 - w)  # Y / X
            log_q = np.log(q)
            density = weight * np.exp(-(p + o)[part, None] * v - o[part, None] * log_q)
            if not of_smaller:
                density *= rho[part, None] / q
            total = density.sum(axis=1)
            out[0, part] = np.log(total)
            for index, mean in enumerate((v, v + log_q, w, w / q), start=1):
                out[index, part] = np.einsum("ij,ij->i", density, mean) / total
    return out


_NODES = 29


def _exponential_nodes(rate: Vector, _: Vector, __: Vector) -> tuple[Vector, Vector]:
    """Double exponential quadrature (Takahasi & Mori 1974) of what falls like exp(-rate v)."""
    step = 0.25
    t = step * np.arange(-13, 16)
    y = np.exp(t - np.exp(-t))
    weight = step * y * (1.0 + np.exp(-t))
    return y / rate[:, None], weight / rate[:, None]


def _panel_nodes(_: Vector, last_rate: Vector, rho: Vector) -> tuple[Vector, Vector]:
    """Gauss-Legendre panels up to where the rate is constant, Gauss-Laguerre from there."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    tail, tail_weights = np.polynomial.laguerre.laggauss(12)
    end = 16.0 - np.log(rho)
    panels = int(np.ceil(end.max() / 2.0))
    grid = ((np.arange(panels)[:, None] + (nodes + 1) / 2) / panels).ravel()
    grid_weight = np.tile(weights / 2 / panels, panels)
    far = end[:, None] + tail / last_rate[:, None]
    far_weight = tail_weights * np.exp(tail) / last_rate[:, None]
    return (
        np.hstack([end[:, None] * grid, far]),
        np.hstack([end[:, None] * grid_weight, far_weight]),
    )
