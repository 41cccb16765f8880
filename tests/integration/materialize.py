"""Launch assets and checks as Dagster's UI does, through its GraphQL, and run what it queued.

``python tests/integration/materialize.py CONFIG KEY...`` in a home (``LIFECYCLE_HOME``) that has
been built; CONFIG is run configuration as JSON, a KEY is an asset's or, with the name after a
colon, a check's. Prints a JSON object: for each key how its run ended, what was made and checked.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster_graphql.schema import create_schema

from orchestration import definitions
from orchestration.runs.instance import LOCATION, open_instance
from orchestration.runs.outcome import failed_step
from orchestration.settings import load_settings

LAUNCH = """
mutation ($executionParams: ExecutionParams!) {
  launchPipelineExecution(executionParams: $executionParams) {
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { __typename message }
  }
}
"""


def main(config: dict[str, Any], keys: list[str]) -> dict[str, dict[str, Any]]:
    """How each launch ended."""
    code = LoadableTargetOrigin(module_name=definitions.__name__, attribute="defs")
    origin = InProcessCodeLocationOrigin(code, location_name=LOCATION)
    with (
        open_instance(load_settings()) as instance,
        WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget(origin)) as process,
    ):
        launched = {key: _launch(process.create_request_context(), config, key) for key in keys}
        return {key: _run(instance, run_id) for key, run_id in launched.items()}


def _launch(request: WorkspaceRequestContext, config: dict[str, Any], key: str) -> str:
    asset, _, check = key.partition(":")
    path = {"path": asset.split("/")}
    # For an asset the UI leaves its checks to Dagster, and names the whole of its step.
    graph = definitions.defs.resolve_asset_graph()
    together = graph.get(dg.AssetKey(path["path"])).execution_set_asset_keys
    selector = {
        "repositoryLocationName": LOCATION,
        "repositoryName": "__repository__",
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [] if check else [{"path": list(one.path)} for one in together],
        "assetCheckSelection": [{"assetKey": path, "name": check}] if check else None,
    }
    answer = asyncio.run(
        create_schema().execute_async(
            LAUNCH,
            context_value=request,
            variable_values={"executionParams": {"selector": selector, "runConfigData": config}},
        )
    )
    launched = (answer.data or {}).get("launchPipelineExecution", {})
    assert "run" in launched, (key, launched, answer.errors)
    run_id: str = launched["run"]["runId"]
    return run_id


def _run(instance: dg.DagsterInstance, run_id: str) -> dict[str, Any]:
    """Run what waits in the queue, as a daemon would."""
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status == dg.DagsterRunStatus.QUEUED
    job = definitions.defs.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection=run.asset_selection, asset_check_selection=run.asset_check_selection
    )
    instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.PIPELINE_STARTING.value, run.job_name), run_id
    )
    run = instance.get_run_by_id(run_id)
    assert run is not None
    done = execute_run(InMemoryJob(job), run, instance, raise_on_error=False)
    events = [entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event]
    return {
        "succeeded": done.success,
        "reason": failed_step(events),
        "made": sum(event.is_step_materialization for event in events),
        "checked": sum(
            event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION for event in events
        ),
    }


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(main(json.loads(sys.argv[1]), sys.argv[2:])))
