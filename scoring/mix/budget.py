"""Budgets for the months to come, by scenario, channel and segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from scoring.mix.allocate import (
    Allocation,
    at_least_return,
    check_bounds,
    same_total,
    to_target,
)
from scoring.mix.channel import Channel, all_margin, interval, numbers
from scoring.mix.curve import Array, Curves
from scoring.mix.season import indices
from scoring.mix.settings import (
    ALL,
    CHECK_FAILED,
    INCLUDES_ZERO,
    INCREMENTAL,
    LEAST_CHANGE,
    NO_RESPONSE,
    NOTHING_TO_GAIN,
    OUT_OF_BOUNDS,
    SAME_TOTAL,
    SEED,
    TARGET_RETURN,
    TOTAL,
    MixSettings,
)


def _months_from(first: date, months: int) -> date:
    """The first day of a month so many after that of a day."""
    place = first.year * 12 + first.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


@dataclass(frozen=True)
class Season:
    """The months that are planned for."""

    starts_on: date
    ends_on: date
    index: float


def season_of(rows: pd.DataFrame, settings: MixSettings) -> Season:
    """The next whole months, and how they compare with an average month."""
    as_of = settings.as_of_date
    first = as_of if as_of.day == 1 else _months_from(as_of, 1)
    after = _months_from(first, settings.mix_horizon_months)
    margin = all_margin(rows)
    index = 1.0
    if len(margin):
        days = pd.DatetimeIndex(pd.to_datetime(margin.index.to_numpy()))
        number = np.asarray(days.year * 12 + days.month - 1)
        # Weeks in a month differ: the mean of a month's weeks.
        monthly = pd.Series(margin.to_numpy()).groupby(number).mean()
        whole = pd.Series(monthly, index=range(int(number.min()), int(number.max()) + 1))
        if whole.notna().all():
            found = indices(np.asarray(whole.index, dtype=np.float64), whole.to_numpy())
            months = [(first.month - 1 + m) % 12 for m in range(settings.mix_horizon_months)]
            index = float(np.mean(found[months]))
    return Season(first, after - timedelta(days=1), index)


@dataclass
class _Plan:
    """Channels that a budget is made for, in amounts of the whole time."""

    channels: list[Channel]
    today: Array
    lower: Array
    upper: Array
    own_bounds: Array
    curves: Curves
    draws: Curves
    is_held: Any

    @property
    def stay(self) -> Array:
        """As near to today's spend as the bounds that were set allow."""
        return np.clip(self.today, self.own_bounds[:, 0], self.own_bounds[:, 1])


def future(channel: Channel, season: Season, settings: MixSettings) -> tuple[Curves, Curves]:
    """The curve of the whole time at its season and prices, and its draws."""
    periods = settings.mix_horizon_months / channel.months
    draws = settings.mix_draws
    if channel.curve is None or channel.draws is None:
        nothing = Curves(np.zeros(1), np.ones(1), np.ones(1))
        return nothing, Curves(np.zeros((draws, 1)), np.ones((draws, 1)), np.ones((draws, 1)))
    factor, stretch = periods * season.index, periods * (1 + channel.price_change)
    return tuple(  # type: ignore[return-value]
        Curves(curve.level * factor, curve.bend, curve.at * stretch)
        for curve in (channel.curve, channel.draws)
    )


def _plan(channels: list[Channel], season: Season, settings: MixSettings) -> _Plan:
    of = [c for c in channels if len(c.spend)]
    periods = [settings.mix_horizon_months / c.months for c in of]
    today = np.array(
        [c.recent(settings.mix_recent_months) * p for c, p in zip(of, periods, strict=True)]
    )
    own = np.array([c.bounds for c in of]).reshape(-1, 2) * settings.mix_horizon_months
    check_bounds([c.name for c in of], own[:, 0], own[:, 1])
    cap = settings.mix_change_cap
    # A bound that was set holds, whatever the cap.
    lower = np.clip(np.maximum(today * (1 - cap), 0.0), own[:, 0], own[:, 1])
    upper = np.clip(today * (1 + cap), own[:, 0], own[:, 1])
    futures = [future(c, season, settings) for c in of]
    together = [
        Curves(
            *(
                np.concatenate([getattr(f[k], name) for f in futures], axis=-1)
                for name in ("level", "bend", "at")
            )
        )
        for k in (0, 1)
    ]
    is_held = np.array([c.curve is None or c.failed for c in of], dtype=bool)
    return _Plan(of, today, lower, upper, own, together[0], together[1], is_held)


def _allocated(
    scenario: str, plan: _Plan, settings: MixSettings
) -> tuple[Allocation, Array, Array]:
    """A budget whose held channels stay at today's spend, within bounds; and its bounds."""
    stay = plan.stay
    lower = np.where(plan.is_held, stay, plan.lower)
    upper = np.where(plan.is_held, stay, plan.upper)
    names = [channel.name for channel in plan.channels]
    if scenario == SAME_TOTAL:
        total = float(plan.today.sum())
        check_bounds(names, plan.own_bounds[:, 0], plan.own_bounds[:, 1], total)
        # The cap and what is held give way to a total that they cannot meet.
        if lower.sum() > total:
            lower = plan.own_bounds[:, 0]
        return same_total(plan.curves, lower, upper, total), lower, upper
    if scenario == TARGET_RETURN:
        target = settings.mix_target_return
        return to_target(plan.curves, lower, upper, target), lower, upper
    free, spend = ~plan.is_held, stay.copy()
    if not free.any():
        return Allocation(spend, 0.0, 0.0), lower, upper
    found = at_least_return(
        plan.curves.of(free), lower[free], upper[free], settings.mix_minimum_return
    )
    spend[free] = found.spend
    return Allocation(spend, found.marginal, found.unallocated), lower, upper


@dataclass(frozen=True)
class _Budget:
    """A budget: what is spent on each channel of a plan, within bounds, and why nothing moves."""

    scenario: str
    plan: _Plan
    allocation: Allocation
    lower: Array
    upper: Array
    reasons: Mapping[int, str]
    season: Season
    settings: MixSettings

    @property
    def marginal(self) -> float | None:
        """What the next unit brings in the mix; None where nothing may move."""
        return None if self.plan.is_held.all() else float(self.allocation.marginal)

    @property
    def is_moved(self) -> Any:
        """Which channels are spent on differently than need be."""
        stay = self.plan.stay
        return np.abs(self.allocation.spend - stay) > LEAST_CHANGE * np.maximum(stay, 1e-9)

    def gains(self, curves: Curves) -> tuple[Array, Array]:
        """Change of margin by channel, and what moving its spend gains.

        The first is against today, the second against staying as near to it as bounds allow. At a
        given total a unit of spend comes from the channels that give and goes to those that take:
        what it brings there on average is its cost. Half of a move's gain is told of the channel
        that gives and half of the one that takes, so that they add up. Else a unit costs what
        the next one has to bring.
        """
        spend, stay = self.allocation.spend, self.plan.stay
        change = curves.value(spend) - curves.value(self.plan.today)
        moved = curves.value(spend) - curves.value(stay)
        step = np.broadcast_to(spend - stay, moved.shape)
        takes, gives = (spend > stay) & self.is_moved, (spend < stay) & self.is_moved
        if self.scenario != SAME_TOTAL or not takes.any() or not gives.any():
            return change, moved - (self.marginal or 0.0) * step
        there, here = (
            moved[..., side].sum(axis=-1, keepdims=True)
            / step[..., side].sum(axis=-1, keepdims=True)
            for side in (takes, gives)
        )
        gain = np.where(takes, moved - here * step, np.where(gives, moved - there * step, 0.0))
        return change, gain / 2

    def row(self, channel: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the table."""
        return _row(self.scenario, channel, self.season, **_plain(values))


def mix(
    scenario: str, channels: list[Channel], season: Season, settings: MixSettings
) -> list[dict[str, Any]]:
    """The rows of a scenario: channels, their segments, and the total.

    A channel without an estimate, with a failed check, or whose gain may be none, stays at today's
    spend; the others are then shared anew.
    """
    rows = [
        _row(scenario, channel.name, season, action="hold", reason=channel.reason)
        for channel in channels
        if not len(channel.spend)
    ]
    if len(rows) < len(channels):
        budget = _settled(scenario, _plan(channels, season, settings), season, settings)
        for place in range(len(budget.plan.channels)):
            own = _of_channel(budget, place)
            rows += [own, *_of_segments(budget, place, own)]
        rows.append(_of_all(budget))
    return sorted(
        rows, key=lambda row: (row["channel_id"] == TOTAL, row["channel_id"], row["segment"])
    )


def common_return(channels: list[Channel], season: Season, settings: MixSettings) -> float:
    """What the next unit would bring if today's total were spent best, nothing held."""
    known = [channel for channel in channels if channel.curve is not None]
    if len(known) < 2:
        return settings.mix_target_return
    plan = _plan(known, season, settings)
    return same_total(plan.curves, plan.lower, plan.upper, float(plan.today.sum())).marginal


def _settled(scenario: str, plan: _Plan, season: Season, settings: MixSettings) -> _Budget:
    tail = (1 - settings.mix_confidence) / 2
    reasons: dict[int, str] = {
        place: channel.reason or (CHECK_FAILED if channel.failed else NO_RESPONSE)
        for place, channel in enumerate(plan.channels)
        if plan.is_held[place]
    }
    while True:
        allocation, lower, upper = _allocated(scenario, plan, settings)
        budget = _Budget(scenario, plan, allocation, lower, upper, reasons, season, settings)
        free = budget.is_moved & ~plan.is_held
        _, gain = budget.gains(plan.draws)
        doubtful = np.flatnonzero(free & (np.quantile(gain, tail, axis=0) <= 0))
        if len(doubtful):
            # The least certain first: without it the others may be worth moving.
            doubtful = doubtful[[np.argmax(np.mean(gain[:, doubtful] <= 0, axis=0))]]
        elif free.any() and np.quantile(gain.sum(axis=1), tail) <= 0:
            doubtful = np.flatnonzero(~plan.is_held)
        else:
            return budget
        for place in doubtful:
            plan.is_held[place] = True
            reasons[int(place)] = INCLUDES_ZERO


def _row(scenario: str, channel: str, season: Season, **values: Any) -> dict[str, Any]:
    return {
        "scenario": scenario,
        "segment": ALL,
        "channel_id": channel,
        "starts_on": season.starts_on,
        "ends_on": season.ends_on,
        "season_index": season.index,
        **values,
    }


def _of_channel(budget: _Budget, place: int) -> dict[str, Any]:
    plan, settings = budget.plan, budget.settings
    channel, spend = plan.channels[place], float(budget.allocation.spend[place])
    is_held, is_moved = bool(plan.is_held[place]), bool(budget.is_moved[place])
    a_period = spend * channel.months / settings.mix_horizon_months
    seen = channel.spend.min() * (1 - 1e-9), channel.spend.max() * (1 + 1e-9)
    step = float(spend - plan.today[place])
    is_forced = abs(step) > LEAST_CHANGE * max(plan.today[place], 1e-9)
    action, reason = _action(is_moved, step), None if is_moved else NOTHING_TO_GAIN
    if is_held:
        action, reason = "hold", budget.reasons.get(place)
    if is_forced and not is_moved:
        action, reason = _action(True, step), OUT_OF_BOUNDS
    values: dict[str, Any] = {
        "action": action,
        "reason": reason,
        "spend_today": plan.today[place],
        "recommended_spend": spend,
        "spend_change": step,
        "lower_bound": budget.lower[place],
        "upper_bound": budget.upper[place],
        "binding_bound": None if action == "hold" else _binding(plan, place, spend),
        "is_extrapolated": not seen[0] <= a_period <= seen[1],
        "price_factor": 1 + channel.price_change,
        "mix_marginal_return": budget.marginal,
    }
    if channel.curve is not None:
        at = budget.allocation.spend
        change, gain = budget.gains(plan.curves)
        values |= _known(
            settings,
            margin=plan.curves.value(at)[place],
            change=change[place],
            gain=gain[place],
            gains=budget.gains(plan.draws)[1][:, place],
        )
        values |= _slopes(
            settings, plan.curves.marginal(at)[place], plan.draws.marginal(at)[:, place]
        )
    return budget.row(channel.name, values)


def _of_all(budget: _Budget) -> dict[str, Any]:
    plan, spend = budget.plan, budget.allocation.spend
    step = float((spend - plan.today).sum())
    is_changed = abs(step) > LEAST_CHANGE * float(plan.today.sum())
    is_moved = bool((budget.is_moved & ~plan.is_held).any()) or is_changed
    values: dict[str, Any] = {
        "action": "hold" if plan.is_held.all() and not is_moved else _action(is_moved, step),
        "spend_today": plan.today.sum(),
        "recommended_spend": spend.sum(),
        "spend_change": step,
        "unallocated": budget.allocation.unallocated,
        "mix_marginal_return": budget.marginal,
    }
    if is_moved and not is_changed:
        values["action"] = "move"
    if any(channel.curve is not None for channel in plan.channels):
        change, gain = budget.gains(plan.curves)
        values |= _known(
            budget.settings,
            margin=plan.curves.value(spend).sum(),
            change=change.sum(),
            gain=gain.sum(),
            gains=budget.gains(plan.draws)[1].sum(axis=1),
        )
    return budget.row(TOTAL, values)


def _action(is_moved: bool, step: float) -> str:
    if not is_moved:
        return "keep"
    return "increase" if step > 0 else "decrease"


def _known(
    settings: MixSettings, *, margin: float, change: float, gain: float, gains: Array
) -> dict[str, Any]:
    low, high = interval(gains, settings)
    return {
        "expected_margin": margin,
        "margin_change": change,
        "expected_gain": gain,
        "gain_low": low,
        "gain_high": high,
    }


def _slopes(settings: MixSettings, slope: float, slopes: Array) -> dict[str, Any]:
    low, high = interval(slopes, settings)
    return {"marginal_return": slope, "marginal_return_low": low, "marginal_return_high": high}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: float(value) if isinstance(value, np.floating) else value
        for name, value in values.items()
    }


def _binding(plan: _Plan, place: int, spend: float) -> str | None:
    """Which bound the spend stands at, if one."""
    least, most = plan.own_bounds[place]
    near = 1e-6 * max(spend, 1.0)
    if spend >= plan.upper[place] - near and plan.upper[place] > plan.lower[place]:
        return "maximum" if abs(spend - most) <= near else "change_cap"
    if spend <= plan.lower[place] + near:
        return "minimum" if abs(spend - least) <= near else "change_cap"
    return None


def _of_segments(budget: _Budget, place: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How a channel's budget is best shared among segments, as far as they are told apart.

    A segment's curve is the channel's, narrower by its share of the touches and higher by what a
    touch of it brings, drawn towards the channel's by how little is known.
    """
    plan, settings = budget.plan, budget.settings
    channel = plan.channels[place]
    of = channel.segments[channel.segments["touches"].fillna(0) > 0]
    if channel.basis != INCREMENTAL or channel.error is None or len(of) < 2:
        return []
    if of["incremental_margin"].isna().any() or not channel.per_touch:
        return []
    touches, margin = numbers(of["touches"]), numbers(of["incremental_margin"])
    share = touches / touches.sum()
    error = channel.error / np.sqrt(share)
    trust = settings.mix_segment_spread**2 / (settings.mix_segment_spread**2 + error**2)
    relative = 1 + trust * (margin / touches / (margin.sum() / touches.sum()) - 1)
    relative /= float(share @ relative)
    level, at = plan.curves.level[place] * share * relative, plan.curves.at[place] * share
    curves = Curves(level, np.full(len(of), plan.curves.bend[place]), at)
    today, total = share * plan.today[place], float(row["recommended_spend"])
    cap = settings.mix_change_cap
    is_held = row["action"] == "hold"
    spend = share * total
    if not is_held and (level > 0).all():
        wide = total / max(plan.today[place], 1e-12)
        lower, upper = today * min(1 - cap, wide), today * max(1 + cap, wide)
        spend = same_total(curves, lower, upper, total).spend
    random = np.random.default_rng([SEED, place, 1])
    own = np.sqrt(np.maximum(error**2 - channel.error**2, 0.0)) * trust
    extra = 1 + own * random.standard_normal((settings.mix_draws, len(of)))
    drawn = Curves(
        plan.draws.level[:, [place]] * share * relative * extra,
        np.broadcast_to(plan.draws.bend[:, [place]], extra.shape),
        plan.draws.at[:, [place]] * share,
    )
    step = spend - today
    change = curves.value(spend) - curves.value(today)
    cost = (budget.marginal or 0.0) * step
    gains = drawn.value(spend) - drawn.value(today) - cost
    slopes, slope = drawn.marginal(spend), curves.marginal(spend)
    rows = []
    for k, segment in enumerate(of["segment"].astype(str)):
        is_moved = bool(abs(step[k]) > LEAST_CHANGE * max(today[k], 1e-9))
        values = {
            "segment": segment,
            "action": "hold" if is_held else _action(is_moved, float(step[k])),
            "reason": row["reason"] if is_held or not is_moved else None,
            "spend_today": today[k],
            "recommended_spend": spend[k],
            "spend_change": step[k],
            "mix_marginal_return": budget.marginal,
            "is_extrapolated": row["is_extrapolated"],
            "price_factor": row["price_factor"],
        }
        values |= _known(
            settings,
            margin=curves.value(spend)[k],
            change=change[k],
            gain=change[k] - cost[k],
            gains=gains[:, k],
        )
        values |= _slopes(settings, slope[k], slopes[:, k])
        rows.append(budget.row(channel.name, values))
    return rows
