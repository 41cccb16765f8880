"""Great Expectations as asset checks: of landing tables, score tables and marts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import great_expectations as gx

from expectations.landing import LANDING_SUITES
from expectations.marts import MART_SUITES
from expectations.scores import SCORE_SUITES
from expectations.validate import TableValidation, validate_landing, validate_tables
from orchestration import dbt_project
from orchestration.audit import BRIEFS, Brief
from orchestration.defs import landing
from orchestration.defs.transform import MANIFEST
from orchestration.outcome import CRITICAL, asset_step
from orchestration.progress import Progress, count
from orchestration.resources import POOL, Warehouse
from serving.data_docs import Checked, keep_results, render_data_docs
from serving.publish import status

CHECK = "expectations"

Suites = Mapping[str, Sequence[Callable[[], gx.ExpectationSuite]]]


def _check_specs(keys: Iterable[dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    """One check for each table, which blocks if a finding is critical."""
    return [
        dg.AssetCheckSpec(
            CHECK,
            asset=key,
            blocking=True,
            description="What Great Expectations expects of the table. A critical finding blocks "
            "what is downstream, others warn.",
        )
        for key in keys
    ]


@dg.multi_asset_check(
    name="validate_landing",
    specs=_check_specs(landing.asset_key(name) for name in LANDING_SUITES),
    pool=POOL,
    can_subset=True,
)
def landing_checks(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetCheckResult]:
    """Validate what has landed, before anything is built from it."""
    settings = warehouse.settings
    selected = _selected(context)
    with asset_step(progress, "check landing") as current:
        validations = validate_landing(
            settings.landing_dir,
            tolerated_reuse=settings.reused_numbers_share,
            kept_dir=settings.landing_figures_dir,
        )
        _document(context, warehouse, "landing", validations)
        current.detail = _told(validations)
    for validation in validations:
        key = landing.asset_key(validation.relation)
        if key in selected:
            yield _result(key, [validation], settings.data_docs_dir)


@dg.multi_asset_check(
    name="validate_scores",
    specs=_check_specs(dg.AssetKey(["scores", name]) for name in SCORE_SUITES),
    pool=POOL,
    can_subset=True,
)
def score_checks(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetCheckResult]:
    """Validate the scores, before any mart reads them."""
    yield from _validate(context, warehouse, progress, "scores", SCORE_SUITES)


# A blocking check of a mart runs before whatever reads the mart. Marts downstream of the scores
# read some of the others, so that those are checked before, and not together with them.
_SCORED = {
    node["name"]
    for unique_id in dbt_project.downstream_of_scores(MANIFEST)
    if (node := MANIFEST["nodes"].get(unique_id)) and node["resource_type"] == "model"
}
MARTS = {name: suites for name, suites in MART_SUITES.items() if name not in _SCORED}
SCORED_MARTS = {name: suites for name, suites in MART_SUITES.items() if name in _SCORED}


@dg.multi_asset_check(
    name="validate_marts",
    specs=_check_specs(dg.AssetKey(["marts", name]) for name in MARTS),
    pool=POOL,
    can_subset=True,
)
def mart_checks(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetCheckResult]:
    """Validate the marts that need no score."""
    yield from _validate(context, warehouse, progress, "marts", MARTS)


@dg.multi_asset_check(
    name="validate_scored_marts",
    specs=_check_specs(dg.AssetKey(["marts", name]) for name in SCORED_MARTS),
    pool=POOL,
    can_subset=True,
)
def scored_mart_checks(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetCheckResult]:
    """Validate the marts that read scores, before everything is published."""
    yield from _validate(context, warehouse, progress, "scored_marts", SCORED_MARTS)


def _selected(context: dg.AssetCheckExecutionContext) -> set[dg.AssetKey]:
    """The assets whose checks were asked for. All are looked at: that takes as long as one."""
    return {key.asset_key for key in context.selected_asset_check_keys}


def _validate(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: Progress,
    area: str,
    suites: Suites,
) -> Iterator[dg.AssetCheckResult]:
    settings = warehouse.settings
    selected = _selected(context)
    schema = area.removeprefix("scored_")
    with asset_step(progress, f"check {area.replace('_', ' ')}") as current:
        validations = validate_tables(
            settings.warehouse_path, [make() for makers in suites.values() for make in makers]
        )
        _document(context, warehouse, area, validations, warehouse.built_as_of_date())
        current.detail = _told(validations)
    for table in suites:
        key = dg.AssetKey([schema, table])
        of_table = [v for v in validations if v.relation == f"{schema}.{table}"]
        if key in selected:
            yield _result(key, of_table, settings.data_docs_dir)


def _document(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    area: str,
    validations: Sequence[TableValidation],
    as_of_date: date | None = None,
) -> None:
    """Show the outcome in Data Docs, whatever comes of the run."""
    settings = warehouse.settings
    zone = ZoneInfo(settings.time_zone) if settings.time_zone else None
    checked = Checked(datetime.now(zone).astimezone(zone), context.run.run_id, as_of_date)
    keep_results(settings.data_docs_dir, area, validations, checked)
    render_data_docs(settings.data_docs_dir, status(settings.published_path).current)


def _result(
    key: dg.AssetKey, validations: Sequence[TableValidation], data_docs_dir: Path
) -> dg.AssetCheckResult:
    blocking = [str(finding) for validation in validations for finding in validation.blocking]
    warnings = [str(finding) for validation in validations for finding in validation.warnings]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK,
        passed=not blocking and not warnings,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description=_sentence(blocking, warnings) or _met(validations),
        metadata={
            "expectations": sum(validation.expectations for validation in validations),
            "rows": max((validation.rows for validation in validations), default=0),
            CRITICAL: dg.MetadataValue.md("\n".join(f"- {text}" for text in blocking) or "none"),
            "warnings": dg.MetadataValue.md("\n".join(f"- {text}" for text in warnings) or "none"),
            BRIEFS: dg.MetadataValue.json(
                [
                    Brief(finding.brief, finding.money or Decimal(0), finding.share).as_json()
                    for validation in validations
                    for finding in validation.warnings
                ]
            ),
            "data_docs": dg.MetadataValue.path(data_docs_dir / "index.html"),
        },
    )


def _sentence(blocking: Sequence[str], warnings: Sequence[str]) -> str:
    """What is worst, as Dagster's pages run lines together; empty if nothing was found."""
    findings = [*blocking, *warnings]
    if not findings:
        return ""
    more = f" ({count(len(findings) - 1, 'more finding')} below)" if len(findings) > 1 else ""
    return f"{findings[0]}{more}."


def _met(validations: Sequence[TableValidation]) -> str:
    expectations = sum(validation.expectations for validation in validations)
    rows = max((validation.rows for validation in validations), default=0)
    return f"Met {count(expectations, 'expectation')}, of {count(rows, 'row')}."


def _told(validations: Sequence[TableValidation]) -> str:
    expectations = sum(validation.expectations for validation in validations)
    warnings = sum(len(validation.warnings) for validation in validations)
    critical = sum(len(validation.blocking) for validation in validations)
    told = f"{count(len({v.relation for v in validations}), 'table')}, "
    told += count(expectations, "expectation")
    if warnings:
        told += f", {count(warnings, 'warning')}"
    return told + (f", {critical} critical" if critical else "")
