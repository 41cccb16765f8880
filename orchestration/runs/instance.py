"""The Dagster instance of a home: made on first use, quiet, one run at a time."""

from __future__ import annotations

from functools import partial

from dagster import DagsterInstance
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin

from orchestration.settings import Settings

LOCATION = "customer_lifecycle"
"""The code location's name in ``[tool.dagster]``."""

DAGSTER_YAML = """\
# Written when this folder had none; yours to change.

telemetry:
  enabled: false
nux:
  enabled: false

# SQLite in this folder, like Dagster's own, but several times faster: see the class.
event_log_storage:
  module: orchestration.event_log
  class: KeptSqliteEventLogStorage
  config:
    base_dir: history/runs

# One run at a time opens the warehouse; the others wait in the queue. A pool has no limit until it
# is given one, so the default is the limit. Runs started by the command line do not pass through
# the queue: the file lock beside the warehouse covers those.
concurrency:
  pools:
    default_limit: 1
    granularity: run

run_monitoring:
  enabled: true

freshness:
  enabled: true

retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 30
      success: -1
"""


def ensure_dagster_home(settings: Settings) -> None:
    """Make DAGSTER_HOME with its configuration, if it is not there."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    configuration = settings.dagster_home / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(DAGSTER_YAML, encoding="utf-8")


def open_instance(settings: Settings) -> DagsterInstance:
    """The persistent instance of the home; close it after use (it is a context manager)."""
    ensure_dagster_home(settings)
    settings.export()
    return DagsterInstance.get()


def give_runs_their_place(instance: DagsterInstance, job_name: str) -> None:
    """Record runs that this process makes as those of a job of the code location.

    Dagster's home page leaves out runs without that, and ``execute_in_process`` has no argument
    for it.
    """
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), "__repository__")
    instance.create_run_for_job = partial(  # type: ignore[method-assign]
        instance.create_run_for_job, remote_job_origin=repository.get_job_origin(job_name)
    )
