"""From a log of decisions to what actions add, whom they add most to, and what ranking is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest, norm
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.actions import policy
from scoring.actions.tables import EFFECTS, POLICY_VALUES, UPLIFTS
from scoring.actions.uplift import Array, Lines, Scores, cross_fitted, folds, scores
from scoring.campaigns.moments import Effect, Moments, randomised

INPUT = "int_action_decisions"
CONFIDENCE = 0.90
DIGITS = 6
ALL_ACTIONS = "all_actions"
OUTCOMES = ("orders", "revenue", "contribution")
# Power of four in five, at a two-sided level of one in twenty.
_DETECTABLE = float(norm.ppf(0.975) + norm.ppf(0.8))
_NEEDED = (
    *("kind", "decision_id", "action", "customer_id", "is_treated", "is_taken", "control_share"),
    *("cost", "purchase_days", "revenue_a_purchase", "silence_days", "gap_days"),
    *(f"{outcome}_{side}" for outcome in OUTCOMES for side in "yx"),
)


@dataclass(frozen=True)
class ActionSettings:
    """``action_min_taken`` and ``action_min_not_taken``: decisions for an action, and those held
    back by lot, from which on something is told.

    ``action_policy_share``: of the decisions, how many policies may act on.
    """

    as_of_date: date
    action_min_taken: int = 50
    action_min_not_taken: int = 50
    action_policy_share: float = 0.3


@dataclass(frozen=True)
class ActionResult:
    """The tables, with the columns and types that ``tables`` declares."""

    effects: pd.DataFrame
    uplifts: pd.DataFrame
    policy_values: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {
            EFFECTS.name: self.effects,
            UPLIFTS.name: self.uplifts,
            POLICY_VALUES.name: self.policy_values,
        }

    def told(self) -> str:
        """How many effects could be told."""
        told = int(self.effects["effect"].notna().sum())
        actions = self.uplifts["action"].nunique()
        return f"{told} of {len(self.effects)} effects told; customers ranked by {actions} actions"


@dataclass(frozen=True)
class _Decisions:
    """Decisions about one action, as arrays."""

    action: str
    frame: pd.DataFrame
    treated: NDArray[np.bool_]
    customers: NDArray[np.uint64]
    order: NDArray[np.uint64]
    share: Array
    cost: float

    def outcome(self, name: str, side: str = "y") -> Array:
        return _numbers(self.frame[f"{name}_{side}"])


def study(rows: pd.DataFrame, settings: ActionSettings) -> ActionResult:
    """Effects of all actions that anything was decided about, and what follows from them.

    Args:
        rows: the table ``int_action_decisions``; may be empty.
        settings: see ``ActionSettings``.

    Returns:
        Effects of every action in the rows; uplifts and policies of those with enough decisions.

    Raises:
        ValueError: a column is missing, or a share is none.
    """
    if missing := [name for name in _NEEDED if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    # Sums of floats depend on the order of the rows, which a database does not keep.
    rows = rows.sort_values(["kind", "action", "decision_id"])
    is_decision = rows["kind"] == "decision"
    log, people = rows.loc[is_decision], rows.loc[~is_decision]
    has_cost = bool(log["contribution_y"].notna().all())
    basis = "contribution" if has_cost else "revenue"
    with threadpool_limits(limits=1):
        decided = [_decisions(str(action), part) for action, part in log.groupby("action")]
        effects = [
            EFFECTS.record(record, DIGITS)
            for decisions in decided
            for record in _effects(decisions, settings, has_cost=has_cost)
        ]
        measured = [one for one in decided if _is_enough(one, settings)]
        scored = [_scored(one, basis) for one in measured]
        uplifts = _uplifts(measured, scored, people, settings, basis) if measured else []
        values = list(_policies(measured, scored, settings, basis))
    return ActionResult(
        EFFECTS.from_records(effects),
        pd.concat(uplifts, ignore_index=True) if uplifts else UPLIFTS.from_records([]),
        POLICY_VALUES.from_records([POLICY_VALUES.record(value, DIGITS) for value in values]),
    )


def _numbers(column: pd.Series) -> Array:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _hashes(column: pd.Series) -> NDArray[np.uint64]:
    return pd.util.hash_array(column.to_numpy(dtype=object), categorize=False)


def _decisions(action: str, frame: pd.DataFrame) -> _Decisions:
    treated = frame["is_treated"].to_numpy(dtype=bool)
    planned = _numbers(frame["control_share"])
    found = float((~treated).mean())
    share = 1 - np.where(np.isnan(planned), found, planned)
    cost = _numbers(frame["cost"])[treated]
    return _Decisions(
        action,
        frame,
        treated,
        _hashes(frame["customer_id"]),
        _hashes(frame["decision_id"]),
        share,
        float(np.nanmean(cost)) if np.isfinite(cost).any() else 0.0,
    )


def _is_enough(decisions: _Decisions, settings: ActionSettings) -> bool:
    """A lot that left nobody, or everybody, is none."""
    treated = int(decisions.treated.sum())
    return (
        treated >= settings.action_min_taken
        and len(decisions.treated) - treated >= settings.action_min_not_taken
        and bool(((decisions.share > 0) & (decisions.share < 1)).all())
    )


def _effects(
    decisions: _Decisions, settings: ActionSettings, *, has_cost: bool
) -> Iterator[Mapping[str, Any]]:
    treated = decisions.treated
    taken = decisions.frame["is_taken"].to_numpy(dtype=bool)
    planned = _numbers(decisions.frame["control_share"])
    is_planned = not np.isnan(planned).any()
    common = {
        "as_of_date": settings.as_of_date,
        "action": decisions.action,
        "treated_decisions": int(treated.sum()),
        "control_decisions": int((~treated).sum()),
        "taken_decisions": int((treated & taken).sum()),
        "crossovers": int((~treated & taken).sum()),
        "planned_control_share": float(planned.mean()) if is_planned else None,
        "sample_ratio_p": _sample_ratio_p(~treated, planned) if is_planned else None,
        "cost": decisions.cost,
    }
    for name in OUTCOMES:
        reason, found = None, {}
        if not _is_enough(decisions, settings):
            reason = "too_few"
        elif name == "contribution" and not has_cost:
            reason = "no_costs"
        else:
            effect = effect_of(decisions, name)
            if effect is None:
                reason = "no_variation"
            else:
                low, high = effect.interval(CONFIDENCE)
                outcome = decisions.outcome(name)
                found = {
                    "treated_mean": float(outcome[treated].mean()),
                    "control_mean": float(outcome[~treated].mean()),
                    "effect": effect.estimate,
                    "standard_error": effect.error,
                    "interval_low": low,
                    "interval_high": high,
                    "p_value": effect.p_value,
                    "detectable_effect": _DETECTABLE * effect.error,
                }
        yield {**common, "outcome": name, **found, "reason": reason}


def _sample_ratio_p(held_back: NDArray[np.bool_], planned: Array) -> float | None:
    """With shares that differ the sum of lots is normal; with one it is binomial."""
    if np.ptp(planned) < 1e-9:
        share = float(planned[0])
        if not 0 < share < 1:
            return None
        return float(binomtest(int(held_back.sum()), len(held_back), share).pvalue)
    spread = float(np.sqrt((planned * (1 - planned)).sum()))
    if spread == 0:
        return None
    return float(2 * norm.sf(abs(held_back.sum() - planned.sum()) / spread))


def effect_of(decisions: _Decisions, outcome: str) -> Effect | None:
    """The effect per decision, of shares of the lot apart, with an error by customer.

    Decisions about one customer go together: the lot of an exported list is drawn once.
    """
    y, x = decisions.outcome(outcome), decisions.outcome(outcome, "x")
    n = len(y)
    estimate, freedom = 0.0, 0.0
    influence = np.zeros(n)
    used = 0
    for share in np.unique(decisions.share):
        inside = decisions.share == share
        arms = {is_on: inside & (decisions.treated == is_on) for is_on in (True, False)}
        of = {is_on: _moments(y[rows], x[rows]) for is_on, rows in arms.items()}
        found = randomised(of[True], of[False])
        if found is None:
            continue
        count = int(inside.sum())
        used += count
        estimate += count * found.estimate
        freedom += found.freedom
        spread = of[True].deviations[1] + of[False].deviations[1]
        slope = (of[True].deviations[2] + of[False].deviations[2]) / spread if spread > 0 else 0.0
        for is_on, rows in arms.items():
            rest = y[rows] - slope * x[rows]
            side = 1 if is_on else -1
            influence[rows] = side * count * (rest - rest.mean()) / rows.sum()
    if not used:
        return None
    # The influence is of a sum and not of a mean of n terms.
    error = policy.clustered_error(influence * n, decisions.customers) / used
    return Effect(estimate / used, error, freedom) if error > 0 else None


def _moments(y: Array, x: Array) -> Moments:
    return Moments(len(y), *(float(v) for v in (y.sum(), y @ y, x.sum(), x @ x, x @ y)))


def features(rows: pd.DataFrame) -> Array:
    """What customers are told apart by: how often, how much, and how recently for their rhythm."""
    times, value = _numbers(rows["purchase_days"]), _numbers(rows["revenue_a_purchase"])
    silence, gap = _numbers(rows["silence_days"]), np.clip(_numbers(rows["gap_days"]), 1, 365)
    lasting = np.log1p(silence / gap)
    often, much = np.log1p(times), np.log1p(np.clip(value, 0, None))
    return np.column_stack(
        [often, much, np.log1p(silence), np.log(gap), lasting, often * much, lasting * often]
    )


def _risk(rows: pd.DataFrame) -> Array:
    """Silence in gaps of one's own: who is likeliest to have left."""
    gap = np.clip(_numbers(rows["gap_days"]), 1, 365)
    return _numbers(rows["silence_days"]) / gap


def _scored(decisions: _Decisions, basis: str) -> Scores:
    before = np.column_stack(
        [features(decisions.frame), *(decisions.outcome(name, "x") for name in ("orders", basis))]
    )
    fold = folds(decisions.customers)
    return scores(before, decisions.outcome(basis), decisions.treated, decisions.share, fold)


def _uplifts(
    measured: list[_Decisions],
    scored: list[Scores],
    people: pd.DataFrame,
    settings: ActionSettings,
    basis: str,
) -> list[pd.DataFrame]:
    lines = Lines.of(
        {
            one.action: (features(one.frame), found.effect)
            for one, found in zip(measured, scored, strict=True)
        }
    )
    at = features(people)
    found = []
    for one in measured:
        low, high = lines.interval(one.action, at, CONFIDENCE)
        values = {
            "as_of_date": settings.as_of_date,
            "customer_id": people["customer_id"].to_numpy(),
            "action": one.action,
            "value_basis": basis,
            "uplift": np.round(lines.at(one.action, at), DIGITS),
            "uplift_low": np.round(low, DIGITS),
            "uplift_high": np.round(high, DIGITS),
        }
        found.append(UPLIFTS.frame(values))
    return found


def _policies(
    measured: list[_Decisions], scored: list[Scores], settings: ActionSettings, basis: str
) -> Iterator[Mapping[str, Any]]:
    if not measured:
        return
    effects = cross_fitted(
        {
            one.action: (features(one.frame), found.effect, folds(one.customers))
            for one, found in zip(measured, scored, strict=True)
        }
    )
    parts = [
        (one, found, effects[one.action] - one.cost, np.full(len(found.effect), one.cost))
        for one, found in zip(measured, scored, strict=True)
    ]
    groups = {part[0].action: [part] for part in parts}
    if len(parts) > 1:
        groups[ALL_ACTIONS] = parts
    for action, group in groups.items():
        customers, order = (
            np.concatenate([getattr(part[0], name) for part in group])
            for name in ("customers", "order")
        )
        both = Scores(
            np.concatenate([part[1].without for part in group]),
            np.concatenate([part[1].effect for part in group]),
        )
        expected, cost = (np.concatenate([part[place] for part in group]) for place in (2, 3))
        risk = np.concatenate([_risk(part[0].frame) for part in group])
        fold = folds(customers)
        acting = policy.policies(expected, risk, order, fold, settings.action_policy_share)
        for name, acted in acting.items():
            worth = policy.worth(acted, both, cost, customers, CONFIDENCE)
            gain = policy.gain(acting[policy.RANKING] - acted, both, cost, customers, CONFIDENCE)
            yield {
                "as_of_date": settings.as_of_date,
                "action": action,
                "policy": name,
                "value_basis": basis,
                "decisions": len(acted),
                "acted_share": float(acted.mean()),
                "value": worth.mean,
                "value_low": worth.low,
                "value_high": worth.high,
                **(
                    {}
                    if name == policy.RANKING
                    else {
                        "ranking_gain": gain.mean,
                        "ranking_gain_low": gain.low,
                        "ranking_gain_high": gain.high,
                    }
                ),
            }
