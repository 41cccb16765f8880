"""A data contract for every published mart, in the Open Data Contract Standard (ODCS) 3.1.

What a contract says is what the published file says of itself (columns, types, comments), so that
it is of the version that is current, after a rollback as well. Domain and owner are those of the
dbt group that the mart belongs to. Its server is the file beside the folder: ``datacontract test
contracts/fct_orders.odcs.yaml``, where the published file is, reads it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from landing.engine import connect
from metrics.marts import Mart, load_marts
from serving.publish import CATALOG, LOG_TABLE, SCHEMA

API_VERSION = "v3.1.0"
SUFFIX = ".odcs.yaml"

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LOGICAL = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "BIGINT": "integer",
    "INTEGER": "integer",
}
_KEY = re.compile(r"(?:^|\s)(?:Key|Part of the key)\.(?: Joins \S+\.)?$")
"""How the comment of a column that belongs to the key ends."""
_NULL = re.compile(r"\bnull\b", re.IGNORECASE)
"""What every description says of a column that may be."""


def write_contracts(published_path: Path) -> Path:
    """Write a contract of every mart of the published file into ``contracts`` beside it."""
    folder = published_path.parent / "contracts"
    folder.mkdir(exist_ok=True)
    made = set()
    for name, contract in _contracts(published_path).items():
        path = folder / f"{name}{SUFFIX}"
        building = path.with_suffix(".building")
        building.write_text(
            yaml.dump(contract, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=100),
            encoding="utf-8",
        )
        building.replace(path)
        made.add(path)
    for path in set(folder.glob(f"*{SUFFIX}")) - made:
        path.unlink()
    return folder


def _contracts(published_path: Path) -> dict[str, dict[str, Any]]:
    quoted = str(published_path).replace("'", "''")
    with connect() as connection:
        connection.execute(f"attach '{quoted}' as {CATALOG} (read_only)")
        ((version,),) = connection.execute(
            f"select max(version) from {CATALOG}.{SCHEMA}.{LOG_TABLE}"
        ).fetchall()
        tables = connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where database_name = ? and schema_name = ? and table_name <> ? order by 1",
            [CATALOG, SCHEMA, LOG_TABLE],
        ).fetchall()
        columns = connection.execute(
            "select table_name, column_name, data_type, comment, is_nullable"
            " from duckdb_columns() where database_name = ? and schema_name = ?"
            " order by table_name, column_index",
            [CATALOG, SCHEMA],
        ).fetchall()
        connection.execute(f"detach {CATALOG}")
    marts = load_marts()
    return {
        name: _contract(
            name,
            comment or "",
            version,
            [column[1:] for column in columns if column[0] == name],
            marts.get(name),
        )
        for name, comment in tables
    }


def _contract(
    name: str,
    description: str,
    version: str,
    columns: list[tuple[str, str, str | None, bool]],
    mart: Mart | None,
) -> dict[str, Any]:
    keys = {
        column: comment or "" for column, _, comment, _ in columns if _KEY.search(comment or "")
    }
    # A primary key holds no null by the standard; one of which a part may be null is told in words.
    key = [] if any(_NULL.search(comment) for comment in keys.values()) else list(keys)
    grain = re.search(r"One row per [^.]+\.", description)
    owner = (
        {
            "domain": mart.domain,
            "team": {
                "name": mart.owner,
                "members": [{"username": mart.owner_email, "role": "owner"}],
            },
        }
        if mart
        else {}
    )
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"{CATALOG}.{name}",
        "name": name,
        "version": version,
        "status": "active",
        "dataProduct": CATALOG,
        **owner,
        "description": {
            "purpose": description,
            "limitations": "Read-only. A version replaces the one before as a whole.",
        },
        "servers": [
            {
                "server": "published",
                "type": "duckdb",
                "database": f"{CATALOG}.duckdb",
                "schema": SCHEMA,
            }
        ],
        "schema": [
            {
                "name": name,
                "physicalName": name,
                "physicalType": "table",
                "logicalType": "object",
                "description": description,
                **({"dataGranularityDescription": grain[0]} if grain else {}),
                "properties": [_property(column, key) for column in columns],
            }
        ],
    }


def _property(column: tuple[str, str, str | None, bool], key: list[str]) -> dict[str, Any]:
    name, sql_type, comment, is_nullable = column
    told: dict[str, Any] = {
        "name": name,
        "logicalType": _LOGICAL.get(sql_type, "number"),
        "physicalType": sql_type,
        "description": comment or "",
        "required": not is_nullable,
    }
    if name in key:
        told |= {"primaryKey": True, "primaryKeyPosition": key.index(name) + 1}
        told |= {"unique": True} if len(key) == 1 else {}
    return told
