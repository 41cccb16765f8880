"""Studies as steps: each reads a dbt model, runs, and writes all of its tables or none."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from orchestration.defs.transform import GROUPS_OF_STUDIES, MANIFEST, TRANSLATOR
from orchestration.runs.outcome import asset_step
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse, built_as_of_date, dbt_variables
from scoring.studies import STUDIES
from scoring.study import Input, Result, Study, Table

OWNERS = ["team:data-science"]


def asset_key(study: Study, table: str) -> dg.AssetKey:
    """Asset key of a table that a study writes."""
    return dg.AssetKey([study.source, table])


def _model(study: Study) -> Mapping[str, Any]:
    """The dbt model that a study reads."""
    found: Mapping[str, Any] = next(
        node for node in MANIFEST["nodes"].values() if node["name"] == study.input.model
    )
    return found


def _spec(study: Study, table: Table) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(name=column.name, type=column.sql_type, description=column.description)
        for column in table.columns
    ]
    return dg.AssetSpec(
        key=asset_key(study, table.name),
        deps=[TRANSLATOR.get_asset_key(_model(study))],
        description=table.description,
        group_name=GROUPS_OF_STUDIES[study.source],
        owners=OWNERS,
        kinds={"python", "duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
    )


def study_tables(study: Study) -> dg.AssetsDefinition:
    """The step of a study, and its tables as assets."""

    @dg.multi_asset(
        name=f"study_{study.name}",
        description=study.description,
        specs=[_spec(study, table) for table in study.tables],
        pool=POOL,
    )
    def tables(
        warehouse: Warehouse, progress: dg.ResourceParam[Progress]
    ) -> Iterator[dg.MaterializeResult]:
        with asset_step(progress, f"study {study.name}") as current:
            with warehouse.connect(read_only=True) as connection:
                settings = study_settings(
                    study, built_as_of_date(connection), dbt_variables(warehouse.settings)
                )
                rows = read_input(connection, _model(study)["schema"], study.input)
                recalled = read_recalled(connection, study, settings.as_of_date)
            current.detail = count(len(rows), "row") + " read"
            result = study.run(rows, settings, *recalled)
            with warehouse.connect() as connection:
                write_tables(connection, study, result.frames(), settings.as_of_date)
            current.detail = f"{count(len(study.tables), 'table')}, {result.told()}"
        for table, frame in result.frames().items():
            yield dg.MaterializeResult(
                asset_key=asset_key(study, table),
                metadata={
                    "dagster/row_count": len(frame),
                    "as_of_date": settings.as_of_date.isoformat(),
                    **_shown(study, table, result),
                },
            )

    return tables


studies = [study_tables(study) for study in STUDIES]
KEYS = tuple(asset_key(study, table.name) for study in STUDIES for table in study.tables)


def study_settings(study: Study, as_of_date: date, variables: Mapping[str, Any]) -> Any:
    """A study's settings from the vars of the dbt project: those that have a setting's name."""
    names = {field.name for field in fields(study.settings)} - {"as_of_date"}  # type: ignore[arg-type]
    given = {name: v for name, v in variables.items() if name in names and v is not None}
    return study.settings(as_of_date=as_of_date, **given)


def read_input(connection: duckdb.DuckDBPyConnection, schema: str, wanted: Input) -> pd.DataFrame:
    """What a study reads; texts as categories, since one for each row takes a lot of memory.

    Categories are in the order of their texts: sorting goes by their order, and that in which the
    database found them is another one in another build.
    """
    relation = f"{schema}.{wanted.model}"
    columns = [f"cast({name} as {kind}) as {name}" for name, kind in wanted.columns.items()]
    for condition, more in wanted.columns_if.items():
        ((needed,),) = connection.execute(
            f"select count(*) from {relation} where {condition}"
        ).fetchall()
        columns += more if needed else ()
    table = connection.execute(f"select {', '.join(columns)} from {relation}").to_arrow_table()
    for position, name in enumerate(table.column_names):
        if wanted.columns.get(name) == "varchar":
            texts = table.column(position).dictionary_encode().unify_dictionaries()
            table = table.set_column(position, name, texts)
    frame = table.to_pandas(date_as_object=False)
    for name, kind in frame.dtypes.items():
        if isinstance(kind, pd.CategoricalDtype):
            frame[name] = frame[name].cat.reorder_categories(sorted(kind.categories))
    return frame


def read_recalled(
    connection: duckdb.DuckDBPyConnection, study: Study, as_of_date: date
) -> tuple[pd.DataFrame, ...]:
    """What a study wrote as of earlier dates and reads again, if it does.

    Rows of a release whose columns were others are not read, as they are not kept either.
    """
    if study.recalls is None:
        return ()
    table = study.table(study.recalls)
    if not _has_columns(connection, study, table):
        return (table.from_records([]),)
    return (
        connection.execute(
            f"select {', '.join(table.types)} from {study.source}.{table.name} "
            "where as_of_date < ?",
            [as_of_date],
        ).df(),
    )


def write_tables(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    frames: Mapping[str, pd.DataFrame],
    as_of_date: date,
) -> None:
    """Replace all tables of a study in one transaction, with the columns and types declared.

    Of a history rows as of other dates stay: they are what later ones are compared with.
    """
    connection.execute("begin")
    connection.execute(f"create schema if not exists {study.source}")
    for table in study.tables:
        relation = f"{study.source}.{table.name}"
        selected = ", ".join(f"cast({n} as {kind}) as {n}" for n, kind in table.types.items())
        connection.register("frame", frames[table.name])
        kept = ""
        if table.history and _has_columns(connection, study, table):
            kept = (
                f" union all by name select {', '.join(table.types)} from {relation} "
                f"where as_of_date <> date '{as_of_date}'"
            )
        connection.execute(
            f"create or replace table {relation} as select {selected} from frame{kept}"
        )
        connection.unregister("frame")
    connection.execute("commit")


def _has_columns(connection: duckdb.DuckDBPyConnection, study: Study, table: Table) -> bool:
    found = connection.execute(
        "select column_name, lower(data_type) from duckdb_columns() "
        "where schema_name = ? and table_name = ?",
        [study.source, table.name],
    ).fetchall()
    return dict(found) == table.types


def _shown(study: Study, table: str, result: Result) -> dict[str, dg.MetadataValue]:
    """What a person would look at."""
    if table not in study.shown:
        return {}
    frame = study.shown[table](result.frames()[table])
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
