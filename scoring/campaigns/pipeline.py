"""From sums by campaign to estimates of what each changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.campaigns.moments import (
    Effect,
    Moments,
    breakdown,
    holm,
    matched,
    randomised,
    total,
)
from scoring.campaigns.panel import staggered, synthetic
from scoring.campaigns.tables import ESTIMATES

INPUT = "int_campaign_panel"
ALL = "all"
RANDOMISED, SYNTHETIC, STAGGERED, MATCHED = (
    "randomised",
    "synthetic_did",
    "callaway_santanna",
    "matched_did",
)
CONFIDENCE, NARROW = 0.95, 0.90
DIGITS = 6
_SUMS = ("customers", "sum_y", "sum_yy", "sum_x", "sum_xx", "sum_xy")
_KEY = ["campaign_id", "arm", "segment_kind", "segment", "outcome"]


@dataclass(frozen=True)
class CampaignSettings:
    """``as_of_date``: the first day not observed.

    ``campaign_min_customers``: fewer in either group tell nothing.
    """

    as_of_date: date
    campaign_min_customers: int = 30


@dataclass(frozen=True)
class CampaignResult:
    """The table, with the columns and types that ``tables`` declares."""

    estimates: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {ESTIMATES.name: self.estimates}

    def told(self) -> str:
        """How many effects could be told."""
        return f"{self.estimates['effect'].notna().sum():,} of {len(self.estimates):,} effects told"


@dataclass(frozen=True)
class _Found:
    """What one estimator says of one outcome."""

    campaign_id: str
    arm: str
    segment_kind: str
    segment: str
    outcome: str
    estimator: str
    treated: float = 0.0
    control: float = 0.0
    treated_mean: float | None = None
    control_mean: float | None = None
    effect: Effect | None = None
    before_p_value: float | None = None
    placebo: Effect | None = None
    placebo_units: int | None = None
    placebo_units_found: int | None = None
    rest: Effect | None = None
    reason: str | None = None
    adjusted: Mapping[str, float] = field(default_factory=dict)


def study(rows: pd.DataFrame, settings: CampaignSettings) -> CampaignResult:
    """Estimates of all campaigns.

    Args:
        rows: the table ``int_campaign_panel``; may be empty.
        settings: see ``CampaignSettings``.

    Returns:
        A row for each campaign, arm, segment, outcome and estimator that its data allow to try,
        with a reason where nothing is told.

    Raises:
        ValueError: a group of no customers, or sums of squares below zero.
    """
    for column, is_wrong in (
        ("customers", ~(rows["customers"] > 0)),
        ("sum_yy", rows["sum_yy"] < 0),
        ("sum_xx", rows["sum_xx"] < 0),
    ):
        if count := int(is_wrong.fillna(True).sum() if column == "customers" else is_wrong.sum()):
            raise ValueError(f"{INPUT}: {column} is out of range in {count} of {len(rows)} rows")
    # Sums of floats depend on the order of the rows, which a database does not keep.
    rows = rows.sort_values([*_KEY, "kind", "placebo_shift", "is_treated", "unit", "period"])
    kinds = {str(kind): part for kind, part in rows.groupby("kind", observed=True)}
    with threadpool_limits(limits=1):
        found = [
            *_of_random_groups(kinds.get("arm"), settings),
            *_of_cells(kinds.get("cell"), settings),
            *_of_weeks(kinds.get("week"), settings),
            *_of_cohorts(kinds.get("customer"), settings),
        ]
    records = [_record(one, settings.as_of_date) for one in _corrected_across(found)]
    records.sort(key=lambda one: tuple(str(one[name]) for name in ESTIMATES.key))
    return CampaignResult(ESTIMATES.from_records(records))


def _moments(row: Any) -> Moments:
    return Moments(*(float(getattr(row, name)) for name in _SUMS))


# Random groups ------------------------------------------------------------------------------------


def _of_random_groups(rows: pd.DataFrame | None, settings: CampaignSettings) -> Iterator[_Found]:
    if rows is None:
        return
    for (campaign, outcome), part in rows.groupby(["campaign_id", "outcome"], observed=True):
        groups: dict[tuple[str, str], dict[str, Moments]] = {}
        for row in part.itertuples():
            segment = (str(row.segment_kind), str(row.segment))
            arm = str(row.arm) if row.is_treated else ""
            groups.setdefault(segment, {})[arm] = _moments(row)
        arms = sorted({arm for of in groups.values() for arm in of if arm})
        for arm in (ALL, *(arms if len(arms) > 1 else ())):
            yield from _of_segments(str(campaign), arm, str(outcome), groups, settings)


def _of_segments(
    campaign: str,
    arm: str,
    outcome: str,
    groups: Mapping[tuple[str, str], Mapping[str, Moments]],
    settings: CampaignSettings,
) -> Iterator[_Found]:
    """The whole first; then each segment, and how it differs from all others."""
    pairs: dict[tuple[str, str], tuple[Moments | None, Moments | None]] = {}
    for segment, of in groups.items():
        chosen = [one for name, one in of.items() if name and arm in (ALL, name)]
        pairs[segment] = (total(chosen) if chosen else None, of.get(""))
    whole = pairs.get((ALL, ALL), (None, None))
    segments = []
    for segment, (treated, control) in sorted(pairs.items()):
        at = _Found(campaign, arm, *segment, outcome, RANDOMISED)
        one = _compared(at, treated, control, settings)
        if segment == (ALL, ALL):
            yield one
            continue
        if one.effect and whole[0] and whole[1] and treated and control:
            rest = randomised(_less(whole[0], treated), _less(whole[1], control))
            one = replace(one, rest=_difference(one.effect, rest))
        segments.append(one)
    yield from _corrected(segments)


def _compared(
    at: _Found, treated: Moments | None, control: Moments | None, settings: CampaignSettings
) -> _Found:
    at = replace(
        at,
        treated=treated.customers if treated else 0.0,
        control=control.customers if control else 0.0,
        treated_mean=treated.mean if treated else None,
        control_mean=control.mean if control else None,
    )
    if treated is None or treated.customers < settings.campaign_min_customers:
        return replace(at, reason="few_treated")
    if control is None or control.customers < settings.campaign_min_customers:
        return replace(at, reason="few_control")
    effect = randomised(treated, control)
    if effect is None:
        return replace(at, reason="no_variation")
    before = randomised(_before(treated), _before(control))
    return replace(at, effect=effect, before_p_value=before.p_value if before else None)


def _before(group: Moments) -> Moments:
    return Moments(group.customers, group.x, group.xx, 0.0, 0.0, 0.0)


def _less(whole: Moments, part: Moments) -> Moments:
    return Moments(
        *(getattr(whole, name) - getattr(part, name) for name in Moments.__annotations__)
    )


def _difference(effect: Effect, rest: Effect | None) -> Effect | None:
    if rest is None:
        return None
    return Effect(effect.estimate - rest.estimate, float(np.hypot(effect.error, rest.error)))


def _corrected(segments: list[_Found]) -> Iterator[_Found]:
    told = [number for number, one in enumerate(segments) if one.effect]
    adjusted: dict[int, dict[str, float]] = {number: {} for number in told}
    for name in ("effect", "rest"):
        family = [number for number in told if getattr(segments[number], name)]
        p_values = [getattr(segments[number], name).p_value for number in family]
        for number, value in zip(family, holm(p_values), strict=True):
            adjusted[number][name] = value
    for number, one in enumerate(segments):
        yield replace(one, adjusted=adjusted.get(number, {}))


# Who was not chosen -------------------------------------------------------------------------------


def _of_cells(rows: pd.DataFrame | None, settings: CampaignSettings) -> Iterator[_Found]:
    """Matched difference-in-differences, from sums by cell and bucket."""
    if rows is None:
        return
    # Rows of other kinds have no period, and a column with gaps may be one of floats.
    rows = rows.astype({"period": "int64", "placebo_shift": "int64"})
    for (campaign, outcome), part in rows.groupby(["campaign_id", "outcome"], observed=True):
        at = _Found(str(campaign), ALL, ALL, ALL, str(outcome), MATCHED)
        cells: dict[tuple[int, bool], dict[str, list[Moments]]] = {}
        for row in part.itertuples():
            of = cells.setdefault((int(str(row.placebo_shift)), bool(row.is_treated)), {})
            of.setdefault(str(row.unit), []).append(_moments(row))
        if not cells.get((0, True)) or not cells.get((0, False)):
            continue
        at, few = _sized(
            at,
            total([m for of in cells[0, True].values() for m in of]),
            total([m for of in cells[0, False].values() for m in of]),
            settings,
        )
        effect = None if few else _matched(cells, 0)
        if effect is None:
            yield replace(at, reason=few or "no_match")
            continue
        units, hits = _placebo_units(part[(part["placebo_shift"] == 0) & ~part["is_treated"]])
        yield replace(
            at,
            effect=effect,
            placebo=_matched(cells, 1),
            placebo_units=units,
            placebo_units_found=hits,
        )


def _sized(
    at: _Found, treated: Moments, control: Moments, settings: CampaignSettings
) -> tuple[_Found, str | None]:
    at = replace(
        at,
        treated=treated.customers,
        control=control.customers,
        treated_mean=treated.mean,
        control_mean=control.mean,
    )
    if treated.customers < settings.campaign_min_customers:
        return at, "few_treated"
    if control.customers < settings.campaign_min_customers:
        return at, "few_control"
    return at, None


def _matched(
    cells: Mapping[tuple[int, bool], Mapping[str, list[Moments]]], shift: int
) -> Effect | None:
    chosen, others = cells.get((shift, True), {}), cells.get((shift, False), {})
    both = sorted(set(chosen) & set(others))
    if not both:
        return None
    return matched([total(chosen[c]) for c in both], [total(others[c]) for c in both])


def _placebo_units(rows: pd.DataFrame) -> tuple[int, int]:
    """Each bucket of others taken for the chosen; how many seem to have an effect."""
    by_bucket: dict[int, dict[str, Moments]] = {}
    for row in rows.itertuples():
        by_bucket.setdefault(int(str(row.period)), {})[str(row.unit)] = _moments(row)
    units = hits = 0
    for bucket, cells in sorted(by_bucket.items()):
        rest: dict[str, list[Moments]] = {}
        for other, of in by_bucket.items():
            if other != bucket:
                for cell, one in of.items():
                    rest.setdefault(cell, []).append(one)
        both = sorted(set(cells) & set(rest))
        effect = matched([cells[c] for c in both], [total(rest[c]) for c in both])
        if effect:
            low, high = effect.interval(NARROW)
            units, hits = units + 1, hits + (low > 0 or high < 0)
    return units, hits


def _of_weeks(rows: pd.DataFrame | None, settings: CampaignSettings) -> Iterator[_Found]:
    """Synthetic difference-in-differences, from means of groups by week."""
    if rows is None:
        return
    for (campaign, outcome), part in rows.groupby(["campaign_id", "outcome"], observed=True):
        at = _Found(str(campaign), ALL, ALL, ALL, str(outcome), SYNTHETIC)
        now = part[part["placebo_shift"] == 0]
        if now.empty or not now["is_treated"].any() or now["is_treated"].all():
            continue
        sizes = now[now["period"] == 0].groupby("is_treated")["customers"].sum()
        after = now[now["period"] >= now["cohort"]].groupby("is_treated")["sum_y"].sum()
        treated = Moments(float(sizes[True]), float(after[True]), 0, 0, 0, 0)
        control = Moments(float(sizes[False]), float(after[False]), 0, 0, 0, 0)
        at, few = _sized(at, treated, control, settings)
        effect = None if few else _synthetic(now)
        if effect is None:
            yield replace(at, reason=few or "few_weeks")
            continue
        before = part[part["placebo_shift"] == 1]
        placebo = None if before.empty else _synthetic(before)
        yield replace(at, effect=effect, placebo=placebo)


def _synthetic(rows: pd.DataFrame) -> Effect | None:
    means = rows.assign(mean=rows["sum_y"] / rows["customers"])
    wide = means.pivot(index=["is_treated", "unit"], columns="period", values="mean")
    values = wide.to_numpy(dtype=np.float64)
    if np.isnan(values).any():
        return None
    is_treated = wide.index.get_level_values("is_treated").to_numpy(dtype=bool)
    weeks_before = int(rows["cohort"].iloc[0])
    effect = synthetic(values[is_treated], values[~is_treated], weeks_before)
    weeks = values.shape[1] - weeks_before
    return effect and Effect(effect.estimate * weeks, effect.error * weeks)


def _of_cohorts(rows: pd.DataFrame | None, settings: CampaignSettings) -> Iterator[_Found]:
    """Callaway and Sant'Anna's, from customers by period."""
    if rows is None:
        return
    for (campaign, outcome), part in rows.groupby(["campaign_id", "outcome"], observed=True):
        at = _Found(str(campaign), ALL, ALL, ALL, str(outcome), STAGGERED)
        panel = pd.DataFrame(
            {
                "unit": pd.factorize(part["unit"], sort=True)[0],
                "period": part["period"].astype("int64") + 1,
                "outcome": part["sum_y"].astype("float64"),
                "cohort": (part["cohort"] + 1).fillna(0).astype("int64"),
            }
        )
        of_unit = panel.groupby("unit")["cohort"].first()
        is_chosen = (of_unit > 0) & (of_unit <= panel["period"].max())
        after = panel["cohort"].between(1, panel["period"].max()) & (
            panel["period"] >= panel["cohort"]
        )
        if not after.any() or after.all():
            continue
        means = panel.groupby(after)["outcome"].mean()
        others = max(1, int((~is_chosen).sum()))
        at, few = _sized(
            at,
            Moments(float(is_chosen.sum()), float(is_chosen.sum() * means[True]), 0, 0, 0, 0),
            Moments(float(others), float(others * means[False]), 0, 0, 0, 0),
            settings,
        )
        both = None if few else staggered(panel)
        if both is None:
            yield replace(at, reason=few or "few_weeks")
            continue
        yield replace(at, effect=both[0], placebo=both[1])


def _corrected_across(found: list[_Found]) -> Iterator[_Found]:
    """P values of campaigns that held nobody back, corrected for having looked at all of them."""
    families: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(found):
        if one.effect and one.estimator != RANDOMISED:
            families.setdefault((one.estimator, one.outcome), []).append(number)
    adjusted: dict[int, float] = {}
    for family in families.values():
        p_values = [effect.p_value for n in family if (effect := found[n].effect)]
        adjusted.update(zip(family, holm(p_values), strict=True))
    for number, one in enumerate(found):
        is_one = number in adjusted
        yield replace(one, adjusted={"effect": adjusted[number]}) if is_one else one


def _record(found: _Found, as_of_date: date) -> Mapping[str, Any]:
    effect, placebo, rest = found.effect, found.placebo, found.rest
    wide = effect.interval(CONFIDENCE) if effect else (None, None)
    narrow = effect.interval(NARROW) if effect else (None, None)
    placebo_interval = placebo.interval(NARROW) if placebo else (None, None)
    naive = None
    if found.treated_mean is not None and found.control_mean is not None:
        naive = found.treated_mean - found.control_mean
    values = {
        "treated_customers": found.treated,
        "control_customers": found.control,
        "treated_mean": found.treated_mean,
        "control_mean": found.control_mean,
        "naive_effect": naive,
        "effect": effect.estimate if effect else None,
        "standard_error": effect.error if effect else None,
        "interval_low": wide[0],
        "interval_high": wide[1],
        "interval_90_low": narrow[0],
        "interval_90_high": narrow[1],
        "p_value": effect.p_value if effect else None,
        "before_p_value": found.before_p_value,
        "placebo_effect": placebo.estimate if placebo else None,
        "placebo_low": placebo_interval[0],
        "placebo_high": placebo_interval[1],
        "breakdown_value": (
            breakdown(effect, placebo.estimate, CONFIDENCE) if effect and placebo else None
        ),
        "rest_difference": rest.estimate if rest else None,
        "rest_p_value": rest.p_value if rest else None,
        "adjusted_p_value": found.adjusted.get("effect"),
        "rest_adjusted_p_value": found.adjusted.get("rest"),
    }
    return {
        "as_of_date": as_of_date,
        **{name: getattr(found, name) for name in ESTIMATES.key},
        **{name: None if v is None else round(float(v), DIGITS) for name, v in values.items()},
        "placebo_units": found.placebo_units,
        "placebo_units_found": found.placebo_units_found,
        "reason": found.reason,
    }


__all__ = ["CampaignResult", "CampaignSettings", "study"]
