"""Writes what follows from the landing contract: dbt sources, staging models, a macro and docs.

Run ``python -m landing.sources`` in the checkout after changing the contract. A staging model that
says more than the contract is written by hand and stands in ``BY_HAND``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from landing.contract import (
    SYSTEMS,
    TABLES,
    VOID_ORDER_STATUSES,
    Column,
    ColumnType,
    Effect,
    Table,
    tables_of,
)
from landing.contract import table as table_of
from landing.write import MANIFEST_COLUMNS

GENERATED = "Generated from landing/contract.py by `python -m landing.sources`; do not edit."

SYSTEM_MEANINGS: Mapping[str, str] = {
    "pos": "Point of sale: orders, lines, payments, weekly totals, stock, products and stores.",
    "crm": "Customer relationship management: profiles, subscriptions and activity of customers.",
    "marketing": "Channels, campaigns, contacts, coupons, promotions, prices, costs, experiments.",
    "loyalty": "Loyalty programme: accounts and points.",
    "service": "Customer service: surveys and tickets.",
}

TYPE_MEANINGS: Mapping[ColumnType, str] = {
    "text": "text; identifiers too, whatever they look like",
    "integer": "whole number",
    "quantity": "number with up to 3 decimals",
    "money": "amount with 2 decimals, in the currency of the order",
    "points": "number with 2 decimals",
    "date": "`2017-12-31`",
    "timestamp": "`2017-12-31 18:05:00`, local time without a time zone; a date means midnight",
    "boolean": "`true` or `false`",
}


MANIFEST_SOURCE = "landing"
LANDED_AT = "cast(landed_on as timestamp)"

_LONG = 90
"""Characters of a call that is broken into lines."""

FRESHNESS: Mapping[str, Any] = {
    "warn_after": {"count": "{{ var('landing_late_days') }}", "period": "day"},
    "error_after": {"count": "{{ var('landing_stale_days') }}", "period": "day"},
}


OUTCOME_COLUMNS: Mapping[str, str] = {
    "landed_batch": "Batch (file) that the row landed with.",
    "landed_row_number": "Place of the row in its batch.",
    "rejection_reasons": "Why the row is in quarantine, with commas between; null for other rows.",
    "row_outcome": "What became of the row: accepted, duplicate, superseded or quarantined.",
}
"""What base models add to a landed row."""

RESTRICTED = "restricted"
"""Schema of the models that have personal columns."""

BY_HAND: Mapping[str, str] = {
    "base_pos__orders": "which dates are strays, and where the next day has begun",
}
"""Staging models with what they know that the contract does not say."""


def generated_files() -> dict[str, str]:
    """The text of every generated file by its path within the checkout."""
    files = {
        f"models/staging/{system}/_{system}__sources.yml": _sources(
            system,
            SYSTEM_MEANINGS[system],
            [_source_table(table) for table in tables_of(system)],
        )
        for system in SYSTEMS
    }
    files |= {
        f"models/staging/{system}/_{system}__models.yml": _models(system) for system in SYSTEMS
    }
    for each in TABLES:
        name, folder = f"{each.system}__{each.name}", f"models/staging/{each.system}"
        files[f"{folder}/base/base_{name}.sql"] = _base(each)
        files[f"{folder}/stg_{name}.sql"] = _staged_rows(each)
        files[f"{folder}/quarantine/quarantine_{name}.sql"] = _quarantine(each)
    files = {path: text for path, text in files.items() if Path(path).stem not in BY_HAND}
    files["models/staging/landing/_landing__sources.yml"] = _sources(
        MANIFEST_SOURCE, "What has landed, from where and when.", [_manifest_table()]
    )
    files["macros/landing_contract.sql"] = _macro()
    files["docs/data-contract.md"] = _data_contract()
    return files


def _sources(name: str, description: str, tables: list[dict[str, Any]]) -> str:
    source = {"name": name, "description": description, "config": _freshness(name)}
    return _yaml({"version": 2, "sources": [{**source, "tables": tables}]})


def _yaml(content: dict[str, Any]) -> str:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return f"# {GENERATED}\n{text}"


def _freshness(source: str) -> dict[str, Any]:
    """A table is as fresh as the landing, whether it has rows or not."""
    if source == MANIFEST_SOURCE:
        return {"loaded_at_field": LANDED_AT, "freshness": dict(FRESHNESS)}
    manifest = f"{{{{ source('{MANIFEST_SOURCE}', 'manifest') }}}}"
    query = f"select max({LANDED_AT}) as loaded_at from {manifest}"
    return {"loaded_at_query": query, "freshness": dict(FRESHNESS)}


def _source_table(table: Table) -> dict[str, Any]:
    meta: dict[str, Any] = {"key": list(table.key)}
    if table.event_column:
        meta["event_column"] = table.event_column
    columns = [_source_column(column) for column in table.columns]
    declared = _declared(table.name, f"{table.system}/{table.name}", table.meaning, meta, columns)
    declared["config"]["meta"]["landing_path"] += "/*"
    return declared


def _source_column(column: Column) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if not column.nullable:
        meta["nullable"] = False
    if column.accepted_values:
        meta["accepted_values"] = list(column.accepted_values)
    if column.personal:
        meta["personal"] = True
    declared: dict[str, Any] = {
        "name": column.name,
        "description": _column_meaning(column),
        "data_type": column.sql_type,
    }
    if meta:
        declared["config"] = {"meta": meta}
    return declared


def _models(system: str) -> str:
    """The staging models: what is described and tested of them follows from the contract."""
    return _yaml({"models": [model for table in tables_of(system) for model in _staged(table)]})


def _staged(table: Table) -> list[dict[str, Any]]:
    name = f"{table.system}__{table.name}"
    rows = table.name.replace("_", " ")
    landed = [
        *({"name": c.name, "description": _column_meaning(c)} for c in table.columns),
        *({"name": column, "description": meaning} for column, meaning in OUTCOME_COLUMNS.items()),
    ]
    grain = table.meaning[table.meaning.index("One row per") :]
    personal = [column.name for column in table.columns if column.personal]
    behind = f"Personal data ({', '.join(personal)}) stays behind. " if personal else ""
    restricted = f"Personal data, in schema {RESTRICTED}. " if personal else ""
    return [
        {
            "name": f"base_{name}",
            "description": f"Landed {rows} with the outcome of each row. {restricted}"
            "One row per landed row.",
            "columns": landed,
        },
        {
            "name": f"stg_{name}",
            "description": f"Accepted {rows} that are visible. {behind}{grain}",
            **_unique_combination(table),
            "columns": _staged_columns(table),
        },
        {
            "name": f"quarantine_{name}",
            "description": f"Landed {rows} that were kept back, with the reasons. {restricted}"
            "One row per rejected row.",
            "columns": landed,
        },
    ]


def _staged_columns(table: Table) -> list[dict[str, Any]]:
    """What the staging model selects: personal data and versions end before it."""
    columns: list[dict[str, Any]] = []
    for column in _staged_of(table):
        declared: dict[str, Any] = {"name": column.name, "description": _column_meaning(column)}
        if table.key == (column.name,):
            declared["data_tests"] = ["unique", "not_null"]
        columns.append(declared)
    columns += [{"name": new.name, "description": new.meaning} for new in table.derived]
    return columns


def _staged_of(table: Table) -> list[Column]:
    return [column for column in table.columns if column.staged and not column.personal]


def _base(table: Table) -> str:
    """The audited rows; those of another table that they need are looked up in it."""
    config = ["{{ config(materialized='table') }}", ""] if table.is_read_often else []
    config += _restricted(table)
    arguments = f"'{table.system}', '{table.name}'"
    if not table.parents:
        return _sql(*config, f"with {{{{ audited_rows({arguments}) }}}}", "", _all_of("outcomes"))
    parents, rules, joins = [], [], []
    for column in table.parents:
        parent, key = _referenced(column)
        noun = column.name.removesuffix("_id")
        parents += [
            f"{parent.name} as (",
            "",
            "    select",
            f"        {key},",
            "        count(case when row_outcome = 'accepted' then 1 end) as accepted_rows",
            f"    from {{{{ ref('base_{parent.system}__{parent.name}') }}}}",
            f"    group by {key}",
            "",
            "),",
            "",
        ]
        rules += [
            f'    "unknown_{noun}": "rows_landed.{column.name} is not null and '
            f'{parent.name}.{key} is null",',
            f'    "{noun}_in_quarantine": "{parent.name}.accepted_rows = 0",',
        ]
        joins += [
            f"    left join {parent.name}",
            f"        on rows_landed.{column.name} = {parent.name}.{key}",
        ]
    return _sql(
        *config,
        *("with " + "\n".join(parents)).splitlines(),
        "",
        f"{{% call audited_rows({arguments}, rules={{",
        *rules,
        "}) %}",
        *joins,
        "{% endcall %}",
        "",
        _all_of("outcomes"),
    )


def _staged_rows(table: Table) -> str:
    """The visible rows, with the values that the rules leave."""
    arguments = [f"'{table.system}', '{table.name}'"]
    start = f"base_rows.{table.event_column or table.start_column}"
    imported: list[str] = []
    join: list[str] = []
    if table.seen_with or table.start_from:
        parent, key = _referenced(table.column(table.seen_with or table.start_from or ""))
        kind = "inner" if table.seen_with else "left"
        model = ("stg" if table.seen_with else "base") + f"_{parent.system}__{parent.name}"
        accepted = [] if table.seen_with else ["    where row_outcome = 'accepted'"]
        imported = [
            f"{parent.name} as (",
            "",
            f"    select * from {{{{ ref('{model}') }}}}",
            *accepted,
            "",
            "),",
            "",
        ]
        join = [
            f"    {kind} join {parent.name}",
            f"        on base_rows.{table.seen_with or table.start_from} = {parent.name}.{key}",
        ]
        if table.start_from:
            start = f"coalesce({start}, {parent.name}.{parent.start_column})"
            arguments.append(f"starts_on='{start}'")
    if table.event_days > 1:
        arguments.append(f"starts_on=dbt.dateadd('day', {table.event_days - 1}, '{start}')")
    if table.never_counts:
        condition = table.of_rows(table.never_counts, "base_rows")
        arguments.append(f'never_counts="{condition}"')
    call = f"visible_rows({', '.join(arguments)})"
    if len(call) > _LONG:
        inner = ",\n".join(f"    {argument}" for argument in arguments)
        call = f"visible_rows(\n{inner}\n)"
    rows = [f"{{% call {call} %}}", *join, "{% endcall %},"] if join else [f"{{{{ {call} }}}},"]
    columns = [_staged_value(table, column) for column in _staged_of(table)]
    columns += [f"{new.sql} as {new.name}" for new in table.derived]
    return _sql(
        *("with " + "\n".join([*imported, *rows])).splitlines(),
        "",
        "cleaned as (",
        "",
        "    select",
        *",\n".join(_indented(column, 8) for column in columns).splitlines(),
        "    from visible_rows",
        "",
        ")",
        "",
        _all_of("cleaned"),
    )


def _staged_value(table: Table, column: Column) -> str:
    """SQL for the value that staging shows."""
    value = column.name
    excluded = [
        rule.condition
        for rule in table.rules
        if rule.effect == "no_value" and rule.column == column.name
    ]
    if column.may_be_placeholder:
        excluded.insert(0, f"{column.name} < {{{{ earliest_plausible_date() }}}}")
    if excluded:
        either = "".join(f"    when {condition} then null\n" for condition in excluded)
        value = f"case\n{either}    else {value}\nend"
    if column.empty_means:
        value = f"coalesce({value}, {column.empty_means})"
    return value if value == column.name else f"{value} as {column.name}"


def _restricted(table: Table) -> list[str]:
    """Where rows with personal columns are shown: apart from all others."""
    return [f"{{{{ config(schema='{RESTRICTED}') }}}}", ""] if table.is_about_persons else []


def _quarantine(table: Table) -> str:
    return _sql(
        *_restricted(table),
        "select *",
        f"from {{{{ ref('base_{table.system}__{table.name}') }}}}",
        "where row_outcome = 'quarantined'",
    )


def _referenced(column: Column) -> tuple[Table, str]:
    """The table and the column in which a reference is found."""
    assert column.references is not None
    name, _, key = column.references.rpartition(".")
    return table_of(name), key


def _sql(*lines: str) -> str:
    return "\n".join([f"{{#- {GENERATED} -#}}", *lines]) + "\n"


def _all_of(relation: str) -> str:
    return f"select * from {relation}"


def _indented(text: str, blanks: int) -> str:
    return "\n".join(" " * blanks + line for line in text.splitlines())


def _unique_combination(table: Table) -> dict[str, Any]:
    if len(table.key) == 1 or any(table.column(name).nullable for name in table.key):
        return {}
    arguments = {"arguments": {"columns": list(table.key)}}
    return {"data_tests": [{"unique_combination": arguments}]}


def _macro() -> str:
    """A macro that returns the contract: the sources' meta is out of reach in dbt unit tests."""
    contract = {
        table.qualified_name: {
            "system": table.system,
            "table": table.name,
            "key": list(table.key),
            "event_column": table.event_column or "",
            "start_column": table.event_column or table.start_column or "",
            "version_column": table.version_column or "",
            "reused": table.reused,
            "reuse_reason": table.reuse_reason,
            "columns": list(table.column_names),
            "types": {column.name: column.sql_type for column in table.columns},
            "not_null": [column.name for column in table.columns if not column.nullable],
            "accepted_values": {
                column.name: list(column.accepted_values)
                for column in table.columns
                if column.accepted_values
            },
            "rules": {
                rule.name: table.of_rows(rule.condition, "rows_landed")
                for rule in table.rules
                if rule.effect == "quarantine"
            },
            "history": [column.name for column in table.columns if column.has_history],
            "known_from": {
                column.name: column.known_from for column in table.columns if column.known_from
            },
        }
        for table in TABLES
    }
    body = json.dumps(contract, indent=4)
    void = ", ".join(f"'{status}'" for status in VOID_ORDER_STATUSES)
    return (
        f"{{#- {GENERATED} -#}}\n\n"
        f"{{% macro landing_contract() -%}}\n    {{{{ return({body}) }}}}\n{{%- endmacro %}}\n\n"
        "{#- States of an order that never becomes a sale, as a list for `in`. -#}\n"
        f"{{% macro void_order_statuses() -%}}\n    ({void})\n{{%- endmacro %}}\n"
    )


def _manifest_table() -> dict[str, Any]:
    columns: list[dict[str, Any]] = [
        {"name": name, "description": meaning, "data_type": sql_type}
        for name, sql_type, meaning in MANIFEST_COLUMNS
    ]
    meaning = "What the landing directory holds. One row per landing table."
    return _declared("manifest", "manifest", meaning, {"key": ["table_name"]}, columns)


def _declared(
    name: str, path: str, meaning: str, meta: dict[str, Any], columns: list[dict[str, Any]]
) -> dict[str, Any]:
    dagster = {"asset_key": ["landing", *path.split("/")]}
    return {
        "name": name,
        "description": meaning,
        "config": {"meta": {"landing_path": path, "dagster": dagster, **meta}},
        "columns": columns,
    }


def _column_meaning(column: Column) -> str:
    parts = [column.meaning]
    if column.accepted_values:
        parts.append(f"One of {', '.join(column.accepted_values)}.")
    if column.personal:
        parts.append("Personal data.")
    return " ".join(parts)


def _data_contract() -> str:
    lines = [
        f"<!-- {GENERATED} -->",
        "",
        "# Data contract",
        "",
        "The tables that the warehouse is built from. To use your own data, put CSV (UTF-8, with a "
        "header) or Parquet files in a directory and run `lifecycle land --from DIR`.",
        "",
        "## Files",
        "",
        "- A table is one file, `<table>.csv` (or `.tsv`, `.txt`, each also with `.gz`) or "
        "`<table>.parquet`; or several whose names end in a number or date "
        "(`orders_2024-01.csv`), or a folder of files (`orders/2024-01-31.csv.gz`, "
        "`orders.parquet/part-0.parquet`); or all of these together, CSV beside Parquet, but with "
        "the same columns. Any of them may lie in a directory named as the system "
        "(`pos/orders.csv`). `key=value` in a path is never read as a column.",
        "- Each file is a batch, and its name without that of the table the batch's: two files of "
        "one name (`orders_2024-01.csv`, `orders/2024-01.parquet`) are an error. Batches follow "
        "each other by name, `<table>.csv` before all others. A file that has not changed is not "
        "read again; one that has replaces its batch; of one that is gone the rows are gone, and "
        "`lifecycle land` says how many.",
        "- Only " + " and ".join(f"`{t.qualified_name}`" for t in TABLES if t.required) + " are "
        "required tables; any other may be missing and is then empty. Where there are no sales, as "
        "of a loyalty programme or a mailing list, both may be missing or empty: then every file "
        "must be that of a table, since another one may be the sales under a wrong name.",
        "- CSV: commas, semicolons, tabs or bars, as the header has them outside of quotes; any "
        "line ends; a `sep=` line, titles and comments before the header are left out.",
        "- A column is *required* where the file must have it, *optional* where it may be missing "
        "and is then empty in every row. `not null`: a row without a value is put in quarantine, "
        "with the reason.",
        "- A column that the contract does not have is not landed; `lifecycle land` names it.",
        "- Below a table stands what else is expected of its rows, and what becomes of others. The "
        "landing check tells of all of them, and blocks where most rows are such, but for values "
        "that count as missing.",
        "- Of rows that share a key, the newest version counts: the latest `updated_at`, and of "
        "equally new ones the last in the last file. A number used for two different records is an "
        "error; see [quarantine](decisions/quarantine.md).",
        "- Column names may be in upper or lower case, in any order.",
        "",
        "## Values",
        "",
        "- Types:",
        *(f"  - **{name}**: {meaning}." for name, meaning in TYPE_MEANINGS.items()),
        "- Nothing is guessed: a value that is none of its column's type is an error that names "
        "file, column, row and, but for tables about persons, an example. Dates are year, month, "
        "day (`20171231` too); time stamps have the hours 0 to 23 and no time zone.",
        "- Numbers have a decimal point and no thousands separator. Decimals beyond those of the "
        "type are rounded half away from zero, and `lifecycle land` says in how many values.",
        "- Blanks around a value, also those that cannot be seen, are no part of it. An empty text "
        "is a missing value.",
        "- Identifiers (columns that end in `_id`): a missing value that is spelt out (`NULL`, "
        "`\\N`, `nan`, `None`, `N/A`, `#N/A`, `-`, …) is missing; what spreadsheets put around "
        'one (`="00123"`, `\'00123`) is taken off; `1001.0` is `1001` where no identifier of that '
        "kind has decimals. Each is counted. `1.23E+12` is refused: several have become one. "
        "Identifiers that differ only by case, zeros before the number or `.0` stay different "
        "ones, and are counted with an example.",
        "- Columns with a list of values take them in any case, with blanks or hyphens for "
        "underscores.",
        "- Other texts are kept, `NaN` and `Unknown` included, but counted. "
        "`LIFECYCLE_MISSING_VALUES` says what means that there is no value, in every column or in "
        "one: `LIFECYCLE_MISSING_VALUES='NaN,Unknown,age_band=118'`. In optional numbers, dates "
        "and times, spelt-out ones are missing in any case.",
        "- In Parquet files, the type of a column must fit without guessing: numbers for numbers, "
        "timestamps without a time zone (not INT96, which may be UTC or local), dates or midnights "
        "for dates, texts or whole numbers for texts (of any numeric type up to 38 digits; "
        "floating point up to the size where whole numbers run together).",
        "",
    ]
    for system in SYSTEMS:
        lines += [f"## {system}", "", SYSTEM_MEANINGS[system], ""]
        for table in tables_of(system):
            lines += _table_section(table)
    return "\n".join(lines).rstrip() + "\n"


def _table_section(table: Table) -> list[str]:
    key = ", ".join(f"`{name}`" for name in table.key)
    need = "Required table." if table.required else "Optional table."
    return [
        f"### {table.qualified_name}",
        "",
        f"{table.meaning} {need} Key: {key}.",
        "",
        "| column | type | | meaning |",
        "|---|---|---|---|",
        *(
            f"| `{c.name}` | {c.type} | {_need(c)} | {_column_meaning(c)}{_reference(c)} |"
            for c in table.columns
        ),
        "",
        *_rules(table),
    ]


RULE_EFFECTS: Mapping[Effect, str] = {
    "quarantine": "Kept back are rows of which this does not hold",
    "no_value": "Missing are values of which this does not hold",
    "warning": "A warning tells of rows of which this does not hold",
}


def _rules(table: Table) -> list[str]:
    """What is expected of rows, and what becomes of others."""
    kept_back = [
        f"{c.name} is found in `{c.references}`, in a row that counts" for c in table.parents
    ]
    lines = []
    for effect, told in RULE_EFFECTS.items():
        expected = [rule.meaning for rule in table.rules if rule.effect == effect]
        if effect == "no_value":
            expected += [
                f"{column.name} is no placeholder such as 1900-01-01"
                for column in table.columns
                if column.may_be_placeholder
            ]
        if effect == "quarantine":
            expected = [*kept_back, *expected]
        if expected:
            lines.append(f"- {told}: {'; '.join(expected)}.")
    return [*lines, ""] if lines else []


def _need(column: Column) -> str:
    presence = "required" if column.required else "optional"
    return presence if column.nullable else f"{presence}, not null"


def _reference(column: Column) -> str:
    return f" Found in `{column.references}`." if column.references else ""


def main() -> None:
    """Write the generated files into the checkout."""
    checkout = Path(__file__).parent.parent
    for name, text in generated_files().items():
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
