"""What changed: landed tables since the landing before, marts since what people read."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from expectations.change import Limits, accept
from expectations.landing.change import remembered, validate_landing_changes
from expectations.marts.change import Published, validate_mart_changes
from expectations.validate import Finding, TableValidation
from orchestration.defs import landing
from orchestration.runs.audit import Brief
from orchestration.runs.findings import check_result
from orchestration.runs.outcome import BLOCKED, asset_step
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse, dbt_variables
from orchestration.runs.state import read_profiles, write_profiles
from orchestration.settings import Settings
from serving.data_docs import Checked, keep_results, render_data_docs
from serving.publish import Mart, PublishedVersion, comparable, status

CHECK = "change"


def limits(settings: Settings) -> Limits:
    """The vars of the dbt project."""
    variables = dbt_variables(settings)
    return Limits(
        warn=float(str(variables["change_warn_share"])),
        block=float(str(variables["change_block_share"])),
        least_rows=int(str(variables["change_least_rows"])),
    )


@dg.multi_asset_check(
    name="validate_landing_changes",
    specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=landing.MANIFEST_KEY,
            additional_deps=[spec.key for spec in landing.SPECS],
            blocking=True,
            description="Every landed table against the landing before: its rows, how fresh it is, "
            "the shares of its last days. More than half of the rows gone or new blocks.",
        )
    ],
    pool=POOL,
)
def landing_changes(
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetCheckResult]:
    """Compare with the landing before; what passes, the next one is compared with."""
    settings = warehouse.settings
    with asset_step(progress, "compare landing") as current:
        history = read_profiles(settings.state_dir)
        found, now = validate_landing_changes(settings.landing_dir, history, limits(settings))
        validations, _ = accept(found, warehouse.accepted_change)
        _document(settings, "landing_changes", validations, context.run.run_id)
        if all(validation.success for validation in validations):
            write_profiles(remembered(history, now), settings.state_dir)
        current.detail = told(validations) if validations else "no landing before to compare with"
    yield check_result(landing.MANIFEST_KEY, CHECK, validations, settings.data_docs_dir)


def compare_marts(
    warehouse: Warehouse, marts: Sequence[Mart], as_of_date: date, source: str | None, run_id: str
) -> tuple[PublishedVersion | None, list[Brief], str | None]:
    """The version that the marts are compared with, what is warned of, and what was accepted.

    Raises ``dagster.Failure`` if a figure moved further than may be published without a reason.
    """
    settings = warehouse.settings
    before = comparable(settings.published_path, as_of_date, source)
    if before is None:
        _document(settings, "changes", [], run_id, as_of_date)
        return None, [], None
    entry, path = before
    found = validate_mart_changes(
        settings.warehouse_path,
        Published(entry.version, entry.as_of_date, path),
        as_of_date,
        {mart.name: list(mart.columns) for mart in marts},
        limits(settings),
    )
    validations, accepted = accept(found, warehouse.accepted_change)
    _document(settings, "changes", validations, run_id, as_of_date)
    if blocking := [_first(v.blocking) for v in validations if v.blocking]:
        raise dg.Failure(f"{BLOCKED}: " + "\n".join(blocking), allow_retries=False)
    briefs = [Brief(_first(v.warnings)) for v in validations if v.warnings]
    return entry, briefs, warehouse.accepted_change if accepted else None


def _first(findings: Sequence[Finding]) -> str:
    """One line for a table: a shop that is smaller by half is so in every figure."""
    others = len({finding.column for finding in findings}) - 1
    return findings[0].brief + (f" (and {count(others, 'more figure')} of it)" if others else "")


def told(validations: Sequence[TableValidation]) -> str:
    """How much was compared, and how much moved."""
    moved = sum(len(validation.findings) for validation in validations)
    compared = count(len(validations), "table")
    return f"{compared}, " + (count(moved, "change") if moved else "about as before")


def _document(
    settings: Settings,
    area: str,
    validations: Sequence[TableValidation],
    run_id: str,
    as_of_date: date | None = None,
) -> Path:
    zone = ZoneInfo(settings.time_zone) if settings.time_zone else None
    checked = Checked(datetime.now(zone).astimezone(zone), run_id, as_of_date)
    keep_results(settings.data_docs_dir, area, validations, checked)
    return render_data_docs(settings.data_docs_dir, status(settings.published_path).current)
