"""A channel's periods, what its spend brings, and what that has to stand up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from scoring.mix.checks import FAIL, Checked, inflation, judged, seen_share, variation
from scoring.mix.curve import Array, Curves
from scoring.mix.fit import Fit, fit_reach, fit_total
from scoring.mix.settings import (
    ALL,
    INCREMENTAL,
    MONTHS_A_PERIOD,
    NEGATIVE_SPEND,
    NO_RESPONSE,
    NO_SPEND,
    SEED,
    TOO_FEW,
    WHOLE,
    MixSettings,
)

LEAST_SAID = 0.5
"""A margin that narrows what a channel could bring by less says nothing of it."""
STEPS = 25
"""Of a curve that is shown."""


@dataclass
class Channel:
    """What is known of a channel, period by period, and what was made of it."""

    name: str
    kind: str | None
    starts: Any
    spend: Array
    touches: Array
    campaign_touches: Array
    margin: float | None
    error: float | None
    bounds: tuple[float, float]
    price_change: float
    rows: pd.DataFrame
    segments: pd.DataFrame
    basis: str | None = None
    reason: str | None = None
    fit: Fit | None = None
    number: int = 0
    """Its place in the fit."""
    per_touch: float | None = None
    own_margin: Array | None = None
    """Incremental margin of each period that its spend brought."""
    curve: Curves | None = None
    draws: Curves | None = None
    checks: list[Checked] = field(default_factory=list)

    @property
    def months(self) -> float:
        """Months in a period."""
        return MONTHS_A_PERIOD[self.kind or "month"]

    def recent(self, months: int) -> float:
        """Mean spend of the recent periods."""
        count = max(1, round(months / self.months))
        return float(np.mean(self.spend[-count:])) if len(self.spend) else 0.0

    @property
    def failed(self) -> bool:
        """Whether a check failed."""
        return any(check.status == FAIL for check in self.checks)


def numbers(values: pd.Series, missing: float = np.nan) -> Array:
    """Values as floats."""
    return np.asarray(values.astype("Float64").to_numpy(dtype=np.float64, na_value=missing))


def first_known(values: pd.Series) -> float | None:
    """The first value that is known."""
    known = values.dropna()
    return float(known.iloc[0]) if len(known) else None


def channel_of(name: str, part: pd.DataFrame) -> Channel:
    """A channel from its rows."""
    whole = part[(part["segment"] == ALL) & part["period_start"].notna()]
    paid = whole[whole["spend"].notna()]
    reason = None
    if not len(paid) or float(numbers(paid["spend"]).sum()) <= 0:
        reason = NO_SPEND
    if (numbers(paid["spend"]) < 0).any():
        # More came back than was paid: when the rest of it was spent nobody knows.
        reason = NEGATIVE_SPEND
    has_spend = reason is None
    kinds = whole["period_kind"].dropna()
    margin = paid["incremental_margin"].dropna()
    return Channel(
        name=name,
        kind=str(kinds.iloc[0]) if len(kinds) else None,
        starts=paid["period_start"].to_numpy() if has_spend else np.array([]),
        spend=numbers(paid["spend"]) if has_spend else np.array([]),
        touches=numbers(paid["touches"], 0.0) if has_spend else np.array([]),
        campaign_touches=numbers(paid["campaign_touches"], 0.0) if has_spend else np.array([]),
        margin=float(numbers(margin).sum()) if len(margin) else None,
        error=first_known(part["incremental_error"]),
        bounds=(
            first_known(part["minimum_spend"]) or 0.0,
            np.inf if (most := first_known(part["maximum_spend"])) is None else most,
        ),
        price_change=first_known(part["price_change"]) or 0.0,
        rows=paid,
        segments=part[part["segment"] != ALL],
        reason=reason,
    )


def respond(channels: list[Channel], rows: pd.DataFrame, settings: MixSettings) -> None:
    """Fit what spend brings: by touches where their margin is known, else by the whole margin."""
    wholes = []
    for place, channel in enumerate(channels):
        if channel.reason:
            continue
        if len(channel.spend) < settings.mix_min_periods:
            channel.reason = TOO_FEW
        elif channel.margin is not None and channel.error is not None and channel.touches.sum() > 0:
            channel.basis = INCREMENTAL
            random = np.random.default_rng([SEED, place])
            fit = fit_reach(channel.spend, channel.touches, channel.campaign_touches)
            channel.fit = fit
            # What campaigns add on top of what the spend pays for is not the spend's.
            added = fit.added()
            own = float((channel.touches - added * channel.campaign_touches).sum())
            brought = channel.margin - added * float(
                numbers(channel.rows["campaign_margin"], 0.0).sum()
            )
            channel.own_margin = numbers(channel.rows["incremental_margin"], 0.0) - added * numbers(
                channel.rows["campaign_margin"], 0.0
            )
            channel.per_touch = brought / own if own > 0 else 0.0
            channel.curve = fit.curves(fit.estimate).times(channel.per_touch)
            of_touch = channel.per_touch * (
                1 + channel.error * random.standard_normal(settings.mix_draws)
            )
            drawn = fit.curves(fit.draws(settings.mix_draws, random))
            channel.draws = drawn.times(of_touch[:, None])
        else:
            wholes.append(channel)
    if wholes:
        _respond_as_a_whole(wholes, channels, rows, settings)


def _respond_as_a_whole(
    wholes: list[Channel], channels: list[Channel], rows: pd.DataFrame, settings: MixSettings
) -> None:
    spend = pd.DataFrame({c.name: pd.Series(c.spend, index=c.starts) for c in wholes}).dropna()
    margin = all_margin(rows).reindex(spend.index)
    is_known = margin.notna()
    spend, margin = spend[is_known], margin[is_known]
    other = _seasons(spend.index)
    # What is estimated: size, bend and carry-over of each channel, and what else moves the margin.
    if len(spend) < max(settings.mix_min_periods, 2 * len(wholes) + other.shape[1]) or not (
        margin.std() > 0
    ):
        for channel in wholes:
            channel.reason = TOO_FEW
        return
    target = margin.to_numpy(dtype=np.float64).copy()
    for channel in channels:
        if channel.basis == INCREMENTAL:
            brought = pd.Series(numbers(channel.rows["incremental_margin"], 0.0), channel.starts)
            target -= brought.reindex(spend.index).fillna(0.0).to_numpy()
    fit = fit_total(target, spend.to_numpy(dtype=np.float64), other)
    drawn = fit.curves(fit.draws(settings.mix_draws, np.random.default_rng([SEED, len(channels)])))
    central = fit.curves(fit.estimate)
    for number, channel in enumerate(wholes):
        if fit.said(number) < LEAST_SAID:
            channel.reason = NO_RESPONSE
            continue
        chosen = np.array([number])
        channel.basis, channel.fit, channel.number = WHOLE, fit, number
        channel.curve, channel.draws = central.of(chosen), drawn.of(chosen)


def all_margin(rows: pd.DataFrame) -> pd.Series:
    """The margin of all orders by period."""
    whole = rows[(rows["segment"] == ALL) & rows["period_start"].notna()]
    first = whole.drop_duplicates("period_start").sort_values("period_start")
    values = numbers(first["all_margin"])
    return pd.Series(values, index=first["period_start"].to_numpy()).dropna()


def _seasons(starts: Any) -> Array:
    """A constant, a trend and two waves of the year, as far as there are periods for them."""
    days = pd.DatetimeIndex(pd.to_datetime(np.asarray(starts)))
    turn = 2 * np.pi * np.asarray(days.dayofyear, dtype=np.float64) / 365.25
    columns = [np.ones(len(days)), np.linspace(-1, 1, len(days))]
    covered = (days.max() - days.min()).days if len(days) else 0
    if covered >= 300:
        columns += [np.sin(turn), np.cos(turn)]
    if covered >= 600:
        columns += [np.sin(2 * turn), np.cos(2 * turn)]
    return np.column_stack(columns)


def check(channels: list[Channel], rows: pd.DataFrame, settings: MixSettings) -> None:
    """Check what each channel's response has to stand up to."""
    baseline = _baseline(channels, rows)
    spends = {c.name: pd.Series(c.spend, index=c.starts) for c in channels if len(c.spend)}
    for channel in channels:
        if not len(channel.spend):
            values: dict[str, float | None] = {"data_points": 0.0}
            channel.checks = judged(values, settings.bars, reason=channel.reason)
            continue
        # Touches are of one channel, so what moves with its spend does not blur what it buys.
        effects = 2 if channel.basis != WHOLE else 3 * sum(c.basis == WHOLE for c in channels)
        others = pd.DataFrame({n: s for n, s in spends.items() if n != channel.name})
        others = others.reindex(channel.starts).fillna(0.0)
        others = others.loc[:, others.std() > 0] if len(others.columns) else others
        today = channel.recent(settings.mix_recent_months)
        cap = settings.mix_change_cap
        values = {
            "data_points": len(channel.spend) / effects,
            "spend_variation": variation(channel.spend, channel.touches),
            "season_collinearity": inflation(channel.spend, _seasons(channel.starts)[:, 1:]),
            "channel_collinearity": inflation(channel.spend, others.to_numpy(dtype=np.float64)),
            "baseline": baseline,
            "spend_range": seen_share(
                max(0.0, today * (1 - cap)), today * (1 + cap), channel.spend
            ),
        }
        if channel.fit is not None and channel.curve is not None and channel.draws is not None:
            values["start_to_estimate"] = channel.fit.learned(channel.number)
            if today > 0:
                at = np.array([today])
                values["return_plausible"] = float(channel.curve.value(at)[0]) / today
                drawn = channel.draws.marginal(at)[:, 0]
                low, high = interval(drawn, settings)
                middle = abs(float(channel.curve.marginal(at)[0]))
                values["return_width"] = (high - low) / middle if middle > 0 else np.inf
        spared = (
            frozenset({"season_collinearity", "channel_collinearity"})
            if channel.basis == INCREMENTAL
            else frozenset()
        )
        channel.checks = judged(values, settings.bars, spared, channel.reason)


def _baseline(channels: list[Channel], rows: pd.DataFrame) -> float | None:
    """The least share of a period's margin that no channel brings."""
    margin = all_margin(rows)
    margin = margin[margin > 0]
    if not len(margin):
        return None
    brought = pd.Series(0.0, index=margin.index)
    for channel in channels:
        if channel.curve is not None:
            response = channel.curve.value(channel.spend[:, None])[:, 0]
            own = pd.Series(response, index=channel.starts)
            brought = brought.add(own.reindex(margin.index).fillna(0.0), fill_value=0.0)
    return float((1 - brought / margin).min())


def interval(drawn: Array, settings: MixSettings) -> tuple[float, float]:
    """The interval of draws."""
    tail = (1 - settings.mix_confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def response(channel: Channel, settings: MixSettings) -> dict[str, Any]:
    """What a channel's spend brings today."""
    customers = channel.rows["customers"].dropna()
    found: dict[str, Any] = {
        "channel_id": channel.name,
        "response_basis": channel.basis,
        "period_kind": channel.kind if len(channel.spend) else None,
        "periods": len(channel.spend),
        "reason": channel.reason,
        "customers": int(customers.iloc[-1]) if len(customers) else None,
    }
    if not len(channel.spend):
        return found
    today, months = channel.recent(settings.mix_recent_months), channel.months
    found |= {
        "spend_per_month": today / months,
        "spend_seen_least": float(channel.spend.min()) / months,
        "spend_seen_most": float(channel.spend.max()) / months,
    }
    if channel.curve is None or channel.draws is None or channel.fit is None:
        return found
    at = np.array([today])
    value, values = float(channel.curve.value(at)[0]), channel.draws.value(at)[:, 0]
    low, high = interval(values, settings)
    slope_low, slope_high = interval(channel.draws.marginal(at)[:, 0], settings)
    bend = float(channel.curve.bend[0])
    found |= {
        "margin_per_month": value / months,
        "margin_low": low / months,
        "margin_high": high / months,
        "average_return": value / today if today > 0 else None,
        "average_return_low": low / today if today > 0 else None,
        "average_return_high": high / today if today > 0 else None,
        "marginal_return": float(channel.curve.marginal(at)[0]),
        "marginal_return_low": slope_low,
        "marginal_return_high": slope_high,
        "saturation": float(-np.expm1(-bend * today / channel.curve.at[0])),
        "bend": bend,
        "carry_over": channel.fit.carry(channel.number) if channel.basis == WHOLE else None,
    }
    if channel.per_touch:
        found["margin_per_touch"] = channel.per_touch
        found["touches_per_month"] = value / channel.per_touch / months
    return found


def points(channel: Channel, settings: MixSettings) -> list[dict[str, Any]]:
    """The steps of a channel's curve."""
    if channel.curve is None or channel.draws is None:
        return []
    least, most = float(channel.spend.min()), float(channel.spend.max())
    today = channel.recent(settings.mix_recent_months)
    end = max(most, today * (1 + settings.mix_change_cap)) * 1.05
    grid = np.linspace(0.0, end, STEPS)
    tail = (1 - settings.mix_confidence) / 2
    drawn = channel.draws.value(grid[:, None, None])[..., 0]
    lows, highs = np.quantile(drawn, [tail, 1 - tail], axis=1)
    values = channel.curve.value(grid[:, None])[:, 0]
    return [
        {
            "channel_id": channel.name,
            "step": step,
            "spend_per_month": float(grid[step] / channel.months),
            "margin_per_month": float(values[step] / channel.months),
            "margin_low": float(lows[step] / channel.months),
            "margin_high": float(highs[step] / channel.months),
            "is_extrapolated": bool(grid[step] < least or grid[step] > most),
        }
        for step in range(STEPS)
    ]


def checked(channel: Channel) -> list[dict[str, Any]]:
    """The checks of a channel."""
    return [
        {
            "check_name": check.check,
            "channel_id": channel.name,
            "status": check.status,
            "value": check.value if check.value is None else float(check.value),
            "review_at": float(check.review_at) if check.review_at is not None else None,
            "fail_at": float(check.fail_at) if check.fail_at is not None else None,
            "reason": check.reason,
        }
        for check in channel.checks
    ]
