"""Every dbt model, seed and snapshot as an asset, every dbt test as its check."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
    dbt_assets,
)
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from sqlglot.errors import SqlglotError

from orchestration import dbt_project
from orchestration.column_lineage import Followed, Relation
from orchestration.dbt_project import DbtNodeResult
from orchestration.defs import landing
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse
from orchestration.settings import load_settings
from scoring.studies import STUDIES

OWNERS = ("team:analytics-engineering",)
_SETTINGS = load_settings()
PROJECT = dbt_project.project(_SETTINGS)
PYTHON_STEPS = {study.source: study.input.model for study in STUDIES}
"""The sources that Python writes, each with the model it is written from."""
GROUPS_OF_STUDIES = {study.source: study.domain or "scoring" for study in STUDIES}
MANIFEST = dbt_project.load_manifest(_SETTINGS, PYTHON_STEPS)

LINEAGE = "lineage.json"
"""Which columns the models' are made of, beside dbt's artifacts."""

MARTS_FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=48), warn_window=timedelta(hours=26)
)
"""The schedule is daily: a run that is late warns, a day without one fails."""


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets: grouped by domain, described without their SQL, marts kept fresh."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The domain, or the room before the domains."""
        return domain(dbt_resource_props)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description in the project."""
        description: str = dbt_resource_props.get("description", "")
        return description.strip()

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Owners in the project, or the team that keeps the models."""
        return super().get_owners(dbt_resource_props) or OWNERS

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The node's asset; marts have a freshness policy."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if not spec.deps:
            # In a step of its own, which Dagster would give it, it came before the landing.
            spec = spec.replace_attributes(deps=[landing.MANIFEST_KEY])
        if spec.key.path[0] == "marts":
            return spec.replace_attributes(freshness_policy=MARTS_FRESHNESS)
        return spec


def domain(node: Mapping[str, Any]) -> str:
    """The domain a node belongs to, or the room before them: ``landing``, ``staging``, ``core``, …

    What a study wrote and is read back belongs to its domain, or to scoring, so that the graph of
    groups runs from landing to serving. For the same reason utilities belong to staging: what is
    visible follows from the as-of date, which follows from what landed.
    """
    if node["resource_type"] == "source":
        return GROUPS_OF_STUDIES.get(node["source_name"], "landing")
    folders = node["fqn"][1:-1]
    if folders[:1] in (["staging"], ["core"]) and folders[-1] in GROUPS_OF_STUDIES:
        return GROUPS_OF_STUDIES[folders[-1]]
    if node["resource_type"] == "seed":
        return str(folders[0])
    return str(node["config"].get("group") or "staging")


def room(node: Mapping[str, Any]) -> str:
    """The room a node is built in: its first folder for models, its kind for seeds, snapshots."""
    if node["resource_type"] == "model":
        return "scoring" if domain(node) == "scoring" else str(node["fqn"][1])
    return f"{node['resource_type']}s"


TRANSLATOR = Translator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

DbtEvents = Iterator[
    dg.Output[Any]
    | dg.AssetMaterialization
    | dg.AssetObservation
    | dg.AssetCheckResult
    | dg.AssetCheckEvaluation
]


def dbt_models(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """All that dbt builds and tests; Dagster splits it where Python comes in between."""

    @dbt_assets(
        name="transform",
        manifest=manifest,
        project=PROJECT,
        dagster_dbt_translator=TRANSLATOR,
        pool=POOL,
    )
    def transform(
        context: dg.AssetExecutionContext,
        warehouse: Warehouse,
        progress: dg.ResourceParam[Progress],
    ) -> DbtEvents:
        yield from _build(context, warehouse, progress)

    return transform


models = dbt_models(MANIFEST)


def _build(
    context: dg.AssetExecutionContext, warehouse: Warehouse, progress: Progress
) -> DbtEvents:
    """Run dbt on what is selected; then report every model and test, with rows counted."""
    settings = warehouse.settings
    lines = _Lines(progress)
    results: list[DbtNodeResult] = []
    rows: dict[str, int] = {}
    lineage: dict[str, dg.TableColumnLineage] = {}

    def on_node(result: DbtNodeResult) -> None:
        results.append(result)
        lines.add(result)

    selected = _expected(context)
    args = dbt_project.build_args(
        settings,
        as_of_date=warehouse.requested_as_of_date,
        tests_only=not context.selected_asset_keys,
        log_level="info",
    )
    named = " ".join(sorted(".".join(MANIFEST["nodes"][node]["fqn"]) for node in selected))
    context.log.info(f"dbt {' '.join(args)}\nSelected: {named}")
    try:
        outcome = dbt_project.invoke(settings, args, selected, on_node)
        with warehouse.connect(read_only=True) as connection:
            rows = _row_counts(connection, results)
            lineage = _lineage(connection, settings.dbt_target_dir, results)
    finally:
        lines.end(rows)
    reported: set[str] = set()
    for result in results:
        event = DbtCoreCliEventMessage(raw_event=dict(result.event), event_history_metadata={})
        for reported_event in event.to_default_asset_events(
            manifest=MANIFEST,
            dagster_dbt_translator=TRANSLATOR,
            context=context,
            target_path=settings.dbt_target_dir,
            project=PROJECT,
        ):
            if isinstance(reported_event, dg.Output):
                about: dict[str, Any] = {**reported_event.metadata}
                if result.unique_id in rows:
                    about["dagster/row_count"] = rows[result.unique_id]
                if result.usage:
                    about["peak_memory_bytes"] = result.usage.memory_bytes
                    about["spilled_bytes"] = result.usage.spilled_bytes
                if result.unique_id in lineage:
                    about["dagster/column_lineage"] = lineage[result.unique_id]
                yield reported_event.with_metadata(about)
            elif isinstance(reported_event, dg.AssetCheckResult):
                error = outcome.errors.get(result.unique_id)
                yield reported_event._replace(description=error)
            else:
                yield reported_event
            if not isinstance(reported_event, dg.AssetObservation):
                reported.add(result.unique_id)
    if errors := list(outcome.errors.values()):
        raise dg.Failure(
            description=f"{count(len(outcome.errors), 'dbt node')} failed. {errors[0]}",
            metadata={"errors": "\n".join(errors)},
            allow_retries=False,
        )
    # A selected node that dbt passes over would leave its old data behind a green run.
    if missing := selected - reported:
        raise dg.Failure(
            description=f"dbt did not run {', '.join(sorted(missing))}", allow_retries=False
        )


def _expected(context: dg.AssetExecutionContext) -> set[str]:
    """dbt unique ids of the selected assets and checks."""
    definition = context.assets_def
    assets = (definition.get_asset_spec(key).metadata for key in context.selected_asset_keys)
    checks = (
        definition.get_spec_for_check_key(key).metadata or {}
        for key in context.selected_asset_check_keys
    )
    return {metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY] for metadata in (*assets, *checks)}


def _row_counts(
    connection: duckdb.DuckDBPyConnection, results: Sequence[DbtNodeResult]
) -> dict[str, int]:
    """Rows of every table that dbt has built, by unique id; views would have to run for it."""
    built = {
        (node["schema"], node["alias"]): result.unique_id
        for result in results
        if result.status == "success"
        and (node := MANIFEST["nodes"][result.unique_id])["config"]["materialized"] != "view"
    }
    if not built:
        return {}
    counts = " union all ".join(
        f"""select '{unique_id}', count(*) from "{schema}"."{alias}\""""
        for (schema, alias), unique_id in built.items()
    )
    return dict(connection.execute(counts).fetchall())


def _lineage(
    connection: duckdb.DuckDBPyConnection, target: Path, results: Sequence[DbtNodeResult]
) -> dict[str, dg.TableColumnLineage]:
    """Which columns those of the models that dbt has built are made of, by unique id."""
    built = [
        MANIFEST["nodes"][result.unique_id]
        for result in results
        if result.resource_type == "model" and result.status == "success"
    ]
    if not built:
        return {}
    columns: dict[Relation, list[str]] = defaultdict(list)
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "order by schema_name, table_name, column_index"
    ).fetchall():
        columns[schema, table].append(column)
    found: dict[str, dg.TableColumnLineage] = {}
    followed = Followed(target / LINEAGE)
    for node in built:
        keys: dict[Relation, dg.AssetKey] = {}
        for parent_id in node["depends_on"]["nodes"]:
            parent = MANIFEST["nodes"].get(parent_id) or MANIFEST["sources"][parent_id]
            relation = (parent["schema"], parent.get("alias") or parent["identifier"])
            keys[relation] = TRANSLATOR.get_asset_key(parent)
        compiled = target / "compiled" / node["package_name"] / node["original_file_path"]
        # What cannot be followed is left out: it is for people to read, and holds nothing up.
        with contextlib.suppress(SqlglotError, OSError):
            lineage = followed.follow(
                node["unique_id"],
                compiled.read_text(encoding="utf-8"),
                {name: columns[name] for name in keys},
            )
            found[node["unique_id"]] = dg.TableColumnLineage(
                {
                    column: [
                        dg.TableColumnDep(keys[source.schema, source.table], source.column)
                        for source in sources
                        if (source.schema, source.table) in keys
                    ]
                    for column, sources in lineage.items()
                }
            )
    followed.keep()
    return found


class _Lines:
    """A line of progress for each room that dbt builds."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._counts: dict[str, dict[str, int]] = {}
        self._seconds: dict[str, float] = defaultdict(float)

    def add(self, result: DbtNodeResult) -> None:
        owner = result.unique_id
        if result.resource_type == "test":
            owner = dbt_project.attached_to(MANIFEST, owner) or owner
        room_name = room(MANIFEST["nodes"][owner])
        if room_name not in self._counts:
            self._counts[room_name] = defaultdict(int)
            self._progress.begin(f"dbt {room_name}")
        kind = "test" if result.resource_type == "test" else "table"
        if result.status in ("fail", "error", "skipped", "warn"):
            kind = f"{kind} {result.status}"
        self._counts[room_name][kind] += 1
        self._seconds[room_name] += result.seconds
        self._progress.update(f"dbt {room_name}", self._detail(room_name))

    def end(self, rows: Mapping[str, int]) -> None:
        for room_name, counts in self._counts.items():
            total = sum(
                number
                for unique_id, number in rows.items()
                if room(MANIFEST["nodes"][unique_id]) == room_name
            )
            self._progress.end(
                f"dbt {room_name}",
                self._detail(room_name) + (f", {count(total, 'row')}" if total else ""),
                self._seconds[room_name],
                failed=any(kind.endswith(("fail", "error")) for kind in counts),
            )

    def _detail(self, room_name: str) -> str:
        words = {"table": "model", "table error": "model failed", "test": "test"}
        return ", ".join(
            count(number, words.get(kind, kind), words.get(kind, kind) if " " in kind else None)
            for kind, number in self._counts[room_name].items()
        )
