"""Lists of customers to act on: who is on them, made twice, and what is kept of them."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from landing.engine import read_parquet
from orchestration.runs.state import EXPORTS, restore, write_state
from serving.actions import Export, UnknownActionError, export, offers, open_published

_ROWS = """
    ('a', 'win_back', true, true, false, false, null, 5.0),
    ('=cmd()', 'win_back', true, true, false, false, null, 7.0),
    ('held', 'win_back', true, false, false, true, null, 5.0),
    ('out', 'win_back', true, false, true, false, null, 5.0),
    ('refuses', 'win_back', false, false, false, false, 'no_consent', 5.0),
    ('second', 'win_back', false, false, false, false, null, 5.0),
    ('w', 'welcome', true, true, false, false, null, null)
"""


def publish(path: Path, version: str, rows: str = _ROWS, as_of: str = "2024-06-30") -> Path:
    """A published file with what is to be done about seven customers."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.publish_log as select '{version}' as version")
        connection.execute(
            "create table marts.labels as select 'action_suppression' as vocabulary, "
            "'no_consent' as value, 'Refused contact' as label_en"
        )
        connection.execute(f"""
            create table marts.customer_next_actions as
            select customer_id, action, is_next_action, is_to_be_done, is_holdout, is_control,
                cast(suppressed_reason as varchar) as suppressed_reason,
                cast(net as decimal(18, 2)) as expected_net,
                date '{as_of}' as as_of_date, '@sum' as detail, 'email' as channel_id,
                'fit' as channel_basis, 'crm' as action_owner, cast(28 as bigint) as window_days,
                cast(2 as decimal(18, 2)) as cost_amount, 'measured' as basis,
                cast(net + 2 as decimal(18, 2)) as expected_incremental_contribution,
                cast(0.1 as double) as control_share
            from (values {rows}) as r (customer_id, action, is_next_action, is_to_be_done,
                is_holdout, is_control, suppressed_reason, net)
        """)
    return path


def make(
    published: Path, action: str, home: Path, at_most: int | None = None
) -> tuple[Export, Path]:
    """The list of an action, kept as the command keeps it."""
    kept = EXPORTS.path(home / "state")
    with open_published(published) as connection:
        made, path = export(connection, action, kept, home / "exports", at_most)
        if made.is_new:
            write_state(connection, made.kept_query, kept)
    return made, path


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a list."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kept_rows(home: Path) -> list[tuple[str, ...]]:
    """What was kept: customer, outcome and whether the lot held back."""
    source = read_parquet(EXPORTS.path(home / "state"))
    return duckdb.sql(
        f"select customer_id, outcome, is_control from {source} order by decision_id"
    ).fetchall()


def test_a_list_holds_whom_nothing_keeps_back_and_is_kept_once(tmp_path: Path) -> None:
    published = publish(tmp_path / "p.duckdb", "v1")
    made, path = make(published, "win_back", tmp_path)
    assert (made.listed, made.held_back, made.is_new) == (2, 1, True)
    rows = read(path)
    # A spreadsheet must run none of it, and the best come first.
    assert [row["customer_id"] for row in rows] == ["'=cmd()", "a"]
    assert {row["detail"] for row in rows} == {"'@sum"}
    assert kept_rows(tmp_path) == [
        ("=cmd()", "shown", False),
        ("a", "shown", False),
        ("held", "not_taken", True),
    ]
    first = path.read_bytes()
    again, same = make(published, "win_back", tmp_path)
    assert not again.is_new
    assert same == path
    assert path.read_bytes() == first
    assert len(kept_rows(tmp_path)) == 3


@pytest.mark.parametrize(
    ("at_most", "listed", "held_back"),
    [(1, ["best"], 0), (2, ["best", "good"], 1), (9, ["best", "good", "fair", "none"], 2)],
)
def test_a_short_list_is_of_the_best_and_its_lot_of_who_would_be_on_it(
    at_most: int, listed: list[str], held_back: int, tmp_path: Path
) -> None:
    rows = ", ".join(
        f"('{name}', 'win_back', true, {is_control is False}, false, {is_control}, null, {net})"
        for name, is_control, net in (
            *(("best", False, 9), ("good", False, 7), ("held", True, 6), ("fair", False, 5)),
            *(("low", True, 3), ("none", False, "null")),
        )
    )
    published = publish(tmp_path / "p.duckdb", "v1", rows)
    made, path = make(published, "win_back", tmp_path, at_most)
    assert [row["customer_id"] for row in read(path)] == listed
    assert made.held_back == held_back
    # It was decided: asked for more later that day, it is still the list that it was.
    assert make(published, "win_back", tmp_path)[0].listed == made.listed


def test_nobody_is_on_two_lists_of_a_day(tmp_path: Path) -> None:
    make(publish(tmp_path / "p.duckdb", "v1"), "win_back", tmp_path)
    moved = "('a', 'welcome', true, true, false, false, null, null), " + _ROWS.replace("'a'", "'b'")
    made, path = make(publish(tmp_path / "p.duckdb", "v2", moved), "welcome", tmp_path)
    assert [row["customer_id"] for row in read(path)] == ["w"]
    assert made.listed == 1
    later = publish(tmp_path / "p.duckdb", "v3", moved, as_of="2024-07-01")
    assert make(later, "welcome", tmp_path)[0].listed == 2


def test_the_next_run_reads_what_was_kept_and_only_what_it_lacks(tmp_path: Path) -> None:
    make(publish(tmp_path / "p.duckdb", "v1"), "win_back", tmp_path)
    with duckdb.connect() as warehouse:
        assert restore(warehouse, tmp_path / "state") == {EXPORTS.relation: 3}
        make(publish(tmp_path / "p.duckdb", "v2"), "welcome", tmp_path)
        assert restore(warehouse, tmp_path / "state") == {EXPORTS.relation: 1}
        assert restore(warehouse, tmp_path / "state") == {}


def test_what_there_is_to_do_is_counted_and_what_is_not_there_is_refused(tmp_path: Path) -> None:
    published = publish(tmp_path / "p.duckdb", "v1")
    with open_published(published) as connection:
        best = offers(connection)[0]
    assert (best.action, best.eligible, best.suppressed, best.held_back, best.to_be_done) == (
        *("win_back", 6, 1, 2, 2),
    )
    assert best.reason == "Refused contact"
    with pytest.raises(UnknownActionError, match="there are: welcome, win_back"):
        make(published, "dance", tmp_path)
    with pytest.raises(UnknownActionError, match="nothing is published yet"):
        make(tmp_path / "none.duckdb", "win_back", tmp_path)
