"""Jobs, and what launches them: every day, and when the user's landing folder has new files."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from orchestration.defs import landing, scoring, serving
from orchestration.settings import load_settings

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Land, build, score, validate, publish, report.",
    executor_def=dg.in_process_executor,
)

build = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(landing.GROUP),
    description="Everything but landing: build from what has landed.",
    executor_def=dg.in_process_executor,
)

land = dg.define_asset_job(
    "land",
    selection=dg.AssetSelection.groups(landing.GROUP),
    description="Land, and check what has landed.",
    executor_def=dg.in_process_executor,
)

score = dg.define_asset_job(
    "score",
    selection=dg.AssetSelection.groups(scoring.GROUP).downstream(),
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
    description="Refresh every morning at five (UTC). Off until switched on.",
)


@dg.sensor(
    name="landing_folder",
    job=refresh,
    minimum_interval_seconds=60,
    description="Refresh when files in LIFECYCLE_SOURCE_DIR are new or changed, and have stopped "
    "changing. Off until switched on.",
)
def landing_folder(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason] | dg.SensorResult:
    """Compare the folder with the last look and with what was last landed.

    The cursor holds both fingerprints. A folder that differs from the last look may still be
    being copied, so it counts only when it looks the same twice in a row.
    """
    source_dir = load_settings().source_dir
    if source_dir is None:
        return dg.SensorResult(skip_reason="LIFECYCLE_SOURCE_DIR is not set.")
    cursor = json.loads(context.cursor) if context.cursor else {}
    now = fingerprint(source_dir)
    if now is None:
        return dg.SensorResult(skip_reason=f"{source_dir} has no files.", cursor=context.cursor)
    seen = {**cursor, "seen": now}
    if now == cursor.get("landed"):
        return dg.SensorResult(skip_reason="Nothing new.", cursor=json.dumps(seen))
    if now != cursor.get("seen"):
        return dg.SensorResult(
            skip_reason="Files have changed since the last look; they may still be changing.",
            cursor=json.dumps(seen),
        )
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=now)],
        cursor=json.dumps({"seen": now, "landed": now}),
    )


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
