"""Why a run failed, in one reason: for the command line, for alerts and for Dagster's own pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import (
    AssetCheckSeverity,
    DagsterEvent,
    DagsterEventType,
    ExecuteInProcessResult,
    JobDefinition,
)
from dagster_shared.error import SerializableErrorInfo

from landing.masking import masked
from orchestration.runs.audit import Brief, briefs
from orchestration.runs.progress import Progress, Step, step

CRITICAL = "critical"
"""Metadata of a check: what blocks, one finding a line."""
TELLING = {DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_CHECK_EVALUATION}
"""Events that ``findings`` looks at."""
TOLD = "told"
"""Metadata of what was published: what is told of it, as an object of ``Findings``."""
BLOCKED = "blocking check"
SHOWN = 3
"""How the reason of a run begins that the expectations of a table stopped."""


@contextmanager
def asset_step(progress: Progress, name: str) -> Iterator[Step]:
    """A step of progress whose failure says its reason in Dagster's event, not in a trace alone."""
    with step(progress, name) as current:
        try:
            yield current
        except dg.Failure:
            raise
        except Exception as error:
            reason = masked(str(error)) or type(error).__name__
            raise dg.Failure(reason, allow_retries=False) from error


_STOPPED = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")


def failure_reason(result: ExecuteInProcessResult, job: JobDefinition) -> str | None:
    """The first thing that went wrong; None if nothing did.

    A failed blocking check comes before the step it stopped. A green run that left out a selected
    asset has failed too.
    """
    if not result.success:
        return (
            _failed_checks(result)
            or failed_step(result.all_events)
            or "the run failed; see the log"
        )
    done = {
        event.asset_key
        for event in result.all_events
        if event.event_type == DagsterEventType.ASSET_MATERIALIZATION
    }
    skipped = set(job.asset_layer.executable_asset_keys) - done
    if skipped:
        names = sorted(key.to_user_string() for key in skipped)
        return f"{len(names)} assets were not built: {', '.join(names[:5])}"
    return None


def was_stopped(result: ExecuteInProcessResult) -> bool:
    """Whether somebody stopped the run, by Ctrl-C or a signal to end."""
    return any(
        _root(data.error).cls_name in _STOPPED
        for event in result.all_events
        if event.event_type == DagsterEventType.STEP_FAILURE
        and (data := event.step_failure_data).error
    )


@dataclass(frozen=True)
class Findings:
    """What a run that ended well has to say: figures of the past that changed, and warnings."""

    restated: str = ""
    warnings: tuple[str, ...] = ()


def findings(events: Iterable[DagsterEvent]) -> Findings:
    """What publishing said; of a run that did not publish, what its checks warn of."""
    warned: list[Brief] = []
    for event in events:
        if event.event_type == DagsterEventType.ASSET_MATERIALIZATION:
            metadata = event.step_materialization_data.materialization.metadata
            if TOLD in metadata:
                told: Any = metadata[TOLD].value
                return Findings(told["restated"], tuple(told["warnings"]))
        if event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed:
                warned += briefs(evaluation.asset_check_key, evaluation, None)
    return Findings("", tuple(brief.text for brief in sorted(warned, key=lambda b: b.rank)))


def _failed_checks(result: ExecuteInProcessResult) -> str | None:
    """What the first of the failed blocking checks say, and how many more there are."""
    failed = [
        evaluation
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed
        and evaluation.severity == AssetCheckSeverity.ERROR
        and evaluation.description
    ]
    if not failed:
        return None
    shown, more = failed[:SHOWN], len(failed) - SHOWN
    told = "\n".join(_findings(evaluation) for evaluation in shown)
    return f"{BLOCKED}: {told}" + (f"\n({more} more failed)" if more > 0 else "")


def _findings(evaluation: dg.AssetCheckEvaluation) -> str:
    """What blocks in the check, one finding a line."""
    if critical := evaluation.metadata.get(CRITICAL):
        return "\n".join(line.removeprefix("- ") for line in str(critical.value).splitlines())
    return evaluation.description or ""


def failed_step(events: Iterable[DagsterEvent]) -> str | None:
    """Why the first step that failed did, or the run where no step says so; None if none did."""
    for event in events:
        if event.event_type == DagsterEventType.STEP_FAILURE:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            if data.error:
                return _root_message(data.error)
        if event.event_type == DagsterEventType.PIPELINE_FAILURE and (reason := _of_run(event)):
            return reason
    return None


def _of_run(event: DagsterEvent) -> str | None:
    error = event.job_failure_data.error
    return _root_message(error) if error else None


def _root_message(error: SerializableErrorInfo) -> str:
    """The message of the error that started it, without its class."""
    error = _root(error)
    message = error.message.strip()
    return message.removeprefix(f"{error.cls_name}: ").partition(f"{error.cls_name}: ")[2] or (
        message.removeprefix(f"{error.cls_name}: ")
    )


def _root(error: SerializableErrorInfo) -> SerializableErrorInfo:
    while error.cause is not None:
        error = error.cause
    return error
