"""Memory: one limit for every connection, and room on disk for what is beyond it."""

import os
from pathlib import Path

import duckdb
import pytest

from landing import engine
from orchestration.settings import Settings, load_settings

ROOMS = ("landing", "scoring", "expectations", "serving", "orchestration")
PROJECT_DIR = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _limits_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_limits", engine._Limits())


def test_what_memory_does_not_hold_goes_to_the_connections_own_directory(tmp_path: Path) -> None:
    engine.limit("80MB", tmp_path)
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            connection.execute(
                "create temp table large as "
                "select i, i::varchar || repeat('x', 40) as text from range(2000000) as t(i)"
            )
        assert len(list(tmp_path.iterdir())) == 2
        for connection in (one, other):
            (rows,) = connection.execute("select count(*), sum(i) from large").fetchall()
            assert rows == (2_000_000, 1_999_999_000_000)
    assert list(tmp_path.iterdir()) == []


def test_the_limit_holds_and_a_folder_that_is_not_there_yet_is_no_error(tmp_path: Path) -> None:
    engine.limit("123MB", tmp_path / "not yet")
    with engine.connect(tmp_path / "file.duckdb") as connection:
        connection.execute("create table t as select 1 as x")
        ((memory, spill),) = connection.execute(
            "select current_setting('memory_limit'), current_setting('temp_directory')"
        ).fetchall()
    assert memory == "117.3 MiB"
    assert not spill.startswith(str(tmp_path))
    with (
        engine.connect(tmp_path / "file.duckdb", read_only=True) as connection,
        pytest.raises(duckdb.InvalidInputException),
    ):
        connection.execute("create table other as select 1 as x")


def test_without_a_limit_it_is_half_of_what_the_process_may_have(tmp_path: Path) -> None:
    ample, small = tmp_path / "memory.max", tmp_path / "limit_in_bytes"
    ample.write_text("max\n")
    small.write_text(f"{3 * 2**30}\n")
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert engine.default_memory([ample, tmp_path / "none"]) == f"{machine // 2**21}MiB"
    assert engine.default_memory([ample, small]) == f"{min(machine, 3 * 2**30) // 2**21}MiB"
    for project in load_settings({}), Settings(tmp_path, tmp_path):
        assert project.memory_limit == engine.default_memory()


def test_no_room_opens_a_connection_by_itself() -> None:
    opened = [
        path.relative_to(PROJECT_DIR).as_posix()
        for room in ROOMS
        for path in (PROJECT_DIR / room).rglob("*.py")
        if "duckdb.connect(" in path.read_text(encoding="utf-8")
    ]
    assert opened == ["landing/engine.py"]
