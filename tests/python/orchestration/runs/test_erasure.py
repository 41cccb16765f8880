"""A person is erased from every place of a home, also after a crash, and totals stay."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from bench.judged import erasure as judged
from landing.files import land_files
from landing.suppression import Suppression
from orchestration.runs.erasure import LOG_FILE, Request, erase_persons, find, look_up
from orchestration.runs.state import CUSTOMERS, keep
from orchestration.settings import Settings, load_settings
from serving.erase import ERASED, Persons
from serving.publish import Audit, Mart, publish, rollback, status

GONE = ("gone-01", "17")
NUMBERS = (*GONE, "card-0017", "account-17")
MARTS = (
    Mart("fct_orders", "Orders. One row per order.", {"order_id": "Order."}, ("order_id",)),
    Mart("dim_customers", "Customers.", {}, ("customer_id",)),
    Mart("loyalty_tiers", "Tiers.", {}, ("account_id",)),
    Mart("customer_identity", "Customers.", {}, ("customer_id", "person_id")),
    Mart("dim_person", "Persons.", {}, ("person_id",)),
    Mart("quarantine_reasons", "Reasons."),
    Mart("sales_by_month", "Sales. One row per month."),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two customers to erase, and one who stays, in every place."""
    source = tmp_path / "files"
    source.mkdir()
    for name, text in {
        "orders": "order_id,customer_id,ordered_at\no1,gone-01,2024-06-01\no2,17,2024-06-02\n"
        "o17,18,2024-06-03\no4,card-0017,2024-06-03\n",
        "order_lines": "order_line_id,order_id,quantity,net_revenue\n"
        "l1,o1,17,5.00\nl2,o2,1,7.00\nl3,o17,1,9.00\nl4,o4,1,11.00\n",
        "payments": "order_id,payment_sequence,paid_amount\no1,1,5.00\n",
        "customers": "customer_id,full_name,referrer_customer_id\ngone-01,Zeb Planted,\n17,,\n"
        "18,,gone-01\n",
        "customer_ids": "source_id,source_system,customer_id\ncard-0017,till,17\n17,web,18\n",
        "accounts": "account_id,customer_id\naccount-17,17\naccount-18,18\n",
        "touchpoints": "touchpoint_id,customer_id,channel_id,touched_at\nt1,17,mail,2024-06-01\n",
        "surveys": "response_id,customer_id,responded_at,survey_type,score,comment\n"
        "r1,17,2024-06-02,nps,9,by Planted\n",
        "tickets": "ticket_id,customer_id,opened_at\nk1,gone-01,2024-06-02\n",
    }.items():
        (source / f"{name}.csv").write_text(text)
    home = replace(load_settings({"LIFECYCLE_HOME": str(tmp_path / "home")}), source_dir=source)
    land_files(source, home.landing_dir, landed_on=date(2024, 6, 10))
    _build(home)
    for day, accepted in ((1, None), (2, "gone-01 left; customer_id 17 too")):
        publish(
            warehouse_path=home.warehouse_path,
            published_path=home.published_path,
            versions_dir=home.versions_dir,
            marts=MARTS,
            audit=Audit(passed=9, warnings=("e.g. customer_id 17, order_id o2", "17 rows")),
            as_of_date=date(2024, 6, 10),
            code_revision="abc",
            run_id="run",
            keep_versions=5,
            accepted_change=accepted,
            now=datetime(2026, 1, day, tzinfo=UTC),
        )
    rollback(home.published_path)
    _write_down(home)
    return home


def _build(home: Settings) -> None:
    with duckdb.connect(home.warehouse_path) as warehouse:
        warehouse.execute("""
            create schema marts; create schema restricted; create schema snapshots;
            create table marts.fct_orders as
            select * from (values
                ('o1', 'gone-01', true, 5.00), ('o2', '17', true, 7.00), ('o17', '18', true, 9.00),
                ('o4', 'card-0017', true, 11.00), ('o5', null, false, 13.00)
            ) as orders (order_id, customer_id, is_identified, net_revenue);
            create table marts.dim_customers as
            select * from (values ('gone-01', null), ('17', null), ('18', 'gone-01'))
            as customers (customer_id, referrer_customer_id);
            create table marts.loyalty_tiers as
            select * from (values ('account-17', '17'), ('account-18', '18'))
            as tiers (account_id, customer_id);
            create table marts.customer_identity as
            select * from (values ('17', '17', '17'), ('18', '17', '17'), ('19', '19', '17'))
            as identities (customer_id, person_id, household_id);
            create table marts.dim_person as
            select * from (values ('17', '17', 2), ('19', '17', 1))
            as persons (person_id, household_id, customers);
            create table marts.quarantine_reasons as
            select * from (values ('crm.customers', '17', 17), ('pos.orders', 'gone-01', 1))
            as reasons (table_name, example_key, row_count);
            create table marts.sales_by_month as
            select '17' as month_label, 17 as orders, 45.00 as net_revenue;
            create view restricted.customers as
            select 'gone-01' as customer_id, 'Zeb Planted' as full_name;
            create table snapshots.customers_snapshot as
            select * from (values
                ('gone-01', null, 'a'), ('17', null, 'b'), ('18', 'gone-01', 'c')
            ) as seen (customer_id, referrer_customer_id, dbt_scd_id)
        """)
        keep(warehouse, CUSTOMERS, home.state_dir)


def _write_down(home: Settings) -> None:
    """Texts, lists, pictures, Dagster's database, and state that somebody added."""
    for name, text in {
        "dagster/logs/1.log": "17 rows; e.g. customer_id 17, order_id o2; gone-01, account-17.\n",
        "data_docs/index.html": "<b>17</b> rows: customer_id=gone-01 <i>customer_id 18</i>",
        "data_docs/landing/results.json": '{"rows": 17, "examples": ["customer_id 17"]}',
        "dbt/run/model.sql": "select 17 as seventeen",
        "exports/win_back.csv": "rank,customer_id\r\n17,'gone-01\r\n1,18\r\n2,17\r\n",
        "boards/index.html": "top: gone-01",
        "boards/page.png": "a picture",
        "duckdb_temp/spilled": "gone-01",
    }.items():
        path = home.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    (home.dagster_home / "history").mkdir()
    with closing(sqlite3.connect(home.dagster_home / "history" / "index.db")) as database:
        database.execute("create table event_logs (id integer, event text)")
        database.execute(
            "insert into event_logs values (17, ?)",
            ['{"told": "customer_id 17, gone-01 and 17 rows"}'],
        )
        database.commit()
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select unnest(['17', '18', 'gone-01']) as customer_id, 'sent' as outcome) "
            f"to '{home.state_dir}/action_log.parquet' (format parquet)"
        )


def _request(home: Settings, *customers: str) -> Request:
    return look_up(home, customers or GONE, Suppression.read(home.state_dir))


def _erase(
    home: Settings, on_step: Callable[[str], None] | None = None, *customers: str
) -> dict[tuple[str, str], int]:
    done = erase_persons(
        home,
        _request(home, *customers),
        Suppression.read(home.state_dir),
        render=lambda: True,
        on_step=on_step,
    )
    return {(one.place, one.name): one.rows for one in done}


def _read(home: Settings, name: str) -> str:
    return (home.home / name).read_bytes().decode()


def _query(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_nothing_is_left_of_a_person_and_totals_stay(settings: Settings) -> None:
    before = judged.totals(settings.home)
    assert len(judged.traces(settings.home, NUMBERS)) > 20
    reader = duckdb.connect(settings.published_path, read_only=True)
    found = list(find(settings, _request(settings), Suppression.read(settings.state_dir)))
    assert {one.place for one in found} == {"published", "warehouse", "files", "landing"}
    assert not settings.state_dir.joinpath(LOG_FILE).exists(), "it only looked"

    done = _erase(settings)
    assert done["landing", "pos.orders"] == 3
    assert done["files", "state/action_log.parquet"] == 2

    # Whoever had it open reads on.
    assert reader.execute("select count(*) from marts.dim_customers").fetchall() == [(3,)]
    reader.close()

    assert judged.traces(settings.home, NUMBERS) == []
    assert judged.totals(settings.home) == before
    # The version gone back to is still the current one.
    now = status(settings.published_path)
    assert [entry.version for entry in now.versions] == ["20260101T000000Z", "20260102T000000Z"]
    assert now.current == now.versions[0]
    assert now.versions[1].accepted_change == f"{ERASED} left; customer_id {ERASED} too"
    assert now.versions[1].warnings == (f"e.g. customer_id {ERASED}, order_id o2", "17 rows")
    assert now.versions[0].row_counts["dim_customers"] == 1
    assert settings.published_path.stat().st_mode & 0o777 == 0o444
    for path in (settings.published_path, *settings.versions_dir.glob("*.duckdb")):
        assert _query(path, "from marts.fct_orders order by 1") == [
            *(("o1", None, False, 5), ("o17", "18", True, 9), ("o2", None, False, 7)),
            *(("o4", None, False, 11), ("o5", None, False, 13)),
        ]
        assert _query(path, "from marts.dim_customers") == [("18", None)]
        assert _query(path, "from marts.customer_identity") == [("19", "19", None)]
        assert _query(path, "from marts.dim_person") == [("19", None, 1)]
        assert _query(path, "from marts.sales_by_month") == [("17", 17, 45)]
        assert _query(
            path, "select comment from duckdb_tables() where table_name = 'fct_orders'"
        ) == [("Orders. One row per order.",)]
    assert _query(settings.warehouse_path, "from snapshots.customers_snapshot") == [
        ("18", None, "c")
    ]
    assert _read(settings, "dagster/logs/1.log") == (
        f"17 rows; e.g. customer_id {ERASED}, order_id o2; {ERASED}, {ERASED}.\n"
    )
    assert _read(settings, "dbt/run/model.sql") == "select 17 as seventeen"
    assert _read(settings, "exports/win_back.csv") == "rank,customer_id\r\n1,18\r\n"
    assert not (settings.home / "boards" / "page.png").exists()
    log = duckdb.sql(f"from '{settings.state_dir}/{LOG_FILE}'").fetchall()
    assert {row[2] for row in log} == {3}, "two persons, one of them with a card's number"
    assert len(log) == len(done)

    # Again: nothing is left to do, and whoever was never here is told apart.
    assert _erase(settings) == {}
    assert _request(settings, "nobody", "17").unknown == ("nobody",)
    assert _request(settings, "nobody", "17").before == ("17",)
    assert settings.source_dir is not None
    land_files(
        settings.source_dir,
        settings.landing_dir,
        landed_on=date(2024, 6, 11),
        force=True,
        suppression=Suppression.read(settings.state_dir),
    )
    assert judged.traces(settings.home, NUMBERS) == []
    assert judged.totals(settings.home) == before


@pytest.mark.parametrize("killed_at", [2, 4])
def test_an_erasure_that_was_killed_is_finished_by_the_next(
    settings: Settings, killed_at: int
) -> None:
    before = judged.totals(settings.home)
    steps: list[str] = []

    def die(step: str) -> None:
        if len(steps) == killed_at:
            raise KeyboardInterrupt
        steps.append(step)

    with pytest.raises(KeyboardInterrupt):
        _erase(settings, die)
    _erase(settings)
    assert judged.traces(settings.home, NUMBERS) == []
    assert judged.totals(settings.home) == before


def test_tables_of_spark_go_with_the_views_of_them(settings: Settings) -> None:
    folder = settings.spark_dir / "warehouse" / "marts.db" / "dim_customers"
    folder.mkdir(parents=True)
    settings.warehouse_path.unlink()
    with duckdb.connect(settings.warehouse_path) as warehouse:
        warehouse.execute("create schema marts")
        rows = f"{folder}/part-0.parquet"
        warehouse.execute(f"copy (select '17' as customer_id) to '{rows}' (format parquet)")
        warehouse.execute(f"create view marts.dim_customers as from '{rows}'")

    # Whoever is not in them leaves them alone.
    _erase(settings, None, "gone-01")
    assert folder.exists()
    _erase(settings, None, "17")
    assert not settings.spark_dir.exists()
    assert _query(settings.warehouse_path, "from duckdb_views() where not internal") == []
    assert judged.traces(settings.home, NUMBERS) == []


def test_numbers_that_may_be_anything_are_only_taken_out_where_they_are_named() -> None:
    persons = Persons({"crm.customers.customer_id": {"17", "c1", "gone-01", "A 7#"}})
    for text, expected in {
        "17 rows, c1 of gone-01.": f"17 rows, c1 of {ERASED}.",
        '{"customer_id": "17", "rows": 17}': f'{{"customer_id": "{ERASED}", "rows": 17}}',
        r"\"referrer_customer_id\": \"c1\"": rf"\"referrer_customer_id\": \"{ERASED}\"",
        "customer_id 170, customer_id 17.": f"customer_id 170, customer_id {ERASED}.",
        "order gone-01-3, xgone-01": "order gone-01-3, xgone-01",
        "of A 7#": f"of {ERASED}",
    }.items():
        assert persons.without(text) == expected
