"""Models in which a customer drops out right after a purchase, or stays until the next.

BG/NBD, MBG/NBD and MBG/CNBD-k: purchases at a rate lambda that is Gamma(r, alpha) over customers,
and a chance p, Beta(a, b) over customers, to drop out at each opportunity. In the BG/NBD every
repeat purchase is one; in the modified models the first purchase is one too, so that a customer
who never came back may be gone. Times between purchases are exponential, or in the MBG/CNBD-k
Erlang-k: a purchase is made at every k-th event of a Poisson process, which makes it regular.

Sources: Fader, Hardie & Lee (2005), '"Counting Your Customers" the Easy Way', Marketing Science
24(2); Batislam, Denizel & Filiztekin (2007), 'Empirical validation and comparison of models for
customer base analysis', IJRM 24(3), and Hoppe & Wagner (2007), Marketing JRM 3(2), for the MBG/NBD;
Platzer & Reutterer (2016), 'Ticking Away the Moments: Timing Regularity Helps to Better Predict
Customer Activity', Marketing Science 35(5), and Reutterer, Platzer & Schroeder (2021), 'Leveraging
purchase regularity for predicting customer behavior the easy way', IJRM 38(1), for the MBG/CNBD-k;
Wheat & Morrison (1990), 'Estimating Purchase Regularity with Two Interpurchase Times', JMR 27(1).
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from scoring.btyd.likelihood import Optimum, Vector
from scoring.btyd.purchases import NBD, MixtureModel, PurchaseModel
from scoring.btyd.quadrature import (
    RegularEvents,
    purchases_before_dropout,
    regular_purchases_before_dropout,
)
from scoring.btyd.summary import Summary


class BetaGeometric(MixtureModel):
    """What these models share: with d chances to drop out so far, n = r + k x and h = T - tx,

        L(x, tx, T) = Gamma(n) alpha^r / Gamma(r) * { B(a, b + d) / B(a, b) (alpha + T)^-n S
                      + [d > 0] B(a + 1, b + d - 1) / B(a, b) (alpha + tx)^-n }
        S = sum over j < k of Gamma(n + j) / (Gamma(n) j!) (h / (alpha + T))^j,

    where j is how many of the k events towards the next purchase have passed; S = 1 at k = 1.
    """

    parameters = ("r", "alpha", "a", "b")
    time_parameters = ("alpha",)
    simpler: ClassVar[type[PurchaseModel] | None] = NBD
    adds = "dropout"
    chances_at_first: ClassVar[int]

    def _regularity(self) -> int:
        return 1

    def _mean_log_likelihood(self, theta: Vector, summary: Summary) -> tuple[float, Vector]:
        r, alpha, a, b = np.exp(theta)
        k = self._regularity()
        counts, by_count = summary.counts, summary.count_weight
        events, chances = r + k * counts, counts + self.chances_at_first
        ages, customers, purchases = summary.by_age
        stretch = np.log1p(ages / alpha)
        joint = special.digamma(a + b) - special.digamma(a + b + chances)
        value = (
            by_count @ (special.gammaln(events) - special.gammaln(r))
            + by_count @ (special.betaln(a, b + chances) - special.betaln(a, b))
            - r * (customers @ stretch)
            - k * (purchases @ np.log(alpha + ages))
        )
        d_r = by_count @ (special.digamma(events) - special.digamma(r)) - customers @ stretch
        d_alpha = ((r / alpha) * customers * ages - k * purchases) @ (1 / (alpha + ages))
        d_a = by_count @ joint
        d_b = by_count @ (joint + special.digamma(b + chances) - special.digamma(b))

        # Customers without a chance to drop out come first and have no more to say: h = T and
        # S = 1, for only the BG/NBD has them, with k = 1.
        first = int(np.searchsorted(chances, 1.0))
        start = int(summary.count_starts[first]) if first < len(counts) else len(summary.weight)
        if start < len(summary.weight):
            rows = slice(start, None)
            count_of, weight = summary.count_of[rows], summary.weight[rows]
            age, recency = summary.age[rows], summary.recency[rows]
            n, seen, hiatus = events[count_of], alpha + recency, age - recency
            silence = np.log1p(hiatus / seen)
            log_share = np.log(a) - np.log(np.maximum(b + chances - 1, b))
            log_odds = log_share[count_of] + n * silence
            if k > 1:
                z = hiatus / (alpha + age)
                log_sum, by_n, by_z = _log_events_since(n, z, k)
                log_odds -= log_sum
            gone, log_total = _expit_and_softplus(log_odds)
            lost = weight * gone
            value += weight @ log_total
            d_r += lost @ silence
            d_alpha -= (lost * n) @ (hiatus / ((alpha + age) * seen))
            if k > 1:
                alive = weight - lost
                value += weight @ log_sum
                d_r += alive @ by_n
                d_alpha -= (alive * by_z) @ (z / (alpha + age))
            lost_by_count = np.bincount(count_of, weights=lost, minlength=len(counts))[first:]
            d_a += lost.sum() / a
            d_b -= lost_by_count @ (1.0 / (b + chances[first:] - 1))

        gradient = np.array([r * d_r, alpha * d_alpha, a * d_a, b * d_b])
        return float(value / summary.total_weight), gradient / summary.total_weight

    def _starts(self, summary: Summary) -> list[Vector]:
        rate = max(float(summary.weight @ summary.frequency) / summary.total_weight, 1e-3)
        rate *= self._regularity()
        return [
            np.log([r, r / (2 * rate), dropout * spread, (1 - dropout) * spread])
            for r in (0.3, 1.0, 3.0)
            for dropout in (0.02, 0.1, 0.4)
            for spread in (1.0, 10.0)
        ]

    def _mixing(self) -> tuple[float, float, float, float]:
        r, alpha, a, b = (self.params[letter] for letter in ("r", "alpha", "a", "b"))
        return r, alpha, a, b

    def _log_odds_dropped(self, summary: Summary) -> Vector:
        r, alpha, a, b = self._mixing()
        k, x = self._regularity(), summary.frequency
        n, chances = r + k * x, x + self.chances_at_first
        hiatus = summary.age - summary.recency
        ever = chances > 0
        log_odds = np.full(len(x), -np.inf)
        log_odds[ever] = np.log(a) - np.log(b + (chances[ever] - 1))
        log_odds += n * np.log1p(hiatus / (alpha + summary.recency))
        if k > 1:
            log_odds -= _log_events_since(n, hiatus / (alpha + summary.age), k)[0]
        return log_odds

    def _probability_alive(self, summary: Summary) -> Vector:
        return special.expit(-self._log_odds_dropped(summary))

    def _probability_no_purchase(self, horizon: float, summary: Summary) -> Vector:
        # The ratio of likelihoods, written so that nothing cancels: dropped out, or alive and
        # silent.
        r, alpha, _, _ = self._mixing()
        k, age = self._regularity(), summary.age
        n = r + k * summary.frequency
        log_odds = self._log_odds_dropped(summary)
        log_silent = -n * np.log1p(horizon / (alpha + age))
        if k > 1:
            hiatus, later = age - summary.recency, age + horizon
            log_silent += _log_events_since(n, (hiatus + horizon) / (alpha + later), k)[0]
            log_silent -= _log_events_since(n, hiatus / (alpha + age), k)[0]
        silent = np.exp(np.minimum(log_silent, 0.0))
        return special.expit(log_odds) + special.expit(-log_odds) * silent

    def _expected_purchases(self, horizon: float, summary: Summary) -> Vector:
        """P(alive) times the expectation given alive, integrated over rate and dropout.

        Given alive, p is Beta(a, b + d), and with j events towards the next purchase passed
        lambda is Gamma(n + j, alpha + T). For the BG/NBD this is Fader, Hardie & Lee (2005),
        eq. 10, whose hypergeometric function loses all digits for large x and divides by zero at
        a = 1. For the MBG/CNBD-k it is exact, where the literature approximates.
        """
        r, alpha, a, b = self._mixing()
        k = self._regularity()
        # Rows with equal (x, T) stand together and share their integrals.
        first, pair_of = summary.age_pairs
        x, spread = summary.frequency[first], horizon / (alpha + summary.age[first])
        integrals = np.empty((k, len(first)))
        starts = np.searchsorted(x, summary.counts)
        ends = np.searchsorted(x, summary.counts, side="right")
        for count, start, end in zip(summary.counts, starts, ends, strict=True):
            n, beta = r + k * count, b + count + self.chances_at_first
            time = spread[start:end]
            if k == 1:
                integrals[0, start:end] = purchases_before_dropout(n, time, a, beta)
                continue
            for j in range(k):
                events = RegularEvents(k, j, n + j)
                integrals[j, start:end] = regular_purchases_before_dropout(events, time, a, beta)
        given_alive = integrals[0][pair_of]
        if k > 1:
            n = r + k * summary.frequency
            z = (summary.age - summary.recency) / (alpha + summary.age)
            chance = total = np.ones(len(n))
            for j in range(1, k):
                chance = chance * ((n + (j - 1)) / j * z)
                total = total + chance
                given_alive += chance * integrals[j][pair_of]
            given_alive /= total
        return given_alive * self._probability_alive(summary)


class BetaGeoNBD(BetaGeometric):
    """BG/NBD (Fader, Hardie & Lee 2005): dropout after each repeat purchase.

    A customer without a repeat purchase has had no chance to drop out: P(alive) = 1.
    """

    name = "bg_nbd"
    chances_at_first = 0


class ModifiedBetaGeoNBD(BetaGeometric):
    """MBG/NBD (Batislam et al. 2007; Hoppe & Wagner 2007): dropout after each purchase."""

    name = "mbg_nbd"
    chances_at_first = 1


class ModifiedBetaGeoCNBDk(BetaGeometric):
    """MBG/CNBD-k (Reutterer, Platzer & Schroeder 2021): the MBG/NBD with Erlang-k gaps.

    The gap between purchases is the time of ``k`` events of rate lambda, so its mean is k / lambda
    and its coefficient of variation over one customer's gaps is 1 / sqrt(k). At k = 1 this is the
    MBG/NBD. ``k`` is given, or chosen by likelihood over 1..``maximum_k``.

    (x, tx, T) alone say little about k. ``fit`` therefore takes ``log_gaps``, the sum of the
    logarithms of each customer's gaps; given x, tx and k the gaps' shares of tx are
    Dirichlet(k, ..., k), whatever the rate, so with it the likelihood is that of all the purchase
    times. Without it the times between the first and the last purchase are integrated out.
    """

    name = "mbg_cnbd_k"
    chances_at_first = 1
    simpler = ModifiedBetaGeoNBD
    adds = "regularity"

    def __init__(self, k: int | None = None, maximum_k: int = 12) -> None:
        """An unfitted model.

        Raises:
            ValueError: a ``k`` or ``maximum_k`` outside 1..20.
        """
        super().__init__()
        for value in (k, maximum_k):
            if value is not None and not 1 <= value <= 20:
                raise ValueError("k and maximum_k must lie in 1..20")
        self.k, self.maximum_k = k, maximum_k
        self._trial: int | None = None
        self._log_gaps: float | None = None

    def fit(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        log_gaps: ArrayLike | None = None,
    ) -> Self:
        """Fit by maximum likelihood to vectors of shape (n,) in one time unit.

        ``log_gaps``: per customer the sum of log(gap) over the x gaps between successive
        purchases; ignored where x is 0.

        Raises:
            ValueError: see ``Summary.collapse``; or ``log_gaps`` that no x gaps of sum tx have.
        """
        self._log_gaps = _total_log_gaps(frequency, recency, weights, log_gaps)
        return super().fit(frequency, recency, age, weights)

    def _regularity(self) -> int:
        return self._trial if self._trial is not None else int(self.params["k"])

    def _estimated(self) -> int:
        return len(self.parameters) + (self.k is None)

    def _estimate(self, summary: Summary, exposure: float) -> None:
        unit = exposure / summary.total_weight
        scaled = summary.scaled(unit)
        purchases = float(summary.weight @ summary.frequency)
        log_gaps = None if self._log_gaps is None else self._log_gaps - purchases * np.log(unit)

        def fitted(k: int, near: tuple[int, Optimum] | None) -> Optimum:
            self._trial = k
            starts = self._starts(scaled)
            if near is not None:
                # The same mean gap k / lambda.
                shift = np.array([0.0, np.log(near[0] / k), 0.0, 0.0])
                starts = [near[1].log_parameters + shift]
            return self._optimum(scaled, starts)

        def score(k: int, optimum: Optimum) -> float:
            return optimum.value * summary.total_weight + _log_timing(k, scaled, log_gaps)

        if self.k is not None:
            best, optimum = self.k, fitted(self.k, None)
        else:
            best = self._likely_regularity(scaled, log_gaps)
            optimum = fitted(best, None)
            tried = {best}
            for step in (1, -1):
                while 1 <= best + step <= self.maximum_k and best + step not in tried:
                    following = best + step
                    other = fitted(following, (best, optimum))
                    tried.add(following)
                    if score(following, other) <= score(best, optimum):
                        break
                    best, optimum = following, other
        self._trial = None
        self._take(optimum, unit, summary)
        self.log_likelihood += _log_timing(best, scaled, log_gaps)
        self.params = {"k": best, **self.params}
        self.standard_errors = {"k": None, **self.standard_errors}
        if self.k is None and best == self.maximum_k and self.reason is None:
            self.reason = "k at the end of the range searched"

    def _likely_regularity(self, summary: Summary, log_gaps: float | None) -> int:
        """The k under which the gaps' shares of their sum are likeliest; 1 if gaps are unknown.

        Wheat & Morrison (1990) look at the share of the last of two gaps; here it is all of them.
        """
        if log_gaps is None:
            return 1
        values = [
            _log_timing(k, summary, log_gaps) - _log_timing(k, summary, None)
            for k in range(1, self.maximum_k + 1)
        ]
        return 1 + int(np.argmax(values))


def _log_timing(k: int, summary: Summary, log_gaps: float | None) -> float:
    """What the gaps' shares of tx, or tx alone, add to the log-likelihood, a constant given k.

    Relative to purchase times that are uniform up to the last, as at k = 1.
    """
    counts, by_count = summary.counts, summary.count_weight
    if log_gaps is not None:
        return (k - 1) * log_gaps - float(by_count @ counts) * float(special.gammaln(k))
    repeat = counts > 0
    x = counts[repeat]
    log_tx = np.log(np.where(summary.recency > 0, summary.recency, 1.0))
    return (k - 1) * float((summary.weight * summary.frequency) @ log_tx) + float(
        by_count[repeat] @ (special.gammaln(x) - special.gammaln(k * x))
    )


def _total_log_gaps(
    frequency: ArrayLike, recency: ArrayLike, weights: ArrayLike | None, log_gaps: ArrayLike | None
) -> float | None:
    if log_gaps is None:
        return None
    x, tx = np.asarray(frequency, dtype=np.float64), np.asarray(recency, dtype=np.float64)
    sums = np.asarray(log_gaps, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if not x.shape == tx.shape == sums.shape == w.shape:
        raise ValueError("log_gaps must be a vector as long as frequency")
    repeat = x > 0
    x, tx, sums, w = x[repeat], tx[repeat], sums[repeat], w[repeat]
    with np.errstate(divide="ignore", invalid="ignore"):
        most = x * np.log(tx / x)
        impossible = ~np.isfinite(sums) | (sums > most + 1e-9 * x * (1 + np.abs(np.log(tx / x))))
    if np.any(impossible):
        raise ValueError("log_gaps must be finite and possible for gaps that sum to recency")
    return float(w @ sums)


def _log_events_since(n: Vector, z: Vector, k: int) -> tuple[Vector, Vector, Vector]:
    """log S, S = sum over j < k of (n)_j / j! z^j, and its derivatives in n and z."""
    term = total = np.ones_like(n)
    harmonic = by_n = by_z = np.zeros_like(n)
    for j in range(1, k):
        by_z = by_z + term * (n + (j - 1))
        term = term * ((n + (j - 1)) / j * z)
        harmonic = harmonic + 1.0 / (n + (j - 1))
        total = total + term
        by_n = by_n + term * harmonic
    return np.log(total), by_n / total, by_z / total


def _expit_and_softplus(values: Vector) -> tuple[Vector, Vector]:
    """1 / (1 + exp(-v)) and log(1 + exp(v))."""
    small = np.exp(-np.abs(values))
    positive = values > 0
    share = np.where(positive, 1.0, small) / (1.0 + small)
    return share, np.where(positive, values, 0.0) + np.log1p(small)
