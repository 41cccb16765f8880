"""Writes what follows from the declarations of studies: dbt sources and staging models.

Run ``python -m scoring.sources`` in the checkout after changing a study's tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from scoring.studies import STUDIES
from scoring.study import Study, Table

GENERATED = "Generated from scoring/studies.py by `python -m scoring.sources`; do not edit."


def generated_files() -> dict[str, str]:
    """The text of every generated file by its path within the checkout."""
    files: dict[str, str] = {}
    for study in STUDIES:
        folder = f"models/staging/{study.source}"
        files[f"{folder}/_{study.source}__sources.yml"] = _sources(study)
        files[f"{folder}/_{study.source}__models.yml"] = _models(study)
        for table in study.tables:
            files[f"{folder}/{staging_name(study, table)}.sql"] = _staging(study, table)
    return files


def staging_name(study: Study, table: Table) -> str:
    """The name of a table's staging model."""
    return f"stg_{study.source}__{table.name}"


def _sources(study: Study) -> str:
    tables = [
        {
            "name": table.name,
            "description": table.description,
            "config": {"meta": {"dagster": {"asset_key": [study.source, table.name]}}},
            "columns": [_column(table, name) for name in table.types],
        }
        for table in study.tables
    ]
    about = (
        f"{study.description} Tables are created empty where the study `{study.name}` has not run."
    )
    # Told apart from what lands: a hook creates the tables of a study.
    meta = {"config": {"meta": {"study": study.name}}}
    source = {"name": study.source, "schema": study.source, "description": about, **meta}
    return _yaml({"sources": [{**source, "tables": tables}]})


def _models(study: Study) -> str:
    models = []
    for table in study.tables:
        model: dict[str, Any] = {
            "name": staging_name(study, table),
            "description": table.description,
        }
        columns = [_column(table, name) for name in table.types]
        if len(table.key) == 1:
            next(c for c in columns if c["name"] == table.key[0])["data_tests"] = [
                "unique",
                "not_null",
            ]
        else:
            arguments = {"arguments": {"columns": list(table.key)}}
            model["data_tests"] = [{"unique_combination": arguments}]
        models.append({**model, "columns": columns})
    return _yaml({"models": models})


def _column(table: Table, name: str) -> dict[str, Any]:
    column = next(column for column in table.columns if column.name == name)
    return {"name": name, "data_type": column.sql_type, "description": column.description}


def _staging(study: Study, table: Table) -> str:
    # Spark calls it string, and the other engines know that, too.
    kinds = {name: "string" if k == "varchar" else k for name, k in table.types.items()}
    selected = ",\n".join(f"    cast({name} as {kind}) as {name}" for name, kind in kinds.items())
    return (
        f"{{#- {GENERATED} -#}}\n\n"
        "with source as (\n\n"
        f"    select * from {{{{ source('{study.source}', '{table.name}') }}}}\n\n"
        ")\n\n"
        f"select\n{selected}\nfrom source\n"
    )


def _yaml(content: dict[str, Any]) -> str:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return f"# {GENERATED}\n{text}"


def main() -> None:
    """Write the generated files into the checkout."""
    checkout = Path(__file__).parent.parent
    for name, text in generated_files().items():
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
