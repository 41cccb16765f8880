"""From counted transitions and sets of channels to each channel's share, with an interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import t as student
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.attribution.chain import (
    CONVERSION,
    NO_CHANNEL,
    NULL,
    Array,
    Ints,
    Transitions,
    influence,
    remove_each,
    shares_moved,
)
from scoring.attribution.coalitions import Coalitions, shapley
from scoring.attribution.tables import ATTRIBUTION_SHARES

INPUT = "int_attribution_counts"
COLUMNS: Mapping[str, str] = {
    "counted": "varchar",
    "customer_group": "bigint",
    "customer_kind": "varchar",
    "markov_order": "bigint",
    "from_state": "varchar",
    "to_state": "varchar",
    "journeys": "bigint",
    "conversions": "bigint",
    "value": "double",
}
STATES = {"(start)": 0, "(conversion)": CONVERSION, "(null)": NULL}
SEPARATOR = ">"
ORDERS = (1, 2, 3, 4)
SHAPLEY = "shapley_subset"
REMOVAL_STRATEGY = "redirect_to_null"
CONFIDENCE = 0.90
DIGITS = 9

OK, TOO_LITTLE, NOT_IDENTIFIED, UNSTABLE = "ok", "too_little_data", "not_identified", "unstable"


@dataclass(frozen=True)
class AttributionSettings:
    """``as_of_date``: the first day not observed. Others: see the dbt vars of the same names."""

    as_of_date: date
    attribution_min_conversions: int = 30
    attribution_min_groups: int = 20
    attribution_largest_cv: float = 0.15


@dataclass(frozen=True)
class AttributionResult:
    """The table, with the columns and types that ``tables`` declares."""

    shares: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {ATTRIBUTION_SHARES.name: self.shares}

    def told(self) -> str:
        """How many shares could be told."""
        ok = int((self.shares["status"] == OK).sum())
        return f"{ok} of {len(self.shares)} shares of channels told"


@dataclass(frozen=True)
class Found:
    """What a model says of each channel: the effect behind the share, the share and its error."""

    effect: Array
    share: Array
    error: Array


@dataclass(frozen=True)
class _Kind:
    """What is known of the journeys of a kind of customer; arrays are by channel."""

    name: str
    coalitions: Coalitions
    groups: int
    journeys: Array
    converting: Array
    converting_groups: Ints
    twin: NDArray[np.bool_]

    @property
    def nulls(self) -> float:
        return float(self.coalitions.journeys.sum() - self.coalitions.conversions.sum())


def study(rows: pd.DataFrame, settings: AttributionSettings) -> AttributionResult:
    """Shares of all channels by every model, for new and returning customers and for all.

    Args:
        rows: the table ``int_attribution_counts``; may be empty.
        settings: see ``AttributionSettings``.

    Returns:
        A row for each model, kind of customer and channel; none without any touch.

    Raises:
        ValueError: a column is missing, or a count is negative.
    """
    if missing := [name for name in COLUMNS if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    for name in ("journeys", "conversions"):
        if count := int((rows[name] < 0).sum()):
            raise ValueError(f"{INPUT}: {name} is negative in {count} of {len(rows)} rows")
    if rows.empty:
        return AttributionResult(ATTRIBUTION_SHARES.from_records([]))
    # Sums of floats depend on the order of the rows, which a database does not keep.
    order = ["counted", "markov_order", "from_state", "to_state", "customer_kind", "customer_group"]
    rows = rows.sort_values(order, ignore_index=True)
    is_coalition = (rows["counted"] == "coalition").to_numpy()
    sets = rows[is_coalition]
    ways = dict(iter(rows[~is_coalition].groupby("markov_order")))
    keys = np.array(
        sorted(
            {int(key) for names in sets["from_state"].unique() for key in names.split(SEPARATOR)}
        )
    )
    records: list[Mapping[str, Any]] = []
    with threadpool_limits(limits=1):
        for name in ("all", "new", "returning"):
            kind = _kind(name, sets if name == "all" else sets[sets["customer_kind"] == name], keys)
            for k in ORDERS:
                part = ways.get(k)
                if part is not None and name != "all":
                    part = part[part["customer_kind"] == name]
                records += _records(
                    f"markov_{k}", kind, _by_chain(part, kind, keys), keys, settings
                )
            records += _records(SHAPLEY, kind, _by_coalition(kind), keys, settings)
    return AttributionResult(ATTRIBUTION_SHARES.from_records(records))


def _kind(name: str, sets: pd.DataFrame, keys: Ints) -> _Kind:
    codes, names = pd.factorize(sets["from_state"])
    members = np.zeros((len(names), len(keys)), dtype=bool)
    for row, members_of in enumerate(names):
        members[row, np.searchsorted(keys, [int(key) for key in members_of.split(SEPARATOR)])] = (
            True
        )
    group_codes, groups = pd.factorize(sets["customer_group"])
    conversions = _summed(group_codes, codes, sets["conversions"], (len(groups), len(names)))
    coalitions = Coalitions(
        members,
        _total(codes, sets["journeys"], len(names)),
        conversions,
        _total(codes, sets["value"], len(names)),
    )
    met = members.astype(np.float64)
    together = met.T @ met
    seen = np.diagonal(together)
    twin = ((together == seen[:, None]) & (together == seen[None, :]) & (together > 0)).sum(axis=1)
    return _Kind(
        name,
        coalitions,
        len(groups),
        coalitions.journeys @ met,
        coalitions.conversions @ met,
        ((conversions @ met) > 0).sum(axis=0),
        twin > 1,
    )


def _keys(state: str) -> list[int]:
    return [int(key) for key in state.split(SEPARATOR)]


def _total(codes: Ints, values: pd.Series, size: int) -> Array:
    weights = values.to_numpy(dtype=np.float64)
    return np.bincount(codes, weights, minlength=size).astype(np.float64)


def _summed(rows: Ints, columns: Ints, values: pd.Series, shape: tuple[int, int]) -> csr_matrix:
    return csr_matrix((values.to_numpy(dtype=np.float64), (rows, columns)), shape=shape)


def _by_chain(part: pd.DataFrame | None, kind: _Kind, keys: Ints) -> Found | None:
    """Removal effects; None where nothing was counted, or nothing converts."""
    if part is None or part.empty or not kind.coalitions.conversions.sum():
        return None
    ways, groups = transitions(part, keys)
    removal = remove_each(ways)
    moved = influence(ways, removal, groups)
    return Found(removal.effects, removal.shares, standard_error(moved))


def transitions(part: pd.DataFrame, keys: Ints) -> tuple[Transitions, csr_matrix]:
    """The chain of counted transitions of one order, and the counts of each group of customers.

    ``keys``: of all channels in order, those included that the chain does not have.
    """
    states = pd.unique(pd.concat([part["from_state"], part["to_state"]]))
    number = dict(STATES)
    last = [NO_CHANNEL]
    for state in states:
        if state not in number:
            number[state] = len(last)
            last.append(int(np.searchsorted(keys, int(state.rsplit(SEPARATOR, 1)[-1]))))
    source = part["from_state"].map(number).to_numpy(dtype=np.int64)
    target = part["to_state"].map(number).to_numpy(dtype=np.int64)
    width = len(last) + 2
    way, ways = pd.factorize(source * width + target + 2, sort=True)
    group, groups = pd.factorize(part["customer_group"], sort=True)
    counts = _summed(group, way, part["journeys"], (len(groups), len(ways)))
    chain = Transitions(
        np.array(last),
        ways // width,
        ways % width - 2,
        np.asarray(counts.sum(axis=0), dtype=np.float64).ravel(),
        len(keys),
    )
    return chain, counts


def _by_coalition(kind: _Kind) -> Found | None:
    """Shapley values, of which the share that a channel was met by stands for its effect."""
    total = kind.coalitions.conversions.sum()
    if not total:
        return None
    by_group = shapley(kind.coalitions.members, kind.coalitions.by_group)
    values = by_group.sum(axis=0)
    moved = shares_moved(values, by_group - values / kind.groups)
    return Found(kind.converting / total, values / values.sum(), standard_error(moved))


def standard_error(moved: Array) -> Array:
    """Standard errors from what single groups of customers move."""
    groups = len(moved)
    if groups < 2:
        return np.full(moved.shape[1], np.nan)
    return np.asarray(np.sqrt(groups / (groups - 1) * (moved**2).sum(axis=0)), dtype=np.float64)


def interval(share: Array, error: Array, groups: int) -> tuple[Array, Array]:
    """90% interval of shares, symmetric in their log odds, so that it stays within 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = share / (1 - share)
        half = student.ppf((1 + CONFIDENCE) / 2, max(groups - 1, 1)) * error / (share * (1 - share))
        low, high = odds * np.exp(-half), odds * np.exp(half)
        return low / (1 + low), high / (1 + high)


def _records(
    model: str, kind: _Kind, found: Found | None, keys: Ints, settings: AttributionSettings
) -> Iterator[Mapping[str, Any]]:
    conversions = float(kind.coalitions.conversions.sum())
    value = float(kind.coalitions.value.sum())
    common = {
        "as_of_date": settings.as_of_date,
        "attribution_model": model,
        "customer_kind": kind.name,
        "removal_strategy": None if model == SHAPLEY else REMOVAL_STRATEGY,
    }
    if found is not None:
        low, high = interval(found.share, found.error, kind.groups)
    for place, key in enumerate(keys):
        share = error = np.nan
        if found is not None:
            share, error = float(found.share[place]), float(found.error[place])
        cv = error / share if share > 0 and np.isfinite(error) else None
        status, reason = _status(model, kind, place, found, cv, settings)
        told: dict[str, Any] = {}
        if found is not None and status == OK:
            told = {
                "removal_effect": float(found.effect[place]),
                "share": share,
                "share_lower": float(min(low[place], share)),
                "share_upper": float(max(high[place], share)),
                "conversions": share * conversions,
                "value": share * value,
            }
        counts = {
            "channel_key": int(key),
            "journeys": int(kind.journeys[place]),
            "converting_journeys": int(kind.converting[place]),
            "groups": int(kind.converting_groups[place]),
        }
        yield ATTRIBUTION_SHARES.record(
            common | counts | told | {"share_cv": cv, "status": status, "reason": reason}, DIGITS
        )


def _status(  # noqa: PLR0911, PLR0917 (one reason after the other)
    model: str,
    kind: _Kind,
    place: int,
    found: Found | None,
    cv: float | None,
    settings: AttributionSettings,
) -> tuple[str, str | None]:
    """Whether a share is told, and if it is not the first reason of those that apply."""
    if not kind.journeys[place]:
        return TOO_LITTLE, "never_met"
    if not kind.coalitions.conversions.sum():
        return TOO_LITTLE, "no_conversions"
    if (kind.journeys > 0).sum() == 1:
        return NOT_IDENTIFIED, "only_channel"
    if model != SHAPLEY and kind.nulls == 0:
        return NOT_IDENTIFIED, "every_journey_converts"
    if kind.twin[place]:
        return NOT_IDENTIFIED, "always_with_another"
    if found is None:
        return NOT_IDENTIFIED, "too_many_states"
    if kind.converting[place] < settings.attribution_min_conversions:
        return TOO_LITTLE, "few_conversions"
    if kind.converting_groups[place] < settings.attribution_min_groups:
        return TOO_LITTLE, "few_customers"
    if cv is None or cv > settings.attribution_largest_cv:
        return UNSTABLE, "share_varies"
    return OK, None
