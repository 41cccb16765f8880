"""Great Expectations as asset checks: of landing tables, score tables and marts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from expectations.landing import LANDING_SUITES
from expectations.marts import MART_SUITES
from expectations.studies import Suites, suites_of
from expectations.validate import (
    TableValidation,
    open_tables,
    validate_landing,
    validate_suites,
)
from orchestration.defs import landing
from orchestration.runs.findings import check_result
from orchestration.runs.outcome import asset_step
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse, built_as_of_date
from scoring.studies import STUDIES
from scoring.study import Study
from serving.data_docs import Checked, keep_results, render_data_docs
from serving.publish import status

CHECK = "expectations"


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
            yield check_result(key, CHECK, [validation], settings.data_docs_dir)


def study_checks(study: Study) -> dg.AssetChecksDefinition:
    """The step that validates what a study has written, before any mart reads it."""
    suites = suites_of(study)

    @dg.multi_asset_check(
        name=f"validate_{study.name}",
        specs=_check_specs(dg.AssetKey([study.source, table]) for table in suites),
        pool=POOL,
        can_subset=True,
    )
    def checks(
        context: dg.AssetCheckExecutionContext,
        warehouse: Warehouse,
        progress: dg.ResourceParam[Progress],
    ) -> Iterator[dg.AssetCheckResult]:
        yield from _validate(context, warehouse, progress, study.source, suites)

    return checks


checks_of_studies = [study_checks(study) for study in STUDIES]


@dg.multi_asset_check(
    name="validate_marts",
    specs=_check_specs(dg.AssetKey(["marts", name]) for name in MART_SUITES),
    pool=POOL,
    can_subset=True,
)
def mart_checks(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetCheckResult]:
    """Validate the marts, each before whatever Dagster builds from it in a later step."""
    yield from _validate(context, warehouse, progress, "marts", MART_SUITES)


def _selected(context: dg.AssetCheckExecutionContext) -> set[dg.AssetKey]:
    """The assets whose checks were asked for."""
    return {key.asset_key for key in context.selected_asset_check_keys}


def _validate(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: Progress,
    area: str,
    suites: Suites,
) -> Iterator[dg.AssetCheckResult]:
    """Validate the selected tables of a schema; others may be of another run, or not there yet."""
    settings = warehouse.settings
    keys = {table: dg.AssetKey([area, table]) for table in suites}
    selected = [table for table in suites if keys[table] in _selected(context)]
    with asset_step(progress, f"check {area}") as current:
        with open_tables(settings.warehouse_path) as connection:
            validations = validate_suites(
                [make() for table in selected for make in suites[table]], connection
            )
            as_of_date = built_as_of_date(connection)
        _document(
            context,
            warehouse,
            area,
            validations,
            as_of_date=as_of_date,
            relations=[f"{area}.{table}" for table in suites],
        )
        current.detail = _told(validations)
    for table in selected:
        of_table = [v for v in validations if v.relation == f"{area}.{table}"]
        yield check_result(keys[table], CHECK, of_table, settings.data_docs_dir)


def _document(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    area: str,
    validations: Sequence[TableValidation],
    *,
    as_of_date: date | None = None,
    relations: Sequence[str] | None = None,
) -> None:
    """Show the outcome in Data Docs, whatever comes of the run."""
    settings = warehouse.settings
    zone = ZoneInfo(settings.time_zone) if settings.time_zone else None
    checked = Checked(datetime.now(zone).astimezone(zone), context.run.run_id, as_of_date)
    keep_results(settings.data_docs_dir, area, validations, checked, relations)
    render_data_docs(settings.data_docs_dir, status(settings.published_path).current)


def _told(validations: Sequence[TableValidation]) -> str:
    expectations = sum(validation.expectations for validation in validations)
    warnings = sum(len(validation.warnings) for validation in validations)
    critical = sum(len(validation.blocking) for validation in validations)
    told = f"{count(len({v.relation for v in validations}), 'table')}, "
    told += count(expectations, "expectation")
    if warnings:
        told += f", {count(warnings, 'warning')}"
    return told + (f", {critical} critical" if critical else "")
