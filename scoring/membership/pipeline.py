"""From what customers bought by month to what joining brought.

Difference in differences of Callaway and Sant'Anna (2021) by month of joining, with those who
joined later as control: a plain regression on being a member would compare those who join late
with those who joined early, too. Robustness as in Rambachan and Roth (2023).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.membership.tables import JOIN_EFFECTS

INPUT = "int_membership_months"
OUTCOMES = ("net_revenue", "orders")
CONFIDENCE = 0.90
DIGITS = 6
"""Decimals of what is told."""

_LEAST_COHORTS = 2
_MOST_BREAKDOWN = 20.0


@dataclass(frozen=True)
class MembershipSettings:
    """``join_effect_months``: so many before joining and after; ``join_effect_min_customers``."""

    as_of_date: date
    join_effect_months: int = 6
    join_effect_min_customers: int = 100


@dataclass(frozen=True)
class MembershipResult:
    """The table, with the columns and types that ``tables`` declares."""

    join_effects: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {JOIN_EFFECTS.name: self.join_effects}

    def told(self) -> str:
        """What joining brought, or why that is not known."""
        effects = self.join_effects
        found = effects[(effects["term"] == "effect") & effects["estimate"].notna()]
        return f"{len(found)} of {int((effects['term'] == 'effect').sum())} effects of joining told"


@dataclass(frozen=True)
class Estimate:
    """An estimate with its error."""

    value: float
    error: float

    def fields(self) -> dict[str, float]:
        """Columns of the table."""
        half = float(norm.ppf((1 + CONFIDENCE) / 2)) * self.error
        return {
            "estimate": self.value,
            "standard_error": self.error,
            "interval_low": self.value - half,
            "interval_high": self.value + half,
            "p_value": float(2 * norm.sf(abs(self.value) / self.error)),
        }


@dataclass(frozen=True)
class Joining:
    """What joining brought: by month, after it, before it, and what would undo it."""

    months: Mapping[int, Estimate]
    effect: Estimate
    placebo: Estimate | None
    breakdown_value: float | None


def study(rows: pd.DataFrame, settings: MembershipSettings) -> MembershipResult:
    """Effects of joining on all outcomes.

    Args:
        rows: the table ``int_membership_months``: every customer with every month; may be empty.
        settings: see ``MembershipSettings``.

    Returns:
        Rows for each outcome, with a reason where nothing is told; none if nobody joined.

    Raises:
        ValueError: a column is missing, a customer joins twice, or months are missing.
    """
    _refuse(rows)
    # Sums of floats depend on the order of the rows, which a database does not keep.
    rows = rows.sort_values(["customer_id", "month_number"])
    records: list[Mapping[str, Any]] = []
    if len(rows):
        with threadpool_limits(limits=1):
            for outcome in OUTCOMES:
                records += _records(rows, outcome, settings)
    return MembershipResult(JOIN_EFFECTS.from_records(records))


def _refuse(rows: pd.DataFrame) -> None:
    needed = ("customer_id", "month_number", "joined_number", *OUTCOMES)
    if missing := [name for name in needed if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    if not len(rows):
        return
    by_customer = rows.groupby("customer_id", observed=True)
    if count := int((by_customer["joined_number"].nunique() != 1).sum()):
        raise ValueError(f"{INPUT}: {count} customers join more than once, or never")
    months = rows["month_number"].nunique()
    if count := int((by_customer["month_number"].nunique() != months).sum()):
        raise ValueError(f"{INPUT}: {count} customers have not all of {months} months")


def _records(
    rows: pd.DataFrame, outcome: str, settings: MembershipSettings
) -> Iterator[Mapping[str, Any]]:
    customers = int(rows["customer_id"].nunique())
    common = {"as_of_date": settings.as_of_date, "outcome": outcome, "customers": customers}
    reason, found = _why_not(rows, outcome, customers, settings), None
    if reason is None:
        found = joining(rows, outcome, settings.join_effect_months)
        reason = None if found else "not_estimated"
    span = settings.join_effect_months
    if found is None:
        yield JOIN_EFFECTS.record(
            common | {"term": "effect", "months_from_joining": span, "reason": reason}, DIGITS
        )
        return
    yield JOIN_EFFECTS.record(
        common
        | found.effect.fields()
        | {
            "term": "effect",
            "months_from_joining": span,
            "breakdown_value": found.breakdown_value,
        },
        DIGITS,
    )
    if found.placebo:
        yield JOIN_EFFECTS.record(
            common | found.placebo.fields() | {"term": "placebo", "months_from_joining": -2}, DIGITS
        )
    for month, estimate in sorted(found.months.items()):
        yield JOIN_EFFECTS.record(
            common | estimate.fields() | {"term": "month", "months_from_joining": month}, DIGITS
        )


def _why_not(
    rows: pd.DataFrame, outcome: str, customers: int, settings: MembershipSettings
) -> str | None:
    if customers < settings.join_effect_min_customers:
        return "too_few_customers"
    if rows["joined_number"].nunique() < _LEAST_COHORTS:
        return "no_not_yet_members"
    if rows[outcome].nunique() < 2:
        return "no_variation"
    return None


def joining(rows: pd.DataFrame, outcome: str, span: int) -> Joining | None:
    """What joining brought in the months around it; None if it cannot be told."""
    # Here and not above: it takes seconds to import, and most retailers have no members.
    from diff_diff import CallawaySantAnna  # type: ignore[import-untyped]  # noqa: PLC0415

    frame = pd.DataFrame(
        {
            "unit": pd.factorize(rows["customer_id"].to_numpy(dtype=object))[0],
            "time": rows["month_number"].to_numpy(dtype=np.int64),
            "joined": rows["joined_number"].to_numpy(dtype=np.int64),
            "y": rows[outcome].to_numpy(dtype=np.float64),
        }
    )
    # Once the last have joined there is nobody left to compare with.
    frame = frame[frame["time"] < frame["joined"].max()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = CallawaySantAnna(
                control_group="not_yet_treated", base_period="universal", alpha=1 - CONFIDENCE
            ).fit(
                # Who joins after the last month is a member in none of them.
                frame.assign(
                    joined=frame["joined"].where(frame["joined"] <= frame["time"].max(), 0)
                ),
                outcome="y",
                unit="unit",
                time="time",
                first_treat="joined",
                aggregate="event_study",
            )
    except (ValueError, np.linalg.LinAlgError):
        return None
    known = [
        int(month)
        for month, found in (fit.event_study_effects or {}).items()
        if abs(month) <= span and np.isfinite(found["se"]) and found["se"] > 0
    ]
    after = [month for month in known if month > 0]
    before = [month for month in known if month < -1]
    if not after or fit.event_study_vcov is None:
        return None
    months = {
        month: Estimate(
            float(fit.event_study_effects[month]["effect"]),
            float(fit.event_study_effects[month]["se"]),
        )
        for month in sorted(known)
    }
    return Joining(
        months,
        _mean(fit, after),
        _mean(fit, before) if before else None,
        _breakdown(fit, known, before, after) if before else None,
    )


def _mean(fit: Any, months: Sequence[int]) -> Estimate:
    """The mean of some months' effects, which share customers and so errors."""
    places = [list(fit.event_study_vcov_index).index(month) for month in months]
    covariance = np.asarray(fit.event_study_vcov)[np.ix_(places, places)]
    value = float(np.mean([fit.event_study_effects[month]["effect"] for month in months]))
    return Estimate(value, float(np.sqrt(covariance.mean())))


def _breakdown(
    fit: Any, known: Sequence[int], before: Sequence[int], after: Sequence[int]
) -> float | None:
    """How large a bias after joining, in multiples of those before, undoes the effect."""
    from diff_diff import HonestDiD  # noqa: PLC0415

    # Months far from joining are those of few customers; that of joining has no weight.
    kept = sorted({*before, *after, *(month for month in (0,) if month in known)})
    index = list(fit.event_study_vcov_index)
    places = [index.index(month) for month in kept]
    reference = {m: e for m, e in fit.event_study_effects.items() if m == -1}
    near = replace(
        fit,
        event_study_effects={m: fit.event_study_effects[m] for m in kept} | reference,
        event_study_vcov=np.asarray(fit.event_study_vcov)[np.ix_(places, places)],
        event_study_vcov_index=[index[place] for place in places],
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            weights = np.array([month in after for month in kept if month >= 0]) / len(after)
            honest = HonestDiD(method="relative_magnitude", alpha=1 - CONFIDENCE, l_vec=weights)
            value = honest.breakdown_value(near)
    except (ValueError, KeyError, np.linalg.LinAlgError):
        return None
    return _MOST_BREAKDOWN if value is None else min(float(value), _MOST_BREAKDOWN)
