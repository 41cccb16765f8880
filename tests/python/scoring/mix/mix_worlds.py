"""Made-up spend, touches and margin whose response is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from scoring.mix.curve import Curves
from scoring.mix.settings import COLUMNS
from scoring.study import PANDAS_TYPES

WEEK = timedelta(days=7)
FIRST = date(2016, 1, 4)
AS_OF = date(2018, 1, 1)
WEEKS = 104


@dataclass(frozen=True)
class Channel:
    """What is true of a channel: touches at its mean spend, bend, margin of a touch."""

    spend: float
    touches: float
    bend: float
    per_touch: float
    varies: float = 0.4
    error: float = 0.05

    @property
    def curve(self) -> Curves:
        """Margin of a week by spend."""
        level = np.array([self.touches * self.per_touch])
        return Curves(level, np.array([self.bend]), np.array([self.spend]))


def rows(
    channels: Mapping[str, Channel],
    seed: int = 1,
    weeks: int = WEEKS,
    bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
) -> pd.DataFrame:
    """The study's input: a row for each channel and week."""
    random = np.random.default_rng(seed)
    records: list[dict[str, Any]] = []
    for name, channel in channels.items():
        noise = random.standard_normal(weeks)
        spend = channel.spend * np.exp(channel.varies * noise)
        touches = random.poisson(
            channel.curve.value(spend[:, None])[:, 0] / channel.per_touch
        ).astype(float)
        margin = channel.per_touch * (1 + channel.error * random.standard_normal())
        least, most = (bounds or {}).get(name, (None, None))
        records += [
            {
                "channel_id": name,
                "segment": "all",
                "period_kind": "week",
                "period_start": FIRST + week * WEEK,
                "spend": spend[week],
                "touches": touches[week],
                "campaign_touches": 0.0,
                "incremental_margin": touches[week] * margin,
                "campaign_margin": 0.0,
                "incremental_error": channel.error,
                "all_margin": 100_000.0,
                "customers": 5_000,
                "customer_margin_spread": 20.0,
                "minimum_spend": least,
                "maximum_spend": most,
            }
            for week in range(weeks)
        ]
    return frame(records)


def frame(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows with the columns and types that the study reads."""
    values = {name: [record.get(name) for record in records] for name in COLUMNS}
    return pd.DataFrame(
        {name: pd.Series(values[name], dtype=PANDAS_TYPES[kind]) for name, kind in COLUMNS.items()}
    )
