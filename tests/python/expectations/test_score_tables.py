"""The score tables are the same in Python, as dbt sources, and where dbt and suites read them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations.scores import SCORE_SUITES
from scoring.tables import TABLES

FOLDER = Path(__file__).parents[3] / "models" / "staging" / "scores"


def _declared(file: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))


def _columns(table: dict[str, Any]) -> list[tuple[str, str]]:
    return [(column["name"], column["data_type"]) for column in table["columns"]]


def test_every_table_has_a_source_a_model_and_suites() -> None:
    (source,) = _declared("_scores__sources.yml")["sources"]
    assert [table["name"] for table in source["tables"]] == list(TABLES)
    models = _declared("_scores__models.yml")["models"]
    assert [model["name"] for model in models] == [f"stg_scores__{table}" for table in TABLES]
    assert list(SCORE_SUITES) == list(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_names_types_and_order_are_those_of_the_frames(table: str) -> None:
    columns = list(TABLES[table].items())
    (source,) = _declared("_scores__sources.yml")["sources"]
    models = _declared("_scores__models.yml")["models"]
    assert _columns(next(t for t in source["tables"] if t["name"] == table)) == columns
    assert _columns(next(m for m in models if m["name"] == f"stg_scores__{table}")) == columns
    sql = (FOLDER / f"stg_scores__{table}.sql").read_text(encoding="utf-8")
    selected = [line.strip(" ,") for line in sql.splitlines() if line.startswith("    cast(")]
    assert selected == [f"cast({name} as {kind}) as {name}" for name, kind in columns]


@pytest.mark.parametrize("table", TABLES)
def test_suites_look_at_columns_that_are_there(table: str) -> None:
    for make in SCORE_SUITES[table]:
        suite = make()
        if "measures" in suite.meta:
            continue
        for expectation in suite.expectations:
            kwargs = expectation.configuration.kwargs
            named = {kwargs.get(key) for key in ("column", "column_A", "column_B")} - {None}
            assert named | set(kwargs.get("column_list", ())) <= set(TABLES[table]), expectation
