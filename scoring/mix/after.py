"""What became of the last budget, and which channel to test before the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scoring.mix.budget import Season, common_return, future
from scoring.mix.channel import Channel, first_known
from scoring.mix.checks import FAIL
from scoring.mix.design import designed, value_of_information
from scoring.mix.settings import (
    ALL,
    LEAST_CHANGE,
    MONTHS_A_PERIOD,
    NO_RESPONSE,
    TOTAL,
    MixSettings,
)


def recommended(mixes: list[dict[str, Any]], settings: MixSettings) -> list[dict[str, Any]]:
    """What is kept of a budget, by month."""
    months = settings.mix_horizon_months
    return [
        {
            **{name: row[name] for name in ("scenario", "channel_id", "starts_on", "ends_on")},
            "action": row["action"],
            "spend_before": row["spend_today"] / months,
            "recommended_spend": row["recommended_spend"] / months,
            "expected_margin": (
                None if row.get("expected_margin") is None else row["expected_margin"] / months
            ),
        }
        for row in mixes
        if row["segment"] == ALL and row["channel_id"] != TOTAL and "spend_today" in row
    ]


def reviewed(
    channels: list[Channel], earlier: pd.DataFrame, settings: MixSettings
) -> list[dict[str, Any]]:
    """What was spent, and brought, in the periods since the last recommendation."""
    if not len(earlier):
        return []
    recommended_on = pd.to_datetime(earlier["as_of_date"])
    last = earlier[recommended_on == recommended_on.max()].sort_values(["scenario", "channel_id"])
    by_name = {channel.name: channel for channel in channels}
    found = []
    for record in last.astype(object).to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        told: dict[str, Any] = {
            "recommended_on": pd.Timestamp(row["as_of_date"]).date(),
            **{name: row[name] for name in ("scenario", "channel_id", "action")},
            **{name: _known(row[name]) for name in ("spend_before", "recommended_spend")},
            "expected_margin": _known(row["expected_margin"]),
        }
        found.append(told | _since(by_name.get(str(row["channel_id"])), row, told))
    return found


def _since(
    channel: Channel | None, row: Mapping[str, Any], told: Mapping[str, Any]
) -> dict[str, Any]:
    too_early = {"outcome": "too_early", "months_since": 0.0}
    if channel is None or not len(channel.spend):
        return too_early
    starts = pd.to_datetime(pd.Series(channel.starts))
    is_since = (
        (starts >= pd.Timestamp(row["starts_on"])) & (starts <= pd.Timestamp(row["ends_on"]))
    ).to_numpy()
    if not is_since.any():
        return too_early
    months = channel.months
    actual = float(channel.spend[is_since].mean()) / months
    before, wanted = told["spend_before"], told["recommended_spend"]
    asked = wanted - before
    values: dict[str, Any] = {
        "months_since": float(is_since.sum() * months),
        "actual_spend": actual,
    }
    if channel.own_margin is not None:
        values["seen_margin"] = float(channel.own_margin[is_since].mean()) / months
        if told["expected_margin"]:
            values["seen_to_expected"] = values["seen_margin"] / told["expected_margin"]
    if abs(asked) <= LEAST_CHANGE * max(before, 1e-9):
        return values | {"outcome": "no_change_asked"}
    followed = (actual - before) / asked
    values["followed_share"] = followed
    outcome = "followed" if followed >= 0.75 else "partly_followed"
    return values | {"outcome": outcome if followed >= 0.25 else "not_followed"}


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def next_tests(
    channels: list[Channel],
    season: Season,
    settings: MixSettings,
) -> list[dict[str, Any]]:
    """Channels by what a test of them is worth, each with the least that finds its effect."""
    other = common_return(channels, season, settings)
    rows: list[dict[str, Any]] = []
    for channel in channels:
        if channel.curve is None or channel.draws is None:
            rows.append({"channel_id": channel.name, "reason": channel.reason or NO_RESPONSE})
            continue
        curve, draws = future(channel, season, settings)
        spend = channel.recent(settings.mix_recent_months)
        spend *= settings.mix_horizon_months / channel.months
        at = np.array([spend])
        value, width, chance = value_of_information(spend, draws.marginal(at)[:, 0], other)
        weeks = settings.mix_horizon_months * 365.25 / 12 / 7
        margin_a_week = float(curve.value(at)[0]) / weeks
        spread = first_known(channel.rows["customer_margin_spread"].iloc[::-1])
        customers = channel.rows["customers"].dropna()
        design = designed(
            margin_a_week,
            int(customers.iloc[-1]) if len(customers) else 0,
            (spread or 0.0) * np.sqrt(MONTHS_A_PERIOD["week"] / channel.months),
            confidence=settings.mix_confidence,
            power=settings.mix_test_power,
            most_weeks=settings.mix_test_max_weeks,
        )
        varies = not any(c.check == "spend_variation" and c.status == FAIL for c in channel.checks)
        has_touches = channel.touches.sum() > 0
        kind = "customer_holdout" if has_touches else "region_holdout"
        row = {
            "channel_id": channel.name,
            "information_value": value,
            "spend": spend,
            "return_width": width,
            "change_chance": chance,
            "design": kind if varies else "vary_spend",
        }
        if design:
            row |= {
                "holdout_share": design.holdout_share,
                "weeks": design.weeks,
                "expected_effect": margin_a_week * design.weeks,
                "detectable_effect": design.detectable,
                "is_detectable": design.finds,
            }
        rows.append(row)
    ranked = sorted(
        (r for r in rows if "information_value" in r),
        key=lambda r: (-r["information_value"], r["channel_id"]),
    )
    for rank, row in enumerate(ranked, start=1):
        row["test_rank"] = rank
    return rows
