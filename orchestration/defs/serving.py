"""Publish the marts, and render what people look at first."""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg

from landing.engine import connect
from landing.postgres import PostgresError
from landing.write import VANISHED, read_batches, read_manifest, source_of
from orchestration import dbt_project
from orchestration.dbt_project import Keys
from orchestration.defs import landing
from orchestration.defs.change import compare_marts
from orchestration.defs.transform import MANIFEST, MARTS_FRESHNESS, TRANSLATOR
from orchestration.runs.audit import audit, landing_warnings
from orchestration.runs.outcome import TOLD, asset_step
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse, dbt_variables
from orchestration.settings import NO_SERVER, POSTGRES, Settings, load_settings
from serving.contracts import write_contracts
from serving.data_docs import render_data_docs
from serving.postgres import publish_to_postgres
from serving.publish import Mart, publish, restatements_of
from serving.report import render_report
from serving.restatements import MOVED
from serving.restatements import told as restated

GROUP = "serving"
OWNERS = ["team:analytics-engineering"]
PUBLISHED_KEY = dg.AssetKey(["serving", "published_marts"])
NOTHING_BEFORE = "no version of this day or before to compare with"
POSTGRES_KEY = dg.AssetKey(["serving", "postgres_marts"])
REPORT_KEY = dg.AssetKey(["serving", "run_report"])


def marts() -> list[Mart]:
    """All marts with the descriptions of the dbt project, and how they join.

    Tests say what always joins; a column's meta ``joins`` what does where the source knows it.
    """
    nodes = list(dbt_project.marts(MANIFEST))
    published = {node["name"] for node in nodes}
    keys = dbt_project.keys(MANIFEST)
    return [_mart(node, keys[node["name"]], published) for node in nodes]


def _mart(node: Mapping[str, Any], keys: Keys, published: set[str]) -> Mart:
    notes = {column: "Key." if len(keys.key) == 1 else "Part of the key." for column in keys.key}
    for name, target in keys.references.items():
        if target.partition(".")[0] in published:
            notes[name] = f"{notes.get(name, '')} Joins {target}.".strip()
    for name, column in node["columns"].items():
        if target := column["meta"].get("joins"):
            notes[name] = f"Joins {target} where that is known."
    columns = {
        name: " ".join([*column["description"].split(), notes.get(name, "")]).strip()
        for name, column in node["columns"].items()
    }
    not_null = tuple(name for name in columns if name in keys.not_null)
    return Mart(node["alias"], " ".join(node["description"].split()), columns, not_null, keys.key)


@dg.asset(
    key=PUBLISHED_KEY,
    deps=[TRANSLATOR.get_asset_key(dict(node)) for node in dbt_project.marts(MANIFEST)],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"duckdb"},
    pool=POOL,
    freshness_policy=MARTS_FRESHNESS,
)
def published_marts(
    context: dg.AssetExecutionContext, warehouse: Warehouse, progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult:
    """The file that BI tools open, replaced as a whole once every blocking check has passed."""
    settings = warehouse.settings
    with asset_step(progress, "publish") as current:
        # All checks there are, also those that the running job leaves out.
        from orchestration.definitions import defs  # noqa: PLC0415 (it imports this module)

        graph = defs.resolve_asset_graph()
        result = audit(
            context.instance,
            graph.asset_check_keys,
            {key for key in graph.asset_check_keys if graph.get(key).blocking},
            {key: graph.get(key).description for key in graph.asset_check_keys},
        )
        landed = [landing.MANIFEST_KEY, *(spec.key for spec in landing.SPECS)]
        as_of_date = warehouse.built_as_of_date()
        published, source = marts(), source_of(settings.landing_dir)
        before, moved, accepted = compare_marts(
            warehouse, published, as_of_date, source, context.run_id
        )
        told = (
            *(brief.text for brief in moved),
            *result.warnings,
            *landing_warnings(context.instance, landed),
        )
        entry = publish(
            warehouse_path=settings.warehouse_path,
            published_path=settings.published_path,
            versions_dir=settings.versions_dir,
            marts=published,
            audit=replace(result, warnings=told),
            as_of_date=as_of_date,
            code_revision=code_revision(settings.project_dir),
            run_id=context.run_id,
            keep_versions=settings.keep_versions,
            source=source,
            compared_with=before.version if before else None,
            accepted_change=accepted,
            landed=_landed(settings),
            rules=_rules(settings),
            on_step=lambda name: context.log.info(f"published file: {name}"),
        )
        write_contracts(settings.published_path)
        render_data_docs(settings.data_docs_dir, entry)
        changed = [
            row
            for row in restatements_of(settings.published_path, entry.version)
            # That months end and cohorts age is no news.
            if row.cause != MOVED
        ]
        current.detail = (
            f"version {entry.version}, {count(len(entry.row_counts), 'mart')}, "
            f"{count(entry.row_count, 'row')}, "
            + (f"compared with {before.version}" if before else NOTHING_BEFORE)
        )
    return dg.MaterializeResult(
        metadata={
            "version": entry.version,
            "as_of_date": entry.as_of_date.isoformat(),
            "dagster/row_count": entry.row_count,
            "row_counts": dg.MetadataValue.json(dict(entry.row_counts)),
            "checks_passed": entry.checks_passed,
            "checks_warned": entry.checks_warned,
            "warnings": dg.MetadataValue.md("\n".join(f"- {w}" for w in told) or "none"),
            "restated_figures": len(changed),
            TOLD: dg.MetadataValue.json({"restated": restated(changed), "warnings": list(told)}),
            "content_hash": entry.content_hash,
            "compared_with": before.version if before else NOTHING_BEFORE,
            **({"accepted_change": accepted} if accepted else {}),
            "code_revision": entry.code_revision,
            "path": dg.MetadataValue.path(settings.published_path),
        }
    )


@dg.asset(
    key=REPORT_KEY,
    deps=[PUBLISHED_KEY],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"python", "altair"},
    pool=POOL,
)
def run_report(warehouse: Warehouse, progress: dg.ResourceParam[Progress]) -> dg.MaterializeResult:
    """One HTML file with a first look at the published marts, for people."""
    settings = warehouse.settings
    with asset_step(progress, "report") as current:
        path = render_report(
            settings.published_path,
            settings.report_path,
            title=settings.report_title,
            languages=settings.report_languages,
        )
        current.detail = f"{path.stat().st_size / 1e6:.1f} MB"
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(path)})


@dg.asset(
    key=POSTGRES_KEY,
    deps=[PUBLISHED_KEY],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"postgres"},
    pool=POOL,
)
def postgres_marts(
    context: dg.AssetExecutionContext, warehouse: Warehouse, progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult:
    """Schema marts of a PostgreSQL server, swapped for the published file in one transaction."""
    settings = warehouse.settings
    with asset_step(progress, "postgres") as current:
        if not settings.postgres_named:
            raise PostgresError(NO_SERVER)
        loaded = publish_to_postgres(
            settings.published_path,
            uri=settings.postgres_uri,
            wait_seconds=settings.lock_wait_seconds,
            on_table=lambda name: context.log.info(f"loading {name}"),
        )
        current.detail = loaded.told
    return dg.MaterializeResult(
        metadata={
            "version": loaded.version,
            "dagster/row_count": loaded.rows,
            "load_seconds": loaded.load_seconds,
            "swap_seconds": loaded.swap_seconds,
        }
    )


ASSETS = [published_marts, run_report]
"""PostgreSQL is a step of those who publish to it."""
if load_settings().publish_to == POSTGRES:
    ASSETS.append(postgres_marts)


def _landed(settings: Settings) -> dict[str, tuple[str, int]]:
    """Of each landed table a hash of what landed, and how often files of it changed or vanished."""
    with connect() as connection:
        tables = read_manifest(connection, settings.landing_dir)
        batches = read_batches(connection, settings.landing_dir).values()
    rewritten = Counter[str]()
    for batch in batches:
        rewritten[batch.table_name] += batch.version - 1 + (batch.status == VANISHED)
    return {name: (row.fingerprint[:16], rewritten[name]) for name, row in tables.items()}


def _rules(settings: Settings) -> dict[str, str]:
    return {
        name: json.dumps(value, default=str, ensure_ascii=False)
        for name, value in dbt_variables(settings).items()
        if name != "as_of_date"
    }


def code_revision(project_dir: Path) -> str:
    """Short commit of the checkout, ``+changes`` if it was edited; ``unknown`` without git."""

    def git(*args: str) -> str:
        return subprocess.run(
            ["git", "-C", str(project_dir), *args], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        commit = git("rev-parse", "--short=12", "HEAD")
        return commit + ("+changes" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
