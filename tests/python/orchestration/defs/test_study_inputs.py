"""What a study reads: its rows, and what it wrote as of earlier dates if it recalls a history."""

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd

from orchestration.defs.scoring import read_input, read_recalled, write_tables
from scoring.segments.study import SEGMENTS
from scoring.study import Input, Table

TODAY = date(2026, 4, 1)
CENTRES = SEGMENTS.table("segment_centres")


def test_sorted_rows_are_the_same_whatever_order_the_database_found_them_in() -> None:
    """Texts are categories, and sort by the order of these: it moved the last digits of effects."""
    wanted = Input("groups", {"unit": "varchar", "total": "double"})
    found = []
    for order in ("total", "total desc"):
        with duckdb.connect() as connection:
            connection.execute(
                f"""create table groups as select * from
                (values ('chosen-0', 2), ('3-1', 1), (null, 4), ('0-2', 3)) as t(unit, total)
                order by {order}"""
            )
            found.append(read_input(connection, "main", wanted).sort_values("unit"))
    assert list(found[0]["unit"].dropna()) == ["0-2", "3-1", "chosen-0"]
    pd.testing.assert_frame_equal(
        found[0].reset_index(drop=True), found[1].reset_index(drop=True), check_categorical=True
    )


def _written(as_of: date) -> dict[str, pd.DataFrame]:
    frames = {table.name: table.from_records([]) for table in SEGMENTS.tables}
    row: dict[str, object] = dict.fromkeys(CENTRES.types)
    row |= {"as_of_date": as_of, "cluster": 1, "feature": "breadth"}
    return frames | {CENTRES.name: CENTRES.from_records([row])}


def _recalled(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[date]:
    (rows,) = read_recalled(connection, SEGMENTS, as_of)
    return sorted(pd.to_datetime(rows["as_of_date"]).dt.date)


def test_runs_of_earlier_dates_are_recalled() -> None:
    with duckdb.connect() as connection:
        assert _recalled(connection, TODAY) == []
        days = [date(2026, 3, 30), date(2026, 3, 31), TODAY]
        for as_of in (*days, TODAY):
            write_tables(connection, SEGMENTS, _written(as_of), as_of)
        assert _recalled(connection, TODAY) == days[:2]
        assert _recalled(connection, days[0]) == []
        assert read_recalled(connection, replace(SEGMENTS, recalls=None), TODAY) == ()


def test_what_another_release_wrote_is_not_recalled() -> None:
    with duckdb.connect() as connection:
        write_tables(connection, SEGMENTS, _written(date(2026, 3, 31)), date(2026, 3, 31))
        connection.execute("alter table segments.segment_centres drop column weight")
        assert _recalled(connection, TODAY) == []


def test_what_is_recalled_is_a_history_of_its_own() -> None:
    recalled: Table = SEGMENTS.table(SEGMENTS.recalls or "")
    assert recalled.history
