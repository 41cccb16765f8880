"""Which forecast to use: stacking weights and the champion, from past windows only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from scoring.btyd.likelihood import Vector
from scoring.customers.learners import logit, mean_name, probability

# The last window over again.
NAIVE = "naive"

# Pull of the weights towards their prior, in units of relative loss (amounts) or of log loss.
_PULL = 0.03
_RESAMPLES = 200
_BIAS = 2.0
# A forecast is at least such a share of the mean: nothing is impossible.
_LEAST_SHARE = {"purchases": 1e-3, "spend": 0.02}
_LEAST_TO_TAME = 200
_SHORTFALL = 0.03
# By how much of the loss another candidate must be better; in a single window, by more.
_MARGIN = 0.03
_MARGIN_OF_ONE = 0.10


@dataclass(frozen=True)
class PastForecast:
    """What every candidate forecast for one past window of one task, and what happened.

    ``weight`` is how much the window says about the one to be forecast: the share of windows to
    learn from that were there at the time. ``weights`` are those that blended the window.
    ``pace`` is the log of the purchases or spend that the season brought, as it is known now, over
    what was expected of it then. ``halved`` are candidates that learned from the same time of the
    other half of the customers, for want of an earlier window: nobody could have used them then.
    """

    cutoff: int
    actual: Vector
    forecasts: Mapping[str, Vector]
    weight: float = 1.0
    weights: Weights | None = None
    pace: float = 0.0
    halved: frozenset[str] = frozenset()

    def at_pace(self, task: str, name: str) -> Vector:
        """The forecast had the season been known: what is left is the candidate's own error.

        That of the last window over again knows no season.
        """
        values = self.forecasts[name]
        if name == NAIVE or not self.pace:
            return values
        factor = float(np.exp(self.pace))
        return probability(values**factor) if task == "churn" else values * factor


@dataclass(frozen=True)
class Weights:
    """Non-negative stacking weights; for churn they act on log odds and ``level`` is added."""

    members: Mapping[str, float]
    level: float = 0.0
    windows: tuple[int, ...] = ()

    def blend(self, task: str, forecasts: Mapping[str, Vector]) -> Vector:
        """The weighted forecast; members must all be in ``forecasts``."""
        if task == "churn":
            odds = self._sum({name: logit(forecasts[name]) for name in self.members})
            return probability(special.expit(odds + self.level))
        return self._sum(forecasts)

    def _sum(self, forecasts: Mapping[str, Vector]) -> Vector:
        values = np.column_stack([forecasts[name] for name in self.members])
        return values @ np.array(list(self.members.values()))


def relative_loss(task: str, actual: Vector, forecast: Vector) -> float:
    """root((deviance / that of the mean for everybody)^2 + (2 mean error / mean actual)^2).

    The deviance is Poisson's for purchases and Tweedie's with power 1.5 for spend, a compound of
    Poisson many purchases and gamma amounts (Jorgensen 1997): both are lowest at the mean, however
    many customers buy nothing, which an absolute error is not. The second term charges what is
    off in total. Amounts beyond what all but a few buyers spent count as that, so that one order
    does not decide.
    """
    y, f = _tamed(task, actual, forecast)
    unit = _mean(y)
    none = float(deviance(task, y, np.full(len(y), max(float(y.mean()), unit * 1e-3))).mean())
    error = float((f - y).mean()) / unit
    return float(np.hypot(deviance(task, y, f).mean() / max(none, 1e-12), _BIAS * error))


def deviance(task: str, actual: Vector, mean: Vector) -> Vector:
    """Unit deviance of purchases (Poisson) or spend (Tweedie, power 1.5), shape (n,)."""
    floor = _LEAST_SHARE[task] * _mean(actual)
    f = np.maximum(mean, floor)
    if task == "purchases":
        found: Vector = 2 * (special.xlogy(actual, actual / f) - actual + f)
    else:
        found = 4 * (np.sqrt(f) - np.sqrt(actual)) ** 2 / np.sqrt(f)
    return found


def most_usual(task: str, actual: Vector) -> float:
    """What all but one in two hundred of those who bought did at most; no end for purchases."""
    bought = actual[actual > 0]
    if task != "spend" or len(bought) < _LEAST_TO_TAME:
        return np.inf
    return float(np.quantile(bought, 0.995))


def _tamed(task: str, actual: Vector, forecast: Vector) -> tuple[Vector, Vector]:
    """Amounts cut at the most usual."""
    most = most_usual(task, actual)
    return np.minimum(actual, most), np.minimum(forecast, most)


def log_loss(happened: Vector, p: Vector) -> float:
    """Mean negative log-likelihood of probabilities."""
    q = probability(p)
    return float(np.mean(np.where(happened > 0, -np.log(q), -np.log1p(-q))))


def loss(task: str, actual: Vector, forecast: Vector) -> float:
    """What candidates compete on: log loss for churn, otherwise ``relative_loss``."""
    return log_loss(actual, forecast) if task == "churn" else relative_loss(task, actual, forecast)


def stack(
    task: str,
    past: Sequence[PastForecast],
    prior: Mapping[str, float],
    shortfall: Mapping[str, float] | None = None,
) -> Weights:
    """Non-negative weights of ``prior``'s members that lower the loss over past windows.

    Amounts: weights sum to one, so that the level of past windows is not carried forward. Churn:
    weights and a level on the log odds, which also calibrates. Both are pulled towards ``prior``;
    without past windows they are the prior.

    ``shortfall`` says by which share a member's total lies below the mean it leaves out (forecasts
    of the middle); together the weighted shortfall stays within 3% of the total.
    """
    members = list(prior)
    start = np.array([prior[name] for name in members])
    short = np.array([max((shortfall or {}).get(name, 0.0), 0.0) for name in members])
    if start @ short > _SHORTFALL:
        # Members that fall short give way to those that do not.
        kept = np.where(short > 0, start * _SHORTFALL / float(start @ short), 0.0)
        rest = np.where(short > 0, 0.0, start)
        start = kept + rest * (1 - kept.sum()) / rest.sum()
    if not past:
        return Weights(dict(zip(members, (float(v) for v in start), strict=True)))
    if task == "churn":
        values = [np.column_stack([logit(w.at_pace(task, m)) for m in members]) for w in past]
        found = _stack_odds(values, past, start)
    else:
        values = [np.column_stack([w.at_pace(task, m) for m in members]) for w in past]
        found = _stack_amounts(task, values, past, start, short)
    weights = dict(zip(members, (float(v) for v in found), strict=False))
    level = float(found[len(members)]) if task == "churn" else 0.0
    return Weights(weights, level, tuple(window.cutoff for window in past))


def _stack_amounts(
    task: str,
    values: list[NDArray[np.float64]],
    past: Sequence[PastForecast],
    start: Vector,
    short: Vector,
) -> Vector:
    weights = sum(window.weight for window in past)
    parts = []
    for x, window in zip(values, past, strict=True):
        y, _ = _tamed(task, window.actual, window.actual)
        unit = _mean(y)
        mean = np.full(len(y), max(float(y.mean()), unit * 1e-3))
        none = max(float(deviance(task, y, mean).mean()), 1e-12)
        parts.append((x, y, unit, none, window.weight))

    def objective(w: Vector) -> tuple[float, Vector]:
        total, gradient = 0.0, np.zeros(len(w))
        for x, y, unit, none, weight in parts:
            f = np.maximum(x @ w, _LEAST_SHARE[task] * unit)
            slope = 2 * (1 - y / f) if task == "purchases" else 2 * (1 - y / f) / np.sqrt(f)
            relative = float(deviance(task, y, f).mean()) / none
            bias = float((f - y).mean()) / unit
            value = float(np.hypot(relative, _BIAS * bias))
            total += weight * value
            by_weight = relative * (x.T @ slope) / (len(y) * none)
            by_weight += _BIAS**2 * bias * x.mean(axis=0) / unit
            gradient += weight * by_weight / max(value, 1e-12)
        pull = w - start
        total, gradient = total + _PULL * float(pull @ pull), gradient + 2 * _PULL * pull
        return total / weights, gradient / weights

    found = optimize.minimize(  # type: ignore[call-overload]
        objective,
        start,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(start),
        constraints=[
            {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
            {"type": "ineq", "fun": lambda w: _SHORTFALL - w @ short, "jac": lambda w: -short},
        ],
    )
    best = np.clip(found.x, 0.0, None) if np.all(np.isfinite(found.x)) else start
    shares: Vector = best / best.sum()
    return shares


def _stack_odds(
    values: list[NDArray[np.float64]], past: Sequence[PastForecast], start: Vector
) -> Vector:
    first = np.r_[start, 0.0]
    weights = sum(window.weight for window in past)

    def objective(w: Vector) -> tuple[float, Vector]:
        total, gradient = 0.0, np.zeros(len(w))
        for x, window in zip(values, past, strict=True):
            y = window.actual
            odds = x @ w[:-1] + w[-1]
            total += window.weight * float(np.mean(np.logaddexp(0.0, odds) - y * odds))
            error = window.weight * (special.expit(odds) - y) / len(y)
            gradient += np.r_[x.T @ error, error.sum()]
        pull = w - first
        total, gradient = total + _PULL * float(pull @ pull), gradient + 2 * _PULL * pull
        return total / weights, gradient / weights

    found = optimize.minimize(
        objective,
        first,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(start) + [(None, None)],
    )
    return found.x if np.all(np.isfinite(found.x)) else first


@dataclass(frozen=True)
class Champion:
    """The candidate to use, its mean loss over past windows, and why it is used."""

    name: str
    losses: Mapping[str, float]
    reason: str


def choose(
    task: str,
    past: Sequence[PastForecast],
    allowed: Sequence[str],
    *,
    preferred: str,
    why: str,
    seed: int = 0,
) -> Champion:
    """``preferred``, unless another allowed candidate was clearly better in the past windows.

    Clearly: by 3% of the loss on average and not worse in any window (by 10% in a single one,
    which has only one season), and in 95% of resamples of the customers. A winner by chance would
    otherwise replace the safer choice, and a blend is better than it was in past windows, which
    had fewer windows to learn weights from. Forecasts of the middle of amounts do not compete: a
    total that fell makes their shortfall look like foresight.
    """
    if not past:
        return Champion(preferred, {}, f"{why}, nothing was compared")
    names = [n for n in (*allowed, NAIVE) if all(n in window.forecasts for window in past)]
    names = list(dict.fromkeys(names))
    by_window = {n: [loss(task, w.actual, w.at_pace(task, n)) for w in past] for n in names}
    weights = [w.weight for w in past]
    losses = {n: float(np.average(found, weights=weights)) for n, found in by_window.items()}
    if preferred not in losses:
        return Champion(preferred, losses, f"{why}, so it was not compared with others")
    margin = _MARGIN if len(past) > 1 else _MARGIN_OF_ONE
    rivals = [
        name
        for name in names
        if losses[name] < losses[preferred] * (1 - margin)
        and name != NAIVE
        and (task == "churn" or mean_name(name) not in names)
        and all(a <= b for a, b in zip(by_window[name], by_window[preferred], strict=True))
    ]
    rivals.sort(key=lambda name: losses[name])
    if not rivals:
        return Champion(preferred, losses, f"{why}; {_yardstick(losses, preferred)}")
    rng = np.random.default_rng(seed)
    drawn = [
        rng.multinomial(len(w.actual), np.full(len(w.actual), 1 / len(w.actual)), _RESAMPLES)
        for w in past
    ]
    base = _resampled(task, past, preferred, drawn)
    for name in rivals:
        if float(np.mean(_resampled(task, past, name, drawn) < base)) >= 0.95:
            return Champion(
                name,
                losses,
                f"lower loss than {preferred} in at least 95% of resamples of the past windows"
                + ("; the last window over again did better" if _beaten(losses, name) else ""),
            )
    return Champion(preferred, losses, f"{why}; {_yardstick(losses, preferred)}")


def _yardstick(losses: Mapping[str, float], name: str) -> str:
    if _beaten(losses, name):
        return "the last window over again did better in the past windows"
    return "none clearly better in the past windows"


def _beaten(losses: Mapping[str, float], name: str) -> bool:
    """Whether the yardstick, which is no forecast of a mean, did better."""
    return NAIVE in losses and losses[NAIVE] < losses[name] and name != NAIVE


def _resampled(
    task: str, past: Sequence[PastForecast], name: str, drawn: list[NDArray[np.int64]]
) -> Vector:
    total = np.zeros(_RESAMPLES)
    for window, counts in zip(past, drawn, strict=True):
        y, f = window.actual, window.at_pace(task, name)
        n = len(y)
        if task == "churn":
            q = probability(f)
            total += window.weight * (counts @ -np.where(y > 0, np.log(q), np.log1p(-q))) / n
        else:
            y, f = _tamed(task, y, f)
            unit = np.maximum(counts @ y / n, _mean(y) / 10)
            mean = np.full(len(y), max(float(y.mean()), 1e-3 * _mean(y)))
            none = max(float(deviance(task, y, mean).mean()), 1e-12)
            relative = counts @ deviance(task, y, f) / n / none
            total += window.weight * np.hypot(relative, _BIAS * (counts @ (f - y)) / n / unit)
    return total


def _mean(actual: Vector) -> float:
    """Mean of amounts to measure errors by; if nobody bought, as if one customer had, once."""
    mean = float(actual.mean()) if len(actual) else 0.0
    return mean if mean > 0 else 1 / max(len(actual), 1)
