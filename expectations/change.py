"""How far a figure may move from what it was, and what is said where it moves further.

Time alone makes a history grow, some of it with its square (cohorts by age), and months begin as a
whole. So a figure may lie anywhere between what it was and what so many more days make of it before
its change counts; a loss counts from the first row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from expectations.suites import Measures, Severity
from expectations.validate import Judgement, TableValidation

WAY_OUT = "if it is meant, say why with --accept-change or LIFECYCLE_ACCEPT_CHANGE and run again"
_LONGEST_PERIOD_DAYS = 31


@dataclass(frozen=True)
class Limits:
    """Shares of what a figure was: above ``warn`` a change is told, above ``block`` it stops a run.

    Figures of fewer rows than ``least_rows`` are not judged: a few rows are a large share of them.
    """

    warn: float
    block: float
    least_rows: int


@dataclass(frozen=True)
class Moved:
    """Since when: what a figure was as of one day is compared with what it is as of another."""

    what: str
    before: date
    now: date
    first_day: date | None

    @property
    def growth(self) -> float:
        """Share by which time alone may have made a figure larger."""
        elapsed = (self.now - self.before).days
        if elapsed <= 0:
            return 0.0
        lasted = (self.before - self.first_day).days if self.first_day else 0
        return (1 + max(elapsed, _LONGEST_PERIOD_DAYS) / max(lasted, 1)) ** 2 - 1


def may_move(
    measures: Measures,
    measure: str,
    sql: str,
    *,
    called: str,
    before: float,
    now: float,
    moved: Moved,
    limits: Limits,
    scale: float | None = None,
    column: str | None = None,
) -> None:
    """Expect the figure ``sql``, ``called`` so in words, to be about what it was.

    What it is ``now`` tells which of the two limits is expected of it: one is enough.
    ``scale`` is what shares are of, by default the figure as it was: one that parts of both signs
    make up is small against them.
    """
    scale = abs(before) if scale is None else scale
    expected = f"its {called} is within {limits.warn:.0%} of {_told(before)}, {moved.what}"
    severity: Severity = "warning"
    low, high = _bounds(before, scale, limits.warn, moved.growth)
    worst_low, worst_high = _bounds(before, scale, limits.block, moved.growth)
    if not worst_low <= now <= worst_high:
        severity, low, high = "critical", worst_low, worst_high
        expected += f"; beyond {limits.block:.0%} nothing goes on ({WAY_OUT})"
    measures.value(measure, sql, expected, severity, low=low, high=high, column=column)


def _bounds(before: float, scale: float, share: float, growth: float) -> tuple[float, float]:
    """Between which values a figure may lie that may move by a share, and by what time adds."""
    grown = before * (1 + growth)
    return min(before, grown) - share * scale, max(before, grown) + share * scale * (1 + growth)


def accept(
    validations: Sequence[TableValidation], reason: str | None
) -> tuple[list[TableValidation], int]:
    """What blocks only warns where there is a ``reason``; and how many findings that was."""
    accepted = 0 if reason is None else sum(len(v.blocking) for v in validations)
    if not accepted:
        return list(validations), 0
    return [
        replace(
            validation,
            judgements=tuple(
                _accepted(judgement, str(reason)) for judgement in validation.judgements
            ),
        )
        for validation in validations
    ], accepted


def _accepted(judgement: Judgement, reason: str) -> Judgement:
    finding = judgement.finding
    if finding is None or finding.severity != "critical":
        return judgement
    expected = f"{finding.expected.removesuffix(f' ({WAY_OUT})')}; accepted: {reason}"
    return replace(
        judgement,
        severity="warning",
        expected=expected,
        finding=replace(finding, severity="warning", expected=expected),
    )


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if float(figure).is_integer() else f"{figure:,.2f}"
