"""Who was erased stays out of the landing, and everything is accounted for."""

import hashlib
import hmac
from datetime import date
from pathlib import Path

import duckdb
import pytest

from landing.contract import CUSTOMERS, TABLES
from landing.engine import connect
from landing.files import land_files
from landing.suppression import (
    ACCOUNT,
    ALIAS,
    CUSTOMER,
    LIST_FILE,
    SALT_FILE,
    Suppression,
    SuppressionError,
    marks,
    numbers_of,
    words,
)
from landing.write import LandingResult, batch_paths, suppress_landing

FILES = {
    "orders.csv": "order_id,customer_id,ordered_at\no1,gone,2024-06-01\no2,stays,2024-06-02\n"
    "o3,card-9,2024-06-03\n",
    "order_lines.csv": "order_line_id,order_id,quantity,net_revenue\n"
    "l1,o1,1,5.00\nl2,o2,1,7.00\nl3,o3,1,9.00\n",
    "customers.csv": "customer_id,email,referrer_customer_id\ngone,g@planted.example,\n"
    "stays,s@kept.example,gone\n",
    "customer_ids.csv": "source_id,source_system,customer_id\ncard-9,till,gone\n"
    "stays,web,gone\n7,web,stays\n",
    "accounts.csv": "account_id,customer_id\nA-gone,gone\nA-stays,stays\n",
    "points.csv": "entry_id,account_id,entry_type,points,entered_at\n"
    "e1,A-gone,earn,10,2024-06-01\ne2,A-stays,earn,20,2024-06-01\n",
    "surveys.csv": "response_id,customer_id,responded_at,survey_type,score,scale_max,comment\n"
    "r1,gone,2024-06-02,csat,5,5,planted words\nr2,stays,2024-06-02,csat,4,5,kept words\n",
    "tickets.csv": "ticket_id,customer_id,opened_at,cancellation_reason\n"
    "t1,gone,2024-06-02,planted words\n",
    "coupons.csv": "coupon_id,campaign_id,customer_id\nk1,c,gone\nk2,c,\n",
}
TRACES = ("gone", "planted", "card-9", "A-gone")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def _land(source: Path, home: Path, *, force: bool = False, day: int = 10) -> LandingResult:
    return land_files(
        source,
        home / "landing",
        landed_on=date(2024, 6, day),
        force=force,
        suppression=Suppression.read(home / "state"),
    )


def _erase(home: Path, *customers: str) -> Suppression:
    batches = {t.qualified_name: batch_paths(home / "landing", t) for t in TABLES}
    suppression = Suppression.read(home / "state")
    with connect() as connection:
        suppression.add(numbers_of(connection, batches, customers))
    return suppression


def _rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    return {
        t.name: duckdb.sql(f"from read_parquet({list(map(str, paths))})").fetchall()
        for t in TABLES
        if (paths := batch_paths(home / "landing", t))
    }


def _assert_gone(home: Path) -> None:
    rows = _rows(home)
    for table, of_table in rows.items():
        assert not [row for row in of_table for trace in TRACES if trace in str(row)], table
    assert [(row[0], row[1]) for row in rows["orders"]] == [
        *(("o1", None), ("o2", "stays"), ("o3", None))
    ]
    assert [len(rows[name]) for name in ("order_lines", "customers", "customer_ids")] == [3, 1, 1]
    assert [len(rows[name]) for name in ("accounts", "points", "surveys")] == [1, 1, 2]
    assert [len(rows[name]) for name in ("tickets", "coupons")] == [1, 1]
    manifest = duckdb.sql(
        f"select table_name, row_count, erased_rows, anonymised_rows "
        f"from '{home}/landing/manifest.parquet' where row_count > 0 or erased_rows > 0"
    ).fetchall()
    assert {name: (*counts,) for name, *counts in manifest} == {
        "pos.orders": (3, 0, 2),
        "pos.order_lines": (3, 0, 0),
        "crm.customers": (1, 1, 1),
        "crm.customer_ids": (1, 2, 0),
        "loyalty.accounts": (1, 1, 0),
        "loyalty.points": (1, 1, 0),
        "service.surveys": (2, 0, 1),
        "service.tickets": (1, 0, 1),
        "marketing.coupons": (1, 1, 0),
    }


def test_what_landed_is_rid_of_a_person_and_a_landing_does_not_bring_them_back(
    source: Path, tmp_path: Path
) -> None:
    _land(source, tmp_path)
    suppression = _erase(tmp_path, "gone")
    done = suppress_landing(tmp_path / "landing", suppression)
    assert (done["pos.orders"].anonymised, done["crm.customers"].erased) == (2, 1)
    _assert_gone(tmp_path)
    assert suppress_landing(tmp_path / "landing", suppression) == {}

    # The same files again: none is read, nothing is missed, nothing is told to have changed.
    again = _land(source, tmp_path)
    assert again.unchanged
    assert again.told() == ""
    assert not any(table.warnings for table in again.tables)
    _assert_gone(tmp_path)
    _land(source, tmp_path, force=True)
    _assert_gone(tmp_path)

    # A new file of theirs, under an account that nobody knew.
    (source / "accounts.csv").write_text(FILES["accounts.csv"] + "A-gone-2,gone\n")
    (source / "points").mkdir()
    (source / "points.csv").rename(source / "points" / "1.csv")
    (source / "points" / "2.csv").write_text(
        "entry_id,account_id,entry_type,points,entered_at\ne3,A-gone-2,earn,10,2024-06-02\n"
    )
    changed = _land(source, tmp_path, day=11)
    of = {table.table_name: table for table in changed.tables}
    assert (of["loyalty.accounts"].rows_changed, of["loyalty.accounts"].rows) == (1, 1)
    assert (of["loyalty.points"].rows, of["loyalty.points"].rows_erased) == (1, 2)
    assert not [
        row for of_table in _rows(tmp_path).values() for row in of_table if "A-gone" in str(row)
    ]


def test_a_landing_after_an_erasure_that_was_killed_leaves_the_person_out(
    source: Path, tmp_path: Path
) -> None:
    _land(source, tmp_path)
    _erase(tmp_path, "gone")  # is on the list, and nothing else has been done
    _land(source, tmp_path)
    _assert_gone(tmp_path)


def test_the_list_has_no_numbers_and_only_its_owner_reads_it(source: Path, tmp_path: Path) -> None:
    assert not Suppression.read(tmp_path / "state")
    suppression = Suppression.read(tmp_path / "state")
    suppression.add({CUSTOMER: ["gone", "ü"], ACCOUNT: [], ALIAS: []})
    salt, listed = (tmp_path / "state" / name for name in (SALT_FILE, LIST_FILE))
    assert [oct(path.stat().st_mode & 0o777) for path in (salt, listed)] == ["0o600", "0o600"]
    read = Suppression.read(tmp_path / "state")
    assert duckdb.sql(f"select kind, hash from '{listed}' order by hash").fetchall() == sorted(
        (CUSTOMER, hmac.new(salt.read_bytes(), number.encode(), hashlib.sha256).hexdigest())
        for number in ("gone", "ü")
    )
    with connect() as connection:
        values = "select unnest(['gone', 'stays', 'ü', null]) as value"
        assert sorted(read.find(connection, values, CUSTOMER)) == [("gone",), ("ü",)]
        assert read.find(connection, values, ACCOUNT) == []
    salt.unlink()
    with pytest.raises(SuppressionError, match="who was erased"):
        Suppression.read(tmp_path / "state")


def test_every_personal_column_goes_with_its_person() -> None:
    for table in TABLES:
        if table.is_about_persons:
            assert [mark for mark in marks(table) if mark.column == "customer_id"], table
    assert {mark.column: mark.leaves for mark in marks(CUSTOMERS)} == {
        "customer_id": True,
        "referrer_customer_id": False,
    }
    assert set(words(CUSTOMERS)) >= {"full_name", "email", "phone", "postal_code", "birth_date"}
