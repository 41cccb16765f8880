"""Score tables: what the models expect of every customer, and how well they did on the past."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from orchestration.defs.transform import MANIFEST, TRANSLATOR
from orchestration.runs.outcome import asset_step
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse, dbt_variables
from scoring.pipeline import AMOUNT, INPUT, ScoringResult, ScoringSettings, score
from scoring.tables import TABLES

GROUP = "scoring"
OWNERS = ["team:data-science"]
SCHEMA = "scores"


def asset_key(table: str) -> dg.AssetKey:
    """Asset key of a score table."""
    return dg.AssetKey([SCHEMA, table])


def _input_key() -> dg.AssetKey:
    node = next(n for n in MANIFEST["nodes"].values() if n["name"] == INPUT)
    return TRANSLATOR.get_asset_key(node)


def _spec(table: str) -> dg.AssetSpec:
    declared = next(
        source
        for source in MANIFEST["sources"].values()
        if source["source_name"] == SCHEMA and source["name"] == table
    )
    columns = [
        dg.TableColumn(
            name=name,
            type=sql_type,
            description=declared["columns"].get(name, {}).get("description"),
        )
        for name, sql_type in TABLES[table].items()
    ]
    return dg.AssetSpec(
        key=asset_key(table),
        deps=[_input_key()],
        description=declared["description"],
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
    )


@dg.multi_asset(name="score_tables", specs=[_spec(table) for table in TABLES], pool=POOL)
def score_tables(
    context: dg.AssetExecutionContext, warehouse: Warehouse, progress: dg.ResourceParam[Progress]
) -> Iterator[dg.MaterializeResult]:
    """Score all customers and write all score tables, or none."""
    with asset_step(progress, "score") as current:
        settings = scoring_settings(warehouse.built_as_of_date(), dbt_variables(warehouse.settings))
        with warehouse.connect(read_only=True) as connection:
            purchase_days = read_purchase_days(connection)
        current.detail = count(len(purchase_days), "purchase day") + " read"
        result = score(purchase_days, settings)
        with warehouse.connect() as connection:
            write_scores(connection, result.frames(), settings.as_of_date)
        scored = len(result.customer_scores)
        told = "; ".join(
            (f"{count(len(TABLES), 'table')}, {count(scored, 'customer')}", *result.notes)
        )
        current.detail = told
    for table, frame in result.frames().items():
        yield dg.MaterializeResult(
            asset_key=asset_key(table),
            metadata={
                "dagster/row_count": len(frame),
                "as_of_date": settings.as_of_date.isoformat(),
                **_metadata(table, result),
            },
        )


def scoring_settings(as_of_date: date, variables: Mapping[str, Any]) -> ScoringSettings:
    """Settings from the vars of the dbt project: those that have a setting's name."""
    names = {field.name for field in fields(ScoringSettings)} - {"as_of_date"}
    return ScoringSettings(
        as_of_date=as_of_date,
        **{name: value for name, value in variables.items() if name in names and value is not None},
    )


def read_purchase_days(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What is scored; customers as categories, since a text for each row takes a lot of memory."""
    known = connection.execute(f"select * from intermediate.{INPUT} limit 0").description
    columns = ["customer_id", "purchase_date", f"cast({AMOUNT} as double) as {AMOUNT}"]
    if any(name == "valid_until" for name, *_ in known):
        # Without a return a version says nothing that the day does not.
        ((changed,),) = connection.execute(
            f"select count(*) from intermediate.{INPUT} "
            "where valid_from <> purchase_date or valid_until is not null"
        ).fetchall()
        columns += ["valid_from", "valid_until"] if changed else []
    table = connection.execute(
        f"select {', '.join(columns)} from intermediate.{INPUT}"
    ).to_arrow_table()
    position = table.schema.get_field_index("customer_id")
    customers = table.column(position).dictionary_encode().unify_dictionaries()
    return table.set_column(position, "customer_id", customers).to_pandas(date_as_object=False)


def write_scores(
    connection: duckdb.DuckDBPyConnection, frames: Mapping[str, pd.DataFrame], as_of_date: date
) -> None:
    """Replace all score tables in one transaction, with the columns and types declared.

    Distributions of fits as of other dates stay: they are what later fits are compared with.
    """
    connection.execute("begin")
    connection.execute(f"create schema if not exists {SCHEMA}")
    for table, columns in TABLES.items():
        selected = ", ".join(f"cast({name} as {sql}) as {name}" for name, sql in columns.items())
        connection.register("frame", frames[table])
        kept = ""
        if table == "score_distributions" and _has_columns(connection, table):
            kept = (
                f" union all by name select {', '.join(columns)} from {SCHEMA}.{table} "
                f"where as_of_date <> date '{as_of_date}'"
            )
        connection.execute(
            f"create or replace table {SCHEMA}.{table} as select {selected} from frame{kept}"
        )
        connection.unregister("frame")
    connection.execute("commit")


def _has_columns(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        "select column_name, lower(data_type) from duckdb_columns() "
        "where schema_name = ? and table_name = ?",
        [SCHEMA, table],
    ).fetchall()
    return dict(found) == dict(TABLES[table])


def _metadata(table: str, result: ScoringResult) -> dict[str, dg.MetadataValue]:
    """What a person would look at: who was scored, by which champions, and how these did."""
    frame = result.frames()[table]
    if table == "customer_scores":
        frame = frame.groupby("score_status").size().rename("customers").reset_index()
    elif table == "model_runs":
        frame = frame.loc[
            frame["is_champion"].fillna(False), ["horizon_days", "task", "model", "reason"]
        ]
    elif table == "model_backtests":
        wanted = frame["is_champion"].fillna(False) & (frame["slice"] == "all")
        columns = ["cutoff_date", "horizon_days", "task", "model", "metric", "value", "customers"]
        frame = frame.loc[wanted & frame["value"].notna(), columns]
    else:
        return {}
    if frame.empty:
        return {}
    records = [
        dg.TableRecord({str(name): _plain(value) for name, value in row.items()})
        for row in frame.to_dict("records")
    ]
    return {"table": dg.MetadataValue.table(records)}


def _plain(value: Any) -> str | int | float | bool | None:
    if pd.isna(value):
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)
