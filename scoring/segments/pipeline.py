"""From what customers bought to their segments: fit, choose, match with what was before, assign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.segments.clusters import (
    Labels,
    Mixture,
    Tried,
    Vector,
    choose,
    drivers,
    effects,
    fitted,
    jaccard,
    matched,
    named,
    taken_over,
    tried,
)
from scoring.segments.features import FEATURES, NAMES, Shopping
from scoring.segments.tables import BY_NAME, TABLES

INPUT = "int_customer_shopping"
SEED = 20_170_101

# What a cluster is called that a feature sets apart, high or low.
SEGMENTS: Mapping[tuple[str, bool], str] = {
    ("item_value", True): "premium",
    ("item_value", False): "low_price",
    ("basket_size", True): "large_baskets",
    ("basket_size", False): "small_baskets",
    ("breadth", True): "one_stop",
    ("breadth", False): "selective",
    ("discount_share", True): "discount_oriented",
    ("discount_share", False): "full_price",
    ("private_label_share", True): "value_oriented",
    ("private_label_share", False): "brand_oriented",
    ("fresh_share", True): "fresh_oriented",
    ("fresh_share", False): "stock_up",
    ("weekend_share", True): "weekend",
    ("weekend_share", False): "weekday",
    ("evening_share", True): "evening",
    ("evening_share", False): "daytime",
    ("online_share", True): "convenience_oriented",
    ("online_share", False): "store_oriented",
    ("service_contacts", True): "relationship_oriented",
    ("service_contacts", False): "self_reliant",
}


@dataclass(frozen=True)
class SegmentSettings:
    """What a segment has to be; the fields are dbt vars, described there."""

    as_of_date: date
    segment_min_orders: int = 3
    segment_fit_orders: int = 12
    segment_min_customers: int = 200
    segment_sample_customers: int = 5_000
    segment_max_clusters: int = 6
    segment_min_jaccard: float = 0.75
    segment_least_jaccard: float = 0.60
    segment_jaccard_slack: float = 0.10

    def __post_init__(self) -> None:
        """Refuse settings without a meaning."""
        for name in ("segment_min_orders", "segment_fit_orders"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.segment_max_clusters < 2:
            raise ValueError("segment_max_clusters must be at least 2")
        if not self.segment_min_customers >= 10 * self.segment_max_clusters:
            raise ValueError("segment_min_customers must be at least 10 for each cluster")
        if self.segment_sample_customers < self.segment_min_customers:
            raise ValueError("segment_sample_customers must be at least segment_min_customers")
        if not 0 <= self.segment_least_jaccard <= self.segment_min_jaccard <= 1:
            raise ValueError("0 <= segment_least_jaccard <= segment_min_jaccard <= 1 must hold")
        if not 0 <= self.segment_jaccard_slack <= self.segment_min_jaccard:
            raise ValueError("segment_jaccard_slack must lie between 0 and segment_min_jaccard")


@dataclass(frozen=True)
class SegmentResult:
    """The tables, each with the columns and types that ``tables`` declares."""

    tables: Mapping[str, pd.DataFrame]
    words: str

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return dict(self.tables)

    def told(self) -> str:
        """How many segments, and of how many customers."""
        return self.words


@dataclass(frozen=True)
class _Before:
    """The clusters of the last run."""

    as_of_date: date
    fitted_on: date
    names: tuple[str | None, ...]
    features: tuple[str, ...]
    centres: Vector
    variances: Vector
    weights: Vector

    def within(self, shopping: Shopping) -> Mixture | None:
        """The clusters by the features that are used now; None if they have none in common."""
        common = [name for name in shopping.used if name in self.features]
        if not common:
            return None
        then = [self.features.index(name) for name in common]
        now = [shopping.used.index(name) for name in common]
        centres = np.zeros((len(self.weights), len(shopping.used)))
        # Of what was not known then all clusters are alike.
        variances = np.ones_like(centres)
        centre, scale = shopping.centre[now], shopping.scale[now]
        centres[:, now] = (self.centres[:, then] - centre) / scale
        variances[:, now] = self.variances[:, then] / scale**2
        return Mixture(centres, variances, self.weights)


@dataclass(frozen=True)
class _Found:
    """The clusters to use, and how they came about."""

    mixture: Mixture
    names: tuple[str | None, ...]
    jaccards: Vector
    effects: Vector
    outcome: str
    fitted_on: date
    tried: Sequence[Tried]
    overlaps: Vector | None = None
    """Of each cluster with that of the last run that is its like."""
    last_overlap_least: float | None = None
    fitted_customers: int = 0


@dataclass
class _Run:
    """What is known of a run before there are clusters, or without any."""

    settings: SegmentSettings
    customers: int
    last: date | None
    fitted_customers: int = 0
    shopping: Shopping | None = None
    tried: Sequence[Tried] = field(default_factory=tuple)

    def record(self, outcome: str, **values: Any) -> dict[str, Any]:
        dropped = self.shopping.dropped if self.shopping else {}
        base: dict[str, Any] = dict.fromkeys(BY_NAME["segment_runs"].types)
        return base | {
            "as_of_date": self.settings.as_of_date,
            "last_as_of_date": self.last,
            "outcome": outcome,
            "customers": self.customers,
            "fitted_customers": self.fitted_customers,
            "clusters": 0,
            "compared_customers": 0,
            "moved_customers": 0,
            "features": ", ".join(self.shopping.used) if self.shopping else None,
            "features_unknown": _listed(dropped, "unknown"),
            "features_alike": _listed(dropped, "alike"),
            "tried": "; ".join(
                f"{len(each.mixture)}: {each.mean:.2f}, {each.least:.2f}" for each in self.tried
            )
            or None,
            **values,
        }


def segment(
    shopping: pd.DataFrame, settings: SegmentSettings, earlier: pd.DataFrame | None = None
) -> SegmentResult:
    """Put every customer in a segment, or say why not.

    Args:
        shopping: the table ``int_customer_shopping``: a row per customer and snapshot (current,
            earlier), in any order. May be empty.
        settings: see ``SegmentSettings``.
        earlier: rows of ``segment_centres`` of earlier runs; none if this is the first.

    Returns:
        The tables. The same rows and the same last run give the same segments.

    Raises:
        ValueError: a customer has two rows of one snapshot.
    """
    if shopping.duplicated(["customer_id", "snapshot"]).any():
        raise ValueError(f"{INPUT}: a customer occurs more than once in a snapshot")
    # Sums of threaded linear algebra depend on the number of cores.
    with threadpool_limits(limits=1):
        return _segment(_in_order(shopping), settings, _last_run(earlier, settings.as_of_date))


def _segment(
    shopping: pd.DataFrame, settings: SegmentSettings, before: _Before | None
) -> SegmentResult:
    current = shopping.loc[shopping["snapshot"] == "current"]
    run = _Run(settings, len(current), before.as_of_date if before else None)
    if current.empty:
        run_rows = [run.record("too_few_customers")] if before else []
        return _result(None, [], [], run_rows, "nobody bought in the window")
    orders = current["order_count"].to_numpy(np.int64)
    enough = orders >= settings.segment_min_orders
    features = Shopping.of(
        current.loc[enough] if enough.any() else current, before.features if before else None
    )
    columns: dict[str, Any] = {
        "customer_id": current["customer_id"].astype("string").to_numpy(),
        "as_of_date": settings.as_of_date,
        "segment": None,
        "strength": np.full(len(current), np.nan),
        "earlier_segment": None,
        **features.shown(current),
    }
    run.shopping = features
    learned = _learned_from(orders, settings)
    run.fitted_customers = int(learned.sum())

    def without(outcome: str, words: str) -> SegmentResult:
        columns["reason"] = np.where(enough, outcome, "too_few_orders").astype(object)
        return _result(columns, [], [], [run.record(outcome)], words)

    if learned.sum() < settings.segment_min_customers:
        run.fitted_customers = 0
        return without("too_few_customers", "too few customers for segments")
    if not features.used:
        return without("nothing_known", "nothing tells customers apart")
    points = features.scaled(current)
    found = _find(points[learned], features, settings, before, run)
    if found is None:
        return without("no_clusters", "customers fall into no clusters")

    names = np.array([*found.names, None], dtype=object)
    memberships = found.mixture.memberships(points)
    labels = np.where(enough, memberships.argmax(axis=1), len(found.names))
    segments = names[labels]
    has = np.array([name is not None for name in segments])
    columns["segment"] = segments
    columns["strength"] = np.where(has, memberships.max(axis=1), np.nan)
    unstable = np.where(enough, "unstable_cluster", "too_few_orders")
    columns["reason"] = np.where(has, np.array(None, dtype=object), unstable)
    then = _earlier_segments(shopping, current, features, found, settings)
    columns["earlier_segment"] = then
    compared = has & np.array([name is not None for name in then])
    record = run.record(
        found.outcome,
        fitted_on=found.fitted_on,
        clusters=len(found.mixture),
        jaccard_mean=float(found.jaccards.mean()),
        jaccard_least=float(found.jaccards.min()),
        last_overlap_least=found.last_overlap_least,
        compared_customers=int(compared.sum()),
        moved_customers=int((compared & (segments != then)).sum()),
    )
    segments_found = sum(name is not None for name in found.names)
    words = f"{segments_found} segments ({found.outcome}) of {int(has.sum()):,} customers"
    return _result(
        columns,
        list(_cluster_records(found, features, settings)),
        list(_centre_records(found, features, settings)),
        [record],
        words,
    )


def _find(
    points: Vector,
    shopping: Shopping,
    settings: SegmentSettings,
    before: _Before | None,
    run: _Run,
) -> _Found | None:
    """The last run's clusters while they hold, else those that are found now."""
    most = min(settings.segment_max_clusters, 2 * len(shopping.used))
    bic_of_one = float(fitted(points, 1, SEED, starts=1).bic(points))
    attempts = [tried(points, clusters, SEED, bic_of_one) for clusters in range(2, most + 1)]
    run.tried = attempts
    if not any(each.is_better_than_one for each in attempts):
        return None
    last = before.within(shopping) if before else None
    stay = len(last) if before and last and before.features == shopping.used else None
    slack = settings.segment_jaccard_slack
    chosen = choose(attempts, settings.segment_min_jaccard, stay, slack)
    allowed = slack if len(chosen.mixture) == stay else 0.0
    if chosen.mean < settings.segment_min_jaccard - allowed:
        return None
    labels = chosen.mixture.labels(points)
    size = len(chosen.mixture)
    effect = effects(points, labels, size)
    keep: dict[int, str] = {}
    overlaps, least = None, None
    if before and last:
        overlap = jaccard(last.labels(points), labels, len(last), size)
        pairs = matched(overlap)
        overlaps = np.array(
            [overlap[pairs[new], new] if new in pairs else 0 for new in range(size)]
        )
        least = float(overlaps.min()) if len(last) == size else 0.0
        if stay is not None and least >= settings.segment_min_jaccard:
            order = [{old: new for new, old in pairs.items()}[old] for old in range(size)]
            return _Found(
                last,
                before.names,
                chosen.jaccards[order],
                effects(points, last.labels(points), size),
                "kept",
                before.fitted_on,
                attempts,
                overlaps[order],
                least,
            )
        keep = taken_over(overlap, before.names)
    found = named(effect, shopping.used, SEGMENTS, keep)
    stable = chosen.jaccards >= settings.segment_least_jaccard
    return _Found(
        chosen.mixture,
        tuple(name if stable[i] else None for i, name in enumerate(found)),
        chosen.jaccards,
        effect,
        "refitted" if before else "first",
        settings.as_of_date,
        attempts,
        overlaps,
        least,
    )


def _learned_from(orders: Labels, settings: SegmentSettings) -> np.ndarray:
    """The customers to fit on: those whose shopping is well known, at most so many.

    Where most have few orders it is the half that has more. Customers come in the order of a hash
    of their number, so the first ones are a random sample that stays the same.
    """
    enough = orders >= settings.segment_min_orders
    if not enough.any():
        return enough
    well_known = min(settings.segment_fit_orders, float(np.median(orders[enough])))
    learned = enough & (orders >= well_known)
    return learned & (np.cumsum(learned) <= settings.segment_sample_customers)


def _earlier_segments(
    shopping: pd.DataFrame,
    current: pd.DataFrame,
    features: Shopping,
    found: _Found,
    settings: SegmentSettings,
) -> np.ndarray:
    """Where each customer was by the same clusters and the same base; None if unknown."""
    then = shopping.loc[
        (shopping["snapshot"] == "earlier")
        & (shopping["order_count"] >= settings.segment_min_orders)
    ]
    if then.empty:
        return np.full(len(current), None, dtype=object)
    names = np.array(found.names, dtype=object)[found.mixture.labels(features.scaled(then))]
    codes = shopping["customer_id"].astype("category").cat.codes
    by_code = np.full(int(codes.max()) + 1, None, dtype=object)
    by_code[codes.loc[then.index]] = names
    return by_code[codes.loc[current.index]]


def _last_run(earlier: pd.DataFrame | None, as_of_date: date) -> _Before | None:
    """The newest clusters of a date before this one."""
    if earlier is None or earlier.empty:
        return None
    dates = pd.to_datetime(earlier["as_of_date"])
    rows = earlier.loc[dates < pd.Timestamp(as_of_date)]
    if rows.empty:
        return None
    newest = pd.to_datetime(rows["as_of_date"]).max()
    rows = rows.loc[pd.to_datetime(rows["as_of_date"]) == newest]
    by = {
        name: rows.pivot(index="cluster", columns="feature", values=name).sort_index()
        for name in ("centre", "variance")
    }
    first = rows.drop_duplicates("cluster").set_index("cluster").sort_index()
    features = tuple(name for name in NAMES if name in by["centre"])
    return _Before(
        newest.date(),
        pd.Timestamp(first["fitted_on"].iloc[0]).date(),
        tuple(None if pd.isna(name) else str(name) for name in first["segment"]),
        features,
        by["centre"][list(features)].to_numpy(np.float64),
        by["variance"][list(features)].to_numpy(np.float64),
        first["weight"].to_numpy(np.float64),
    )


def _in_order(shopping: pd.DataFrame) -> pd.DataFrame:
    """By a hash of the customer, so that neither the order of rows nor that of numbers matters."""
    customers = shopping["customer_id"].astype("category").cat
    hashes = pd.util.hash_array(customers.categories.to_numpy(dtype=object))
    order = np.argsort(hashes[customers.codes], kind="stable")
    return shopping.iloc[order].reset_index(drop=True)


def _cluster_records(
    found: _Found, shopping: Shopping, settings: SegmentSettings
) -> Iterator[dict[str, Any]]:
    for cluster, name in enumerate(found.names):
        told = drivers(found.effects[cluster], shopping.used)
        yield {
            "as_of_date": settings.as_of_date,
            "cluster": cluster + 1,
            "segment": name,
            "weight": float(found.mixture.weights[cluster]),
            "jaccard": float(found.jaccards[cluster]),
            "last_overlap": None if found.overlaps is None else float(found.overlaps[cluster]),
            **{f"driver_{i + 1}": told[i] if i < len(told) else None for i in range(3)},
        }


def _centre_records(
    found: _Found, shopping: Shopping, settings: SegmentSettings
) -> Iterator[dict[str, Any]]:
    centres = found.mixture.centres * shopping.scale + shopping.centre
    variances = found.mixture.variances * shopping.scale**2
    for cluster, name in enumerate(found.names):
        for column, feature in enumerate(shopping.used):
            yield {
                "as_of_date": settings.as_of_date,
                "cluster": cluster + 1,
                "feature": feature,
                "segment": name,
                "fitted_on": found.fitted_on,
                "weight": float(found.mixture.weights[cluster]),
                "centre": float(centres[cluster, column]),
                "variance": float(variances[cluster, column]),
            }


def _result(
    customers: Mapping[str, Any] | None,
    clusters: list[dict[str, Any]],
    centres: list[dict[str, Any]],
    runs: list[dict[str, Any]],
    words: str,
) -> SegmentResult:
    table = BY_NAME["customer_clusters"]
    frames = {
        "customer_clusters": table.from_records([])
        if customers is None
        else table.frame(customers),
        "segment_clusters": BY_NAME["segment_clusters"].from_records(clusters),
        "segment_centres": BY_NAME["segment_centres"].from_records(centres),
        "segment_runs": BY_NAME["segment_runs"].from_records(runs),
    }
    return SegmentResult({t.name: frames[t.name] for t in TABLES}, words)


def _listed(dropped: Mapping[str, str], why: str) -> str | None:
    return ", ".join(name for name, reason in dropped.items() if reason == why) or None


COLUMNS: Mapping[str, str] = {
    "customer_id": "varchar",
    "snapshot": "varchar",
    **{
        name: "double" if name == "net_revenue" else "bigint"
        for name in dict.fromkeys(
            name for feature in FEATURES for name in ("order_count", feature.part, feature.whole)
        )
    },
}
