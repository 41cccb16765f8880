"""Customers at several cut-offs with what is forecast of them: features, BTYD outputs, outcomes.

A *window* is the ``horizon_days`` after a cut-off. Cut-offs step back from the one to be forecast
in equal parts of a horizon, so that windows of earlier cut-offs end exactly on later cut-offs and
"everything whose window is over by then" is a plain comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from scoring.btyd import (
    NBD,
    PURCHASE_MODELS,
    SPEND_MODELS,
    Poisson,
    PurchaseModel,
    ShrunkenMeanSpend,
    SpendModel,
    fit_purchases,
)
from scoring.btyd.likelihood import Vector
from scoring.customers.features import days_until_next, features, outcomes, season
from scoring.customers.history import PurchaseHistory
from scoring.customers.season import Clock, clock

DAYS_PER_WEEK = 7.0

# Log-time needs some days before a cut-off says anything about rhythm.
MINIMUM_HISTORY_DAYS = 28

LEARNED = "learned|"
# The mean of the forecasts of the models that know dropout, a candidate of its own.
AVERAGE = "average"


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

    clock: Clock
    purchases: Mapping[str, PurchaseModel]
    spends: Mapping[str, SpendModel]
    reasons: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def fit(cls, rows: pd.DataFrame, clock: Clock) -> FittedBtyd:
        """Fit every model of the registries to the summaries of one cut-off."""
        tried = {name: _tried(name, rows, clock, None) for name in PURCHASE_MODELS}
        return cls.of(tried, rows, clock)

    @classmethod
    def of(
        cls, tried: Mapping[str, list[PurchaseModel]], rows: pd.DataFrame, clock: Clock
    ) -> FittedBtyd:
        """From purchase models that were fitted, by name and in the order tried."""
        purchases = {name: models[-1] for name, models in tried.items() if models[-1].identified}
        reasons = {name: models[0].reason for name, models in tried.items()}
        spends: dict[str, SpendModel] = {}
        for name, kind in SPEND_MODELS.items():
            spend = kind().fit(*_spend_evidence(kind, rows))
            reasons[name] = spend.reason
            if not spend.identified:
                spend = ShrunkenMeanSpend().fit(*_spend_evidence(ShrunkenMeanSpend, rows))
            spends[name] = spend
        return cls(clock, purchases, spends, reasons)

    def outputs(
        self, rows: pd.DataFrame, horizon_days: int, only: Collection[str] | None = None
    ) -> dict[str, Vector]:
        """Forecasts for summaries, all of them or those columns that are named in ``only``.

        Columns are ``<model>:purchases``, ``:churn``, ``:alive`` and ``<model>/<spend>:spend``, and
        the same of ``average``.
        """
        parts = self._averaged(only)
        if only is not None:
            only = {*only, *(name for of in parts.values() for name in of)} - parts.keys()

        def wanted(column: str) -> bool:
            return only is None or column in only

        history = self.summary(rows)
        horizon, worth = self.clock.horizon(horizon_days), self.clock.worth_of(horizon_days)
        columns: dict[str, Vector] = {}
        values = {}
        for name in self.spends:
            if only is None or any(column.endswith(f"/{name}:spend") for column in only):
                values[name] = self.expected_value(name, rows)
        for name, model in self.purchases.items():
            amounts = [f"{name}:purchases", *(f"{name}/{label}:spend" for label in values)]
            if any(map(wanted, amounts)):
                expected = model.expected_purchases(horizon, **history)
                if wanted(amounts[0]):
                    columns[amounts[0]] = expected
                for label, value in values.items():
                    if wanted(f"{name}/{label}:spend"):
                        columns[f"{name}/{label}:spend"] = expected * value * worth
            if wanted(f"{name}:churn"):
                columns[f"{name}:churn"] = model.probability_no_purchase(horizon, **history)
            if wanted(f"{name}:alive"):
                columns[f"{name}:alive"] = model.probability_alive(**history)
        means = {name: np.mean([columns[one] for one in of], axis=0) for name, of in parts.items()}
        return columns | means

    def _averaged(self, only: Collection[str] | None) -> dict[str, list[str]]:
        """The columns of ``average`` that are wanted, and those that each is the mean of."""
        names = [name for name in self.purchases if name not in (NBD.name, Poisson.name)]
        outputs = ["purchases", "churn", "alive"]
        ends = [f":{output}" for output in outputs] + [f"/{name}:spend" for name in self.spends]
        return {
            AVERAGE + end: [name + end for name in names]
            for end in ends
            if names and (only is None or AVERAGE + end in only)
        }

    def summary(self, rows: pd.DataFrame) -> dict[str, Vector]:
        """Frequency, recency and age of panel rows as the purchase models take them."""
        return summary_on(self.clock, rows)

    def expected_value(self, spend_model: str, rows: pd.DataFrame) -> Vector:
        """Expected spend per purchase of customers by their summaries, shape (rows,)."""
        spend = self.spends[spend_model]
        count, mean = _spend_evidence(type(spend), rows)
        return spend.expected_value(frequency=count, mean_spend=mean)


def _tried(
    name: str, rows: pd.DataFrame, clock: Clock, near: PurchaseModel | None
) -> list[PurchaseModel]:
    return fit_purchases(PURCHASE_MODELS[name], **summary_on(clock, rows), near=near)


def summary_on(clock: Clock, rows: pd.DataFrame) -> dict[str, Vector]:
    """Frequency, and recency and age in weeks of a clock, of panel rows of its cut-off."""
    first = clock.cutoff - rows["age_days"].to_numpy()
    begin = clock.at(first)
    return {
        "frequency": rows["frequency"].to_numpy(),
        "recency": clock.at(first + rows["recency"].to_numpy()) - begin,
        "age": clock.at(clock.cutoff) - begin,
    }


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
    ``previous_spend`` in the horizon up to the cut-off; ``purchases_after``, ``spend_after``,
    ``churned`` (0 or 1) and ``wait_after`` (days to the next purchase, infinite if there is none)
    in the horizon after it, NaN where the window is not over by ``known_by``.
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
        return build_panels(history, {horizon_days: cutoffs}, known_by)[horizon_days]

    def at(self, cutoff: int) -> pd.DataFrame:
        """The rows of one cut-off."""
        return self.rows[self.rows["cutoff"] == cutoff]

    def before(self, cutoff: int) -> pd.DataFrame:
        """The rows whose windows were over at the end of a day: all that may be learned from."""
        return self.rows[self.rows["cutoff"] + self.horizon_days <= cutoff]


def build_panels(
    history: PurchaseHistory,
    cutoffs: Mapping[int, Iterable[int]],
    known_by: int,
    pool: ThreadPoolExecutor | None = None,
) -> dict[int, Panel]:
    """Panels by horizon, each with its own cut-offs; features and fits are shared.

    Nothing after the day ``known_by`` is read. Purchase models are fitted in the ``pool``.
    """
    wanted = {horizon: tuple(sorted(set(days), reverse=True)) for horizon, days in cutoffs.items()}
    past = history.until(known_by)
    table = features(past, sorted({day for days in wanted.values() for day in days}))
    at = {int(str(day)): rows for day, rows in table.groupby("cutoff")}
    clocks = dict(zip(at, (pool.map if pool else map)(partial(clock, past), at), strict=True))

    def fits(name: str) -> list[list[PurchaseModel]]:
        """One model at every cut-off, from the past into the future: later fits have no say."""
        found: list[list[PurchaseModel]] = []
        for day, rows in at.items():
            found.append(_tried(name, rows, clocks[day], found[-1][-1] if found else None))
        return found

    by_model = dict(
        zip(PURCHASE_MODELS, (pool.map if pool else map)(fits, PURCHASE_MODELS), strict=True)
    )
    btyd = {
        day: FittedBtyd.of(
            {name: found[position] for name, found in by_model.items()}, rows, clocks[day]
        )
        for position, (day, rows) in enumerate(at.items())
    }
    panels = {}
    for horizon, days in wanted.items():
        used = [day for day in sorted(set(days)) if day in btyd]
        part = partial(_with_horizon, past, at, btyd, horizon)
        parts = list((pool.map if pool else map)(part, used))
        rows = pd.concat(parts, ignore_index=True) if parts else table.iloc[:0]
        rows = pd.concat([rows, _outcomes(past, rows, horizon, known_by)], axis=1)
        panels[horizon] = Panel(rows, {day: btyd[day] for day in used}, days, horizon)
    return panels


def with_horizon(
    history: PurchaseHistory,
    rows: pd.DataFrame,
    btyd: FittedBtyd,
    horizon_days: int,
    *,
    only: Collection[str] | None = None,
    learned_days: int | None = None,
) -> pd.DataFrame:
    """Rows of ``features`` of one cut-off with what depends on the horizon.

    That is the season of a year ago, what was bought in the horizon up to the cut-off, and BTYD
    outputs (``only`` those named). Where windows of ``learned_days`` were learned from instead, it
    is there for these as well, see ``as_learned``.
    """
    if learned_days not in (None, horizon_days):
        shorter = with_horizon(history, rows, btyd, int(learned_days or 0), only=only)
        extra = shorter[[name for name in shorter.columns if name not in rows.columns]]
        rows = pd.concat([rows, extra.add_prefix(LEARNED)], axis=1)
    customer, cut = rows["customer"].to_numpy(), rows["cutoff"].to_numpy()
    bought, spent = history.window(customer, cut - horizon_days, cut, cut)
    return rows.assign(
        **season(history, rows, horizon_days),
        previous_purchases=bought,
        previous_spend=spent,
        **btyd.outputs(rows, horizon_days, only),
    )


def as_learned(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows for the windows learned from, where these are shorter than the horizon."""
    shorter = {
        str(name).removeprefix(LEARNED): rows[name]
        for name in rows.columns
        if str(name).startswith(LEARNED)
    }
    if not shorter:
        return rows
    return pd.concat([rows.drop(columns=[*shorter]), pd.DataFrame(shorter)], axis=1)


def _with_horizon(
    history: PurchaseHistory,
    at: Mapping[int, pd.DataFrame],
    btyd: Mapping[int, FittedBtyd],
    horizon_days: int,
    cutoff: int,
) -> pd.DataFrame:
    return with_horizon(history, at[cutoff], btyd[cutoff], horizon_days)


def _outcomes(
    history: PurchaseHistory, rows: pd.DataFrame, horizon_days: int, known_by: int
) -> pd.DataFrame:
    """What happened in the horizon after each row's cut-off, NaN where it is not over."""
    bought, spent = outcomes(history, rows, horizon_days)
    wait = days_until_next(history, rows, horizon_days)
    over = (rows["cutoff"] + horizon_days <= known_by).to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "purchases_after": np.where(over, bought, np.nan),
            "spend_after": np.where(over, spent, np.nan),
            "churned": np.where(over, (bought == 0).astype(np.float64), np.nan),
            "wait_after": np.where(over, np.where(wait <= horizon_days, wait, np.inf), np.nan),
        },
        index=rows.index,
    )
