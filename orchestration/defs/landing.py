"""Landing tables: the Complete Journey, or the user's own files."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
from pydantic import Field

from landing.complete_journey import land_complete_journey
from landing.contract import TABLES, Table
from landing.files import land_files
from landing.suppression import Suppression
from landing.world.land import OnMonth, land_world
from landing.world.spec import World, biases, changes, left_out
from landing.write import LandedTable, LandingResult, OnTable
from orchestration.runs.audit import WARNINGS
from orchestration.runs.outcome import asset_step
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse
from orchestration.settings import Settings

GROUP = "landing"
WARNINGS_SHOWN = 10
OWNERS = ["team:data-engineering"]
MANIFEST_KEY = dg.AssetKey(["landing", "manifest"])


class WorldConfig(dg.Config):
    """A made-up retailer (see ``landing.world``)."""

    customers: int = Field(default=2_000, description="People in it.")
    first_day: str = Field(default="2016-01-01", description="First day (YYYY-MM-DD).")
    last_day: str = Field(default="2017-12-31", description="Last day (YYYY-MM-DD).")
    seed: int = Field(default=1, description="Of its draws.")
    without: list[str] = Field(default=[], description="campaign=ID or channel=NAME to leave out.")
    price: list[str] = Field(default=[], description="category=NAME:+5%, for other prices.")
    spend: list[str] = Field(default=[], description="channel=NAME:0.99, for other spend.")
    dirt: float = Field(default=0.0, description="Share of rows to spoil.")
    bias: list[str] = Field(default=[], description="What makes effects hard to estimate.")

    def world(self) -> World:
        """The world; raises ``WorldError`` if it cannot be made."""
        campaigns, channels = left_out(self.without)
        return World(
            self.customers,
            date.fromisoformat(self.first_day),
            date.fromisoformat(self.last_day),
            self.seed,
            without_campaigns=campaigns,
            without_channels=channels,
            price_factors=changes(self.price, "--price", "category"),
            spend_factors=changes(self.spend, "--spend", "channel"),
            dirt=self.dirt,
            biases=biases(self.bias),
        )


class LandingConfig(dg.Config):
    """What to land."""

    world: WorldConfig | None = Field(
        default=None, description="A made-up retailer, instead of files."
    )
    source_dir: str | None = Field(
        default=None,
        description="Folder with the user's own files. Empty: LIFECYCLE_SOURCE_DIR, or the "
        "Complete Journey data.",
    )
    landed_on: str | None = Field(
        default=None,
        description="Day of landing (YYYY-MM-DD) of own files: orders dated after it are in the "
        "future. Empty: today, in LIFECYCLE_TIME_ZONE.",
    )
    force: bool = Field(default=False, description="Write every table, unchanged ones too.")


def asset_key(qualified_name: str) -> dg.AssetKey:
    """Asset key of the landing table ``system.table``."""
    return dg.AssetKey([GROUP, *qualified_name.split(".")])


def _spec(table: Table) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(
            name=column.name,
            type=column.sql_type,
            description=column.meaning,
            constraints=dg.TableColumnConstraints(nullable=column.nullable),
        )
        for column in table.columns
    ]
    return dg.AssetSpec(
        key=asset_key(table.qualified_name),
        description=table.meaning,
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "parquet"},
        metadata={
            "dagster/column_schema": dg.TableSchema(columns=columns),
            "key": ", ".join(table.key),
        },
        skippable=False,
    )


SPECS = [_spec(table) for table in TABLES]
MANIFEST_SPEC = dg.AssetSpec(
    key=MANIFEST_KEY,
    description="What has landed, from where and when. One row per landing table.",
    group_name=GROUP,
    owners=OWNERS,
    kinds={"python", "parquet"},
)


@dg.multi_asset(
    name="land_tables",
    specs=[*SPECS, MANIFEST_SPEC],
    pool=POOL,
)
def landing_tables(
    context: dg.AssetExecutionContext,
    config: LandingConfig,
    warehouse: Warehouse,
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.MaterializeResult]:
    """Land all tables, or none if one file is wrong."""
    with asset_step(progress, "land") as current:
        tables = rows = 0

        def on_table(table: LandedTable) -> None:
            nonlocal tables, rows
            tables, rows = tables + 1, rows + table.rows
            current.detail = f"{count(tables, 'table')}, {count(rows, 'row')}"

        result = _land(config, warehouse.settings, on_table, context.log.info)
        if result.unchanged:
            current.detail += ", unchanged"
        if result.told_of_erased:
            current.detail += f", {result.told_of_erased}"
        if told := result.told():
            current.detail += f", {told}"
        warnings = [*result.warnings, *(w for table in result.tables for w in table.warnings)]
        for warning in warnings:
            context.log.warning(warning)
        if warnings:
            named = [f"\n  {warning}" for warning in warnings[:WARNINGS_SHOWN]]
            more = len(warnings) - len(named)
            rest = f"\n  and {more:,} more in the log" if more else ""
            current.detail += f", {count(len(warnings), 'warning')}:{''.join(named)}{rest}"
    for table in result.tables:
        yield dg.MaterializeResult(
            asset_key=asset_key(table.table_name),
            metadata={
                "dagster/row_count": table.rows,
                "seconds": round(table.seconds, 3),
                "source": table.source,
                "landed_on": result.landed_on.isoformat(),
                "unchanged": table.unchanged,
                "batches": table.batches,
                "batches_new": table.new,
                "batches_changed": table.changed,
                "batches_vanished": table.vanished,
                "rows_erased": table.rows_erased,
                "rows_anonymised": table.rows_anonymised,
                **({WARNINGS: "\n".join(table.warnings)} if table.warnings else {}),
            },
        )
    yield dg.MaterializeResult(
        asset_key=MANIFEST_KEY,
        metadata={
            "dagster/row_count": len(result.tables),
            **({WARNINGS: "\n".join(result.warnings)} if result.warnings else {}),
        },
    )


def _land(
    config: LandingConfig, settings: Settings, on_table: OnTable, on_month: OnMonth
) -> LandingResult:
    suppression = Suppression.read(settings.state_dir)
    if config.world is not None:
        return land_world(
            settings.landing_dir,
            config.world.world(),
            settings.truth_dir,
            force=config.force,
            on_table=on_table,
            on_month=on_month,
            suppression=suppression,
        )
    source_dir = Path(config.source_dir) if config.source_dir else settings.source_dir
    if source_dir is None:
        return land_complete_journey(
            settings.landing_dir, force=config.force, on_table=on_table, suppression=suppression
        )
    return land_files(
        source_dir,
        settings.landing_dir,
        landed_on=date.fromisoformat(config.landed_on) if config.landed_on else today(settings),
        time_zone=settings.time_zone,
        currency=settings.currency,
        force=config.force,
        on_table=on_table,
        missing_values=settings.missing_values,
        suppression=suppression,
    )


def today(settings: Settings) -> date:
    """The retailer's day. The wall clock is read here, at the edge: landing is told the date."""
    return datetime.now(ZoneInfo(settings.time_zone) if settings.time_zone else None).date()
