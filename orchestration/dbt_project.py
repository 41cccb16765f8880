"""The dbt project as Dagster sees it: the manifest, what a test is a check of, one invocation.

Python sits in the middle of the dbt graph: models summarise purchases, Python scores customers,
further models read the scores. Dagster cuts a run where Python comes in, and dbt builds the nodes
that are named, part by part. A test that looks at several parts runs in the last, when all exist.

dbt runs in this process (``dbtRunner``) and not as a command: one import and one parse serve all
parts, nodes are selected by what they are and not by patterns that dbt tries on every node, and
nothing asks the network for newer versions.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import duckdb
import orjson
from dagster import DagsterExecutionInterruptedError
from dagster_dbt import DbtProject
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.results import NodeStatus
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from dbt_common.events.functions import msg_to_dict
from filelock import FileLock

from landing.engine import connect
from orchestration.dbt_tests import describe_tests, found
from orchestration.meter import Usage, metered
from orchestration.runs.state import CUSTOMERS
from orchestration.settings import SPARK, Settings
from orchestration.spark import (
    Relation,
    clear_unfinished,
    put_down_studies,
    require_spark,
    show_tables,
)

_ASSET_TYPES = ("model", "seed", "snapshot")
_PARSED = ("models", "macros", "seeds", "snapshots", "tests/dbt")
_SELECTED = "selected_for_this_invocation"
_RESULTS = ("LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult")


KEPT_SNAPSHOT = "LIFECYCLE_KEPT_SNAPSHOT"
"""Variable that tells macros from which file Spark begins the history that it lacks."""


class DbtError(RuntimeError):
    """dbt failed before or while it ran nodes; the message says what and where."""


@dataclass(frozen=True)
class DbtNodeResult:
    """How one node ended. ``event`` is dbt's structured log event as a mapping.

    ``status`` is dbt's: ``success``, ``pass``, ``warn``, ``fail``, ``error`` or ``skipped``.
    ``usage`` is what DuckDB took while the node ran; None if that was over before it was looked at.
    """

    unique_id: str
    resource_type: str
    name: str
    status: str
    seconds: float
    failures: int | None
    event: Mapping[str, Any]
    usage: Usage | None = None


@dataclass(frozen=True)
class DbtResult:
    """How an invocation ended: ``errors`` says of each node that failed what is wrong."""

    succeeded: bool
    errors: Mapping[str, str]


OnNode = Callable[[DbtNodeResult], None]


def project(settings: Settings) -> DbtProject:
    """The dbt project at the root of the checkout, its artifacts under the home."""
    return DbtProject(
        project_dir=settings.project_dir,
        target_path=settings.dbt_target_dir,
        profiles_dir=settings.project_dir,
        target=settings.engine,
    )


def base_args(settings: Settings, *, log_level: str = "none") -> list[str]:
    """What every invocation says about places and logs."""
    return [
        *("--project-dir", str(settings.project_dir)),
        *("--profiles-dir", str(settings.project_dir)),
        *("--target", settings.engine),
        *("--target-path", str(settings.dbt_target_dir)),
        *("--log-path", str(settings.dbt_target_dir)),
        *("--log-level", log_level),
        *("--log-level-file", "info"),
    ]


def build_args(
    settings: Settings,
    *,
    as_of_date: date | None = None,
    tests_only: bool = False,
    log_level: str = "none",
) -> list[str]:
    """Arguments of a ``dbt build`` (``dbt test`` if ``tests_only``) of what ``invoke`` is told."""
    variables = ["--vars", json.dumps({"as_of_date": as_of_date.isoformat()})] if as_of_date else []
    return [
        "test" if tests_only else "build",
        *base_args(settings, log_level=log_level),
        *("--select", f"tag:{_SELECTED}", "--indirect-selection", "empty"),
        # The manifest on disk is that of the parse; results of one part alone are no use.
        "--no-write-json",
        # Unit tests are no asset checks and cost time; `make test` runs them.
        *("--exclude-resource-type", "unit_test"),
        *variables,
    ]


def load_manifest(settings: Settings, python_steps: Mapping[str, str]) -> dict[str, Any]:
    """The manifest as a mapping, every test attached to an asset; parses if it is stale.

    ``python_steps`` names, for each source that Python writes, the model it is written from.
    Raises ``DbtError`` if the project cannot be parsed.
    """
    path = settings.dbt_target_dir / "manifest.json"
    if _is_stale(settings, path):
        parse(settings)
    return describe_tests(attach_tests(orjson.loads(path.read_bytes()), python_steps))


@cache
def parse(settings: Settings) -> Manifest:
    """Parse the project (partially, if little changed) and write the manifest. Once a process.

    Raises ``DbtError`` if it cannot be parsed, and ``EngineError`` if the engine is lacking.
    """
    if settings.engine == SPARK:
        require_spark()
    settings.export()
    settings.dbt_target_dir.mkdir(parents=True, exist_ok=True)
    # The web server, the daemon and the command line may all find the manifest stale.
    with FileLock(settings.dbt_target_dir / "parse.lock"):
        result = dbtRunner().invoke(["parse", *base_args(settings)])
    if not result.success:
        raise DbtError(f"dbt cannot parse the project: {_first_lines(result.exception)}")
    return cast(Manifest, result.result)


def invoke(
    settings: Settings, args: Sequence[str], selected: Collection[str], on_node: OnNode
) -> DbtResult:
    """Run dbt and call ``on_node`` as nodes end (from dbt's threads, one call at a time).

    ``selected`` are the unique ids of nodes, models and tests alike, and nothing else runs.
    Raises ``DbtError`` if dbt could not run at all; failed nodes are in the result.
    """

    built: list[str] = []

    def on_event(event: EventMsg) -> None:
        if event.info.name == "NodeStart":
            meter.begin(event.data.node_info.unique_id)
        elif event.info.name in _RESULTS:
            result = _node_result(msg_to_dict(event))
            if result.status == "success":
                built.append(result.unique_id)
            on_node(replace(result, usage=meter.end(result.unique_id)))

    settings.spill_dir.mkdir(parents=True, exist_ok=True)
    manifest = parse(settings)
    with warehouse_shown(settings, manifest, built):
        try:
            with tagged(manifest, selected), metered(_cursor) as meter:
                outcome = dbtRunner(manifest=manifest, callbacks=[on_event]).invoke(list(args))
        finally:
            _close_warehouse()
    if isinstance(outcome.exception, KeyboardInterrupt | DagsterExecutionInterruptedError):
        raise outcome.exception
    if outcome.exception is not None:
        raise DbtError(_first_lines(outcome.exception) or type(outcome.exception).__name__)
    failed = (NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr, NodeStatus.PartialSuccess)
    errors = {
        result.node.unique_id: f"{result.node.resource_type} {result.node.name}: "
        f"{_first_lines(result.message)}{found(result, settings.warehouse_path)}"
        for result in cast(RunExecutionResult, outcome.result).results
        if result.status in failed
    }
    return DbtResult(outcome.success, errors)


@contextmanager
def warehouse_shown(
    settings: Settings, manifest: Manifest, built: Collection[str]
) -> Iterator[None]:
    """What the warehouse file has is there for dbt, and afterwards what dbt ``built`` in the file.

    Nothing is to be done where dbt builds in the file itself.
    """
    if settings.engine != SPARK:
        yield
        return
    clear_unfinished(settings.spark_dir)
    kept = CUSTOMERS.path(settings.state_dir)
    os.environ[KEPT_SNAPSHOT] = str(kept) if kept.exists() else ""
    with connect(settings.warehouse_path) as connection:
        put_down_studies(connection, made_by_python(manifest), settings.spark_dir)
    yield
    nodes = [node for node in map(manifest.nodes.get, built) if node is not None]
    tables = [
        Relation(node.schema, node.alias, node.config.get("column_types") or {})
        for node in nodes
        if node.resource_type in _ASSET_TYPES and node.config.materialized != "view"
    ]
    with connect(settings.warehouse_path) as connection:
        show_tables(connection, tables, settings.spark_dir)


def made_by_python(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Schema and name of each source that no landing has: what studies and commands write."""
    for source in manifest.sources.values():
        if {"study", "is_created_empty"} & source.source_meta.keys():
            yield source.schema, source.identifier


@contextmanager
def tagged(manifest: Manifest, selected: Collection[str]) -> Iterator[None]:
    """Tag nodes of the manifest in memory: dbt would try each of a thousand names on every node."""
    nodes = [manifest.nodes[unique_id] for unique_id in selected]
    for node in nodes:
        node.tags.append(_SELECTED)
    try:
        yield
    finally:
        for node in nodes:
            node.tags.remove(_SELECTED)


def attach_tests(manifest: dict[str, Any], python_steps: Mapping[str, str]) -> dict[str, Any]:
    """The manifest with every test attached to the asset whose check it becomes.

    dagster-dbt attaches a test to the model it is declared on, and does not attach tests of
    several models that are declared on none. A check must run after everything it looks at, and
    one that blocks must hold up nothing that leads to what it looks at. So here a test belongs to
    the model it is declared on unless it looks at one after a later Python step; then, and for
    tests declared on none, it belongs to the last model it looks at. Tests of sources alone stay
    with the source.
    """
    places = _places(manifest, python_steps)
    for node in manifest["nodes"].values():
        if node["resource_type"] != "test":
            continue
        assets = [
            parent
            for parent in node["depends_on"]["nodes"]
            if manifest["nodes"].get(parent, {}).get("resource_type") in _ASSET_TYPES
        ]
        if not assets:
            continue
        last = max(assets, key=lambda parent: (places[parent], parent))
        declared_on = node.get("attached_node")
        if declared_on not in assets or places[declared_on].steps < places[last].steps:
            node["attached_node"] = last
            reference = {"name": manifest["nodes"][last]["name"]}
            node["config"].setdefault("meta", {}).setdefault("dagster", {})["ref"] = reference
    return manifest


def attached_to(manifest: Mapping[str, Any], test_id: str) -> str | None:
    """The node whose check a test is; None for a test of sources alone."""
    node = manifest["nodes"][test_id]
    parents: list[str] = node["depends_on"]["nodes"]
    attached: str | None = node.get("attached_node") or (parents[0] if len(parents) == 1 else None)
    return attached if attached in manifest["nodes"] else None


def marts(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nodes of the models in schema ``marts``, by name."""
    nodes = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    return iter(sorted((n for n in nodes if n["schema"] == "marts"), key=lambda n: str(n["name"])))


@dataclass(frozen=True)
class Keys:
    """What tests hold of a model's columns: what readers need to join it.

    ``key`` identifies a row. ``references`` names the mart column that a column is found in, as
    ``table.column``.
    """

    key: tuple[str, ...]
    not_null: tuple[str, ...]
    references: Mapping[str, str]


def keys(manifest: Mapping[str, Any]) -> dict[str, Keys]:
    """The keys of every model that has tests, by name; conditional tests say nothing here."""
    tests: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for node in manifest["nodes"].values():
        about = node.get("test_metadata")
        if about and not node["config"].get("where"):
            model = _REFERRED.search(about["kwargs"]["model"])
            if model:
                tests.setdefault(model[1], []).append((about["name"], about["kwargs"]))
    return {model: _keys(found) for model, found in sorted(tests.items())}


def _keys(tests: Sequence[tuple[str, Mapping[str, Any]]]) -> Keys:
    not_null = {about["column_name"] for name, about in tests if name == "not_null"}
    for name, about in tests:
        not_null.update(about.get("not_null", ()) if name == "valid_columns" else ())
    unique = [(about["column_name"],) for name, about in tests if name == "unique"]
    unique += [tuple(about["columns"]) for name, about in tests if name == "unique_combination"]
    key = min(unique, key=lambda columns: (len(columns), columns), default=())
    references = {}
    for name, about in tests:
        target = _REFERRED.search(str(about.get("to")))
        if name == "relationships" and target:
            references[about["column_name"]] = f"{target[1]}.{about['field']}"
    return Keys(key, tuple(sorted(not_null)), references)


_REFERRED = re.compile(r"ref\('(\w+)'\)")


class _Place(NamedTuple):
    """How late a node is built: the Python steps that come before it, then the longest path."""

    steps: int
    length: int


def _places(manifest: Mapping[str, Any], python_steps: Mapping[str, str]) -> dict[str, _Place]:
    read = {
        node["name"]: unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["name"] in python_steps.values() and node["resource_type"] == "model"
    }
    places: dict[str, _Place] = {}

    def place(unique_id: str) -> _Place:
        if unique_id not in places:
            source = manifest["sources"].get(unique_id)
            if source and source["source_name"] in python_steps:
                before = place(read[python_steps[source["source_name"]]])
                places[unique_id] = _Place(before.steps + 1, before.length + 1)
            else:
                node = source or manifest["nodes"][unique_id]
                parents = node.get("depends_on", {}).get("nodes", ())
                latest = max((place(parent) for parent in parents), default=_Place(0, 0))
                places[unique_id] = _Place(latest.steps, latest.length + 1)
        return places[unique_id]

    for unique_id in manifest["nodes"]:
        place(unique_id)
    return places


def _cursor() -> duckdb.DuckDBPyConnection | None:
    """A cursor of its own on the warehouse that dbt has open; None before it has."""
    connection = getattr(DuckDBConnectionManager._ENV, "conn", None)
    return connection.cursor() if connection is not None else None


def _close_warehouse() -> None:
    """dbt-duckdb keeps the file open for the life of the process, in its own configuration."""
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()


def _node_result(event: Mapping[str, Any]) -> DbtNodeResult:
    data = event["data"]
    node = data["node_info"]
    failures = data.get("num_failures")
    return DbtNodeResult(
        unique_id=node["unique_id"],
        resource_type=node["resource_type"],
        name=node["node_name"],
        status=str(node["node_status"]),
        seconds=float(data.get("execution_time") or 0),
        failures=None if failures is None else int(failures),
        event=event,
    )


def _is_stale(settings: Settings, manifest_path: Path) -> bool:
    if not manifest_path.exists():
        return True
    parsed_at = manifest_path.stat().st_mtime_ns
    roots = [settings.project_dir / name for name in _PARSED]
    # Directories count as well: removing a file changes only its directory.
    files = (path for root in roots for path in (root, *root.rglob("*")))
    named = (settings.project_dir / name for name in ("dbt_project.yml", "profiles.yml"))
    return any(path.stat().st_mtime_ns > parsed_at for path in (*files, *named) if path.exists())


def _first_lines(message: object) -> str:
    lines = [line.strip() for line in str(message or "").splitlines() if line.strip()]
    return " ".join(lines[:4])
