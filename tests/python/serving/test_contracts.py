"""Contracts beside the published file say what the file says, by the standard."""

import json
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import yaml

from serving.contracts import write_contracts
from serving.publish import Audit, Mart, publish, rollback

MARTS = (
    Mart(
        "fct_orders",
        "Orders. One row per order.",
        {"order_id": "Order. Key.", "store_id": "Store. Joins dim_stores.store_id."},
        ("order_id",),
    ),
    Mart(
        "channel_contribution",
        "Credit. One row per channel and month.",
        {
            "channel_id": "Channel. Part of the key. Joins dim_channels.channel_id.",
            "order_month": "Month. Part of the key.",
            "kind": "Key. It is none: this is what it means.",
        },
        ("channel_id", "order_month"),
    ),
    Mart(
        "fct_attribution",
        "Credit. One row per order and touch.",
        {
            "order_id": "Order. Part of the key.",
            "touchpoint_id": "Touch; null where nobody is credited. Part of the key.",
        },
        ("order_id",),
    ),
)
COLUMNS = {
    "fct_orders": "'a' as order_id, 's' as store_id, 1.5::decimal(18, 2) as net_revenue, "
    "true as is_identified, now()::timestamp as ordered_at, 1::bigint as line_count",
    "channel_contribution": "'web' as channel_id, date '2026-01-01' as order_month, 'x' as kind, "
    "0.5::double as order_share",
    "fct_attribution": "'a' as order_id, null::varchar as touchpoint_id",
}


def test_a_contract_of_every_mart_is_valid_and_that_of_what_is_current(tmp_path: Path) -> None:
    _publish(tmp_path, MARTS, day=1)
    contracts = _read(write_contracts(tmp_path / "customer_lifecycle.duckdb"))
    assert set(contracts) == {
        *("fct_orders", "channel_contribution", "fct_attribution", "restatements")
    }
    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    for contract in contracts.values():
        jsonschema.validate(contract, json.loads(text))
        assert contract["apiVersion"] == "v3.1.0"
    orders, credit = contracts["fct_orders"], contracts["channel_contribution"]
    assert (orders["domain"], credit["domain"]) == ("core", "channels")
    assert orders["team"]["name"] == "Analytics engineering"
    assert orders["schema"][0]["dataGranularityDescription"] == "One row per order."
    assert [
        (column["name"], column["logicalType"], column["physicalType"], column["required"])
        for column in orders["schema"][0]["properties"]
    ] == [
        ("order_id", "string", "VARCHAR", True),
        ("store_id", "string", "VARCHAR", False),
        ("net_revenue", "number", "DECIMAL(18,2)", False),
        ("is_identified", "boolean", "BOOLEAN", False),
        ("ordered_at", "timestamp", "TIMESTAMP", False),
        ("line_count", "integer", "BIGINT", False),
    ]
    assert _keys(orders) == {"order_id": (1, True)}
    assert _keys(contracts["fct_attribution"]) == {}
    assert _keys(credit) == {"channel_id": (1, None), "order_month": (2, None)}

    _publish(tmp_path, MARTS[:1], day=2)
    assert set(_read(write_contracts(tmp_path / "customer_lifecycle.duckdb"))) == {
        *("fct_orders", "restatements")
    }
    rollback(tmp_path / "customer_lifecycle.duckdb")
    assert _read(write_contracts(tmp_path / "customer_lifecycle.duckdb")) == contracts


def _publish(folder: Path, marts: tuple[Mart, ...], day: int) -> None:
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("create schema if not exists marts")
        for mart in marts:
            connection.execute(
                f"create or replace table marts.{mart.name} as select {COLUMNS[mart.name]}"
            )
    publish(
        warehouse_path=folder / "warehouse.duckdb",
        published_path=folder / "customer_lifecycle.duckdb",
        versions_dir=folder / "versions",
        marts=marts,
        audit=Audit(passed=1),
        as_of_date=date(2026, 1, 1),
        code_revision="abc",
        run_id="run",
        keep_versions=3,
        now=datetime(2026, 1, day, tzinfo=UTC),
    )


def _read(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.name.removesuffix(".odcs.yaml"): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in folder.iterdir()
    }


def _keys(contract: dict[str, Any]) -> dict[str, tuple[int, bool | None]]:
    return {
        column["name"]: (column["primaryKeyPosition"], column.get("unique"))
        for column in contract["schema"][0]["properties"]
        if column.get("primaryKey")
    }
