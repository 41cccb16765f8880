"""Models of what a customer spends per purchase: Gamma-Gamma and a shrunken mean.

Source: Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value"; Fader, Hardie & Lee
(2005), "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis".
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from scoring.btyd.likelihood import Vector, maximise, one_thread
from scoring.btyd.model import Model


class SpendModel(Model):
    """A spend model.

    ``frequency`` is the number of purchases behind ``mean_spend``. Customers without one, or
    whose mean spend is null, zero or negative, take no part in a fit and get the base's value.
    """

    def __init__(self) -> None:
        """An unfitted model."""
        super().__init__()
        self._customers: tuple[Vector, Vector] = (np.empty(0), np.empty(0))

    def fit(
        self, frequency: ArrayLike, mean_spend: ArrayLike, weights: ArrayLike | None = None
    ) -> Self:
        """Fit to vectors of shape (n,), spend in one currency.

        Raises:
            ValueError: vectors of different length, a frequency or weight that is negative or
                not finite, or an infinite spend.
        """
        x, m = _checked(frequency, mean_spend)
        w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
        if w.shape != x.shape or not np.all(np.isfinite(w)) or np.any(w < 0):
            raise ValueError("weights must be a vector as long as frequency, finite and >= 0")
        self._customers = (x, m)
        self._reset()
        used = _usable(x, m) & (w > 0)
        with one_thread():
            self._estimate(x[used], m[used], w[used])
        without = int(np.sum((x > 0) & ~_usable(x, m)))
        if without and self.identified:
            self.reason = f"{without} customers without positive spend left out"
        return self

    def expected_value(
        self, *, frequency: ArrayLike | None = None, mean_spend: ArrayLike | None = None
    ) -> Vector:
        """Expected spend per future purchase, shape (n,), of the fitted or the given customers."""
        if (frequency is None) != (mean_spend is None):
            raise ValueError("give frequency and mean_spend together")
        x, m = (
            self._customers
            if frequency is None or mean_spend is None
            else _checked(frequency, mean_spend)
        )
        if not len(x):
            return np.empty(0)
        if not self.params:
            raise ValueError(f"{self.name} has no parameters: {self.reason}")
        usable = _usable(x, m)
        return self._expected_value(np.where(usable, x, 0.0), np.where(usable, m, 0.0))

    @abstractmethod
    def _estimate(self, x: Vector, m: Vector, w: Vector) -> None: ...

    @abstractmethod
    def _expected_value(self, x: Vector, m: Vector) -> Vector: ...


class GammaGamma(SpendModel):
    """Spend is Gamma(p, nu) per purchase and nu is Gamma(q, gamma) over customers.

    With x purchases of mean m, E[value | x, m] = p (gamma + x m) / (p x + q - 1): the customer's
    own mean shrunk towards the base's p gamma / (q - 1). Spend is taken to be independent of how
    often a customer buys.

    Not identified, with a reason, where fewer than ``minimum_customers`` have spend to learn
    from, where the base's mean does not exist (q <= 1) or lies far from the mean observed, and
    where spend does not vary.
    """

    name = "gamma_gamma"
    parameters = ("p", "q", "gamma")

    def __init__(self, minimum_customers: int = 30) -> None:
        """An unfitted model."""
        super().__init__()
        self.minimum_customers = minimum_customers

    def _estimate(self, x: Vector, m: Vector, w: Vector) -> None:
        customers = int(w.sum())
        if customers < max(self.minimum_customers, 1):
            self.reason = (
                f"{customers} customers with repeat spend, fewer than {self.minimum_customers}"
            )
            return
        unit = float(w @ m) / float(w.sum())
        optimum = maximise(
            lambda theta: self._mean_log_likelihood(theta, x, m / unit, w),
            [np.log([p, q, q / p]) for p in (1.0, 5.0, 25.0) for q in (2.0, 4.0, 16.0)],
            float(w.sum()),
        )
        limit = self._record(optimum, {"gamma": unit})
        self.log_likelihood = (optimum.value - float(np.log(unit))) * float(w.sum())
        p, q, gamma = self.params.values()
        # The base's mean, in units of the mean observed.
        mean = p * gamma / (q - 1) / unit if q > 1 else np.inf
        if limit is not None:
            self.reason = f"spread of spend not identified: {limit}"
        elif not 0.5 <= mean <= 2.0:
            self.reason = f"tail of spend too heavy for a mean: q = {q:.3g}"
        else:
            self.identified = True

    @staticmethod
    def _mean_log_likelihood(
        theta: Vector, x: Vector, m: Vector, w: Vector
    ) -> tuple[float, Vector]:
        p, q, gamma = np.exp(theta)
        total = w.sum()
        px = p * x
        log_share = np.log(m * x) - np.log(gamma + m * x)
        log_rest = -np.log1p(m * x / gamma)
        value = w @ (-special.betaln(px, q) + px * log_share + q * log_rest - np.log(m))
        joint = special.digamma(px + q)
        d_p = w @ (x * (joint - special.digamma(px) + log_share))
        d_q = w @ (joint - special.digamma(q) + log_rest)
        d_gamma = w @ ((q * m * x / gamma - px) / (gamma + m * x))
        return float(value / total), np.array([p * d_p, q * d_q, gamma * d_gamma]) / total

    def _expected_value(self, x: Vector, m: Vector) -> Vector:
        p, q, gamma = self.params.values()
        if q <= 1:
            raise ValueError(f"{self.name} has no mean: {self.reason}")
        return p * (gamma + x * m) / (p * x + q - 1)


class ShrunkenMeanSpend(SpendModel):
    """The customer's mean spend shrunk towards the base's mean per purchase.

    E[value | x, m] = (mu + x m) / (1 + x): the base's mean counts as one purchase. Works with any
    number of customers; without positive spend the value is zero, with a reason.
    """

    name = "mean_spend"
    parameters = ("mu",)

    def _estimate(self, x: Vector, m: Vector, w: Vector) -> None:
        purchases = float(w @ x)
        self.params = {"mu": float((w * x) @ m) / purchases if purchases > 0 else 0.0}
        self.standard_errors = {"mu": None}
        self.converged = True
        self.identified = purchases > 0
        if not self.identified:
            self.reason = "no positive spend"

    def _expected_value(self, x: Vector, m: Vector) -> Vector:
        return (self.params["mu"] + x * m) / (1.0 + x)


def _checked(frequency: ArrayLike, mean_spend: ArrayLike) -> tuple[Vector, Vector]:
    x = np.asarray(frequency, dtype=np.float64)
    m = np.asarray(mean_spend, dtype=np.float64)
    if x.ndim != 1 or x.shape != m.shape:
        raise ValueError("frequency and mean_spend must be vectors of one length")
    if not np.all(np.isfinite(x)) or np.any(x < 0):
        raise ValueError("frequency must be finite and not negative")
    if np.any(np.isinf(m)):
        raise ValueError("mean_spend must not be infinite")
    return x, np.nan_to_num(m, nan=0.0)


def _usable(x: Vector, m: Vector) -> NDArray[np.bool_]:
    return (x > 0) & (m > 0)
