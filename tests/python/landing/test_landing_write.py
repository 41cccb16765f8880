"""A landing is written whole or not at all, and what has not changed is not written again."""

import signal
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import duckdb
import pytest

from landing.contract import CHANNELS, ORDERS, STORES, TABLES
from landing.write import CurrencyError, Extract, batch_path, write_landing


def orders(count: int, fingerprint: str = "") -> Extract:
    query = (
        "select i as order_id, 'c' as customer_id, timestamp '2017-01-01' as ordered_at "
        f"from range({count}) as r(i)"
    )
    return Extract(ORDERS, "test", fingerprint or f"{count}", query)


def stores() -> Extract:
    return Extract(STORES, "test", "stores", "select 's' as store_id")


def land(landing_dir: Path, *extracts: Extract, day: int = 1, force: bool = False):
    return write_landing(landing_dir, extracts, landed_on=date(2017, 1, day), force=force)


def row_count(landing_dir: Path) -> int:
    return len(duckdb.sql(f"from '{landing_dir}/pos/orders/*.parquet'").fetchall())


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def manifest(landing_dir: Path) -> dict[str, tuple[int, date]]:
    rows = duckdb.sql(f"from '{landing_dir}/manifest.parquet'").fetchall()
    return {name: (rows, landed_on) for name, rows, _, landed_on, *_ in rows}


def test_every_table_is_there_with_its_columns(tmp_path: Path) -> None:
    land(tmp_path / "landing", orders(3))
    for table in TABLES:
        described = duckdb.sql(f"describe from '{batch_path(tmp_path / 'landing', table)}'")
        assert [(name, kind.lower()) for name, kind, *_ in described.fetchall()] == [
            (column.name, column.sql_type) for column in table.columns
        ]
    assert manifest(tmp_path / "landing")["pos.orders"] == (3, date(2017, 1, 1))
    assert manifest(tmp_path / "landing")["service.tickets"] == (0, date(2017, 1, 1))
    assert names(tmp_path) == ["landing"]


def test_only_what_has_changed_is_written(tmp_path: Path) -> None:
    landing_dir = tmp_path / "landing"
    land(landing_dir, orders(3), stores())
    inode = batch_path(landing_dir, STORES).stat().st_ino
    second = land(landing_dir, orders(4), stores())
    assert [t.table_name for t in second.tables if not t.unchanged] == ["pos.orders"]
    assert batch_path(landing_dir, STORES).stat().st_ino == inode
    assert row_count(landing_dir) == 4
    assert not any(table.unchanged for table in land(landing_dir, orders(4), force=True).tables)


def test_a_new_day_is_noted_although_no_table_has_changed(tmp_path: Path) -> None:
    landing_dir = tmp_path / "landing"
    land(landing_dir, orders(3))
    assert land(landing_dir, orders(3), day=2).unchanged
    assert manifest(landing_dir)["pos.orders"] == (3, date(2017, 1, 2))


def test_a_damaged_file_is_written_again(tmp_path: Path) -> None:
    landing_dir = tmp_path / "landing"
    land(landing_dir, orders(3))
    batch_path(landing_dir, ORDERS).write_bytes(b"")
    assert not land(landing_dir, orders(3)).unchanged
    assert row_count(landing_dir) == 3


def test_what_another_connector_landed_is_replaced_and_not_missed(tmp_path: Path) -> None:
    landing_dir = tmp_path / "landing"
    own = [
        Extract(ORDERS, f"files: {name}.csv", name, orders(2).write, batch=name)
        for name in ("orders", "2024")
    ]
    land(landing_dir, orders(9), stores())
    assert land(landing_dir, *own).told() == "files: 2 new"
    assert row_count(landing_dir) == 4
    assert not any(table.warnings for table in land(landing_dir, orders(9)).tables)
    assert row_count(landing_dir) == 9


def test_a_failing_table_leaves_the_landing_as_it_was(tmp_path: Path) -> None:
    landing_dir = tmp_path / "landing"
    land(landing_dir, orders(3))
    broken = Extract(CHANNELS, "test", "x", "select error('no') as channel_id")
    with pytest.raises(duckdb.Error, match="no"):
        land(landing_dir, orders(4), broken)
    assert row_count(landing_dir) == 3
    assert names(tmp_path) == ["landing"]


def _zones_and_currency(landing_dir: Path) -> set[tuple[str | None, str | None]]:
    found = duckdb.sql(
        f"select distinct time_zones_ahead, currency from '{landing_dir}/manifest.parquet'"
    )
    return set(found.fetchall())


def test_the_stores_where_the_next_day_has_begun_are_noted(tmp_path: Path) -> None:
    zones = "'Pacific/Auckland', 'Asia/Kolkata', 'Europe/London', 'America/Lima', 'Nowhere/At_all'"
    query = (
        f"select zone as store_id, zone as time_zone from unnest([{zones}, null, '']) as r(zone)"
    )
    stores = Extract(STORES, "test", "zones", query)
    for ours, ahead in (
        ("Europe/London", ",Asia/Kolkata,Pacific/Auckland,"),
        ("America/New_York", ",Asia/Kolkata,Europe/London,Pacific/Auckland,"),
        ("Pacific/Auckland", None),
    ):
        write_landing(tmp_path / "l", [stores], landed_on=date(2024, 1, 1), time_zone=ours)
        assert _zones_and_currency(tmp_path / "l") == {(ahead, None)}
    # In summer, New York is an hour behind Lima no longer.
    write_landing(tmp_path / "l", [stores], landed_on=date(2024, 1, 1), time_zone="America/Chicago")
    assert "America/Lima" in str(_zones_and_currency(tmp_path / "l"))
    write_landing(tmp_path / "l", [stores], landed_on=date(2024, 7, 1), time_zone="America/Chicago")
    assert "America/Lima" not in str(_zones_and_currency(tmp_path / "l"))


def _priced(*currencies: str) -> Extract:
    values = ", ".join(f"('o{i}', {text})" for i, text in enumerate(currencies))
    query = (
        "select order_id, null as customer_id, timestamp '2017-01-01' as ordered_at, currency "
        f"from (values {values}) as r(order_id, currency)"
    )
    return Extract(ORDERS, "test", query, query)


@pytest.mark.parametrize(
    ("currencies", "stated", "landed"),
    [
        (["null"], None, None),
        (["null"], "EUR", "EUR"),
        (["'EUR'", "' eur'", "null"], None, "EUR"),
        (["'EUR'"], "EUR", "EUR"),
    ],
)
def test_the_currency_is_the_one_stated_or_the_one_there_is(
    tmp_path: Path, currencies: list[str], stated: str | None, landed: str | None
) -> None:
    write_landing(
        tmp_path / "l", [_priced(*currencies)], landed_on=date(2024, 1, 1), currency=stated
    )
    assert _zones_and_currency(tmp_path / "l") == {(None, landed)}


@pytest.mark.parametrize(
    ("currencies", "stated", "told"),
    [
        (["'EUR'", "'GBP'", "'EUR'"], None, "one currency, found EUR in 2 orders, GBP in 1 orders"),
        (["'GBP'", "null"], "EUR", "EUR, as the settings state, found GBP in 1 orders"),
        (["'GBP'", "'EUR'"], "EUR", "EUR, as the settings state, found EUR in 1 orders, GBP in 1"),
    ],
)
def test_several_currencies_do_not_land(
    tmp_path: Path, currencies: list[str], stated: str | None, told: str
) -> None:
    land(tmp_path / "landing", orders(3))
    with pytest.raises(CurrencyError, match=told):
        write_landing(
            tmp_path / "landing",
            [_priced(*currencies)],
            landed_on=date(2024, 1, 1),
            currency=stated,
        )
    assert row_count(tmp_path / "landing") == 3
    assert names(tmp_path) == ["landing"]


def test_a_landing_of_an_earlier_release_is_written_again(tmp_path: Path) -> None:
    land(tmp_path / "landing", orders(3))
    path = tmp_path / "landing" / "manifest.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table m as select * exclude (currency) from '{path}'")
        connection.execute(f"copy m to '{path}'")
    assert not land(tmp_path / "landing", orders(3)).unchanged


def test_a_column_that_the_contract_lacks_is_an_error(tmp_path: Path) -> None:
    extract = Extract(CHANNELS, "test", "x", "select 'a' as channel_id, 1 as colour")
    with pytest.raises(TypeError, match=r"marketing\.channels has no column colour"):
        land(tmp_path / "landing", extract)


KILLED = """
    import os, signal, sys
    from datetime import date
    from pathlib import Path
    import landing.write as write
    from landing.contract import ORDERS

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    landing_dir = Path(sys.argv[1])
    query = "select i as order_id, 'c' as customer_id, null as ordered_at from range(9) as r(i)"
    extracts = [
        write.Extract(ORDERS, "test", name, query, batch=name) for name in ("1", "2", "orders")
    ]
    check = write._check_columns
    if sys.argv[2] == "amid the batches":
        write._check_columns = lambda *args: die() if args[2].stem == "2" else check(*args)
    elif sys.argv[2] == "after the batches":
        write._write_rows = die
    elif sys.argv[2] == "before the swap":
        write._swap = die
    else:
        rename = Path.rename
        Path.rename = lambda path, to: die() if path.name.endswith("incoming") else rename(path, to)
    write.write_landing(landing_dir, extracts, landed_on=date(2017, 1, 1))
"""


@pytest.mark.parametrize(
    "when", ["amid the batches", "after the batches", "before the swap", "amid the swap"]
)
def test_a_killed_run_leaves_a_whole_landing(tmp_path: Path, when: str) -> None:
    landing_dir = tmp_path / "landing"
    land(landing_dir, orders(3))
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(landing_dir), when]
    checkout = Path(__file__).parents[3]
    killed = subprocess.run(command, check=False, cwd=checkout)
    assert killed.returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 2
    if when != "amid the swap":
        assert row_count(landing_dir) == 3
    # The same data again: nothing is written, what was there is whole.
    assert land(landing_dir, orders(3)).unchanged
    assert row_count(landing_dir) == 3
    assert names(tmp_path) == ["landing"]
