"""From cohorts of points to redemption rates, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from scoring.points.ladder import (
    Array,
    bootstrap,
    completed,
    developed_shares,
    latest,
    link_factors,
    tail_factors,
)
from scoring.points.tables import COHORTS, RATES

INPUT = "int_points_cohorts"
COLUMNS: Mapping[str, str] = {
    "cohort_month": "date",
    "movement_month": "date",
    "life_months": "bigint",
    "earned": "double",
    "redeemed": "double",
    "expired": "double",
    "reversed": "double",
}
COMPLETE, CHAIN_LADDER, CAPE_COD = "complete", "chain_ladder", "cape_cod"
_AMOUNTS = ("earned", "redeemed", "expired", "reversed")
_ENDLESS_MONTHS = 240
_DIGITS = 6


@dataclass(frozen=True)
class PointsSettings:
    """``as_of_date``: the first day not observed. The others are dbt vars, described there."""

    as_of_date: date
    points_min_developed_share: float = 0.5
    points_min_months: int = 4
    points_bootstrap_draws: int = 400
    points_backtest_months: int = 12
    points_largest_tail: float = 0.5


@dataclass(frozen=True)
class PointsResult:
    """The tables, with the columns and types that ``tables`` declares."""

    rates: pd.DataFrame
    cohorts: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {RATES.name: self.rates, COHORTS.name: self.cohorts}

    def told(self) -> str:
        """The last rate."""
        if not len(self.rates):
            return "no points were earned in a complete month"
        last = self.rates.iloc[-1]
        if pd.isna(last["redemption_rate"]):
            return f"no redemption rate: {last['reason']}"
        return (
            f"{last['redemption_rate']:.1%} of the points will be redeemed "
            f"({last['redemption_rate_low']:.1%} to {last['redemption_rate_high']:.1%})"
        )


@dataclass(frozen=True)
class Cohorts:
    """Cohorts by the month of earning, as known at the end of the last of them.

    ``earned`` is without what was taken back, ``left`` neither redeemed nor expired nor taken back;
    ``redeemed`` is cumulative, by cohort and age.
    """

    redeemed: Array
    earned: Array
    left: Array
    life_months: int | None


@dataclass(frozen=True)
class Completed:
    """What of each cohort will be redeemed in the end and some months ahead, with draws of both."""

    developed: Array
    tail_share: float
    ultimate: Array
    ultimate_draws: Array
    ahead: Array
    ahead_draws: Array


def study(rows: pd.DataFrame, settings: PointsSettings) -> PointsResult:
    """Redemption rates as they were to be told at the end of each month.

    Args:
        rows: the table ``int_points_cohorts``; may be empty.
        settings: see ``PointsSettings``.

    Raises:
        ValueError: a column is missing, or points moved before they were earned.
    """
    if missing := [name for name in COLUMNS if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    rates: list[dict[str, Any]] = []
    cohorts: list[dict[str, Any]] = []
    if len(rows):
        months, amounts, life = _amounts(rows)
        for number in range(len(months)):
            known = _cohorts(amounts, life, number)
            found = complete(known, settings, seed=number)
            rates.append(_rate(months[number], known, found, settings))
            cohorts.extend(_by_cohort(months, number, known, found, settings))
    return PointsResult(RATES.from_records(rates), COHORTS.from_records(cohorts))


def _amounts(rows: pd.DataFrame) -> tuple[list[date], dict[str, Array], list[int | None]]:
    """Months without a gap, amounts by cohort and calendar month, months of life by cohort."""
    cohort = pd.PeriodIndex(pd.to_datetime(rows["cohort_month"]), freq="M")
    moved = pd.PeriodIndex(pd.to_datetime(rows["movement_month"]), freq="M")
    if (moved < cohort).any():
        raise ValueError(f"{INPUT}: points moved before they were earned")
    months = pd.period_range(cohort.min(), moved.max(), freq="M")
    where = (months.get_indexer(cohort), months.get_indexer(moved))
    amounts = {}
    for name in _AMOUNTS:
        amounts[name] = np.zeros((len(months), len(months)))
        np.add.at(amounts[name], where, rows[name].to_numpy(dtype=float, na_value=0.0))
    lives: list[int | None] = [0] * len(months)
    for at, life in zip(where[0], rows["life_months"], strict=True):
        lives[at] = None if pd.isna(life) else int(life)
    return [month.start_time.date() for month in months], amounts, lives


def _cohorts(amounts: Mapping[str, Array], lives: list[int | None], number: int) -> Cohorts:
    size = number + 1
    to_date = {name: np.cumsum(amounts[name][:size, :size], axis=1) for name in _AMOUNTS}
    by_age = np.full((size, size), np.nan)
    for row in range(size):
        by_age[row, : size - row] = to_date["redeemed"][row, row:]
    last = {name: to_date[name][:, -1] for name in _AMOUNTS}
    earned = last["earned"] - last["reversed"]
    known = [life for life in lives[:size] if life is not None]
    return Cohorts(
        redeemed=by_age,
        earned=earned,
        left=np.maximum(0.0, earned - last["redeemed"] - last["expired"]),
        life_months=max(known) if len(known) == size else None,
    )


def complete(cohorts: Cohorts, settings: PointsSettings, seed: int) -> Completed | str:
    """What will become of all cohorts, or why that cannot be told."""
    size = len(cohorts.earned)
    redeemed = latest(cohorts.redeemed)
    if not cohorts.earned.sum() > 0:
        return "no_earned_points"
    if size < settings.points_min_months:
        return "too_few_months"
    if not redeemed.sum() > 0:
        return "nothing_redeemed"
    factors = link_factors(cohorts.redeemed)
    ages_ahead = _ENDLESS_MONTHS
    if cohorts.life_months is not None:
        ages_ahead = max(0, cohorts.life_months - (size - 1))
    # What nothing is left of needs no tail.
    tail = tail_factors(factors, ages_ahead if cohorts.left[0] > 0 else 0)
    if tail is None or np.prod(tail) - 1.0 > settings.points_largest_tail:
        return "not_developed"
    ages = size - 1 - np.arange(size)

    def reserves(start: Array, by_link: Array) -> tuple[Array, Array]:
        """Points still to be redeemed, and those of the months ahead."""
        shares = developed_shares(
            np.concatenate([by_link, np.broadcast_to(tail, (*by_link.shape[:-1], len(tail)))], -1)
        )
        now = shares[..., ages]
        then = shares[..., np.minimum(ages + settings.points_backtest_months, shares.shape[-1] - 1)]
        endless = np.full_like(start, np.inf)
        ultimate = completed(
            start, cohorts.earned, endless, now, settings.points_min_developed_share
        )
        to_come = np.where(np.isfinite(ultimate), ultimate - start, 0.0)
        ahead = to_come * (then - now) / np.where(now < 1, 1.0 - now, 1.0)
        return to_come, ahead

    to_come, ahead = reserves(redeemed, factors)
    pseudo, dispersion = bootstrap(cohorts.redeemed, settings.points_bootstrap_draws, seed)
    rng = np.random.default_rng([seed, 1])
    drawn, drawn_ahead = (
        expected + rng.standard_normal(expected.shape) * np.sqrt(dispersion * expected)
        for expected in reserves(latest(pseudo), link_factors(pseudo))
    )
    return Completed(
        developed=developed_shares(np.concatenate([factors, tail]))[ages],
        tail_share=float(1.0 - 1.0 / np.prod(tail)),
        ultimate=redeemed + np.minimum(to_come, cohorts.left),
        ultimate_draws=redeemed + np.clip(drawn, 0.0, cohorts.left),
        ahead=redeemed + np.minimum(ahead, cohorts.left),
        ahead_draws=redeemed + np.clip(drawn_ahead, 0.0, cohorts.left),
    )


def _rate(
    month: date, cohorts: Cohorts, found: Completed | str, settings: PointsSettings
) -> dict[str, Any]:
    earned = float(cohorts.earned.sum())
    record: dict[str, Any] = {
        "as_of_date": settings.as_of_date,
        "evaluated_month": month,
        "earned_points": earned,
        "redeemed_points": float(latest(cohorts.redeemed).sum()),
        "redemption_rate": None,
        "redemption_rate_low": None,
        "redemption_rate_high": None,
        "tail_share": None,
        "cohorts": int((cohorts.earned > 0).sum()),
        "reason": found if isinstance(found, str) else None,
    }
    if isinstance(found, Completed):
        low, high = _interval(found.ultimate_draws.sum(axis=1) / earned)
        rate = float(found.ultimate.sum() / earned)
        record |= {
            "redemption_rate": round(rate, _DIGITS),
            "redemption_rate_low": round(min(float(low), rate), _DIGITS),
            "redemption_rate_high": round(max(float(high), rate), _DIGITS),
            "tail_share": round(found.tail_share, _DIGITS),
        }
    return record


def _interval(draws: Array) -> tuple[Array, Array]:
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    return low, high


def _by_cohort(
    months: list[date],
    number: int,
    cohorts: Cohorts,
    found: Completed | str,
    settings: PointsSettings,
) -> list[dict[str, Any]]:
    redeemed = latest(cohorts.redeemed)
    told: dict[str, Array] = {}
    if isinstance(found, Completed):
        for name, value, draws in (
            ("ultimate_points", found.ultimate, found.ultimate_draws),
            ("ahead_points", found.ahead, found.ahead_draws),
        ):
            low, high = _interval(draws)
            told |= {
                name: value,
                f"{name}_low": np.minimum(low, value),
                f"{name}_high": np.maximum(high, value),
            }
        told["developed_share"] = found.developed
    names = (
        *("developed_share", "ultimate_points", "ultimate_points_low", "ultimate_points_high"),
        *("ahead_points", "ahead_points_low", "ahead_points_high"),
    )
    records = []
    for row in range(number + 1):
        basis = None
        if cohorts.left[row] <= 0:
            basis = COMPLETE
        elif told:
            is_old = told["developed_share"][row] >= settings.points_min_developed_share
            basis = CHAIN_LADDER if is_old else CAPE_COD
        records.append(
            {
                "as_of_date": settings.as_of_date,
                "evaluated_month": months[number],
                "cohort_month": months[row],
                "age_months": number - row,
                "earned_points": float(cohorts.earned[row]),
                "redeemed_points": float(redeemed[row]),
                "outstanding_points": float(cohorts.left[row]),
                **{n: round(float(told[n][row]), _DIGITS) if told else None for n in names},
                "basis": basis,
            }
        )
    return records
