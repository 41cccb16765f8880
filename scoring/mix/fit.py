"""Fits of responses to spend, with their error.

How people reached follow spend is seen in every period: ``fit_reach``. Where no touches land, the
whole margin is regressed on the spend of all channels at once: ``fit_total``. Both are non-linear
least squares with weak normal priors on what data may leave open (bend, carry-over, and in
``fit_total`` the size): estimates are the posterior mode, errors its curvature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from scoring.mix.curve import Array, Curves, carried

BEND_START, BEND_SPREAD = 1.0, 1.0
"""At the mean spend 63% of the largest response; its logarithm is off by one in two of three."""
CARRY_START, CARRY_SPREAD = 0.3, 1.0
"""Of the logit of the share carried from one period to the next."""
ADDED_SPREAD, DRIFT_SPREAD = 1.0, 1.0
RETURN_SPREAD = 10.0
"""A unit of spend brings less than so much, in two of three cases, before anything is seen."""

_LEAST_BEND, _LARGEST_BEND = -7.0, 3.0
_ROUNDS = 4


@dataclass(frozen=True)
class Fit:
    """Parameters of a fit: estimate, covariance, and where each began with which spread."""

    names: tuple[str, ...]
    estimate: Array
    covariance: Array
    start: Array
    spread: Array
    fitted: Array
    residuals: Array
    at: Array
    """The mean spend of each channel, around which its curve is written."""

    def draws(self, count: int, random: np.random.Generator) -> Array:
        """Parameters drawn by their error, a row each."""
        normal = random.standard_normal((count, len(self.estimate)))
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(self.estimate + normal @ root.T)

    def curves(self, parameters: Array) -> Curves:
        """The curves of all channels at parameters (rows may be draws)."""
        channels = len(self.at)
        bend = np.exp(np.clip(parameters[..., channels : 2 * channels], _LEAST_BEND, _LARGEST_BEND))
        return Curves(parameters[..., :channels], bend, np.broadcast_to(self.at, bend.shape))

    def learned(self, channel: int) -> float:
        """By which share the data narrowed what was thought of the bend: 0 is nothing."""
        place = len(self.at) + channel
        return float(1 - np.sqrt(self.covariance[place, place]) / self.spread[place])

    def said(self, channel: int) -> float:
        """By which share the data narrowed what was thought of the size of the response."""
        return float(1 - np.sqrt(self.covariance[channel, channel]) / self.spread[channel])

    def added(self) -> float:
        """Which share of the touches of campaigns comes on top of what the spend pays for."""
        if "added" not in self.names:
            return 0.0
        return float(np.clip(self.estimate[self.names.index("added")], 0.0, 1.0))

    def carry(self, channel: int) -> float:
        """The share carried from one period to the next; 0 where none is estimated."""
        name = f"carry {channel}"
        if name not in self.names:
            return 0.0
        return float(_share(self.estimate[self.names.index(name)]))


def fit_reach(spend: Array, touches: Array, campaign_touches: Array) -> Fit:
    """How many touches a channel has at a spend: ``exp(drift * t) * curve(spend) + added * c``.

    ``t`` ends at zero with the last period and is -1 with the first, so the curve is today's: what
    a spend buys changes with media prices. Touches of campaigns may come on top of what the
    spend pays for (``added`` 1) or be part of it (0). Errors are as those of counts, times what
    the residuals show beyond, and their dependence from one period to the next.

    Args:
        spend: of each period, with a positive mean.
        touches: of each period, those of campaigns included.
        campaign_touches: those of campaigns.
    """
    mean = float(np.mean(spend))
    ago = np.linspace(-1.0, 0.0, len(spend)) if len(spend) > 1 else np.zeros(len(spend))
    others = float(np.mean(touches - campaign_touches))
    knows_campaigns = bool(campaign_touches.sum() > 0 and others > 0)
    names = ("level 0", "bend 0", "drift", *(("added",) if knows_campaigns else ()))
    size = max(others if knows_campaigns else float(np.mean(touches)), 1e-9)
    start = np.array([size, np.log(BEND_START), 0.0, 1.0][: len(names)])
    spread = np.array([np.inf, BEND_SPREAD, DRIFT_SPREAD, ADDED_SPREAD][: len(names)])
    at = np.array([mean])

    def expected(parameters: Array) -> Array:
        level, bend, drift = parameters[:3]
        curve = Curves(np.array([level]), np.exp(np.array([bend])), at)
        own = np.exp(drift * ago) * curve.value(spend[:, None])[:, 0]
        return np.asarray(own + (parameters[3] * campaign_touches if knows_campaigns else 0.0))

    def scale(fitted: Array) -> Array:
        return np.sqrt(np.maximum(fitted, 0.05 * float(np.mean(touches)) + 1e-9))

    return _fitted(
        names=names,
        start=start,
        spread=spread,
        at=at,
        observed=touches,
        expected=expected,
        scale=scale,
    )


def fit_total(margin: Array, spend: Array, covariates: Array) -> Fit:
    """The curves of all channels from the whole margin of periods.

    Args:
        margin: of each period.
        spend: of each period (rows) and channel.
        covariates: of each period, what else moves the margin (a constant, a trend, seasons).
    """
    channels = spend.shape[1]
    mean = np.maximum(spend.mean(axis=0), 1e-9)
    names = (
        *(f"level {c}" for c in range(channels)),
        *(f"bend {c}" for c in range(channels)),
        *(f"carry {c}" for c in range(channels)),
        *(f"other {k}" for k in range(covariates.shape[1])),
    )
    base, *_ = np.linalg.lstsq(covariates, margin, rcond=None)
    carry = np.log(CARRY_START / (1 - CARRY_START))
    start = np.concatenate([np.zeros(channels), np.zeros(channels), np.full(channels, carry), base])
    spread = np.concatenate(
        [
            RETURN_SPREAD * mean,
            np.full(channels, BEND_SPREAD),
            np.full(channels, CARRY_SPREAD),
            np.full(covariates.shape[1], np.inf),
        ]
    )

    def expected(parameters: Array) -> Array:
        level, bend, carry = parameters[: 3 * channels].reshape(3, channels)
        curves = Curves(level, np.exp(np.clip(bend, _LEAST_BEND, _LARGEST_BEND)), mean)
        acting = np.column_stack(
            [carried(spend[:, c], float(_share(carry[c]))) for c in range(channels)]
        )
        return np.asarray(
            curves.value(acting).sum(axis=1) + covariates @ parameters[3 * channels :]
        )

    def scale(fitted: Array) -> Array:
        return np.ones_like(fitted)

    # Started where each channel returns what it costs: at zero nothing tells of its bend.
    return _fitted(
        names=names,
        start=start,
        spread=spread,
        at=mean,
        observed=margin,
        expected=expected,
        scale=scale,
        first=mean,
    )


def _fitted(
    *,
    names: tuple[str, ...],
    start: Array,
    spread: Array,
    at: Array,
    observed: Array,
    expected: Callable[[Array], Array],
    scale: Callable[[Array], Array],
    first: Array | None = None,
) -> Fit:
    parameters = start.copy()
    if first is not None:
        parameters[: len(first)] = first
    inflation = 1.0
    has_prior = np.isfinite(spread)
    # Steps in units in which parameters are alike.
    unit = np.where(has_prior, spread, np.maximum(np.abs(parameters), 1e-6))
    error = scale(expected(parameters))
    for _ in range(_ROUNDS):
        weight = 1 / (error * np.sqrt(inflation))

        def residuals(moved: Array, weight: Array = weight) -> Array:
            at_point = moved * unit
            own = (observed - expected(at_point)) * weight
            prior = (at_point - start)[has_prior] / spread[has_prior]
            return np.concatenate([own, prior])

        found = least_squares(residuals, parameters / unit, method="trf", max_nfev=200)
        parameters = found.x * unit
        fitted = expected(parameters)
        error = scale(fitted)
        left = (observed - fitted) / error
        jacobian = np.asarray(found.jac, dtype=np.float64)
        freedom = max(len(observed) - _estimated(jacobian, len(observed)), 1.0)
        inflation = max(float(left @ left) / freedom, 1e-12) * _dependence(left)
    precision = jacobian.T @ jacobian
    covariance = np.linalg.pinv(precision) * np.outer(unit, unit)
    return Fit(names, parameters, covariance, start, spread, fitted, observed - fitted, at)


def _estimated(jacobian: Array, observations: int) -> float:
    """How many parameters the data estimate: those that priors hold count in part."""
    own = jacobian[:observations]
    whole = jacobian.T @ jacobian
    return float(np.trace(np.linalg.pinv(whole) @ (own.T @ own)))


def _dependence(residuals: Array) -> float:
    """By how much residuals that follow each other widen errors; not below one."""
    if len(residuals) < 8 or not residuals @ residuals > 0:
        return 1.0
    centred = residuals - residuals.mean()
    lag = float(centred[1:] @ centred[:-1] / max(centred @ centred, 1e-300))
    lag = min(max(lag, 0.0), 0.8)
    return (1 + lag) / (1 - lag)


def _share(logit: Array | float) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.asarray(logit, dtype=np.float64))))
