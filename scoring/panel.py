"""Customers at several cut-offs with what is forecast of them: features, BTYD outputs, outcomes.

A *window* is the ``horizon_days`` after a cut-off. Cut-offs step back from the one to be forecast
in equal parts of a horizon, so that windows of earlier cut-offs end exactly on later cut-offs and
"everything whose window is over by then" is a plain comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scoring.btyd import (
    PURCHASE_MODELS,
    SPEND_MODELS,
    PurchaseModel,
    ShrunkenMeanSpend,
    SpendModel,
    fit_purchases,
)
from scoring.btyd.likelihood import Vector
from scoring.features import features, outcomes
from scoring.history import PurchaseHistory

DAYS_PER_WEEK = 7.0

# Log-time needs some days before a cut-off says anything about rhythm.
MINIMUM_HISTORY_DAYS = 28


def earlier_cutoffs(
    cutoff: int, horizon_days: int, first_day: int, *, per_horizon: int, most: int
) -> list[int]:
    """The cut-off and those before it, latest first, ``per_horizon`` of them to a horizon.

    An earlier cut-off has at least ``MINIMUM_HISTORY_DAYS`` and half a horizon of history, where
    the first purchases seen are not yet mostly those of old customers; ``most`` bounds their
    number.
    """
    steps = np.arange(1, most + 1)
    least = max(MINIMUM_HISTORY_DAYS, horizon_days // 2)
    days = cutoff - np.rint(steps * horizon_days / per_horizon).astype(int)
    return [cutoff, *dict.fromkeys(int(d) for d in days if d - first_day >= least)]


@dataclass(frozen=True)
class FittedBtyd:
    """The BTYD models of one cut-off, by the name of the candidate they serve.

    A model that the data do not support is replaced by the next simpler one; ``reasons`` says why.
    ``purchases`` is empty where no time was observed after any first purchase.
    """

    purchases: Mapping[str, PurchaseModel]
    spends: Mapping[str, SpendModel]
    reasons: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def fit(cls, rows: pd.DataFrame) -> FittedBtyd:
        """Fit every model of the registries to the summaries of one cut-off."""
        x = rows["frequency"].to_numpy()
        tx, age = rows["recency"].to_numpy() / DAYS_PER_WEEK, rows["age_days"] / DAYS_PER_WEEK
        purchases: dict[str, PurchaseModel] = {}
        spends: dict[str, SpendModel] = {}
        reasons: dict[str, str | None] = {}
        for name, model in PURCHASE_MODELS.items():
            tried = fit_purchases(model, x, tx, age)
            reasons[name] = tried[0].reason
            if tried[-1].identified:
                purchases[name] = tried[-1]
        for name, kind in SPEND_MODELS.items():
            spend = kind().fit(*_spend_evidence(kind, rows))
            reasons[name] = spend.reason
            if not spend.identified:
                spend = ShrunkenMeanSpend().fit(*_spend_evidence(ShrunkenMeanSpend, rows))
            spends[name] = spend
        return cls(purchases, spends, reasons)

    def outputs(self, rows: pd.DataFrame, horizon_days: int) -> dict[str, Vector]:
        """Forecasts for summaries: ``<model>:purchases``, ``:none``, ``<model>/<spend>:spend``."""
        history = {
            "frequency": rows["frequency"].to_numpy(),
            "recency": rows["recency"].to_numpy() / DAYS_PER_WEEK,
            "age": rows["age_days"].to_numpy() / DAYS_PER_WEEK,
        }
        horizon = horizon_days / DAYS_PER_WEEK
        columns: dict[str, Vector] = {}
        values = {}
        for name, spend in self.spends.items():
            count, mean = _spend_evidence(type(spend), rows)
            values[name] = spend.expected_value(frequency=count, mean_spend=mean)
        for name, model in self.purchases.items():
            expected = model.expected_purchases(horizon, **history)
            columns[f"{name}:purchases"] = expected
            columns[f"{name}:churn"] = model.probability_no_purchase(horizon, **history)
            columns[f"{name}:alive"] = model.probability_alive(**history)
            for label, value in values.items():
                columns[f"{name}/{label}:spend"] = expected * value
        return columns


def _spend_evidence(kind: type[SpendModel], rows: pd.DataFrame) -> tuple[Vector, Vector]:
    """Purchases and their mean spend: all of them, or repeats for models made for repeats."""
    x = rows["frequency"].to_numpy()
    total, first = rows["total_spend"].to_numpy(), rows["first_spend"].to_numpy()
    if issubclass(kind, ShrunkenMeanSpend):
        return x + 1, total / (x + 1)
    return x, np.where(x > 0, (total - first) / np.maximum(x, 1), np.nan)


@dataclass(frozen=True)
class Panel:
    """Rows of ``features`` at several cut-offs with BTYD outputs and, where known, outcomes.

    ``rows`` adds to the features: the outputs of ``FittedBtyd``; ``previous_purchases`` and
    ``previous_spend`` in the horizon up to the cut-off; ``purchases_after``, ``spend_after`` and
    ``churned`` (0 or 1) in the horizon after it, NaN where the window is not over by ``known_by``.
    """

    rows: pd.DataFrame
    btyd: Mapping[int, FittedBtyd]
    cutoffs: tuple[int, ...]
    horizon_days: int

    @classmethod
    def build(
        cls,
        history: PurchaseHistory,
        cutoffs: Iterable[int],
        horizon_days: int,
        known_by: int,
    ) -> Panel:
        """From purchase days; nothing after the day ``known_by`` is read."""
        cutoffs = tuple(cutoffs)
        past = history.until(known_by)
        table = features(past, cutoffs, horizon_days)
        customer = table["customer"].to_numpy()
        cut = table["cutoff"].to_numpy()
        added: dict[str, Vector] = {}
        added["previous_purchases"], added["previous_spend"] = past.window(
            customer, cut - horizon_days, cut
        )
        bought, spent = outcomes(past, table, horizon_days)
        over = cut + horizon_days <= known_by
        added["purchases_after"] = np.where(over, bought, np.nan)
        added["spend_after"] = np.where(over, spent, np.nan)
        added["churned"] = np.where(over, (bought == 0).astype(np.float64), np.nan)
        btyd: dict[int, FittedBtyd] = {}
        outputs = []
        for cutoff in sorted(set(cutoffs)):
            rows = table[cut == cutoff]
            if len(rows):
                btyd[cutoff] = FittedBtyd.fit(rows)
                columns = btyd[cutoff].outputs(rows, horizon_days)
                outputs.append(pd.DataFrame(columns, index=rows.index))
        parts = [table, pd.DataFrame(added, index=table.index)]
        if outputs:
            parts.append(pd.concat(outputs))
        return cls(pd.concat(parts, axis=1), btyd, cutoffs, horizon_days)

    def at(self, cutoff: int) -> pd.DataFrame:
        """The rows of one cut-off."""
        return self.rows[self.rows["cutoff"] == cutoff]

    def before(self, cutoff: int) -> pd.DataFrame:
        """The rows whose windows were over at the end of a day: all that may be learned from."""
        return self.rows[self.rows["cutoff"] + self.horizon_days <= cutoff]
