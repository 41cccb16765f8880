"""What a response has to stand up to before money is moved by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.mix.curve import Array

PASS, REVIEW, FAIL = "pass", "review", "fail"
CHECKS = (
    "data_points",
    "spend_variation",
    "season_collinearity",
    "channel_collinearity",
    "start_to_estimate",
    "return_plausible",
    "return_width",
    "baseline",
    "spend_range",
)


@dataclass(frozen=True)
class Bar:
    """From which value on a check is to be looked at, and from which it fails.

    ``above``: larger values are worse (else smaller ones). A value at a bar still meets it.
    """

    review: float
    fail: float
    above: bool = False

    def judge(self, value: float | None) -> str | None:
        """The status of a value; None where there is none."""
        if value is None or np.isnan(value):
            return None
        sign = 1.0 if self.above else -1.0
        if sign * value > sign * self.fail:
            return FAIL
        return REVIEW if sign * value > sign * self.review else PASS


@dataclass(frozen=True)
class Checked:
    """The outcome of one check of one channel."""

    check: str
    status: str | None
    value: float | None
    review_at: float | None
    fail_at: float | None
    reason: str | None = None


def judged(
    values: Mapping[str, float | None],
    bars: Mapping[str, Bar],
    at_worst_review: frozenset[str] = frozenset(),
    reason: str | None = None,
) -> list[Checked]:
    """All checks of a channel, in order.

    Args:
        values: what each check looks at; missing or None is not known.
        bars: the thresholds of each check.
        at_worst_review: checks that do not bear on how the channel's response is known.
        reason: why values are not known.
    """
    found = []
    for check in CHECKS:
        bar, value = bars[check], values.get(check)
        status = bar.judge(value)
        if check == "return_plausible" and value is not None and value < 0:
            status = FAIL
        if status == FAIL and check in at_worst_review:
            status = REVIEW
        why = reason if status is None else None
        found.append(Checked(check, status, value, bar.review, bar.fail, why))
    return found


def variation(spend: Array, touches: Array | None = None) -> float:
    """Standard deviation of the spend over its mean.

    Where touches are counted, less what their number varies by chance: at a fixed price of a touch
    spend follows touches, and nothing is to be learned from that.
    """
    mean = float(np.mean(spend))
    if not mean > 0:
        return 0.0
    by_chance = 1 / float(touches.mean()) if touches is not None and touches.sum() > 0 else 0.0
    return float(np.sqrt(max((float(np.std(spend)) / mean) ** 2 - by_chance, 0.0)))


def inflation(spend: Array, others: Array) -> float:
    """By how much others (columns) inflate the variance of what is told of the spend (VIF)."""
    if not np.std(spend) > 0:
        return float("inf")
    design = np.column_stack([np.ones(len(spend)), others])
    fitted = design @ np.linalg.lstsq(design, spend, rcond=None)[0]
    left = float(np.sum((spend - fitted) ** 2))
    whole = float(np.sum((spend - spend.mean()) ** 2))
    # With as many columns as periods nothing is left, whatever they are.
    freedom = (len(spend) - 1) / max(len(spend) - design.shape[1], 1)
    return max(1.0, whole / max(left * freedom, 1e-12 * whole))


def seen_share(low: float, high: float, spend: Array) -> float:
    """The share of a range of spend that lies between the least and the most ever spent."""
    if high <= low:
        return float(np.min(spend) <= low <= np.max(spend))
    inside = min(high, float(np.max(spend))) - max(low, float(np.min(spend)))
    return max(0.0, inside) / (high - low)
