"""What Dagster loads: all assets, checks, jobs, the schedule, the sensor and the resources."""

import dagster as dg

from orchestration.defs import (
    change,
    landing,
    schedules,
    scoring,
    serving,
    state,
    transform,
    validation,
)
from orchestration.runs.progress import PlainProgress
from orchestration.runs.resources import Warehouse

defs = dg.Definitions(
    assets=[
        *dg.load_assets_from_modules([landing, transform, scoring, state]),
        *serving.ASSETS,
    ],
    asset_checks=dg.load_asset_checks_from_modules([validation, change]),
    jobs=schedules.JOBS,
    schedules=[schedules.daily],
    sensors=[schedules.landing_folder, schedules.failure_alert, schedules.findings_alert],
    resources={"warehouse": Warehouse(), "progress": PlainProgress()},
    executor=dg.in_process_executor,
)
