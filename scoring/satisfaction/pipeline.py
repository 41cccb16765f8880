"""From answers on sheets to what drives satisfaction, and what it does to retention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import f as fisher
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.satisfaction.effect import effects, knows_outcome
from scoring.satisfaction.importance import Array, inflation, moments, shapley
from scoring.satisfaction.tables import DRIVERS

INPUT = "int_satisfaction_sheets"
OVERALL = "overall"
DIMENSIONS = ("product", "service", "price", "brand", "delivery", "store", "online")
COLUMNS: Mapping[str, str] = {
    "sheet_id": "varchar",
    "customer_id": "varchar",
    "overall_score": "double",
    **{f"{name}_score": "double" for name in DIMENSIONS},
    "orders_before": "bigint",
    "revenue_before": "double",
    "days_since_last": "bigint",
    "mean_gap_days": "double",
    "is_after_leaving": "boolean",
    "has_returned": "boolean",
}
SEED = 20260101
DIGITS = 6
# Nothing that explains so little at random one time in twenty is told apart.
SIGNIFICANCE = 0.05
_DRAWS_AT_ONCE = 25


@dataclass(frozen=True)
class SatisfactionSettings:
    """``as_of_date``: the first day not observed. Others: see the dbt vars of the same names."""

    as_of_date: date
    satisfaction_driver_min_sheets: int = 100
    satisfaction_bootstrap_samples: int = 200
    satisfaction_leak_auc: float = 0.95


@dataclass(frozen=True)
class SatisfactionResult:
    """The table, with the columns and types that ``tables`` declares."""

    drivers: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {DRIVERS.name: self.drivers}

    def told(self) -> str:
        """How many dimensions could be ranked, and how many effects told."""
        ranked = self.drivers["importance_rank"].notna().sum()
        effect = self.drivers["retention_effect"].notna().sum()
        return f"{ranked} dimensions ranked, {effect} effects on retention told"


def study(rows: pd.DataFrame, settings: SatisfactionSettings) -> SatisfactionResult:
    """Drivers of satisfaction.

    Args:
        rows: the table ``int_satisfaction_sheets``; may be empty.
        settings: see ``SatisfactionSettings``.

    Returns:
        A row for each dimension and for overall, with a reason where nothing is told; none without
        any sheet.

    Raises:
        ValueError: a column is missing.
    """
    if missing := [name for name in COLUMNS if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    if rows.empty:
        return SatisfactionResult(DRIVERS.from_records([]))
    # Sums of floats depend on the order of the rows, which a database does not keep.
    rows = rows.sort_values("sheet_id", ignore_index=True)
    with threadpool_limits(limits=1):
        importance = _importance(rows, settings)
        retention = _retention(rows, settings)
    records = [
        {
            "as_of_date": settings.as_of_date,
            "dimension": name,
            **dict.fromkeys(DRIVERS.types.keys() - {"as_of_date", "dimension"}),
            **importance[name],
            **retention[name],
        }
        for name in (OVERALL, *DIMENSIONS)
    ]
    return SatisfactionResult(DRIVERS.from_records(records))


def _scores(rows: pd.DataFrame, name: str) -> Array:
    return rows[f"{name}_score"].to_numpy(dtype=np.float64, na_value=np.nan)


def _rounded(value: float) -> float | None:
    return round(float(value), DIGITS) if np.isfinite(value) else None


def _clusters(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Numbers of customers; a sheet of nobody is one of its own."""
    who = rows["customer_id"].astype("object").where(rows["customer_id"].notna(), None)
    own = "sheet " + rows["sheet_id"].astype("object")
    codes, _ = pd.factorize(who.where(who.notna(), own))
    return codes.astype(np.int64)


def _patterns(scores: Array) -> NDArray[np.int64]:
    asked = ~np.isnan(scores)
    _, numbers = np.unique(asked @ (1 << np.arange(asked.shape[1])), return_inverse=True)
    return numbers.astype(np.int64)


def _importance(rows: pd.DataFrame, settings: SatisfactionSettings) -> dict[str, Mapping[str, Any]]:
    """Shares of R2 of the dimensions that enough sheets rate, or why there are none."""
    rated = rows.loc[rows["overall_score"].notna()]
    found: dict[str, Mapping[str, Any]] = {
        OVERALL: {
            "sheets": len(rated),
            "asked_share": 1.0 if len(rated) else None,
            "mean_score": _rounded(_scores(rated, OVERALL).mean()) if len(rated) else None,
            "importance_reason": "is_what_is_explained",
        }
    }
    told = []
    for name in DIMENSIONS:
        scores = _scores(rated, name)
        known = scores[~np.isnan(scores)]
        reason = None
        if not len(known):
            reason = "not_asked"
        elif len(known) < settings.satisfaction_driver_min_sheets:
            reason = "too_few_sheets"
        elif known.std() == 0:
            reason = "no_variation"
        found[name] = {
            "sheets": len(known),
            "asked_share": _rounded(len(known) / len(rated)) if len(rated) else None,
            "mean_score": _rounded(known.mean()) if len(known) else None,
            "importance_reason": reason,
        }
        if reason is None:
            told.append(name)
    if not told:
        return found
    scores = np.column_stack([_scores(rated, name) for name in told])
    any_asked = ~np.isnan(scores).all(axis=1)
    part, scores = rated[pd.Series(any_asked, index=rated.index)], scores[any_asked]
    outcome, patterns = _scores(part, OVERALL), _patterns(scores)
    covariance = moments(scores, outcome, patterns, np.ones((1, len(part))))
    r2, parts = shapley(covariance)
    count, free = len(told), len(part) - len(told) - int(patterns.max()) - 1
    noise = 1.0
    if free > 0 and covariance[0, -1, -1] > 0:
        ratio = (r2[0] / count) / max((1 - r2[0]) / free, 1e-12)
        noise = float(fisher.sf(ratio, count, free))
    if noise > SIGNIFICANCE:
        for name in told:
            found[name] = {**found[name], "importance_reason": "nothing_explained"}
        return found
    shares = parts[0] / r2[0]
    low, high = _bootstrap(scores, outcome, patterns, _clusters(part), settings)
    vif = inflation(covariance[0, :-1, :-1])
    ranks = np.argsort(np.argsort(-np.round(shares, DIGITS), kind="stable"), kind="stable") + 1
    for place, name in enumerate(told):
        found[name] = {
            **found[name],
            "r2_all": _rounded(r2[0]),
            "r2_share": _rounded(shares[place]),
            "r2_share_low": _rounded(min(low[place], shares[place])),
            "r2_share_high": _rounded(max(high[place], shares[place])),
            "vif": _rounded(vif[place]),
            "importance_rank": int(ranks[place]),
        }
    return found


def _bootstrap(
    scores: Array,
    outcome: Array,
    patterns: NDArray[np.int64],
    clusters: NDArray[np.int64],
    settings: SatisfactionSettings,
) -> tuple[Array, Array]:
    """95% percentile intervals of the shares, customers drawn with replacement."""
    rng = np.random.default_rng(SEED)
    groups = int(clusters.max()) + 1
    drawn = []
    for start in range(0, settings.satisfaction_bootstrap_samples, _DRAWS_AT_ONCE):
        size = min(_DRAWS_AT_ONCE, settings.satisfaction_bootstrap_samples - start)
        picked = np.stack(
            [np.bincount(rng.integers(groups, size=groups), minlength=groups) for _ in range(size)]
        )
        weights = picked.astype(np.float64)[:, clusters]
        r2, parts = shapley(moments(scores, outcome, patterns, weights))
        drawn.append(parts / np.where(r2 > 0, r2, 1.0)[:, None])
    low, high = np.quantile(np.concatenate(drawn), (0.025, 0.975), axis=0)
    return low, high


def _retention(rows: pd.DataFrame, settings: SatisfactionSettings) -> dict[str, Mapping[str, Any]]:
    """Effects on coming back, of overall alone and of the dimensions together."""
    refused = rows["is_after_leaving"].fillna(value=False).to_numpy(dtype=bool)
    known = rows["has_returned"].notna().to_numpy()
    usable = rows[known & ~refused]
    found: dict[str, Mapping[str, Any]] = {}
    told: list[str] = []
    for name in (OVERALL, *DIMENSIONS):
        is_rated = rows[f"{name}_score"].notna().to_numpy()
        part = rows[is_rated & known & ~refused]
        scores, outcome = _scores(part, name), _outcome(part)
        reason = None
        if not is_rated.any():
            reason = "not_asked"
        elif (is_rated & refused).sum() > len(part):
            reason = "knows_the_outcome"
        elif not len(part):
            reason = "no_outcome_yet"
        elif len(part) < settings.satisfaction_driver_min_sheets:
            reason = "too_few_sheets"
        elif scores.std() == 0 or outcome.std() == 0:
            reason = "no_variation"
        elif knows_outcome(scores, outcome, settings.satisfaction_leak_auc):
            reason = "knows_the_outcome"
        elif name != OVERALL:
            told.append(name)
        found[name] = {
            "retention_sheets": len(part),
            "refused_sheets": int((is_rated & refused).sum()),
            "returned_share": _rounded(outcome.mean()) if len(part) else None,
            "retention_reason": reason,
        }
    if found[OVERALL]["retention_reason"] is None:
        part = usable[usable["overall_score"].notna()]
        _tell(found, [OVERALL], part)
    if told:
        part = usable[usable[[f"{name}_score" for name in told]].notna().any(axis=1)]
        _tell(found, told, part)
        effect = {
            name: float(found[name]["retention_effect"])
            for name in told
            if found[name]["retention_effect"] is not None
        }
        order = sorted(effect, key=lambda name: -effect[name])
        for rank, name in enumerate(order, start=1):
            found[name] = {**found[name], "retention_rank": rank}
    return found


def _outcome(rows: pd.DataFrame) -> Array:
    return rows["has_returned"].to_numpy(dtype=np.float64, na_value=np.nan)


def _tell(found: dict[str, Mapping[str, Any]], names: list[str], rows: pd.DataFrame) -> None:
    scores = np.column_stack([_scores(rows, name) for name in names])
    patterns = _patterns(scores)
    centred = scores.copy()
    for pattern in np.unique(patterns):
        of = patterns == pattern
        centred[of] -= scores[of].mean(axis=0)
    asked = np.eye(int(patterns.max()) + 1)[patterns]
    controls = np.column_stack([_controls(rows), asked])
    told = effects(np.nan_to_num(centred), controls, _outcome(rows), _clusters(rows))
    for place, name in enumerate(names):
        effect = _rounded(told.slope[place])
        found[name] = {
            **found[name],
            "retention_effect": effect,
            "retention_effect_low": _rounded(told.low[place]),
            "retention_effect_high": _rounded(told.high[place]),
            "retention_reason": "no_variation" if effect is None else None,
        }


def _controls(rows: pd.DataFrame) -> Array:
    """Rhythm and value before the answer: orders, revenue, silence and gap, bent as they act."""
    bought = np.log1p(rows["orders_before"].to_numpy(dtype=np.float64))
    revenue = np.log1p(np.maximum(rows["revenue_before"].to_numpy(dtype=np.float64), 0.0))
    columns = [bought, bought**2, revenue, revenue**2]
    for name in ("days_since_last", "mean_gap_days"):
        days = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        logged = np.log1p(np.maximum(days, 0.0))
        is_known = ~np.isnan(logged)
        logged = np.where(is_known, logged, logged[is_known].mean() if is_known.any() else 0.0)
        columns += [logged, logged**2, is_known.astype(np.float64)]
    return np.column_stack(columns)
