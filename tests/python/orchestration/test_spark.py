"""What Spark builds is read from the warehouse file, and what studies write is read by Spark."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from landing.engine import connect
from orchestration.dbt_project import base_args
from orchestration.settings import DUCKDB, ENGINES, SPARK, load_settings
from orchestration.spark import (
    EngineError,
    Relation,
    clear_unfinished,
    put_down_studies,
    refuse_other_engine,
    require_spark,
    show_tables,
)

ORDERS = Relation("marts", "fct_orders", {})


def write(spark_dir: Path, table: Relation, *queries: str) -> None:
    """A table as Spark writes it: a file for each part, and files that are none of it."""
    folder = spark_dir / "warehouse" / f"{table.schema}.db" / table.name
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for number, query in enumerate(queries):
        name = f"part-{number:05}-{len(query)}-c000.snappy.parquet"
        duckdb.execute(f"copy ({query}) to '{folder / name}' (format parquet)")
        (folder / f".{name}.crc").write_text("sum")
    (folder / "_SUCCESS").touch()


def test_the_file_shows_what_spark_has_now(tmp_path: Path) -> None:
    write(
        tmp_path,
        ORDERS,
        "select 'a' as order_id, 1.50 as amount",
        "select 'b' as order_id, 2.25 as amount",
    )
    with connect(tmp_path / "warehouse.duckdb") as connection:
        # As an erasure leaves the history of customers.
        connection.execute("create schema marts; create table marts.fct_orders (order_id varchar)")
        show_tables(connection, [ORDERS], tmp_path)
        assert connection.sql("from marts.fct_orders").fetchall() == [("a", 1.5), ("b", 2.25)]

        write(tmp_path, ORDERS, "select 'c' as order_id, date '2024-06-01' as order_date")
        show_tables(connection, [ORDERS], tmp_path)
        assert connection.sql("from marts.fct_orders").fetchall() == [("c", date(2024, 6, 1))]


def test_a_table_without_a_file_has_its_declared_columns_and_no_rows(tmp_path: Path) -> None:
    seed = Relation("seeds", "targets_agreed", {"kpi": "string", "target": "decimal(18, 4)"})
    with connect() as connection:
        show_tables(connection, [seed], tmp_path)
        shown = connection.sql("from seeds.targets_agreed")
        assert list(map(str, shown.types)) == ["VARCHAR", "DECIMAL(18,4)"]
        assert not shown.fetchall()


def test_all_tables_are_shown_or_none(tmp_path: Path) -> None:
    write(tmp_path, ORDERS, "select 'a' as order_id")
    with connect(tmp_path / "warehouse.duckdb") as connection:
        with pytest.raises(EngineError, match=r"no file of marts\.dim_stores"):
            show_tables(connection, [ORDERS, Relation("marts", "dim_stores", {})], tmp_path)
        connection.execute("rollback")
        assert not connection.sql("from duckdb_views() where not internal").fetchall()


def test_what_a_killed_run_began_is_removed(tmp_path: Path) -> None:
    clear_unfinished(tmp_path)
    write(tmp_path, ORDERS, "select 'a' as order_id")
    begun = tmp_path / "warehouse" / "marts.db" / "dim_stores"
    (begun / "_temporary").mkdir(parents=True)
    only_created = tmp_path / "warehouse" / "seeds.db" / "targets_agreed"
    only_created.mkdir(parents=True)
    clear_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("warehouse/*/*")) == [
        "fct_orders",
        "targets_agreed",
    ]


def test_studies_are_put_down_as_they_are_now(tmp_path: Path) -> None:
    tables = [("scores", "forecasts"), ("scores", "not_yet_there")]
    found = tmp_path / "studies" / "scores" / "forecasts"
    with connect() as connection:
        connection.execute("create schema scores")
        for rows in (2, 1):
            connection.execute(
                f"create or replace table scores.forecasts as select 'a' as id from range({rows})"
            )
            assert put_down_studies(connection, tables, tmp_path) == rows
            assert connection.sql(f"from '{found}/*.parquet'").fetchall() == [("a",)] * rows
    assert [path.name for path in found.parent.iterdir()] == ["forecasts"]


def test_a_home_keeps_its_engine(tmp_path: Path) -> None:
    with connect() as connection:
        # A build by DuckDB that was stopped early may have made no table.
        connection.execute("create schema staging; create view staging.orders as select 1")
        for engine in ENGINES:
            refuse_other_engine(connection, engine, tmp_path)

        write(tmp_path, ORDERS, "select 'a' as order_id")
        show_tables(connection, [ORDERS], tmp_path)
        refuse_other_engine(connection, SPARK, tmp_path)
        with pytest.raises(EngineError, match="built by spark, and the engine is duckdb"):
            refuse_other_engine(connection, DUCKDB, tmp_path)

    with connect() as connection:
        connection.execute("create schema utilities; create table utilities.as_of (day date)")
        refuse_other_engine(connection, DUCKDB, tmp_path)
        with pytest.raises(EngineError, match="built by duckdb, and the engine is spark"):
            refuse_other_engine(connection, SPARK, tmp_path)


def test_what_spark_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.spark.find_spec", lambda name: None)
    with pytest.raises(EngineError, match="make run ENGINE=spark"):
        require_spark()
    monkeypatch.setattr("orchestration.spark.find_spec", lambda name: name)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(EngineError, match=r"no java in JAVA_HOME \(/nowhere\)"):
        require_spark()


def test_dbt_is_told_the_engine() -> None:
    for engine in ENGINES:
        args = base_args(load_settings({"LIFECYCLE_ENGINE": engine}))
        assert args[args.index("--target") + 1] == engine
