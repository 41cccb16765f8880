"""Why a customer's churn forecast is what it is: the strongest contributions, in words.

A contribution is the champion's log odds less those for the same customer with one group of
features as is usual, for the customer where there is a rhythm and for the base where there is
none. Everything the champion consists of is asked again, BTYD models included.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.btyd.likelihood import Vector
from scoring.features import FADES, GROUPS, WINDOWS
from scoring.forecast import Forecast
from scoring.learners import logit

REASONS = 3
_LEAST = 0.02  # contributions below so much of the log odds are not told


def churn_reasons(forecast: Forecast, most: int = REASONS) -> list[NDArray[np.object_]]:
    """The ``most`` strongest reasons of every customer, each an array (customers,) of words.

    None where fewer groups make a difference.
    """
    rows = forecast.rows
    actual = logit(forecast.champions(rows)["churn"])
    usual = _usual(rows)
    names = list(usual)
    effects = np.column_stack(
        [
            actual - logit(forecast.champions(_changed(forecast, usual[name]))["churn"])
            for name in names
        ]
    )
    words = np.column_stack([_WORDS[name](rows) for name in names])
    order = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :most]
    strongest = []
    for position in range(min(most, len(names))):
        column = order[:, position]
        effect = effects[np.arange(len(rows)), column]
        told = words[np.arange(len(rows)), column]
        points = [
            f"{text} ({'raises' if value > 0 else 'lowers'} churn)"
            if abs(value) >= _LEAST
            else None
            for text, value in zip(told, effect, strict=True)
        ]
        strongest.append(np.array(points, dtype=object))
    return strongest


def _changed(forecast: Forecast, columns: dict[str, Vector]) -> pd.DataFrame:
    return forecast.fitted.changed(forecast.rows.assign(**columns))


def _usual(rows: pd.DataFrame) -> dict[str, dict[str, Vector]]:
    """By group, its columns as is usual."""
    middle = {name: float(np.nanmedian(rows[name])) for name in rows.columns if _known(rows, name)}

    def base(names: tuple[str, ...]) -> dict[str, Vector]:
        return {name: np.full(len(rows), middle[name]) for name in names if name in middle}

    age = rows["age_days"].to_numpy()
    hiatus, frequency = rows["hiatus"].to_numpy(), rows["frequency"].to_numpy()
    gap = rows["mean_gap"].to_numpy()
    ratio = middle.get("hiatus_to_mean_gap", 0.5)
    # As recent as others are by their own rhythm; one-time buyers as recent as the base.
    recent = np.where(np.isfinite(gap), ratio * np.nan_to_num(gap), middle["hiatus"])
    recent = np.minimum(recent, np.where(frequency > 0, age - frequency, age))
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
    recently["previous_purchases"] = rate / 7 * 90

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


def _say(build: Callable[..., str], *columns: Vector) -> NDArray[np.object_]:
    return np.array([build(*values) for values in zip(*columns, strict=True)], dtype=object)


def _hiatus_words(rows: pd.DataFrame) -> NDArray[np.object_]:
    def build(hiatus: float, gap: float) -> str:
        since = f"last purchase {_days(hiatus)} ago"
        return f"{since}, the only one" if np.isnan(gap) else f"{since}, usually every {_days(gap)}"

    return _say(build, rows["hiatus"].to_numpy(), rows["mean_gap"].to_numpy())


def _recent_words(rows: pd.DataFrame) -> NDArray[np.object_]:
    month = 30 / 7

    def build(recent: float, usual: float) -> str:
        return f"{recent * month:.1f} purchases a month of late, {usual * month:.1f} on average"

    return _say(build, rows["purchase_rate_60d"].to_numpy(), rows["purchase_rate"].to_numpy())


def _frequency_words(rows: pd.DataFrame) -> NDArray[np.object_]:
    def build(frequency: float, age: float) -> str:
        times = "once" if frequency == 0 else f"{frequency + 1:.0f} times"
        return f"bought {times} in {_days(age + 1)}"

    return _say(build, rows["frequency"].to_numpy(), rows["age_days"].to_numpy())


def _regularity_words(rows: pd.DataFrame) -> NDArray[np.object_]:
    def build(variation: float, longest: float) -> str:
        if np.isnan(variation):
            return "no rhythm known yet"
        kind = "a regular" if variation < 0.75 else "an irregular"
        return f"{kind} rhythm, longest gap {_days(longest)}"

    return _say(build, rows["gap_variation"].to_numpy(), rows["longest_gap"].to_numpy())


def _amount_words(rows: pd.DataFrame) -> NDArray[np.object_]:
    def build(mean: float, last: float) -> str:
        return f"spends {mean:.2f} a purchase, {last:.2f} the last time"

    return _say(build, rows["mean_amount"].to_numpy(), rows["last_amount"].to_numpy())


def _season_words(rows: pd.DataFrame) -> NDArray[np.object_]:
    def build(purchases: float) -> str:
        if np.isnan(purchases):
            return "no purchases known of a year ago"
        return f"{purchases:.0f} purchases in the same weeks a year ago"

    return _say(build, rows["purchases_year_ago"].to_numpy())


def _days(count: float) -> str:
    return f"{count:.0f} day{'s' if round(count) != 1 else ''}"


_WORDS: dict[str, Callable[[pd.DataFrame], NDArray[np.object_]]] = {
    "hiatus": _hiatus_words,
    "recent": _recent_words,
    "frequency": _frequency_words,
    "regularity": _regularity_words,
    "amount": _amount_words,
    "season": _season_words,
}
