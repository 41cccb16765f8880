"""How long customers stay: survival from year to year, and who is still there.

A purchase model finds dropout in the rhythm of purchases, and may find next to none in a log that
loses a third of its purchases every year. So its dropout is held against what the log shows: what
the customers known at some time bought later, over what they bought first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from scoring.btyd import NBD, Poisson, PurchaseModel
from scoring.btyd.likelihood import Vector
from scoring.customers.features import features
from scoring.customers.history import Days, PurchaseHistory

YEAR = 365
# A log begins with its first purchase, some days after the shop was watched.
_NEARLY_A_YEAR = YEAR - 7
# Windows a year apart are not shorter: fewer days of two years differ by chance.
_LEAST_WINDOW = 60
_MOST_ORIGINS = 4
# Customers that survival is estimated from.
_MOST_CUSTOMERS = 20_000
# How far the log of a year's survival lies from a purchase model's, and from 0 where the model
# knows no dropout.
_SPREAD_OF_DROPOUT, _SPREAD_WITHOUT = 0.15, 1.0
# By how much the pace of two windows differs for all customers alike: a year apart, and not.
_PACE, _SEASON = 0.15, 0.25
# How far survival depends on silence, by the logarithm of days.
_SPREAD_OF_SILENCE = 0.05
# Where no purchase model knows dropout, the log must tell survival so surely.
_LEAST_KNOWN = 0.3
# One of two windows is not like the other if the shop was shut so much longer in it.
_SHUT_DAYS = 28
_TINY = 1e-12

# A window that P(alive) is judged by: who is alive comes back within it, if not always.
_LEAST_RETURN_DAYS = 180
_LEAST_RETURNS = 30
_ALIVE_ENDS = 1e-3
_SPREAD_OF_CALIBRATION = 0.5


def has_dropout(model: PurchaseModel | None) -> bool:
    """Whether customers of a model can leave."""
    return model is not None and not isinstance(model, NBD | Poisson)


# --- survival ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Survival:
    """What the log adds to a purchase model's dropout.

    ``change``: to the log of a year's survival, for a customer of usual silence, and ``by_silence``
    for each unit of log(1 + days of silence) above it. ``windows``: pairs of windows that told so.
    ``known``: whether there is a lifetime; ``reason`` why not, or on how little it stands.
    """

    change: float
    by_silence: float
    usual_silence: float
    windows: int
    error: float
    known: bool
    reason: str | None

    def over_first_year(
        self,
        model: PurchaseModel,
        summary: Mapping[str, Vector],
        hiatus: Vector,
        years: float,
        annual_discount_rate: float,
    ) -> Vector:
        """Discounted purchases over ``years`` over those of the first, of each customer.

        No year brings more than the one before.
        """
        silence = np.log1p(hiatus) - self.usual_silence
        change = np.exp(self.change + self.by_silence * silence)
        until = model.expected_purchases(YEAR / 7, **summary)
        first, share = until, np.ones(len(until))
        total, factor = np.ones(len(until)), 1.0
        for year in range(1, int(np.ceil(years))):
            later = model.expected_purchases((year + 1) * YEAR / 7, **summary)
            with np.errstate(divide="ignore", invalid="ignore"):
                kept = np.where(first > _TINY, (later - until) / first, 1.0)
            share = np.minimum(share, kept * change**year)
            factor /= 1 + annual_discount_rate
            total = total + share * factor * min(years - year, 1.0)
            until = later
        return total


def survival(history: PurchaseHistory, cutoff: int, model: PurchaseModel) -> Survival:
    """Survival from year to year as a log shows it up to a cut-off, beside a purchase model's.

    Of the customers known at some time, what they bought in a later window over what they bought in
    the one that followed: a year apart where history is long enough, so that both have the same
    season, else in thirds of what there is. Purchases of a customer in the second window are
    binomial given those in both, so that it does not matter how much who buys. The model's own
    ratio is where it starts from; what the log says of it counts as far as it is sure. Where no two
    years could be compared, dropout is taken to be higher by one standard error.
    """
    first = int(history.day.min())
    days = cutoff - first + 1
    months = f"{days / YEAR * 12:.0f} months of history"
    pairs, gap, length = _pairs(history, cutoff)
    found = _estimate(_sampled(history), pairs, gap, length, model) if pairs else None
    nothing = _SPREAD_OF_DROPOUT if has_dropout(model) else _SPREAD_WITHOUT
    change, slope, usual, error, count = found or (0.0, 0.0, 0.0, nothing, 0)
    unseen = not count or gap < YEAR
    if unseen:
        # A year says little of who will have left after two: rather too much dropout than none.
        change -= error
    reason = None
    known = True
    if days < _NEARLY_A_YEAR:
        known, reason = False, f"{months}, under a year"
    elif not has_dropout(model) and error > _LEAST_KNOWN:
        known = False
        reason = f"dropout is not identified: no purchase model finds any, from {months}"
    elif unseen:
        reason = f"survival from {months}, without two years to compare"
    return Survival(float(change), slope, usual, count, float(error), known, reason)


def _pairs(history: PurchaseHistory, cutoff: int) -> tuple[list[int], int, int]:
    """Days after which windows are compared; how far apart they are, and how long."""
    begin = int(history.begin(np.array([cutoff]))[0])
    days = cutoff - begin
    if days >= YEAR + 2 * _LEAST_WINDOW:
        gap, length = YEAR, min(YEAR, (days - YEAR) // 2)
    else:
        gap = length = days // 3
    if length < 1:
        return [], gap, length
    latest = cutoff - gap - length
    origins = [latest - step * length for step in range(_MOST_ORIGINS)]
    open_days = np.unique(history.day)
    return (
        [
            origin
            for origin in origins
            if origin - begin >= length and _alike(open_days, origin, gap, length)
        ],
        gap,
        length,
    )


def _alike(open_days: Days, origin: int, gap: int, length: int) -> bool:
    """Whether no window has a stretch without anybody's purchase that the other does not have."""
    shut = []
    for after in (origin, origin + gap):
        there = open_days[(open_days > after) & (open_days <= after + length)]
        shut.append(int(np.diff(np.r_[after, there, after + length + 1]).max()))
    return abs(shut[0] - shut[1]) <= _SHUT_DAYS


def _sampled(history: PurchaseHistory) -> PurchaseHistory:
    if len(history) <= _MOST_CUSTOMERS:
        return history
    chosen = np.zeros(len(history), dtype=bool)
    rng = np.random.default_rng(0)
    chosen[rng.choice(len(history), _MOST_CUSTOMERS, replace=False)] = True
    return history.of(chosen)


def _followed(
    history: PurchaseHistory, origin: int, gap: int, length: int
) -> tuple[pd.DataFrame, Vector, Vector]:
    """Who was known at a time, and what they bought in the windows that followed."""
    then = history.until(origin)
    table = features(then, [origin])
    known = then.customer_ids[table["customer"].to_numpy()]
    customer = np.searchsorted(history.customer_ids, known)
    start = np.full(len(customer), origin)
    soon, _ = history.window(customer, start, start + length)
    late, _ = history.window(customer, start + gap, start + gap + length)
    return table, soon, late


def _in_weeks(table: pd.DataFrame) -> dict[str, Vector]:
    return {
        "frequency": table["frequency"].to_numpy(),
        "recency": table["recency"].to_numpy() / 7,
        "age": table["age_days"].to_numpy() / 7,
    }


def _expected(
    model: PurchaseModel, table: pd.DataFrame, gap: int, length: int
) -> tuple[Vector, Vector]:
    """What a model expects in the window that follows and in the later one."""
    summary = _in_weeks(table)
    soon = model.expected_purchases(length / 7, **summary)
    until = soon if gap == length else model.expected_purchases(gap / 7, **summary)
    return soon, model.expected_purchases((gap + length) / 7, **summary) - until


def _estimate(
    history: PurchaseHistory, origins: list[int], gap: int, length: int, model: PurchaseModel
) -> tuple[float, float, float, float, int] | None:
    """Change of a year's log survival, its slope, usual silence, error, and pairs of windows."""
    silence, counts, offsets = [], [], []
    for origin in origins:
        table, soon, late = _followed(history, origin, gap, length)
        expected, later = _expected(model, table, gap, length)
        there = (soon + late > 0) & (expected > _TINY) & (later > _TINY)
        silence.append(np.log1p(table["hiatus"].to_numpy()[there]))
        counts.append(np.stack([soon[there], late[there]]))
        offsets.append(np.log(later[there] / expected[there]))
    z, offset = np.concatenate(silence), np.concatenate(offsets)
    soon, late = np.concatenate(counts, axis=1)
    total = soon + late
    if not soon.any() or not late.any():
        return None
    usual = float(np.average(z, weights=total))
    years = gap / YEAR
    pace = _PACE / np.sqrt(len(origins)) if gap == YEAR else _SEASON / years
    spread = _SPREAD_OF_DROPOUT if has_dropout(model) else _SPREAD_WITHOUT
    # The logarithm of late over soon is the model's, and the years between times what the log adds.
    base = years * np.ones((len(z), 1))
    (change,), covariance = _binomial(base, offset, total, late)
    error = float(covariance[0, 0]) + pace**2
    change = float(change) * spread**2 / (spread**2 + error)
    both = years * np.column_stack([np.ones(len(z)), z - usual])
    (_, slope), covariance = _binomial(both, offset, total, late)
    certain = _SPREAD_OF_SILENCE**2 / (_SPREAD_OF_SILENCE**2 + float(covariance[1, 1]))
    # Who has been silent for longer does not stay for longer.
    left = np.sqrt(1 / (1 / spread**2 + 1 / error))
    return change, min(float(slope) * certain, 0.0), usual, float(left), len(origins)


def _binomial(
    design: np.ndarray, offset: Vector, total: Vector, late: Vector
) -> tuple[Vector, np.ndarray]:
    """Logistic regression with an offset, customers in clusters of their own."""
    found = np.zeros(design.shape[1])
    ridge = 1e-3 * np.eye(design.shape[1])
    for _ in range(30):
        p = special.expit(offset + design @ found)
        inverse = np.linalg.inv(design.T @ ((total * p * (1 - p))[:, None] * design) + ridge)
        step = inverse @ (design.T @ (late - total * p) - ridge @ found)
        found = np.clip(found + np.clip(step, -1, 1), -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    scores = design * (late - total * special.expit(offset + design @ found))[:, None]
    return found, inverse @ (scores.T @ scores) @ inverse


@dataclass(frozen=True)
class Judged:
    """A later window, as it was forecast at ``cutoff`` with what was known then."""

    cutoff: int
    horizon_days: int
    customers: int
    bias: float | None
    reason: str | None


def judged(history: PurchaseHistory, cutoff: int, kind: type[PurchaseModel]) -> Judged | None:
    """The later of the newest pair of windows a year apart, forecast from the first one.

    Model and survival are those of whoever stood at the origin; forecast over actual total less 1.
    """
    pairs, gap, length = _pairs(history, cutoff)
    if gap < YEAR or not pairs:
        return None
    sample = _sampled(history)
    origin = pairs[0]
    table, soon, late = _followed(sample, origin, gap, length)
    if not soon.any() or not late.any():
        return Judged(origin, gap + length, len(table), None, "nobody bought in one of the windows")
    model = kind().fit(**_in_weeks(table))
    while not model.identified and model.simpler is not None:
        model = model.simpler().fit(**_in_weeks(table))
    if not model.identified:
        return Judged(origin, gap + length, len(table), None, model.reason)
    then = survival(sample.until(origin), origin, model)
    expected, later = _expected(model, table, gap, length)
    silence = np.log1p(table["hiatus"].to_numpy()) - then.usual_silence
    later = later * np.exp(then.change + then.by_silence * silence)
    forecast = float(later.sum() / expected.sum()) * float(soon.sum())
    return Judged(origin, gap + length, len(table), forecast / float(late.sum()) - 1, None)


# --- who is still there ------------------------------------------------------------------------


@dataclass(frozen=True)
class Alive:
    """P(alive) of a purchase model, calibrated on who came back; ``model`` is None without one."""

    model: str | None
    level: float = 0.0
    slope: float = 1.0
    horizon_days: int | None = None
    reason: str | None = None

    def __call__(self, p: Vector) -> Vector:
        """Calibrated probabilities of a model's."""
        return special.expit(self.level + self.slope * _log_odds(p))


def alive(
    past: pd.DataFrame | None, horizon_days: int | None, models: Mapping[str, PurchaseModel]
) -> Alive:
    """The model whose P(alive) told best who came back within the longest past windows.

    ``past`` has rows of past cut-offs with the outputs ``<model>:churn`` and ``<model>:alive`` and
    with ``churned``. Nobody sees who is alive; whoever comes back is, so that a model is judged by
    P(alive) * P(a purchase | alive), and its P(alive) corrected where that is too high or too low.
    """
    if past is None or horizon_days is None or horizon_days < _LEAST_RETURN_DAYS:
        return Alive(
            None, reason=f"no past window of {_LEAST_RETURN_DAYS} days to see who comes back"
        )
    rows = past[past["churned"].notna()]
    back = 1 - rows["churned"].to_numpy(dtype=np.float64)
    if min(back.sum(), (1 - back).sum()) < _LEAST_RETURNS:
        return Alive(
            None, reason=f"fewer than {_LEAST_RETURNS} customers came back, or stayed away"
        )
    best, lowest = None, np.inf
    for name, model in models.items():
        columns = [f"{name}:churn", f"{name}:alive"]
        if not has_dropout(model) or not all(
            column in rows and rows[column].notna().all() for column in columns
        ):
            continue
        p = 1 - rows[columns[0]].to_numpy()
        value = _log_loss(back, p)
        if value < lowest:
            best, lowest = name, value
    if best is None:
        return Alive(None, reason="dropout is not identified: no purchase model finds any")
    level, slope = _calibrated(
        back, rows[f"{best}:alive"].to_numpy(), 1 - rows[f"{best}:churn"].to_numpy()
    )
    return Alive(best, level, slope, horizon_days)


def _calibrated(back: Vector, p_alive: Vector, p_back: Vector) -> tuple[float, float]:
    """Level and slope of the log odds of P(alive) under which returns are likeliest."""
    odds = _log_odds(p_alive)
    if_alive = np.clip(p_back / np.maximum(p_alive, _TINY), 0.0, 1.0)

    def objective(theta: Vector) -> float:
        p = special.expit(theta[0] + theta[1] * odds) * if_alive
        pull = float(theta[0] ** 2 + (theta[1] - 1) ** 2) / (2 * _SPREAD_OF_CALIBRATION**2)
        return _log_loss(back, p) + pull / len(back)

    found = optimize.minimize(
        objective, np.array([0.0, 1.0]), method="L-BFGS-B", bounds=[(-5, 5), (0.05, 5)]
    )
    return float(found.x[0]), float(found.x[1])


def _log_odds(p: Vector) -> Vector:
    return special.logit(np.clip(p, _ALIVE_ENDS, 1 - _ALIVE_ENDS))


def _log_loss(happened: Vector, p: Vector) -> float:
    q = np.clip(p, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(happened > 0, np.log(q), np.log1p(-q))))
