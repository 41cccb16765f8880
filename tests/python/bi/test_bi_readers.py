"""Readers while versions are published: no query fails, and no answer is of an old version."""

import threading
from pathlib import Path

import duckdb
import pytest

from bench import readers
from bench.readers import House
from bi import published


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.publish()
    return house


def test_readers_that_open_the_file_each_time_are_never_behind(house: House) -> None:
    answers, _ = readers.with_duckdb(house, readers=2, publishes=5, pause=0.3)
    assert [error for each in answers for error in each.failed] == []
    assert sum(each.torn for each in answers) == 0
    lags = [lag for each in answers for lag in each.lags]
    assert len(lags) > 10
    assert max(lags) <= 0


def test_a_process_that_always_has_a_version_open_sees_the_next(
    house: House, tmp_path: Path
) -> None:
    """As in Superset: threads whose queries overlap, so that some connection is always open."""
    names = tmp_path / "names"

    def ask(path: Path) -> int:
        with duckdb.connect(str(path), read_only=True) as connection:
            query = "select max(quantity) from marts.fct_order_lines"
            return connection.execute(query).fetchall()[0][0]

    def behind(path: Path, answers: list[int]) -> None:
        answers.append(ask(path))

    plain, named = str(house.published), published.current(house.published, names)
    with duckdb.connect(plain, read_only=True), duckdb.connect(str(named), read_only=True):
        house.publish()
        assert ask(house.published) == 1, "DuckDB no longer shares what is open: drop the names"
        threads, answers = [], []
        for _ in range(4):
            path = published.current(house.published, names)
            threads.append(threading.Thread(target=behind, args=(path, answers)))
            threads[-1].start()
        for thread in threads:
            thread.join()
    assert answers == [2, 2, 2, 2]


def test_names_of_replaced_versions_go_and_what_is_open_stays_open(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tmp_path / "names"
    monkeypatch.setattr(published, "KEEP_SECONDS", -1)
    first = published.current(house.published, names)
    with duckdb.connect(str(first), read_only=True) as connection:
        house.publish()
        second = published.current(house.published, names)
        assert [path.name for path in names.iterdir()] == [second.parent.name]
        assert connection.execute("select count(*) from marts.labels").fetchall() == [(6,)]
    assert published.current(house.published, names) == second


def test_a_file_system_without_hard_links_gets_copies(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr("os.link", refuse)
    path = published.current(house.published, tmp_path / "names")
    assert path.read_bytes() == house.published.read_bytes()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_nothing_published_is_an_error_and_leaves_no_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        published.current(tmp_path / "nothing.duckdb", tmp_path / "names")
    assert not (tmp_path / "names").exists()
