"""What outlives the warehouse file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.landing.change import Profile
from landing.engine import connect
from orchestration.runs.state import (
    CUSTOMERS,
    HISTORIES,
    PROFILES,
    StateError,
    keep,
    read_profiles,
    restore,
    write_profiles,
)

OPEN = "cast(null as timestamp)"

DISTRIBUTIONS = next(kept for kept in HISTORIES if kept.relation == "scores.score_distributions")


THERE = (CUSTOMERS, DISTRIBUTIONS)
"""What the small warehouse here has."""


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "it's" / "state"


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect() as connection:
        _build(connection)
        yield connection


def _build(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema snapshots; create schema scores")
    connection.execute(
        "create table snapshots.customers_snapshot "
        "(customer_id varchar, city varchar, dbt_scd_id varchar, dbt_valid_to timestamp)"
    )
    connection.execute(
        "create table scores.score_distributions (as_of_date date, variable varchar, n bigint)"
    )


def _seen(connection: duckdb.DuckDBPyConnection, *versions: tuple[str, str, str]) -> None:
    connection.executemany(
        f"insert into snapshots.customers_snapshot values (?, ?, ?, {OPEN})", list(versions)
    )


def _fitted(connection: duckdb.DuckDBPyConnection, day: str, n: int) -> None:
    connection.execute("delete from scores.score_distributions where as_of_date = ?", [day])
    connection.execute("insert into scores.score_distributions values (?, 'p_alive', ?)", [day, n])


def _keep_all(connection: duckdb.DuckDBPyConnection, state_dir: Path) -> None:
    for kept in THERE:
        keep(connection, kept, state_dir)


def _rows(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple]:
    return connection.execute(f"select * from {relation} order by all").fetchall()


def test_what_was_kept_is_read_back_into_a_new_warehouse(
    warehouse: duckdb.DuckDBPyConnection, state_dir: Path
) -> None:
    _seen(warehouse, ("c1", "Lyon", "1"), ("c1", "Nice", "2"), ("c2", "Metz", "3"))
    _fitted(warehouse, "2024-07-01", 7)
    _keep_all(warehouse, state_dir)
    with connect() as anew:
        assert restore(anew, state_dir) == {CUSTOMERS.relation: 3, DISTRIBUTIONS.relation: 1}
        for kept in THERE:
            assert _rows(anew, kept.relation) == _rows(warehouse, kept.relation)
        assert restore(anew, state_dir) == {}, "once"
    with connect() as empty:
        # As dbt leaves them that ran before any state was read back.
        _build(empty)
        assert restore(empty, state_dir) == {CUSTOMERS.relation: 3, DISTRIBUTIONS.relation: 1}


def test_the_past_replayed_leaves_later_fits_as_they_are(
    warehouse: duckdb.DuckDBPyConnection, state_dir: Path
) -> None:
    for day, n in (("2024-01-01", 5), ("2024-07-01", 7)):
        _fitted(warehouse, day, n)
    _keep_all(warehouse, state_dir)
    with connect() as begun_anew:
        _build(begun_anew)
        _fitted(begun_anew, "2024-01-01", 50)
        assert restore(begun_anew, state_dir) == {DISTRIBUTIONS.relation: 1}
        _keep_all(begun_anew, state_dir)
    with connect() as connection:
        restore(connection, state_dir)
        assert _rows(connection, DISTRIBUTIONS.relation) == [
            (date(2024, 1, 1), "p_alive", 50),
            (date(2024, 7, 1), "p_alive", 7),
        ]


def test_an_erased_customer_stays_erased(
    warehouse: duckdb.DuckDBPyConnection, state_dir: Path
) -> None:
    _seen(warehouse, ("c1", "Lyon", "1"), ("c2", "Metz", "2"))
    _keep_all(warehouse, state_dir)
    warehouse.execute("delete from snapshots.customers_snapshot where customer_id = 'c1'")
    _seen(warehouse, ("c2", "Nancy", "3"))
    assert restore(warehouse, state_dir) == {}
    _keep_all(warehouse, state_dir)
    assert b"Lyon" not in CUSTOMERS.path(state_dir).read_bytes()


def test_a_history_begun_anew_or_an_older_copy_is_an_error_and_changes_nothing(
    warehouse: duckdb.DuckDBPyConnection, state_dir: Path
) -> None:
    _seen(warehouse, ("c1", "Lyon", "1"), ("c1", "Nice", "2"), ("c2", "Metz", "3"))
    _fitted(warehouse, "2024-07-01", 7)
    _keep_all(warehouse, state_dir)
    with connect() as anew:
        _build(anew)
        _seen(anew, ("c1", "Nice", "4"))
        with pytest.raises(StateError, match=r"has 2 rows that snapshots.* begun anew .*Delete"):
            restore(anew, state_dir)
        assert len(_rows(anew, CUSTOMERS.relation)) == 1
        assert _rows(anew, DISTRIBUTIONS.relation) == []
        before = CUSTOMERS.path(state_dir).read_bytes()
        with pytest.raises(StateError, match="has 2 rows that"):
            keep(anew, CUSTOMERS, state_dir)
        assert CUSTOMERS.path(state_dir).read_bytes() == before


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (b"", "cannot be read"),
        (b"PAR1 and no more", "cannot be read"),
        (None, "has no column as_of_date"),
    ],
)
def test_a_broken_file_is_named_and_all_else_stays(
    warehouse: duckdb.DuckDBPyConnection, state_dir: Path, contents: bytes | None, told: str
) -> None:
    _seen(warehouse, ("c1", "Lyon", "1"))
    _keep_all(warehouse, state_dir)
    path = DISTRIBUTIONS.path(state_dir)
    if contents is None:
        target = str(path).replace("'", "''")
        warehouse.execute(f"copy (select 1 as something) to '{target}' (format parquet)")
    else:
        path.write_bytes(contents)
    with connect() as anew:
        with pytest.raises(StateError, match=told) as raised:
            restore(anew, state_dir)
        assert str(path) in str(raised.value)
        assert "move it away to begin anew" in str(raised.value)
        assert anew.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]


def test_a_write_that_fails_leaves_what_was_kept(
    warehouse: duckdb.DuckDBPyConnection, state_dir: Path
) -> None:
    _seen(warehouse, ("c1", "Lyon", "1"))
    _keep_all(warehouse, state_dir)
    before = CUSTOMERS.path(state_dir).read_bytes()
    warehouse.execute(
        "create or replace view snapshots.broken as select error('disk') as customer_id"
    )
    with pytest.raises(duckdb.Error, match="disk"):
        keep(warehouse, type(CUSTOMERS)("snapshots", "broken", "customer_id"), state_dir)
    assert sorted(path.name for path in state_dir.iterdir()) == [
        "customers_snapshot.parquet",
        "score_distributions.parquet",
    ]
    assert CUSTOMERS.path(state_dir).read_bytes() == before


def test_profiles_of_landings_come_back_as_they_were(state_dir: Path) -> None:
    assert read_profiles(state_dir) == []
    profiles = [
        Profile("pos.orders", date(2024, 7, day), "files", f"f{day}", {"rows": 5.0, "mean x": 0.1})
        for day in (1, 2)
    ]
    write_profiles(profiles, state_dir)
    assert read_profiles(state_dir) == profiles
    (state_dir / PROFILES).write_bytes(b"no Parquet")
    with pytest.raises(StateError, match=r"landing_profiles.parquet cannot be read.*move it away"):
        read_profiles(state_dir)
