"""What follows from the declaration of a study is there: files, suites, an input that holds."""

from pathlib import Path

import pytest

from expectations.studies import suites_of
from scoring.sources import GENERATED, generated_files
from scoring.studies import STUDIES
from scoring.study import PANDAS_TYPES, Column, Study, Table

CHECKOUT = Path(__file__).parents[3]

studies = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)


@pytest.mark.parametrize("name", generated_files())
def test_generated_files_are_up_to_date(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    assert text == generated_files()[name], "run: python -m scoring.sources"


def test_nothing_was_left_behind() -> None:
    """A study or a table of it that is gone has no staging model either."""
    there = {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "models" / "staging").rglob("*.*")
        if GENERATED in path.read_text(encoding="utf-8")
    }
    assert there == generated_files().keys()


@studies
def test_suites_look_at_columns_that_are_there(study: Study) -> None:
    suites = suites_of(study)
    assert list(suites) == [table.name for table in study.tables]
    for table in study.tables:
        for make in suites[table.name]:
            suite = make()
            if "measures" in suite.meta:
                continue
            for expectation in suite.expectations:
                kwargs = expectation.configuration.kwargs
                named = {kwargs.get(key) for key in ("column", "column_A", "column_B")} - {None}
                named |= set(kwargs.get("column_list", ()))
                assert named <= table.types.keys(), expectation


@studies
def test_tables_make_frames_of_what_is_declared(study: Study) -> None:
    for table in study.tables:
        assert set(table.key) <= table.types.keys()
        assert not table.history or "as_of_date" in table.key
        empty = table.from_records([])
        assert {name: str(kind) for name, kind in empty.dtypes.items()} == {
            name: PANDAS_TYPES[kind] for name, kind in table.types.items()
        }
        with pytest.raises(ValueError, match=table.name):
            table.frame({"no_such_column": [1]})


def test_a_table_holds_nulls_and_shared_values() -> None:
    table = Table("t", "T.", ("a",), (Column("a", "bigint", "A."), Column("b", "double", "B.")))
    frame = table.frame({"a": [1, 2], "b": None})
    assert frame["b"].isna().all()
    assert table.from_records([{"a": 1, "b": 2.5}])["b"].tolist() == [2.5]
