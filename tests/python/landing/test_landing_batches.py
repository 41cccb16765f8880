"""A table in batches: a file each, of which only those that changed are read."""

import gzip
import itertools
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import landing.files
from landing.contract import ORDERS
from landing.files import LandingError, land_files
from landing.find import in_order
from landing.write import CurrencyError, LandingResult, batch_path, batch_paths

HEADER = "order_id,customer_id,ordered_at,currency"
LINES = "order_line_id,order_id,quantity,net_revenue\n1,1,1,2.50\n"
DAY = date(2026, 11, 24)


def write(path: Path, rows: Sequence[str]) -> None:
    """A file as its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([HEADER, *rows]) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif path.suffix == ".parquet":
        csv = path.with_suffix(".tmp")
        csv.write_text(text)
        with duckdb.connect() as connection:
            read = f"read_csv('{csv}', all_varchar = true, delim = ',')"
            times = "try_cast(ordered_at as timestamp) as ordered_at"
            connection.execute(f"copy (select * replace ({times}) from {read}) to '{path}'")
        csv.unlink()
    else:
        path.write_text(text)


def rows_of(landing_dir: Path) -> list[tuple[Any, ...]]:
    """The orders that landed, batch by batch."""
    paths = {path.stem: path for path in batch_paths(landing_dir, ORDERS)}
    return [
        row
        for name in in_order(ORDERS, paths)
        for row in duckdb.sql(
            f"select order_id, customer_id, ordered_at, currency from '{paths[name]}'"
        ).fetchall()
    ]


def facts(landing_dir: Path, columns: str) -> list[tuple[Any, ...]]:
    """Of the batches of orders."""
    return duckdb.sql(
        f"select {columns} from '{landing_dir}/batches.parquet' where table_name = 'pos.orders' "
        "order by batch_name"
    ).fetchall()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    (path / "order_lines.csv").write_text(LINES)
    return path


@pytest.fixture
def days(source: Path) -> list[Path]:
    """A file of orders a day, in every form."""
    paths = [
        source / "orders.csv",
        source / "orders_2026-11-21.csv",
        source / "orders" / "2026-11-22.csv.gz",
        source / "orders" / "orders-2026-11-23.parquet",
    ]
    for number, path in enumerate(paths):
        write(path, [f"{number}-{i},c{i},2026-11-2{number},EUR" for i in range(3)])
    return paths


Known = Callable[..., LandingResult]


@pytest.fixture
def land(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Known:
    """Lands as if every file had lain there for a while."""

    def stamp(about: os.stat_result) -> list[int]:
        return [about.st_size, about.st_mtime_ns]

    monkeypatch.setattr(landing.files, "_stamp", stamp)

    def run(day: date = DAY) -> LandingResult:
        return land_files(source, tmp_path / "landing", landed_on=day)

    return run


def scramble(path: Path) -> None:
    """Nothing can read the file any more, and its size and time say that nothing happened."""
    about = path.stat()
    path.write_bytes(b"\xff" * about.st_size)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def test_the_next_file_is_the_only_one_that_is_read(
    source: Path, days: list[Path], land: Known, tmp_path: Path
) -> None:
    land()
    landing_dir = tmp_path / "landing"
    before = rows_of(landing_dir)
    inodes = {path.name: path.stat().st_ino for path in batch_paths(landing_dir, ORDERS)}
    for path in (*days, source / "order_lines.csv"):
        scramble(path)
    write(source / "orders" / "2026-11-24.csv", ["new,c9,2026-11-24,EUR"])
    result = land(date(2026, 11, 25))
    assert rows_of(landing_dir) == [*before, rows_of(landing_dir)[-1]]
    assert rows_of(landing_dir)[-1][0] == "new"
    assert result.told() == "files: 1 new"
    assert [table.table_name for table in result.tables if not table.unchanged] == ["pos.orders"]
    kept = {path.name: path.stat().st_ino for path in batch_paths(landing_dir, ORDERS)}
    assert inodes.items() <= kept.items()
    assert facts(landing_dir, "batch_name, source, status, row_count, version, landed_on") == [
        ("2026-11-21", "files: orders_2026-11-21.csv", "landed", 3, 1, DAY),
        ("2026-11-22", "files: orders/2026-11-22.csv.gz", "landed", 3, 1, DAY),
        ("2026-11-23", "files: orders/orders-2026-11-23.parquet", "landed", 3, 1, DAY),
        ("2026-11-24", "files: orders/2026-11-24.csv", "landed", 1, 1, date(2026, 11, 25)),
        ("orders", "files: orders.csv", "landed", 3, 1, DAY),
    ]


def test_a_file_that_may_still_change_is_read_although_it_looks_the_same(
    source: Path, days: list[Path], tmp_path: Path
) -> None:
    """Within the same tick of the clock of the file system, of the same length."""
    landing_dir = tmp_path / "landing"
    land_files(source, landing_dir, landed_on=DAY)
    about = days[0].stat()
    days[0].write_text(days[0].read_text().replace("0-0,", "0-9,"))
    os.utime(days[0], ns=(about.st_atime_ns, about.st_mtime_ns))
    land_files(source, landing_dir, landed_on=DAY)
    assert rows_of(landing_dir)[0][0] == "0-9"


def test_files_that_change_vanish_and_come_back_are_versions(
    days: list[Path], land: Known, tmp_path: Path
) -> None:
    landing_dir = tmp_path / "landing"
    assert land().told() == ""
    write(days[1], ["corrected,c1,2026-11-21,EUR"])
    days[2].rename(tmp_path / "away")
    (days[3].parent / "orders-2026-11-23.parquet").rename(days[3].parent / "23.parquet")
    result = land(date(2026, 11, 25))
    assert result.told() == "files: 1 new, 1 changed (-2 rows), 2 gone (-6 rows)"
    assert result.tables[0].warnings == (
        "pos.orders: orders/2026-11-22.csv.gz is there no longer, and with it 3 rows that had "
        "landed",
    )
    assert facts(landing_dir, "batch_name, status, row_count, version, landed_on") == [
        ("2026-11-21", "landed", 1, 2, date(2026, 11, 25)),
        ("2026-11-22", "vanished", 3, 1, date(2026, 11, 25)),
        ("2026-11-23", "vanished", 3, 1, date(2026, 11, 25)),
        ("23", "landed", 3, 1, date(2026, 11, 25)),
        ("orders", "landed", 3, 1, DAY),
    ]
    assert len(rows_of(landing_dir)) == 7
    again = land(date(2026, 11, 26))
    assert (again.unchanged, again.told(), again.tables[0].warnings) == (True, "", ())
    shutil.copy(tmp_path / "away", days[2])
    assert land(date(2026, 11, 27)).told() == "files: 1 new"
    assert facts(landing_dir, "version, first_landed_on, landed_on")[1] == (
        *(2, DAY, date(2026, 11, 27)),
    )
    assert len(rows_of(landing_dir)) == 10


def test_columns_on_which_files_disagree(source: Path, days: list[Path], land: Known) -> None:
    land()
    path = source / "orders" / "2026-11-24.csv"
    path.write_text(HEADER.replace("currency", "store_id") + "\nx,c,2026-11-24,s\n")
    with pytest.raises(LandingError) as error:
        land()
    assert [str(problem) for problem in error.value.problems] == [
        "pos.orders.store_id: expected the same columns in every file, found it only in "
        "orders/2026-11-24.csv",
        "pos.orders.currency: expected the same columns in every file, found none of this name in "
        "orders/2026-11-24.csv",
    ]
    for day in days:
        write(day, ["x,c,24.11.2026,EUR"] if day.suffix != ".parquet" else ["x,c,2026-11-24,EUR"])
    path.unlink()
    with pytest.raises(LandingError) as error:
        land()
    (problem,) = (str(problem) for problem in error.value.problems)
    assert "in 3 of 4 rows, first in row 1 of orders.csv and 2 more: '24.11.2026'" in problem


def test_what_all_batches_must_agree_on_is_kept_with_each(
    source: Path, days: list[Path], land: Known, tmp_path: Path
) -> None:
    land()
    for path in days:
        scramble(path)
    write(source / "orders" / "2026-11-24.csv", ["new,c9,2026-11-24,GBP"])
    with pytest.raises(CurrencyError, match="found EUR in 12 orders, GBP in 1 orders"):
        land()
    assert len(rows_of(tmp_path / "landing")) == 12


def test_only_the_damaged_batch_is_written_again(
    days: list[Path], land: Known, tmp_path: Path
) -> None:
    land()
    landing_dir = tmp_path / "landing"
    before = rows_of(landing_dir)
    batch_path(landing_dir, ORDERS, "2026-11-22").write_bytes(b"")
    for path in (days[0], days[1], days[3]):
        scramble(path)
    land()
    assert rows_of(landing_dir) == before


identifiers = st.sampled_from(["7", "1001.0", "1001.5", "NULL", '"=""9"""', "", "c 1", "C1"])


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(identifiers, min_size=3, max_size=12),
    cuts=st.sets(st.integers(1, 11), min_size=1, max_size=3),
    suffixes=st.permutations([".csv", ".csv.gz", ".parquet", ".csv"]),
    whole_first=st.booleans(),
)
def test_any_split_of_the_rows_lands_the_same(
    rows: list[str],
    cuts: set[int],
    suffixes: list[str],
    whole_first: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """In one file, in a file a day, and a day after the other, however identifiers are written."""
    folder = tmp_path_factory.mktemp("split")
    lines = [f"{i},{customer},2026-11-{i + 1:02},EUR" for i, customer in enumerate(rows)]
    edges = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    parts = [lines[a:b] for a, b in itertools.pairwise(edges)]
    for name in ("one", "daily"):
        (folder / name).mkdir()
        (folder / name / "order_lines.csv").write_text(LINES)
    write(folder / "one" / "orders.csv", lines)
    for number, part in enumerate(parts):
        name = f"orders/2026-11-{number:02}{suffixes[number]}"
        write(folder / "daily" / ("orders.csv" if whole_first and not number else name), part)
        grown = land_files(folder / "daily", folder / "growing", landed_on=DAY)
    one = land_files(folder / "one", folder / "at_once", landed_on=DAY)
    land_files(folder / "daily", folder / "by_day", landed_on=DAY)
    expected = rows_of(folder / "at_once")
    assert len(expected) == len(rows)
    assert rows_of(folder / "by_day") == expected
    assert rows_of(folder / "growing") == expected
    assert [table.rows for table in grown.tables] == [table.rows for table in one.tables]
    assert grown.tables[0].warnings == one.tables[0].warnings
