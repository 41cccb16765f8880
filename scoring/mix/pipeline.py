"""From spend, touches and margin by period to responses, budgets, and the next test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.mix.after import next_tests, recommended, reviewed
from scoring.mix.budget import mix, season_of
from scoring.mix.channel import channel_of, check, checked, points, respond, response
from scoring.mix.settings import (
    ALL,
    COLUMNS,
    INPUT,
    MONTHS_A_PERIOD,
    SAME_TOTAL,
    SCENARIOS,
    TOTAL,
    MixSettings,
)
from scoring.mix.tables import (
    CHECKED,
    CURVES,
    MIXES,
    NEXT_TESTS,
    RECOMMENDATIONS,
    RESPONSES,
    REVIEWS,
)
from scoring.study import Table

DIGITS = 6
"""Decimals of what is told."""


@dataclass(frozen=True)
class MixResult:
    """The tables, with the columns and types that ``tables`` declares."""

    tables: Mapping[str, pd.DataFrame]

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return dict(self.tables)

    def told(self) -> str:
        """What moving the same total would bring, or why nothing is moved."""
        mixes, responses = self.tables[MIXES.name], self.tables[RESPONSES.name]
        known = int(responses["response_basis"].notna().sum())
        told = f"{known} of {len(responses)} responses told"
        same = mixes[(mixes["scenario"] == SAME_TOTAL) & (mixes["segment"] == ALL)]
        of_all = same[same["channel_id"] == TOTAL]
        if known and len(of_all) and pd.notna(gain := of_all["expected_gain"].iloc[0]):
            held = int((same["action"] == "hold").sum())
            told += f", {gain:,.0f} to gain at the same total, {held} held"
        return told


def study(rows: pd.DataFrame, settings: MixSettings, earlier: pd.DataFrame) -> MixResult:
    """Responses, checks, budgets, the review of the last ones, and the next test.

    Args:
        rows: the table ``int_channel_periods``; may be empty.
        settings: see ``MixSettings``.
        earlier: the table ``recommendations`` as of earlier dates.

    Raises:
        ValueError: a column is missing, a count or bound is negative, or bounds cannot be met.
    """
    _refuse(rows)
    rows = rows.sort_values(["channel_id", "segment", "period_start"])
    channels = [
        channel_of(str(name), part) for name, part in rows.groupby("channel_id", observed=True)
    ]
    with threadpool_limits(limits=1):
        respond(channels, rows, settings)
        check(channels, rows, settings)
        season = season_of(rows, settings)
        mixes = [m for s in SCENARIOS for m in mix(s, channels, season, settings)]
    told = _Told(settings.as_of_date)
    return MixResult(
        {
            RESPONSES.name: told.frame(RESPONSES, [response(c, settings) for c in channels]),
            CURVES.name: told.frame(CURVES, [p for c in channels for p in points(c, settings)]),
            CHECKED.name: told.frame(CHECKED, [r for c in channels for r in checked(c)]),
            MIXES.name: told.frame(MIXES, mixes),
            RECOMMENDATIONS.name: told.frame(
                RECOMMENDATIONS, recommended(mixes, settings), keeps_date=True
            ),
            REVIEWS.name: told.frame(REVIEWS, reviewed(channels, earlier, settings)),
            NEXT_TESTS.name: told.frame(NEXT_TESTS, next_tests(channels, season, settings)),
        }
    )


@dataclass(frozen=True)
class _Told:
    as_of_date: date

    def frame(
        self, table: Table, records: Sequence[Mapping[str, Any]], keeps_date: bool = False
    ) -> pd.DataFrame:
        dated = [table.record({"as_of_date": self.as_of_date} | dict(r), DIGITS) for r in records]
        return table.from_records([_finite(record) for record in dated])


def _finite(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in record.items()
    }


def _refuse(rows: pd.DataFrame) -> None:
    if missing := [name for name in COLUMNS if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    for column in ("touches", "minimum_spend", "maximum_spend"):
        if count := int((rows[column] < 0).sum()):
            raise ValueError(f"{INPUT}: {column} is negative in {count} of {len(rows)} rows")
    kinds = set(rows["period_kind"].dropna()) - set(MONTHS_A_PERIOD)
    if kinds:
        raise ValueError(
            f"{INPUT}: period_kind {', '.join(sorted(kinds))} is neither week nor month"
        )
