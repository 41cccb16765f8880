"""From counts of touches and orders to what each channel brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.incrementality.rate import Counts, Fit, Kind, Lags, fit
from scoring.incrementality.tables import CHANNEL_INCREMENTS, TOUCH_EFFECTS

INPUT = "int_incremental_cells"
COLUMNS: Mapping[str, str] = {
    "cell": "varchar",
    "customer_group": "bigint",
    "channel_id": "varchar",
    "is_campaign": "boolean",
    "is_repeat": "boolean",
    "other_channel_id": "varchar",
    "other_is_campaign": "boolean",
    "other_is_repeat": "boolean",
    "lag_days": "bigint",
    "cell_date": "date",
    "orders": "bigint",
    "exposures": "bigint",
    "index_exposures": "bigint",
    "shifted": "double",
}
GROUPS = 100
CONFIDENCE = 0.90
DIGITS = 6
DRAWS = 4_000
ROUNDS = 3
"""How often what touches bring is taken off the calendar that they are set against."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class IncrementalitySettings:
    """Days that are looked at, and what is needed to tell an effect; see dbt_project.yml."""

    as_of_date: date
    incremental_before_days: int = 28
    incremental_carry_over_days: int = 42
    incremental_after_days: int = 21
    incremental_min_exposures: int = 200
    incremental_min_groups: int = 10
    incremental_placebo_z: float = 2.576
    incremental_placebo_share: float = 0.1
    incremental_together_share: float = 0.5
    incremental_largest_cv: float = 0.5


@dataclass(frozen=True)
class IncrementalityResult:
    """The tables, with the columns and types that ``tables`` declares."""

    channel_increments: pd.DataFrame
    touch_effects: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {
            CHANNEL_INCREMENTS.name: self.channel_increments,
            TOUCH_EFFECTS.name: self.touch_effects,
        }

    def told(self) -> str:
        """Of how many channels it is told what they bring."""
        rows = self.channel_increments
        rows = rows[rows["customer_kind"] == "all"]
        told = int((rows["status"] == "ok").sum())
        return f"what {told} of {len(rows)} channels bring is told"


def study(rows: pd.DataFrame, settings: IncrementalitySettings) -> IncrementalityResult:
    """What each channel brings.

    Args:
        rows: the table ``int_incremental_cells``; may be empty.
        settings: see ``IncrementalitySettings``.

    Returns:
        Three rows for each channel with a touch, with status and reason.

    Raises:
        ValueError: a column is missing.
    """
    if missing := [name for name in COLUMNS if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    cells = {str(cell): part for cell, part in rows.groupby("cell", observed=True)}
    if "all" not in cells:
        return IncrementalityResult(
            CHANNEL_INCREMENTS.from_records([]), TOUCH_EFFECTS.from_records([])
        )
    with threadpool_limits(limits=1):
        calendar = _Calendar(cells, settings)
        fitted = _fitted(cells, calendar, settings)
        return _told(cells, calendar, fitted, settings)


def _index_kinds(frame: pd.DataFrame, prefix: str = "") -> pd.Series:
    columns = [f"{prefix}{name}" for name in ("channel_id", "is_campaign", "is_repeat")]
    values = [frame[name].to_numpy(dtype=object) for name in columns]
    return pd.Series(
        [(str(c), bool(p), bool(r)) for c, p, r in zip(*values, strict=True)],
        index=frame.index,
        dtype=object,
    )


def _days(column: pd.Series, origin: date) -> NDArray[np.int64]:
    days = (pd.to_datetime(column) - pd.Timestamp(origin)).dt.days
    return np.asarray(days, dtype=np.int64)


class _Calendar:
    """Orders a day and followed customer, and touches by day and index kind."""

    def __init__(self, cells: Mapping[str, pd.DataFrame], settings: IncrementalitySettings) -> None:
        empty = cells["all"].iloc[:0]
        dates = cells.get("date", empty)
        orders, customers = cells.get("orders", empty), cells.get("customers", empty)
        starts = [
            pd.to_datetime(part["cell_date"]).min()
            for part in (dates, orders, customers)
            if len(part)
        ]
        self.first = min(starts).date() if starts else settings.as_of_date
        self.length = max(1, (settings.as_of_date - self.first).days)
        self.orders = self._by_day(orders, "orders")
        self.customers = np.cumsum(self._by_day(customers, "orders"))
        self.index_kinds = sorted(set(_index_kinds(dates)))
        self.touches: dict[tuple[str, bool, bool], Array] = {}
        self.index: dict[tuple[str, bool, bool], Array] = {}
        self.shifted: dict[tuple[str, bool, bool], Array] = {}
        kinds = _index_kinds(dates)
        for kind in self.index_kinds:
            part = dates[[k == kind for k in kinds]]
            self.touches[kind] = self._by_day(part, "exposures")
            self.index[kind] = self._by_day(part, "index_exposures")
            self.shifted[kind] = self._by_day(part, "shifted")
        self.factor = self._factor(np.zeros(self.length))

    def _by_day(self, part: pd.DataFrame, column: str) -> Array:
        found = np.zeros(self.length)
        if len(part):
            at = _days(part["cell_date"], self.first)
            inside = (at >= 0) & (at < self.length)
            values = part[column].to_numpy(dtype=np.float64, na_value=0.0)
            np.add.at(found, at[inside], values[inside])
        return found

    def _factor(self, brought: Array) -> Array:
        rate = (self.orders - brought) / np.where(self.customers > 0, self.customers, 1.0)
        mean = rate[self.customers > 0].mean() if (self.customers > 0).any() else 0.0
        return np.clip(rate / mean, 0.0, None) if mean > 0 else np.ones(self.length)

    def expected(self, kind: tuple[str, bool, bool], lags: Lags) -> Array:
        """Orders by distance if each index touch's customer had one on an average day."""
        at = np.arange(self.length)
        found = []
        for lag in lags.days:
            total = 0.0
            for weight, ahead in (
                (self.index[kind] - self.shifted[kind], lag),
                (self.shifted[kind], lag + 1),
            ):
                day = at + ahead
                inside = (day >= 0) & (day < self.length)
                total += float(weight[inside] @ self.factor[day[inside]])
            found.append(total)
        return np.array(found)

    def take_off(self, fitted: Fit) -> None:
        """Orders that touches brought belong to them and not to the calendar."""
        brought = np.zeros(self.length)
        for number, kind in enumerate(fitted.of):
            for (channel, is_campaign, is_repeat), touches in self.touches.items():
                if (channel, is_campaign) == (kind.channel, kind.is_campaign):
                    size = float(fitted.effects[number])
                    size *= fitted.saturation[channel] if is_repeat else 1.0
                    carried = np.convolve(touches, fitted.shapes[kind].weights)
                    brought += size * carried[: self.length]
        self.factor = self._factor(brought)

    def together(self, channel: str, days: int) -> float:
        """How much of whether a customer was touched in so many days follows from the day alone."""
        found = sum(
            (t for (name, *_), t in self.touches.items() if name == channel),
            start=np.zeros(self.length),
        )
        touched = np.convolve(found, np.ones(days))[: self.length]
        there = self.customers > 0
        share = np.minimum(1.0, touched[there] / self.customers[there])
        whole = share.mean() * (1 - share.mean()) if len(share) else 0.0
        return float(share.var() / whole) if whole > 0 else 1.0


def _counts(
    cells: Mapping[str, pd.DataFrame], calendar: _Calendar, settings: IncrementalitySettings
) -> Counts | None:
    lags = Lags(
        settings.incremental_before_days,
        settings.incremental_carry_over_days,
        settings.incremental_after_days,
    )
    if "group" not in cells or "lag" not in cells:
        return None
    every = sorted(set(_index_kinds(cells["group"])) | set(calendar.index_kinds))
    place = {kind: number for number, kind in enumerate(every)}
    touches = np.zeros((GROUPS, len(every)))
    part = cells["group"]
    groups = part["customer_group"].to_numpy(dtype=np.int64)
    at = np.array([place[kind] for kind in _index_kinds(part)])
    np.add.at(touches, (groups, at), part["index_exposures"].to_numpy(dtype=np.float64))
    orders = np.zeros((GROUPS, len(every), len(lags.days)))
    part = cells["lag"]
    groups = part["customer_group"].to_numpy(dtype=np.int64)
    at = np.array([place[kind] for kind in _index_kinds(part)])
    lag = part["lag_days"].to_numpy(dtype=np.int64) + lags.before
    np.add.at(orders, (groups, at, lag), part["orders"].to_numpy(dtype=np.float64))
    first = -(lags.before + lags.carried + 2)
    last = lags.carried + lags.after + 9
    pairs = np.zeros((len(every), len(every), last - first + 1))
    shifted = np.zeros_like(pairs)
    part = cells.get("pair", cells["all"].iloc[:0])
    if len(part):
        where = (
            np.array([place[kind] for kind in _index_kinds(part)]),
            np.array([place[kind] for kind in _index_kinds(part, "other_")]),
            np.clip(part["lag_days"].to_numpy(dtype=np.int64), first, last) - first,
        )
        np.add.at(pairs, where, part["exposures"].to_numpy(dtype=np.float64))
        np.add.at(shifted, where, part["shifted"].to_numpy(dtype=np.float64))
    return Counts(
        kinds=[Kind(channel, is_campaign) for channel, is_campaign, _ in every],
        repeats=np.array([repeat for *_, repeat in every]),
        orders=orders,
        touches=touches,
        expected=np.stack([calendar.expected(kind, lags) for kind in every]),
        pairs=pairs,
        shifted=shifted,
        first_pair=first,
        lags=lags,
    )


def _fitted(
    cells: Mapping[str, pd.DataFrame], calendar: _Calendar, settings: IncrementalitySettings
) -> Fit | None:
    fitted = None
    for _ in range(ROUNDS):
        counts = _counts(cells, calendar, settings)
        if counts is None or counts.orders.sum() == 0:
            return None
        fitted = fit(counts)
        calendar.take_off(fitted)
    return fitted


def _told(
    cells: Mapping[str, pd.DataFrame],
    calendar: _Calendar,
    fitted: Fit | None,
    settings: IncrementalitySettings,
) -> IncrementalityResult:
    every = cells["all"]
    kinds = _index_kinds(every)
    followed = every["cell_date"].notna()
    amounts = every["exposures"].to_numpy(dtype=np.float64)
    channels = sorted({channel for channel, *_ in kinds})
    # Orders that an effect of one has brought by the as-of date, by kind of touch.
    of = fitted.of if fitted else []
    place = {(kind.channel, kind.is_campaign): number for number, kind in enumerate(of)}
    whole, elapsed = np.zeros(len(of)), np.zeros(len(of))
    if fitted:
        ago = np.zeros(len(every), dtype=np.int64)
        ago[followed] = (settings.as_of_date - calendar.first).days - _days(
            every.loc[followed, "cell_date"], calendar.first
        )
        for (channel, is_campaign, is_repeat), days, known, amount in zip(
            kinds, ago, followed, amounts, strict=True
        ):
            number = place.get((channel, is_campaign))
            if known and number is not None:
                factor = fitted.saturation[channel] if is_repeat else 1.0
                weights = fitted.shapes[of[number]].weights
                whole[number] += amount * factor
                elapsed[number] += amount * factor * weights[:days].sum()
    found: dict[str, dict[str, Any]] = {}
    for channel in channels:
        groups = cells.get("group", every.iloc[:0])
        found[channel] = _of_channel(
            groups[groups["channel_id"] == channel],
            calendar,
            _Sizes(channel, fitted, elapsed, whole),
            settings,
        )
    _share(found, channels, fitted, elapsed)
    records = []
    for channel in channels:
        mine = np.array([name == channel for name, *_ in kinds])
        touches = {
            "all": int(amounts[mine].sum()),
            "new": int(amounts[mine & ~followed.to_numpy()].sum()),
            "returning": int(amounts[mine & followed.to_numpy()].sum()),
        }
        for kind, number in touches.items():
            told: dict[str, Any] = {
                "as_of_date": settings.as_of_date,
                "channel_id": channel,
                "customer_kind": kind,
                "touches": number,
            }
            if kind == "new":
                told |= {"status": "not_identified", "reason": "no_own_rhythm"}
            else:
                told |= found[channel]
            records.append(CHANNEL_INCREMENTS.record(told, DIGITS))
    return IncrementalityResult(
        CHANNEL_INCREMENTS.from_records(records),
        TOUCH_EFFECTS.from_records(_effects(found, fitted, settings)),
    )


@dataclass(frozen=True)
class _Sizes:
    """A channel, and of each fitted kind its touches: as far as they have acted, and in full."""

    channel: str
    fitted: Fit | None
    elapsed: Array
    whole: Array


def _of_channel(
    groups: pd.DataFrame, calendar: _Calendar, sizes: _Sizes, settings: IncrementalitySettings
) -> dict[str, Any]:
    channel, fitted = sizes.channel, sizes.fitted
    elapsed, whole = sizes.elapsed, sizes.whole
    studied = int(groups["index_exposures"].sum()) if len(groups) else 0
    found: dict[str, Any] = {"studied_touches": studied}
    if (
        fitted is None
        or studied < settings.incremental_min_exposures
        or groups["customer_group"].nunique() < settings.incremental_min_groups
    ):
        return found | {"status": "too_little_data", "reason": "few_touches"}
    mine = np.array([kind.channel == channel for kind in fitted.of])
    most = max((n for n in range(len(mine)) if mine[n]), key=lambda n: whole[n])
    shape = fitted.shapes[fitted.of[most]]
    days = max(2, round(2 * shape.half_life))
    if calendar.together(channel, days) > settings.incremental_together_share:
        return found | {"status": "not_identified", "reason": "touched_together"}
    weight = np.where(mine, elapsed, 0.0)
    orders = float(weight @ fitted.effects)
    error = float(np.sqrt(weight @ fitted.covariance @ weight))
    touches = float(whole[mine].sum())
    half = float(norm.ppf((1 + CONFIDENCE) / 2)) * error
    share = np.where(mine, whole, 0.0) / max(touches, 1.0)
    before = float(share @ fitted.leads)
    before_error = float(np.sqrt(((share * fitted.lead_errors) ** 2).sum()))
    per_touch = float(np.where(mine, whole, 0.0) @ fitted.effects) / max(touches, 1.0)
    found |= {
        "half_life_days": shape.half_life,
        "saturation": fitted.saturation[channel],
        "orders_before": before,
        "orders_before_error": before_error,
    }
    if abs(before) > settings.incremental_placebo_z * before_error and abs(
        before
    ) > settings.incremental_placebo_share * abs(per_touch):
        return found | {"status": "not_identified", "reason": "differs_before"}
    found |= {
        "incremental_orders": orders,
        "lower": orders - half,
        "upper": orders + half,
        "orders_per_touch": per_touch,
    }
    if not error < settings.incremental_largest_cv * abs(orders):
        return found | {"status": "unstable", "reason": "not_told_from_none"}
    if orders < 0:
        return found | {"status": "unstable", "reason": "fewer_orders"}
    return found | {"status": "ok", "reason": None}


def _share(
    found: dict[str, dict[str, Any]], channels: list[str], fitted: Fit | None, elapsed: Array
) -> None:
    """Shares of the incremental orders of channels that are ok, by draws of all effects."""
    told = [channel for channel in channels if found[channel]["status"] == "ok"]
    if not told or fitted is None:
        return
    weights = np.array(
        [
            [w if k.channel == c else 0.0 for k, w in zip(fitted.of, elapsed, strict=True)]
            for c in told
        ]
    )
    mean = weights @ fitted.effects
    covariance = weights @ fitted.covariance @ weights.T
    rng = np.random.default_rng(0)
    drawn = np.maximum(rng.multivariate_normal(mean, covariance, DRAWS, method="eigh"), 0.0)
    shares = drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-12)
    low, high = np.quantile(shares, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    for number, channel in enumerate(told):
        share = float(mean[number] / mean.sum())
        found[channel] |= {
            "incremental_share": share,
            "share_lower": min(share, float(low[number])),
            "share_upper": max(share, float(high[number])),
            "share_cv": float(shares[:, number].std() / share),
        }


def _effects(
    found: Mapping[str, Mapping[str, Any]], fitted: Fit | None, settings: IncrementalitySettings
) -> list[Mapping[str, Any]]:
    records: list[Mapping[str, Any]] = []
    if fitted is None:
        return records
    for number, kind in enumerate(fitted.of):
        size = float(fitted.effects[number])
        if size <= 0 or found.get(kind.channel, {}).get("status") != "ok":
            continue
        for is_repeat in (False, True):
            factor = fitted.saturation[kind.channel] if is_repeat else 1.0
            for days, weight in enumerate(fitted.shapes[kind].weights):
                if size * factor * weight > 10.0**-DIGITS:
                    records.append(
                        TOUCH_EFFECTS.record(
                            {
                                "as_of_date": settings.as_of_date,
                                "channel_id": kind.channel,
                                "is_campaign": kind.is_campaign,
                                "is_repeat": is_repeat,
                                "days_after": days,
                                "orders_added": size * factor * float(weight),
                            },
                            DIGITS + 2,
                        )
                    )
    return records
