"""The committed dbt sources, staging models and docs are those that follow from the contract."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import jinja2
import pytest
import yaml

from expectations.landing.from_contract import contract_suite
from landing import contract, sources
from landing.contract import ORDERS, TABLES, Column, Rule, Table
from landing.sources import BY_HAND, GENERATED, generated_files
from landing.write import Extract, write_landing

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", generated_files())
def test_generated_files_are_up_to_date(name: str) -> None:
    committed = (CHECKOUT / name).read_text(encoding="utf-8")
    assert committed == generated_files()[name], "run: python -m landing.sources"


def test_what_is_not_generated_is_written_by_hand_on_purpose() -> None:
    generated = generated_files()
    others = {
        path.stem: path.read_text(encoding="utf-8")
        for table in TABLES
        for path in (CHECKOUT / "models/staging" / table.system).rglob("*.sql")
        if path.relative_to(CHECKOUT).as_posix() not in generated
    }
    assert set(others) == set(BY_HAND)
    assert [name for name, text in others.items() if GENERATED in text] == []


def test_a_table_is_one_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Table(
        system="crm",
        name="trials",
        meaning="A table that is tried. One row per trial.",
        key=("trial_id",),
        seen_with="order_id",
        rules=(
            Rule("negative_count", "count", "count < 0", "no count is negative", "no_value"),
            Rule("free", "price", "price = 0", "nothing is free", "quarantine"),
        ),
        columns=(
            Column("trial_id", "text", "Trial.", required=True, nullable=False),
            Column("order_id", "text", "Order.", references="pos.orders.order_id", must_exist=True),
            Column("count", "integer", "How many.", empty_means="1"),
            Column("price", "money", "Price."),
            Column("email", "text", "E-mail address.", personal=True),
            Column("updated_at", "timestamp", "Version.", staged=False),
        ),
    )
    before = generated_files()
    for module in (contract, sources):
        monkeypatch.setattr(module, "TABLES", (*TABLES, trial))
    after = generated_files()
    folder = "models/staging/crm"
    assert set(after) - set(before) == {
        f"{folder}/base/base_crm__trials.sql",
        f"{folder}/stg_crm__trials.sql",
        f"{folder}/quarantine/quarantine_crm__trials.sql",
    }
    assert {name for name, text in before.items() if after[name] != text} == {
        f"{folder}/_crm__sources.yml",
        f"{folder}/_crm__models.yml",
        "macros/landing_contract.sql",
        "docs/data-contract.md",
    }
    base = after[f"{folder}/base/base_crm__trials.sql"]
    assert '"unknown_order": "rows_landed.order_id is not null and orders.order_id is null"' in base
    staged = " ".join(after[f"{folder}/stg_crm__trials.sql"].split())
    assert "inner join orders on base_rows.order_id = orders.order_id" in staged
    assert "coalesce(case when count < 0 then null else count end, 1) as count" in staged
    models = {m["name"]: m for m in yaml.safe_load(after[f"{folder}/_crm__models.yml"])["models"]}
    assert [column["name"] for column in models["stg_crm__trials"]["columns"]] == [
        *("trial_id", "order_id", "count", "price")
    ]
    assert models["stg_crm__trials"]["columns"][0]["data_tests"] == ["unique", "not_null"]
    assert '"free": "rows_landed.price = 0"' in after["macros/landing_contract.sql"]
    assert "| `count` | integer | optional | How many. |" in after["docs/data-contract.md"]
    measures = contract_suite(trial, date(2024, 1, 1)).meta["measures"]
    assert {"free", "negative_count", "order_id unknown"} <= set(measures)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.qualified_name)
def test_rules_are_conditions_on_the_columns_of_their_table(table: Table) -> None:
    columns = ", ".join(f"cast(null as {c.sql_type}) as {c.name}" for c in table.columns)
    rows = f"(select {columns}) as rows_landed cross join (select 1 as row_count) as manifest"
    for rule in table.rules:
        column = table.column(rule.column)
        for condition in (rule.condition, table.of_rows(rule.condition, "rows_landed")):
            assert duckdb.sql(f"select {condition} from {rows}").fetchall() == [(None,)]
        assert rule.effect != "no_value" or column.nullable
        assert rule.effect != "no_value" or column.name not in table.key
    for derived in table.derived:
        duckdb.sql(f"select {derived.sql} from {rows}")
    if table.never_counts:
        duckdb.sql(f"select {table.of_rows(table.never_counts, 'rows_landed')} from {rows}")


def test_the_contract_holds_together() -> None:
    columns = {f"{t.qualified_name}.{c.name}" for t in TABLES for c in t.columns}
    for table in TABLES:
        assert len(set(table.column_names)) == len(table.columns)
        assert set(table.key) <= set(table.column_names)
        assert table.event_column is None or not table.column(table.event_column).nullable
        assert len({rule.name for rule in table.rules}) == len(table.rules)
        for name in (table.seen_with, table.start_from):
            assert name is None or table.column(name).references
        assert table.seen_with is None or table.column(table.seen_with).must_exist
        for column in table.columns:
            assert column.references is None or column.references in columns
            assert column.nullable or column.required
            assert column.references or not column.must_exist
            known_from = column.known_from and table.column(column.known_from)
            assert not known_from or known_from.type in ("date", "timestamp")


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
