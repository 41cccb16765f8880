"""The committed dbt sources and data contract are those that follow from the contract."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import jinja2
import pytest
import yaml

from landing.contract import ORDERS, TABLES
from landing.sources import generated_files
from landing.write import Extract, write_landing

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", generated_files())
def test_generated_files_are_up_to_date(name: str) -> None:
    committed = (CHECKOUT / name).read_text(encoding="utf-8")
    assert committed == generated_files()[name], "run: python -m landing.sources"


def test_the_contract_holds_together() -> None:
    columns = {f"{t.qualified_name}.{c.name}" for t in TABLES for c in t.columns}
    for table in TABLES:
        assert len(set(table.column_names)) == len(table.columns)
        assert set(table.key) <= set(table.column_names)
        assert table.event_column is None or not table.column(table.event_column).nullable
        for column in table.columns:
            assert column.references is None or column.references in columns
            assert column.nullable or column.required


@pytest.mark.parametrize(
    "folder", ["it's", "{braces} {{twice}}", "customer_id=77", "round (1)", "[x]*?", "plain"]
)
def test_sources_are_found_wherever_the_home_lies(tmp_path: Path, folder: str) -> None:
    """As dbt renders the location and dbt-duckdb then formats and quotes it."""
    home = tmp_path / folder
    row = "select 'A1' as order_id, 'c' as customer_id"
    write_landing(
        home / "landing", [Extract(ORDERS, "test", "test", row)], landed_on=date(2024, 1, 1)
    )
    text = generated_files()["models/staging/pos/_pos__sources.yml"]
    declared = yaml.safe_load(text)["sources"][0]["tables"][0]
    project = yaml.safe_load((CHECKOUT / "dbt_project.yml").read_text(encoding="utf-8"))
    meta = project["sources"]["customer_lifecycle"]["staging"]["pos"]["+meta"]
    template = jinja2.Template(meta["external_location"])
    location = template.render(env_var=lambda *_: str(home)).format_map(declared["config"]["meta"])
    assert "(" in location  # or dbt-duckdb would quote it once more
    assert duckdb.sql(f"select order_id, customer_id from {location}").fetchall() == [("A1", "c")]


def test_an_empty_table_is_as_fresh_as_the_landing(tmp_path: Path) -> None:
    """`dbt source freshness` takes no value for a table that was never loaded."""
    landing = tmp_path / "landing"
    write_landing(landing, [], landed_on=date(2024, 1, 2))
    manifest = f"read_parquet('{landing}/manifest.parquet')"
    for name, text in generated_files().items():
        if name.endswith("__sources.yml"):
            config = yaml.safe_load(text)["sources"][0]["config"]
            assert {"warn_after", "error_after"} <= set(config["freshness"]), name
            query = config.get("loaded_at_query") or (
                f"select max({config['loaded_at_field']}) from {{{{ source() }}}}"
            )
            rendered = jinja2.Template(query).render(source=lambda *_: manifest)
            assert duckdb.sql(rendered).fetchall() == [(datetime(2024, 1, 2),)], name
