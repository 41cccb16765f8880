"""A published file with every mart by its contract, and nothing in it but names."""

from pathlib import Path

import duckdb
import pytest

from metrics.marts import load_marts
from serving.publish import LOG_COLUMNS


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bi") / "published" / "customer_lifecycle.duckdb"
    path.parent.mkdir()
    tables = {name: dict(mart.columns) for name, mart in load_marts().items()}
    tables["publish_log"] = {name: kind for name, kind, _ in LOG_COLUMNS}
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for name, columns in tables.items():
            listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table marts.{name} ({listed})")
        connection.execute("comment on table marts.fct_orders is 'Orders. One row per order.'")
        connection.execute(
            "insert into marts.labels by name select * from (values "
            "('lifecycle_stage', 'new', 1, 'New', '新客'), "
            "('lifecycle_stage', 'lost', 2, 'It''s lost', '流失'), "
            "('monthly_figure', 'customers', 1, 'Customers', '客户')) "
            "as names (vocabulary, value, sort_order, label_en, label_zh)"
        )
    return path
