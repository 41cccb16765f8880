"""What is known about a customer at the end of a day: features and BTYD summaries.

One pass over the purchase days carries fading sums forward; every cut-off then looks up the state
at the customer's last purchase by that day. Nothing after a cut-off can reach its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.btyd.likelihood import Vector
from scoring.customers.history import Days, PurchaseHistory, running_sums

# Windows (days) counted as they are, and time constants (days) of exponential weights.
WINDOWS = (7, 14, 30, 60, 90)
FADES = (15, 45, 120)
YEAR = 364  # a whole number of weeks

# Rows of purchase days held at once: bounds memory whatever the number of customers.
_CHUNK_ROWS = 2_000_000

# The feature groups a reason can be about; every feature belongs to one.
GROUPS: dict[str, tuple[str, ...]] = {
    "hiatus": ("hiatus", "hiatus_to_mean_gap", "hiatus_to_longest_gap", "hiatus_score"),
    "frequency": (
        "purchase_rate",
        *(f"purchase_rate_{days}d" for days in WINDOWS),
        *(f"purchase_rate_faded_{days}d" for days in FADES),
    ),
    "trend": ("purchase_trend", "spend_trend"),
    "regularity": ("mean_gap", "gap_variation", "mean_gap_faded", "last_gap", "longest_gap"),
    "spend": (
        "mean_amount",
        "amount_variation",
        "mean_amount_faded",
        "last_amount",
        "spend_rate",
        *(f"spend_rate_{days}d" for days in WINDOWS),
        *(f"spend_rate_faded_{days}d" for days in FADES),
    ),
    "age": ("age",),
    "season": ("purchases_year_ago", "spend_year_ago"),
}
FEATURES = tuple(name for names in GROUPS.values() for name in names)
SUMMARY = (
    "customer",
    "cutoff",
    "frequency",
    "recency",
    "age_days",
    "total_spend",
    "first_spend",
    "value_low",
    "value_high",
)

# A purchase is worth what the customer's or the base's usual ones are, or so many times less or
# more.
VALUE_QUANTILES = (0.05, 0.95)
VALUE_FACTOR = 2.0


def features(
    history: PurchaseHistory, cutoffs: Sequence[int], horizon_days: int | None = None
) -> pd.DataFrame:
    """Features of every customer with a purchase up to each cut-off.

    Args:
        history: purchase days; rows after a cut-off have no influence on its rows.
        cutoffs: day numbers, the last day observed.
        horizon_days: the length of the window whose counterpart a year ago is counted; without
            it the season is left out, and ``season`` adds it.

    Returns:
        From what was known at each cut-off, returns included. One row per cut-off and customer who
        had a purchase then, in that order: ``customer`` (position in ``history``), ``cutoff``; the
        BTYD summary ``frequency`` (repeat purchase days), ``recency`` (days from
        first to last purchase), ``age_days`` (days from the first purchase to the cut-off),
        ``total_spend``, ``first_spend``; what a purchase is expected to be worth, ``value_low``
        (half the lesser of the customer's own least day and the base's 5% quantile of days) to
        ``value_high`` (twice the larger of the own best day and the 95% quantile); and
        ``FEATURES``: days, purchases per week, spend per week or as named. NaN where undefined (no
        gap yet, no year of history).
    """
    if history.versions is not None:
        then = [_features(history.at(cut), [cut]) for cut in cutoffs]
        table = pd.concat(then, ignore_index=True) if then else _features(history, [])
    else:
        table = _features(history, cutoffs)
    return table if horizon_days is None else table.assign(**season(history, table, horizon_days))


def _features(history: PurchaseHistory, cutoffs: Sequence[int]) -> pd.DataFrame:
    """Features from the rows of ``history`` as they are."""
    if not len(history.day):
        return pd.DataFrame({name: np.empty(0) for name in (*SUMMARY, *FEATURES)})
    rows_before = history.starts
    parts, begin = [], 0
    origins = history.begin(np.asarray(cutoffs, dtype=np.int64))
    usual = _usual_values(history, cutoffs)
    while begin < len(history):
        end = int(np.searchsorted(rows_before, rows_before[begin] + _CHUNK_ROWS, side="right")) - 1
        end = min(max(end, begin + 1), len(history))
        chunk = PurchaseHistory(
            history.customer_ids[begin:end],
            rows_before[begin : end + 1] - rows_before[begin],
            history.day[rows_before[begin] : rows_before[end]],
            history.amount[rows_before[begin] : rows_before[end]],
            history.has_amounts,
        )
        parts.append(_features_of_chunk(chunk, cutoffs, origins, usual, begin))
        begin = end
    table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    if len(parts) > 1 and len(cutoffs) > 1:
        table = table.sort_values(["cutoff", "customer"], kind="stable", ignore_index=True)
    return table


def _usual_values(history: PurchaseHistory, cutoffs: Sequence[int]) -> NDArray[np.float64]:
    """The usual range of the amount of a purchase day at each cut-off, shape (cutoffs, 2)."""
    found = np.zeros((len(cutoffs), 2))
    for place, cut in enumerate(cutoffs):
        known = history.amount[history.day <= cut]
        if len(known):
            found[place] = np.quantile(known, VALUE_QUANTILES)
    return found


def season(history: PurchaseHistory, rows: pd.DataFrame, horizon_days: int) -> dict[str, Vector]:
    """``purchases_year_ago`` and ``spend_year_ago`` of rows of ``features``.

    What was bought in the counterpart, a year ago, of the horizon after the cut-off; NaN where the
    log does not reach back that far or that window is not over.
    """
    cut = rows["cutoff"].to_numpy(dtype=np.int64)
    customer = rows["customer"].to_numpy(dtype=np.int64)
    bought, spent = history.window(customer, cut - YEAR, cut - YEAR + horizon_days, cut)
    origin = history.begin(cut)
    seen = (cut - YEAR >= origin) & (horizon_days <= YEAR)
    return {
        "purchases_year_ago": np.where(seen, bought, np.nan),
        "spend_year_ago": np.where(seen, spent, np.nan),
    }


def _features_of_chunk(
    history: PurchaseHistory,
    cutoffs: Sequence[int],
    origins: Days,
    usual: NDArray[np.float64],
    offset: int,
) -> pd.DataFrame:
    cut = np.repeat(np.asarray(cutoffs, dtype=np.int64), len(history))
    origin = np.repeat(origins, len(history))
    usual = np.repeat(usual, len(history), axis=0)
    customer = np.tile(np.arange(len(history), dtype=np.int64), len(cutoffs))
    known = history.has_rows[customer] & (history.first_day[customer] <= cut)
    cut, customer, origin, usual = cut[known], customer[known], origin[known], usual[known]

    first_row = np.zeros(len(history.day), dtype=bool)
    first_row[history.starts[:-1][history.has_rows]] = True
    gap = np.where(first_row, 0, np.diff(history.day, prepend=0)).astype(np.float64)
    log_gap = np.where(first_row, 0.0, np.log1p(gap))
    amount = history.amount
    one = np.ones(len(gap))
    plain = [one, gap, gap**2, log_gap, log_gap**2, amount, amount**2]
    fading = np.exp(-gap[:, None] / np.array(FADES))
    # Per fade: purchases, spend. For the middle one also gaps, weighted by purchase order.
    order_fade = 0.8
    inputs = np.column_stack(
        [
            *plain,
            *([one] * len(FADES)),
            *([amount] * len(FADES)),
            np.where(first_row, 0.0, one),
            gap,
            one,
            amount,
        ]
    )
    decay = np.column_stack(
        [
            np.ones((len(gap), len(plain))),
            fading,
            fading,
            np.full((len(gap), 4), order_fade),
        ]
    )
    state = running_sums(inputs, decay, history.starts)
    longest = np.maximum.accumulate(gap + history.customer_of_row * 1e6) % 1e6
    own = pd.Series(amount).groupby(history.customer_of_row)
    least, most = own.cummin().to_numpy(), own.cummax().to_numpy()

    end = history.rows_until(customer, cut)
    last = end - 1
    now = state[last]
    count, gap_sum, gap_squares, log_sum, log_squares, total, squares = now[:, : len(plain)].T
    purchases_faded = now[:, len(plain) : len(plain) + len(FADES)]
    spend_faded = now[:, len(plain) + len(FADES) : len(plain) + 2 * len(FADES)]
    gap_weight, gap_faded, amount_weight, amount_faded = now[:, -4:].T

    first = history.first_day[customer]
    hiatus = (cut - history.day[last]).astype(np.float64)
    age = (cut - first).astype(np.float64)
    repeats = count - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_gap = gap_sum / repeats
        gap_sd = np.sqrt(np.maximum(gap_squares / repeats - mean_gap**2, 0.0))
        log_mean = log_sum / repeats
        # Shrunken towards half a log unit, so that two equal gaps do not make any delay extreme.
        log_sd = np.sqrt(
            (np.maximum(log_squares - repeats * log_mean**2, 0.0) + 0.5) / (repeats + 1)
        )
        mean_amount = total / count
        amount_sd = np.sqrt(np.maximum(squares / count - mean_amount**2, 0.0))
        columns: dict[str, Vector | Days] = {
            "customer": customer + offset,
            "cutoff": cut,
            "frequency": repeats,
            "recency": age - hiatus,
            "age_days": age,
            "total_spend": total,
            "first_spend": amount[history.starts[customer]],
            "value_low": np.minimum(least[last], usual[:, 0]) / VALUE_FACTOR,
            "value_high": np.maximum(most[last], usual[:, 1]) * VALUE_FACTOR,
            "hiatus": hiatus,
            "hiatus_to_mean_gap": hiatus / mean_gap,
            "hiatus_to_longest_gap": hiatus / np.where(repeats > 0, longest[last], np.nan),
            "hiatus_score": (np.log1p(hiatus) - log_mean) / log_sd,
            "purchase_rate": 7 * count / (age + 1),
            "mean_gap": mean_gap,
            "gap_variation": np.where(repeats > 1, gap_sd / mean_gap, np.nan),
            "mean_gap_faded": gap_faded / gap_weight,
            "last_gap": np.where(repeats > 0, gap[last], np.nan),
            "longest_gap": np.where(repeats > 0, longest[last], np.nan),
            "mean_amount": mean_amount,
            "amount_variation": np.where(count > 1, amount_sd / mean_amount, np.nan),
            "mean_amount_faded": amount_faded / amount_weight,
            "last_amount": amount[last],
            "spend_rate": 7 * total / (age + 1),
            "age": age,
        }
        for position, fade in enumerate(FADES):
            # Weight of a customer who bought every day since the first purchase.
            exposure = -np.expm1(-(age + 1) / fade) / -np.expm1(-1 / fade)
            since = np.exp(-hiatus / fade)
            columns[f"purchase_rate_faded_{fade}d"] = (
                7 * since * purchases_faded[:, position] / exposure
            )
            columns[f"spend_rate_faded_{fade}d"] = 7 * since * spend_faded[:, position] / exposure
        for name in ("purchase", "spend"):
            columns[f"{name}_trend"] = (
                columns[f"{name}_rate_faded_{FADES[0]}d"]
                / columns[f"{name}_rate_faded_{FADES[-1]}d"]
            )
    for days in WINDOWS:
        bought, spent = history.window(customer, cut - days, cut)
        # A log that began within the window says nothing about the days before it.
        weeks = np.clip(cut - origin + 1, 1, days) / 7
        columns[f"purchase_rate_{days}d"] = bought / weeks
        columns[f"spend_rate_{days}d"] = spent / weeks
    table = pd.DataFrame(columns)[[name for name in (*SUMMARY, *FEATURES) if name in columns]]
    return table.replace([np.inf, -np.inf], np.nan)


def outcomes(
    history: PurchaseHistory, rows: pd.DataFrame, horizon_days: int
) -> tuple[Vector, Vector]:
    """Purchases and spend in the ``horizon_days`` after each row's cut-off.

    As they were known when these were over: what was returned within them is none. ``rows`` has
    the columns ``customer`` and ``cutoff`` of ``features``.
    """
    cut = rows["cutoff"].to_numpy(dtype=np.int64)
    customer = rows["customer"].to_numpy(dtype=np.int64)
    return history.window(customer, cut, cut + horizon_days, cut + horizon_days)


def days_until_next(history: PurchaseHistory, rows: pd.DataFrame, horizon_days: int) -> Vector:
    """Days from each row's cut-off to the customer's next purchase; infinite if none is known.

    As was known ``horizon_days`` after the cut-off.
    """
    cut = rows["cutoff"].to_numpy(dtype=np.int64)
    customer = rows["customer"].to_numpy(dtype=np.int64)
    if history.versions is not None:
        wait = np.empty(len(rows))
        for day in np.unique(cut):
            then = history.at(int(day) + horizon_days)
            wait[cut == day] = _days_until_next(then, customer[cut == day], cut[cut == day])
        return wait
    return _days_until_next(history, customer, cut)


def _days_until_next(history: PurchaseHistory, customer: Days, cut: Days) -> Vector:
    following = history.rows_until(customer, cut)
    known = following < history.starts[customer + 1]
    next_day = history.day[np.where(known, following, 0)] if len(history.day) else following
    return np.where(known, (next_day - cut).astype(np.float64), np.inf)
