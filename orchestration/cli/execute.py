"""Running a Dagster job in this process, under the writer lock, with a line for each step."""

from __future__ import annotations

import contextlib
import gc
import signal
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from rich.console import Console
from rich.markup import escape

from orchestration.cli.errors import RunFailedError, StoppedError, refused
from orchestration.cli.terminal import LiveProgress, open_console, output_to
from orchestration.runs.alerts import FAILED, SENDS_ITS_ALERT, Alert, of_success, send
from orchestration.runs.lock import Holder, WarehouseLockedError, hold_lock
from orchestration.runs.progress import PlainProgress, Progress, step
from orchestration.settings import Settings
from serving.publish import whoami

FULL_COLLECTION = 200
"""Python looks through everything for garbage after so many lesser collections, instead of 10."""


@contextlib.contextmanager
def locked(settings: Settings, console: Console, command: str | None = None) -> Iterator[None]:
    """Hold the writer lock, saying whom it waits for; others are told that ``command`` runs."""

    def say_who(holder: Holder | None) -> None:
        if settings.lock_wait_seconds:
            console.print(
                f"Waiting up to {settings.lock_wait_seconds} s for "
                + escape(str(holder or "another process"))
            )

    try:
        with hold_lock(
            settings.lock_path,
            wait_seconds=settings.lock_wait_seconds,
            command=command,
            on_wait=say_who,
        ):
            yield
    except WarehouseLockedError as error:
        raise RunFailedError(str(error)) from error


def execute(settings: Settings, job_name: str, run_config: dict[str, Any]) -> Console:
    """Run a job with a line for each step; raises ``RunFailedError`` with the one reason."""
    console = open_console()
    settings.export()
    log_path = settings.dagster_home / "logs" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{job_name}.log"
    started = time.monotonic()
    with locked(settings, console), output_to(log_path) as terminal:
        progress = LiveProgress(terminal) if terminal.is_terminal else PlainProgress(terminal)
        with progress.shown():
            try:
                reason, alert = _execute_job(settings, job_name, run_config, progress)
            except KeyboardInterrupt:
                raise StoppedError(f"Stopped. Full log: {log_path}") from None
            except Exception as error:
                traceback.print_exc()
                reason = refused(error) if isinstance(error, OSError) else str(error)
                alert = None
    if reason is not None and FAILED in settings.alert_on:
        alert = Alert(job_name, reason)
    for problem in send(alert, **settings.alerts) if alert else ():
        console.print(f"Nobody was told: {problem}", markup=False)
    if reason is not None:
        from orchestration.runs.outcome import BLOCKED  # noqa: PLC0415 (Dagster takes seconds)

        docs = settings.data_docs_dir / "index.html"
        found = f"Data Docs: {docs}\n" if reason.startswith(BLOCKED) else ""
        raise RunFailedError(f"{reason}\n{found}Full log: {log_path}")
    console.print(escape(f"\nDone in {time.monotonic() - started:.1f} s. Full log: {log_path}"))
    return console


@contextlib.contextmanager
def no_stop_is_lost() -> Iterator[None]:
    """What is imported may swallow what Ctrl-C raises; then it is raised at the end."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if pressed:
        raise KeyboardInterrupt


def _execute_job(
    settings: Settings, job_name: str, run_config: dict[str, Any], progress: Progress
) -> tuple[str | None, Alert | None]:
    """Run the job on the persistent instance; the reason if it failed, else what is to be told."""
    # What a run makes it needs to its end: looking through all of it for garbage is in vain.
    gc.set_threshold(*gc.get_threshold()[:2], FULL_COLLECTION)
    with step(progress, "load project"), no_stop_is_lost():
        # Dagster and dbt take seconds to import: not for --help or status.
        from orchestration import dbt_project  # noqa: PLC0415
        from orchestration.runs import outcome  # noqa: PLC0415
        from orchestration.runs.instance import (  # noqa: PLC0415
            give_runs_their_place,
            open_instance,
        )

        dbt_project.parse(settings)
        from orchestration.definitions import defs  # noqa: PLC0415

        job = defs.resolve_job_def(job_name)
    gc.freeze()
    with open_instance(settings) as instance:
        give_runs_their_place(instance, job_name)
        result = job.execute_in_process(
            run_config=run_config,
            instance=instance,
            raise_on_error=False,
            tags=_who_started(),
            resources={**(defs.resources or {}), "progress": progress},
        )
    if outcome.was_stopped(result):
        raise KeyboardInterrupt
    if (reason := outcome.failure_reason(result, job)) is not None:
        return reason, None
    found = outcome.findings(result.all_events)
    return None, of_success(
        job_name,
        result.run_id,
        restated=found.restated,
        warnings=found.warnings,
        alert_on=settings.alert_on,
    )


def _who_started() -> dict[str, str]:
    """Tags of a run in this process: its user, and that its alert is sent here."""
    return {"user": whoami(), SENDS_ITS_ALERT: "true"}
