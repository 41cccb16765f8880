"""Why a customer's churn forecast is what it is: the strongest contributions, in words.

A contribution is the champion's log odds less those for the same customer with one group of
features as is usual, for the customer where there is a rhythm and for the base where there is
none. Everything the champion consists of is asked again, BTYD models included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.btyd.likelihood import Vector
from scoring.customers.features import FADES, GROUPS, WINDOWS
from scoring.customers.forecast import Forecaster
from scoring.customers.learners import logit

REASONS = 3
_LEAST = 0.02  # contributions below so much of the log odds are not told

# A pace of purchases from which a customer's own rhythm is called irregular: the coefficient of
# variation of gaps is 1 for purchases at random (Poisson), about 0.7 for Erlang-2.
_IRREGULAR = 0.75

Words = NDArray[np.object_]


def middle_of(rows: pd.DataFrame) -> dict[str, float]:
    """What is usual in the base: the median of every feature that anybody has."""
    return {name: float(np.nanmedian(rows[name])) for name in rows.columns if _known(rows, name)}


def churn_reasons(
    forecast: Forecaster,
    rows: pd.DataFrame,
    churn: Vector,
    middle: Mapping[str, float],
    most: int = REASONS,
    *,
    at_risk: float = 0.33,
) -> tuple[Words, list[Words]]:
    """What drives every customer's churn forecast, and the ``most`` strongest reasons in words.

    ``rows`` are panel rows of customers to be told about, ``churn`` is the champion's forecast for
    them, ``middle`` what is usual in the whole base. Returns the topic of the strongest reason (a
    key of ``TOPICS``) and ``most`` arrays of words, each of shape (rows,); None where fewer topics
    make a difference. What would read as the contrary of its effect is not told, nor what compares
    two equal figures; and to whom the risk is ``at_risk`` or more, what raises it comes first.
    """
    actual = logit(churn)
    usual = {
        topic: columns
        for topic, columns in _usual(rows, middle, forecast.horizon_days).items()
        if columns
    }
    names = np.array(list(usual), dtype=object)
    effects = np.column_stack(
        [
            actual
            - logit(
                forecast.champions(forecast.changed(rows.assign(**columns)), ["churn"])["churn"]
            )
            for columns in usual.values()
        ]
    )
    for index, name in enumerate(names):
        says = SAYS[name](rows, middle)
        effects[says * effects[:, index] <= 0, index] = 0.0
    size = np.abs(effects)
    size[size < _LEAST] = 0.0
    first = np.where(effects > 0, size, 0.0).argmax(axis=1)
    lead = (churn >= at_risk) & (effects[np.arange(len(rows)), first] >= _LEAST)
    size[lead, first[lead]] = np.inf
    order = np.argsort(-size, axis=1, kind="stable")[:, :most]
    strongest: list[Words] = []
    every = np.arange(len(rows))
    for position in range(most):
        column = order[:, position]
        effect = effects[every, column]
        told = np.full(len(rows), None, dtype=object)
        for index, name in enumerate(names):
            chosen = (column == index) & (np.abs(effect) >= _LEAST)
            if chosen.any():
                direction = np.where(effect[chosen] > 0, "raises", "lowers").astype(object)
                told[chosen] = TOPICS[name](rows[chosen]) + " (" + direction + " churn)"
        strongest.append(told)
    drivers = names[order[:, 0]]
    drivers[np.abs(effects[every, order[:, 0]]) < _LEAST] = None
    return drivers, strongest


def _usual(
    rows: pd.DataFrame, middle: Mapping[str, float], horizon_days: int
) -> dict[str, dict[str, Vector]]:
    """By topic, its columns as is usual."""

    def base(names: tuple[str, ...]) -> dict[str, Vector]:
        return {name: np.full(len(rows), middle[name]) for name in names if name in middle}

    age = rows["age_days"].to_numpy()
    hiatus, frequency = rows["hiatus"].to_numpy(), rows["frequency"].to_numpy()
    gap = rows["mean_gap"].to_numpy()
    ratio = middle.get("hiatus_to_mean_gap", 0.5)
    # As recent as others are by their own rhythm. The only purchase of a one-time buyer is as long
    # ago as the customer is old: that is the topic of frequency.
    recent = np.minimum(ratio * np.nan_to_num(gap), age - frequency)
    recent = np.where(frequency > 0, recent, hiatus)
    spread = np.log1p(hiatus) - np.log1p(recent)
    with np.errstate(divide="ignore", invalid="ignore"):
        shrink = np.where(hiatus > 0, recent / hiatus, np.nan)
        score = rows["hiatus_score"].to_numpy() - spread / np.maximum(
            rows["gap_variation"].fillna(1.0).to_numpy(), 0.3
        )
        waiting = {
            "hiatus": recent,
            "recency": np.where(frequency > 0, age - recent, 0.0),
            "hiatus_to_mean_gap": recent / gap,
            "hiatus_to_longest_gap": np.where(
                np.isfinite(shrink),
                rows["hiatus_to_longest_gap"] * shrink,
                recent / rows["longest_gap"],
            ),
            "hiatus_score": score,
        }
    rate, spend = rows["purchase_rate"].to_numpy(), rows["spend_rate"].to_numpy()
    ones = np.ones(len(rows))
    recently = {"purchase_trend": ones, "spend_trend": ones}
    for suffix in [f"{days}d" for days in WINDOWS] + [f"faded_{days}d" for days in FADES]:
        recently[f"purchase_rate_{suffix}"] = rate
        recently[f"spend_rate_{suffix}"] = spend
    recently["previous_purchases"] = rate / 7 * horizon_days

    # The same customer at the usual pace: everything that is counted in gaps keeps its proportion.
    pace = middle["purchase_rate"] / rate
    count = np.clip(np.rint((frequency + 1) * pace) - 1, 0, age)
    slower = np.where(count > 0, np.minimum(hiatus / pace, age - count), age)
    often = {
        "frequency": count,
        "hiatus": slower,
        "recency": np.where(count > 0, age - slower, 0.0),
        "previous_purchases": rows["previous_purchases"].to_numpy() * pace,
    }
    for name in ("mean_gap", "mean_gap_faded", "last_gap", "longest_gap"):
        often[name] = rows[name].to_numpy() / pace
    for name in GROUPS["frequency"]:
        often[name] = rows[name].to_numpy() * pace
    return {
        "hiatus": waiting,
        "recent": recently,
        "frequency": often,
        "regularity": base(("gap_variation",)),
        "amount": base(("mean_amount", "amount_variation", "mean_amount_faded", "last_amount")),
        "season": base(GROUPS["season"]),
    }


def _known(rows: pd.DataFrame, name: str) -> bool:
    return bool(pd.api.types.is_numeric_dtype(rows[name]) and rows[name].notna().any())


def _hiatus_words(rows: pd.DataFrame) -> Words:
    gap = _days(rows["mean_gap"].fillna(0))
    return "last purchase " + _days(rows["hiatus"] + 1) + " ago, usually every " + gap


def _recent_words(rows: pd.DataFrame) -> Words:
    month = 30 / 7
    return (
        _decimals(rows["purchase_rate_60d"] * month, 1)
        + " purchases a month of late, "
        + _decimals(rows["purchase_rate"] * month, 1)
        + " on average"
    )


def _frequency_words(rows: pd.DataFrame) -> Words:
    often = "bought " + _whole(rows["frequency"] + 1) + " times in " + _days(rows["age_days"] + 1)
    once = "bought once, " + _days(rows["hiatus"] + 1) + " ago"
    return np.where(rows["frequency"] == 0, once, often).astype(object)


def _regularity_words(rows: pd.DataFrame) -> Words:
    kind = np.where(rows["gap_variation"] < _IRREGULAR, "a regular", "an irregular").astype(object)
    told = kind + " rhythm, longest gap " + _days(rows["longest_gap"].fillna(0))
    unknown = rows["gap_variation"].isna()
    return np.where(unknown, "no rhythm known yet", told).astype(object)


def _amount_words(rows: pd.DataFrame) -> Words:
    mean, last = _decimals(rows["mean_amount"], 2), _decimals(rows["last_amount"], 2)
    return "spends " + mean + " a purchase, " + last + " the last time"


def _season_words(rows: pd.DataFrame) -> Words:
    unknown = rows["purchases_year_ago"].isna()
    told = _whole(rows["purchases_year_ago"].fillna(0)) + " purchases in the same weeks a year ago"
    return np.where(unknown, "no purchases known of a year ago", told).astype(object)


# Which way the words of a topic point, as they are shown: 1 says more churn, -1 less, 0 neither.
# The day that scores are for is one after the last one observed, and days ago count from it.


def _hiatus_says(rows: pd.DataFrame, _: Mapping[str, float]) -> Vector:
    gap = np.rint(rows["mean_gap"].fillna(0).to_numpy())
    return np.sign(np.rint(rows["hiatus"].to_numpy() + 1) - gap)


def _recent_says(rows: pd.DataFrame, _: Mapping[str, float]) -> Vector:
    late, average = rows["purchase_rate_60d"].to_numpy(), rows["purchase_rate"].to_numpy()
    return np.sign(np.round(average * 30 / 7, 1) - np.round(late * 30 / 7, 1))


def _frequency_says(rows: pd.DataFrame, middle: Mapping[str, float]) -> Vector:
    says = np.sign(middle["purchase_rate"] - rows["purchase_rate"].to_numpy())
    return np.where(rows["frequency"] == 0, 1.0, says)


def _regularity_says(rows: pd.DataFrame, _: Mapping[str, float]) -> Vector:
    irregular = rows["gap_variation"].fillna(1.0).to_numpy() >= _IRREGULAR
    return np.where(irregular, 1.0, -1.0)


def _amount_says(rows: pd.DataFrame, _: Mapping[str, float]) -> Vector:
    mean, last = rows["mean_amount"].to_numpy(), rows["last_amount"].to_numpy()
    return np.sign(np.round(mean, 2) - np.round(last, 2))


def _season_says(rows: pd.DataFrame, middle: Mapping[str, float]) -> Vector:
    bought = rows["purchases_year_ago"].fillna(0.0).to_numpy()
    says = np.sign(middle.get("purchases_year_ago", 0.0) - bought)
    return np.where(bought == 0, 1.0, says)


def _whole(values: pd.Series) -> Words:
    return np.rint(values.to_numpy()).astype(np.int64).astype(str).astype(object)


def _decimals(values: pd.Series, places: int) -> Words:
    return np.char.mod(f"%.{places}f", values.to_numpy(dtype=np.float64)).astype(object)


def _days(count: pd.Series) -> Words:
    unit = np.where(np.rint(count.to_numpy()) == 1, " day", " days").astype(object)
    return _whole(count) + unit


TOPICS: dict[str, Callable[[pd.DataFrame], Words]] = {
    "hiatus": _hiatus_words,
    "recent": _recent_words,
    "frequency": _frequency_words,
    "regularity": _regularity_words,
    "amount": _amount_words,
    "season": _season_words,
}
"""What a reason can be about, and how it is told."""

SAYS: dict[str, Callable[[pd.DataFrame, Mapping[str, float]], Vector]] = {
    "hiatus": _hiatus_says,
    "recent": _recent_says,
    "frequency": _frequency_says,
    "regularity": _regularity_says,
    "amount": _amount_says,
    "season": _season_says,
}
"""Which way the words of a topic point."""
