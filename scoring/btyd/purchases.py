"""What models of purchases share, and those in which nobody drops out: NBD and Poisson.

Per customer: ``frequency`` x, repeat purchases; ``recency`` tx, the time from the first to the
last purchase; ``age`` T, the time from the first purchase to the end of observation. One time
unit throughout; horizons are in the same unit.

Sources: Ehrenberg (1959) and Schmittlein, Morrison & Colombo (1987) for the NBD.
Likelihoods are those of the purchase times, without x!, so that models can be compared.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from scoring.btyd.likelihood import Objective, Optimum, Vector, maximise, one_thread
from scoring.btyd.model import Model
from scoring.btyd.summary import Summary

# Rows of customers from which a fit to many more of them starts.
_ROUGH = 10_000


class PurchaseModel(Model):
    """A purchase model: fitted once, asked for the fitted customers or for given ones.

    It is ``identified`` if the data support it over ``simpler``, the model it contains, by
    Akaike's criterion corrected for small samples (Hurvich & Tsai 1989): a log-likelihood higher
    by more than the number of added parameters, and by more still where customers are few.
    """

    time_parameters: ClassVar[tuple[str, ...]] = ()
    simpler: ClassVar[type[PurchaseModel] | None] = None
    adds: ClassVar[str] = ""

    def __init__(self) -> None:
        """An unfitted model."""
        super().__init__()
        self._near: Mapping[str, float] = {}
        self._summary = Summary.collapse([], [], [])

    def fit(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        weights: ArrayLike | None = None,
    ) -> Self:
        """Fit by maximum likelihood to vectors of shape (n,) in one time unit.

        Raises:
            ValueError: see ``Summary.collapse``.
        """
        with one_thread():
            return self._fit_summary(Summary.collapse(frequency, recency, age, weights))

    def expected_purchases(
        self,
        horizon: float,
        *,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        age: ArrayLike | None = None,
    ) -> Vector:
        """E[Y(horizon) | x, tx, T]: expected purchases in (T, T + horizon], shape (n,)."""
        summary = self._asked(frequency, recency, age)
        length = _horizon(horizon)
        if not len(summary.rows):
            return np.empty(0)
        with one_thread():
            return self._expected_purchases(length, summary)[summary.rows]

    def expected_purchases_new(self, horizon: float) -> float:
        """E[X(horizon)]: expected repeat purchases of a customer up to ``horizon`` after the first.

        Nothing is known of the customer but the first purchase.
        """
        expected = self.expected_purchases(horizon, frequency=[0], recency=[0.0], age=[0.0])
        return float(expected[0])

    def probability_no_purchase(
        self,
        horizon: float,
        *,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        age: ArrayLike | None = None,
    ) -> Vector:
        """P(no purchase in (T, T + horizon] | x, tx, T), shape (n,).

        Equals L(x, tx, T + horizon) / L(x, tx, T): the probability of the same history with no
        purchase until then, given the history. A customer who is alive may also stay away, so
        this is never less than 1 - P(alive).
        """
        summary = self._asked(frequency, recency, age)
        length = _horizon(horizon)
        if not len(summary.rows):
            return np.empty(0)
        return np.clip(self._probability_no_purchase(length, summary), 0.0, 1.0)[summary.rows]

    def probability_alive(
        self,
        *,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        age: ArrayLike | None = None,
    ) -> Vector:
        """P(alive at T | x, tx, T), shape (n,)."""
        summary = self._asked(frequency, recency, age)
        if not len(summary.rows):
            return np.empty(0)
        return np.clip(self._probability_alive(summary), 0.0, 1.0)[summary.rows]

    @abstractmethod
    def _estimate(self, summary: Summary, exposure: float) -> None:
        """Set parameters and likelihood; ``exposure`` is the positive sum of all ages."""

    @abstractmethod
    def _expected_purchases(self, horizon: float, summary: Summary) -> Vector: ...

    @abstractmethod
    def _probability_no_purchase(self, horizon: float, summary: Summary) -> Vector: ...

    @abstractmethod
    def _probability_alive(self, summary: Summary) -> Vector: ...

    def _asked(
        self, frequency: ArrayLike | None, recency: ArrayLike | None, age: ArrayLike | None
    ) -> Summary:
        if frequency is None and recency is None and age is None:
            summary = self._summary
        elif frequency is None or recency is None or age is None:
            raise ValueError("give frequency, recency and age together")
        else:
            summary = Summary.collapse(frequency, recency, age)
        if not self.params and len(summary.rows):
            raise ValueError(f"{self.name} has no parameters: {self.reason}")
        return summary

    def _fit_summary(self, summary: Summary, near: Mapping[str, float] | None = None) -> Self:
        """Fit; a search starts ``near`` parameters, in the unit of time of the summary."""
        self._summary, self._near = summary, near or {}
        self._reset()
        exposure = float(summary.weight @ summary.age)
        if summary.total_weight <= 0:
            self.reason = "no customers"
        elif exposure <= 0:
            self.reason = "no time observed after any first purchase"
        else:
            self._estimate(summary, exposure)
            self._compare(summary)
        return self

    def _estimated(self) -> int:
        """How many parameters were estimated."""
        return len(self.parameters)

    def _compare(self, summary: Summary) -> None:
        if self.simpler is None:
            self.identified = True
            return
        simpler = self.simpler()._fit_summary(summary)
        gain = self.log_likelihood - simpler.log_likelihood
        customers = summary.total_weight
        price = _penalty(self._estimated(), customers)
        self.identified = bool(
            np.isfinite(price) and gain > price - _penalty(simpler._estimated(), customers)
        )
        if not self.identified:
            self.reason = (
                f"{self.adds} not identified by {customers:.0f} "
                f"customer{'s' if customers != 1 else ''}: log-likelihood "
                f"{self.log_likelihood:.2f} against {simpler.log_likelihood:.2f} of {simpler.name}"
            )


class MixtureModel(PurchaseModel):
    """A purchase model whose likelihood is maximised numerically."""

    @abstractmethod
    def _mean_log_likelihood(self, theta: Vector, summary: Summary) -> tuple[float, Vector]:
        """Mean log-likelihood per customer and its gradient in the log parameters."""

    @abstractmethod
    def _starts(self, summary: Summary) -> list[Vector]:
        """Log parameters to start from; ``summary`` has a mean age of one."""

    def _estimate(self, summary: Summary, exposure: float) -> None:
        unit = exposure / summary.total_weight
        scaled = summary.scaled(unit)
        optimum = self._optimum(scaled, self._starts(scaled), self._start_near(unit))
        self._take(optimum, unit, summary)

    def _start_near(self, unit: float) -> Vector | None:
        """Log parameters to start near, times in ``unit``; None if there are none."""
        if tuple(self._near) != self.parameters:
            return None
        scale = [unit if letter in self.time_parameters else 1.0 for letter in self.parameters]
        return np.log(np.array(list(self._near.values())) / np.array(scale))

    def _optimum(
        self, scaled: Summary, starts: list[Vector], near: Vector | None = None
    ) -> Optimum:
        def objective(summary: Summary) -> Objective:
            return lambda theta: self._mean_log_likelihood(theta, summary)

        large = len(scaled.weight) > 4 * _ROUGH
        rough = objective(scaled.thinned(_ROUGH)) if large else None
        return maximise(objective(scaled), starts, scaled.total_weight, rough, near)

    def _take(self, optimum: Optimum, unit: float, summary: Summary) -> None:
        self.reason = self._record(optimum, dict.fromkeys(self.time_parameters, unit))
        # A density of purchase times in other units carries a factor unit^-x per customer.
        purchases = float(summary.weight @ summary.frequency)
        self.log_likelihood = optimum.value * summary.total_weight - purchases * float(np.log(unit))


class Poisson(PurchaseModel):
    """One purchase rate for everybody and no dropout: what is left when nothing else can be told.

    The rate has the Jeffreys prior, so a base without a repeat purchase still has a rate above
    zero: lambda = (sum x + 1/2) / sum T, and predictions integrate over its posterior.
    """

    name = "poisson"
    parameters = ("lambda",)

    def _estimate(self, summary: Summary, exposure: float) -> None:
        purchases = float(summary.weight @ summary.frequency)
        rate = (purchases + 0.5) / exposure
        self.params = {"lambda": rate}
        self.standard_errors = {"lambda": float(np.sqrt(purchases + 0.5)) / exposure}
        self.log_likelihood = purchases * float(np.log(rate)) - rate * exposure
        self.converged = True
        self._shape, self._exposure = purchases + 0.5, exposure

    def _expected_purchases(self, horizon: float, summary: Summary) -> Vector:
        return np.full(len(summary.frequency), self.params["lambda"] * horizon)

    def _probability_no_purchase(self, horizon: float, summary: Summary) -> Vector:
        value = np.exp(-self._shape * np.log1p(horizon / self._exposure))
        return np.full(len(summary.frequency), value)

    def _probability_alive(self, summary: Summary) -> Vector:
        return np.ones(len(summary.frequency))


class NBD(MixtureModel):
    """Poisson purchases at a rate that is Gamma(r, alpha) over customers; nobody drops out.

    L(x, T) = Gamma(r + x) / Gamma(r) * alpha^r / (alpha + T)^(r + x).
    """

    name = "nbd"
    parameters = ("r", "alpha")
    time_parameters = ("alpha",)
    simpler = Poisson
    adds = "a spread of purchase rates"

    def _mean_log_likelihood(self, theta: Vector, summary: Summary) -> tuple[float, Vector]:
        r, alpha = np.exp(theta)
        ages, customers, purchases = summary.by_age
        by_count, counts = summary.count_weight, summary.counts
        stretch = np.log1p(ages / alpha)
        value = (
            by_count @ (special.gammaln(r + counts) - special.gammaln(r))
            - r * (customers @ stretch)
            - purchases @ np.log(alpha + ages)
        )
        d_r = by_count @ (special.digamma(r + counts) - special.digamma(r)) - customers @ stretch
        d_alpha = ((r / alpha) * customers * ages - purchases) @ (1 / (alpha + ages))
        total = summary.total_weight
        return float(value / total), np.array([r * d_r, alpha * d_alpha]) / total

    def _starts(self, summary: Summary) -> list[Vector]:
        rate = max(float(summary.weight @ summary.frequency) / summary.total_weight, 1e-3)
        return [np.log([r, r / rate]) for r in (0.3, 1.0, 3.0, 30.0)]

    def _expected_purchases(self, horizon: float, summary: Summary) -> Vector:
        r, alpha = self.params.values()
        return (r + summary.frequency) * (horizon / (alpha + summary.age))

    def _probability_no_purchase(self, horizon: float, summary: Summary) -> Vector:
        r, alpha = self.params.values()
        return np.exp(-(r + summary.frequency) * np.log1p(horizon / (alpha + summary.age)))

    def _probability_alive(self, summary: Summary) -> Vector:
        return np.ones(len(summary.frequency))


def fit_purchases(
    model: type[PurchaseModel],
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    near: PurchaseModel | None = None,
) -> list[PurchaseModel]:
    """Fit a model and, while it is not identified, the next simpler one.

    ``near`` is a fit to similar data, from whose parameters the search starts.
    Returns the models in the order tried; the last one is to be used if it is ``identified``
    (it is not only where there are no customers or no time was observed).
    """
    tried: list[PurchaseModel] = []
    following: type[PurchaseModel] | None = model
    with one_thread():
        summary = Summary.collapse(frequency, recency, age, weights)
        while following is not None:
            start = near.params if near is not None and type(near) is following else None
            tried.append(following()._fit_summary(summary, start))
            following = None if tried[-1].identified else following.simpler
    return tried


def _penalty(parameters: int, customers: float) -> float:
    """Half of AICc's charge for a number of parameters; infinite with too few customers."""
    spare = customers - parameters - 1
    return parameters + parameters * (parameters + 1) / spare if spare > 0 else np.inf


def _horizon(horizon: float) -> float:
    if not np.isfinite(horizon) or horizon < 0:
        raise ValueError("horizon must be finite and not negative")
    return float(horizon)
