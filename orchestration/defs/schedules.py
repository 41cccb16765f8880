"""Jobs, and what launches them: every day, and when the user's landing folder has new files."""

import hashlib
import itertools
import json
import time
from pathlib import Path

import dagster as dg

from orchestration.defs import landing, scoring, serving
from orchestration.runs.alerts import FAILED, SENDS_ITS_ALERT, Alert, of_success, send
from orchestration.runs.outcome import TELLING, failed_step, findings
from orchestration.settings import load_settings

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Land, build, score, validate, publish, report.",
    executor_def=dg.in_process_executor,
)

_landed = dg.AssetSelection.groups(landing.GROUP)

# What landed is checked again: it may have been copied here, and was checked in another home.
build = dg.define_asset_job(
    "build",
    selection=(dg.AssetSelection.all() - _landed) | dg.AssetSelection.all_asset_checks(),
    description="Everything but landing: build from what has landed.",
    executor_def=dg.in_process_executor,
)

land = dg.define_asset_job(
    "land",
    selection=_landed,
    description="Land, and check what has landed.",
    executor_def=dg.in_process_executor,
)

score = dg.define_asset_job(
    "score",
    selection=dg.AssetSelection.assets(*scoring.KEYS).downstream(),
    description="Score, and rebuild and publish what depends on the scores.",
    executor_def=dg.in_process_executor,
)

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.all_asset_checks() | dg.AssetSelection.groups(serving.GROUP),
    description="Check what is in the warehouse again, and publish it.",
    executor_def=dg.in_process_executor,
)

JOBS = [refresh, build, land, score, publish]

daily = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh,
    cron_schedule="0 5 * * *",
    execution_timezone=load_settings().time_zone or "UTC",
    description="Refresh every morning at five, in LIFECYCLE_TIME_ZONE or else UTC. Off until "
    "switched on.",
)


FINGERPRINT_TAG = "landing_folder/fingerprint"
TRIES = 3
"""Runs of the same files before a person has to look."""
RETRY_AFTER_SECONDS = 600


@dg.sensor(
    name="landing_folder",
    job=refresh,
    minimum_interval_seconds=60,
    description="Refresh when files in LIFECYCLE_SOURCE_DIR are not those of the last run that "
    "succeeded, and have stopped changing. Off until switched on.",
)
def landing_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Compare the folder with the last look and with the last run this sensor asked for.

    The cursor holds the fingerprint of the last look and how many runs were asked for. A folder
    that differs from the last look may still be being copied, so it counts only when it looks the
    same twice in a row. Files have landed when their run has succeeded.
    """
    source_dir = load_settings().source_dir
    if source_dir is None:
        return dg.SensorResult(skip_reason="LIFECYCLE_SOURCE_DIR is not set.")
    cursor = json.loads(context.cursor) if context.cursor else {}
    now = fingerprint(source_dir)
    if now is None:
        return dg.SensorResult(skip_reason=f"{source_dir} has no files.", cursor=context.cursor)
    seen = {"asked": cursor.get("asked", 0), "seen": now}
    if reason := _why_not(context.instance, now, changed=now != cursor.get("seen")):
        return dg.SensorResult(skip_reason=reason, cursor=json.dumps(seen))
    seen["asked"] += 1
    # The number makes the key a new one: files that are restored to an earlier state land again.
    request = dg.RunRequest(run_key=f"{seen['asked']}-{now}", tags={FINGERPRINT_TAG: now})
    return dg.SensorResult(run_requests=[request], cursor=json.dumps(seen))


def _why_not(instance: dg.DagsterInstance, now: str, *, changed: bool) -> str | None:
    """Why there is nothing to do; None if there is."""
    asked = instance.get_run_records(dg.RunsFilter(job_name=refresh.name), limit=100)
    ours = [r for r in asked if FINGERPRINT_TAG in r.dagster_run.tags]
    if ours and not ours[0].dagster_run.is_finished:
        return "The run asked for last has not ended."
    tries = list(itertools.takewhile(lambda r: r.dagster_run.tags[FINGERPRINT_TAG] == now, ours))
    if tries and tries[0].dagster_run.is_success:
        return "Nothing new."
    if changed:
        return "Files have changed since the last look; they may still be changing."
    if len(tries) >= TRIES:
        return f"{TRIES} runs of these files have failed. Change a file, or launch refresh."
    if tries and time.time() < (tries[0].end_time or 0) + RETRY_AFTER_SECONDS:
        return f"The run of these files failed; trying again {RETRY_AFTER_SECONDS} s later."
    return None


def fingerprint(folder: Path) -> str | None:
    """A hash over names, sizes and times of change of all files; None if there are none."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        return None
    total = hashlib.sha256()
    for path in files:
        about = path.stat()
        total.update(f"{path.relative_to(folder)}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return total.hexdigest()


@dg.run_failure_sensor(
    name="failure_alert",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells of a run that failed: LIFECYCLE_ALERT_WEBHOOK, LIFECYCLE_ALERT_MAIL.",
)
def failure_alert(context: dg.RunFailureSensorContext) -> None:
    """Send the reason of a run that Dagster launched; the command line sends that of its own."""
    run = context.dagster_run
    settings = load_settings()
    if SENDS_ITS_ALERT in run.tags or FAILED not in settings.alert_on:
        return
    reason = failed_step([*context.get_step_failure_events(), context.failure_event])
    alert = Alert(run.job_name, reason or "see its log", run.run_id)
    for problem in send(alert, **settings.alerts):
        context.log.warning(problem)


@dg.run_status_sensor(
    name="findings_alert",
    run_status=dg.DagsterRunStatus.SUCCESS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells of a run that changed published figures or warns: LIFECYCLE_ALERT_WEBHOOK, "
    "LIFECYCLE_ALERT_MAIL, LIFECYCLE_ALERT_ON.",
)
def findings_alert(context: dg.RunStatusSensorContext) -> None:
    """Send what a run that Dagster launched found; the command line sends that of its own."""
    run, settings = context.dagster_run, load_settings()
    if SENDS_ITS_ALERT in run.tags:
        return
    logged = context.instance.all_logs(run.run_id, of_type=TELLING)
    found = findings(record.dagster_event for record in logged if record.dagster_event)
    alert = of_success(
        run.job_name,
        run.run_id,
        restated=found.restated,
        warnings=found.warnings,
        alert_on=settings.alert_on,
    )
    for problem in send(alert, **settings.alerts) if alert else ():
        context.log.warning(problem)
