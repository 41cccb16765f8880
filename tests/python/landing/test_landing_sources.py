"""The committed dbt sources and data contract are those that follow from the contract."""

from pathlib import Path

import pytest

from landing.contract import TABLES
from landing.sources import generated_files

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
