"""Runs on a user's own files: odd ones, wrong ones, and none."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
import ways_to_return
from tests_home import PROJECT_DIR, Home
from ways_to_return import BEFORE

from bench.judged import erasure as judged
from landing.contract import TABLES

ORDERS = ["order_id,customer_id,ordered_at,order_status,original_order_id"]
LINES = ["order_line_id,order_id,product_id,quantity,net_revenue"]
LANDED_ON = "2024-06-30"
# Values of persons, in columns of theirs and in others.
PERSONAL = r"(?i)planted|555 777|1801-02-03|2029-02-04"
PLANTED = {
    *(f"customers.{name}" for name in ("full_name", "email", "phone", "birth_date")),
    *("customers.address", "customers.postal_code", "accounts.card_number", "surveys.comment"),
}
PROFILES = (
    "customer_id,full_name,email,phone,postal_code,birth_date,registered_at,referrer_customer_id,"
    "age_band"
)
PROFILE = "Zebulon Planted,zeb@planted.example,+49 555 777 1,PLANTED 1,1801-02-03"


@pytest.fixture(scope="module")
def unpublished(homes: Callable[[], AbstractContextManager[Home]]) -> Iterator[Home]:
    """A home in which nothing ever gets as far as being published."""
    with homes() as home:
        yield home


def _write(folder: Path, orders: Sequence[str], lines: Sequence[str]) -> str:
    folder.mkdir()
    (folder / "orders.csv").write_text("\n".join(orders) + "\n")
    (folder / "order_lines.csv").write_text("\n".join(lines) + "\n")
    return str(folder)


def _regular(customers: int) -> tuple[list[str], list[str]]:
    """Customers who buy for 10.00 again and again, each in a rhythm of their own."""
    orders, lines = list(ORDERS), list(LINES)
    for customer in range(customers):
        day = date(2023, 6, 1) + timedelta(days=customer)
        number = 0
        while day < date(2024, 6, 30) - timedelta(days=5 * (customer % 7)):
            order = f"c{customer}-{number}"
            orders.append(f"{order},c{customer},{day}T10:00:00,,")
            lines.append(f"{order}-1,{order},p1,1,10.00")
            day += timedelta(days=3 + customer % 11)
            number += 1
    return orders, lines


def _write_others(folder: Path) -> None:
    """Tables beside the sales, with odd rows and persons."""
    (folder / "stores.csv").write_text("store_id,time_zone\nauckland,Pacific/Auckland\n")
    (folder / "customers.csv").write_text(
        "customer_id,full_name,email,phone,address,postal_code,birth_date,referrer_customer_id\n"
        "c1,Zebulon Planted,zeb@planted.example,+49 555 777 1,,PLANTED 1,1801-02-03,c1\n"
        "c2,Unknown,zeb@planted.example,+49 555 777 2,,PLANTED 2,2029-02-04,\n"
        "c2,Yolanda Planted,yo@planted.example,+49 555 777 3,Planted 7,PLANTED 3,1985-05-06,\n"
    )
    (folder / "accounts.csv").write_text(
        "account_id,customer_id,enrolled_on,card_number\na1,c1,2024-05-01,PLANTED 77\n"
    )
    (folder / "surveys.csv").write_text(
        "response_id,customer_id,responded_at,survey_type,score,scale_max,comment\n"
        "r1,c1,2024-06-02,csat,99,,ask for Planted at 555 777 1\n"
        "r2,c1,2024-06-02,csat,6,5,ask for Planted\nr3,c1,2024-06-02,nps,11,,\n"  # off the scale
        "r4,c2,2024-06-02,csat,5,5,\nr5,c3,2024-06-02,csat,4,5,\n"
    )
    (folder / "tickets.csv").write_text(
        "ticket_id,customer_id,opened_at,resolved_at,closed_at\n"
        "t1,c1,2024-06-02,2024-06-01,\nt2,c1,2024-06-02,,2024-06-01\n"
        "t3,c1,2024-06-02,,\nt4,c2,2024-06-02,2024-06-02,\nt5,c3,2024-06-02,2024-06-03,\n"
    )
    (folder / "payments.csv").write_text(
        "order_id,payment_sequence,instalments,paid_amount\n"
        "odd-1,1,-1,7.00\nodd-5,1,1,99.00\nno-such-order,1,1,4.00\nodd-3,1,1,9.00\n"
    )
    (folder / "prices.csv").write_text(
        "product_id,store_id,valid_from,valid_to,regular_price,price\n"
        "p1,,2024-06-01,2024-05-31,2,1\np1,,2024-06-02,,-2,1\n"
    )


def test_odd_rows_are_counted_or_quarantined_and_nothing_is_lost(
    home: Home, tmp_path: Path
) -> None:
    orders, lines = _regular(customers=40)
    regular = len(orders) - 1
    landed = regular + 10 + len(ways_to_return.rows()[0])
    orders += [
        "odd-1,,2024-06-29T10:00:00,,",  # anonymous, and the last order
        "odd-2,c1,2024-06-02T10:00:00,,",
        "odd-2,c1,2024-06-02T10:00:00,,",  # the same row again
        "odd-3,c2,2024-07-15T10:00:00,,",  # after the day of landing
        "odd-4,c3,2024-06-03T10:00:00,,",  # a sale with an item returned
        "odd-5,c4,2024-06-04T10:00:00,shipped,",
        "odd-5,c4,2024-06-04T10:00:00,completed,",  # its later version
        "odd-6,c5,2004-03-01T10:00:00,,",  # twenty years before the others
        "odd-7,c6,0224-06-01T10:00:00,,",
    ]
    returned_orders, returned_lines = ways_to_return.rows()
    orders = [f"{orders[0]},order_type,store_id", *(f"{order},," for order in orders[1:])]
    orders.append("odd-8,c7,2024-07-01T01:00:00,,,,auckland")  # where the next day has begun
    orders += [f"{order}," for order in returned_orders]
    lines += [
        "odd-1-1,odd-1,p1,1,7.00",
        "odd-2-1,odd-2,p1,1,5.00",
        "odd-2-2,odd-2,p1,1,-3.00",  # a discount as a line
        "odd-3-1,odd-3,p1,1,9.00",
        "odd-4-1,odd-4,p1,2,20.00",
        "odd-4-2,odd-4,p1,-1,-8.00",  # a return
        "odd-5-1,odd-5,p1,1,11.00",
        "odd-5-1,odd-5,p1,1,12.00",  # its later version
        "odd-6-1,odd-6,p1,1,90.00",
        "odd-7-1,odd-7,p1,1,80.00",
        "odd-8-1,odd-8,p1,1,6.00",
        "orphan-1,no-such-order,p1,1,4.00",
        *returned_lines,
    ]
    source = _write(tmp_path / "files", orders, lines)
    _write_others(tmp_path / "files")
    home.run("run", "--from", source, "--landed-on", LANDED_ON)
    assert _files(home, PERSONAL) + _columns(home, PERSONAL) == []
    _assert_only_restricted(home)
    assert any("marts.fct_orders.order_id" in one for one in _columns(home, "odd-1")), "it finds"

    reasons = {
        reason: (rows, net_revenue)
        for reason, rows, net_revenue in home.published(
            "select table_name || ': ' || rejection_reasons, row_count, net_revenue "
            "from marts.quarantine_reasons"
        )
    }
    assert reasons == {
        "pos.orders: future_date": (1, 9),
        "pos.orders: stray_date": (1, 90),
        "pos.orders: implausible_date": (1, 80),
        "pos.order_lines: order_in_quarantine": (3, 9 + 90 + 80),
        "pos.order_lines: unknown_order": (1, 4),
        "pos.payments: order_in_quarantine": (1, None),
        "pos.payments: unknown_order": (1, None),
        "marketing.prices: ends_before_start": (1, None),
        "service.surveys: outside_the_scale": (2, None),
        "service.tickets: ends_before_start": (2, None),
    }
    # A scale that is not known, and one answer, tell nothing; and of who did not answer nobody.
    assert set(
        home.published(
            "select satisfaction_reason, csat, nps, response_rate, response_rate_reason "
            "from marts.satisfaction_by_group where group_kind = 'all'"
        )
    ) == {
        (reason, None, None, None, "nonresponse_not_known")
        for reason in ("scale_not_known", "too_few_answers")
    }
    assert home.published("select sum(opened_count) from marts.service_tickets_summary") == [(3,)]
    assert home.published(
        "select landed_rows, accepted_rows, duplicate_rows, superseded_rows, quarantined_rows "
        "from marts.landing_reconciliation where table_name = 'pos.orders'"
    ) == [(landed, landed - 5, 1, 1, 3)]
    assert home.published(
        "select order_status, net_revenue from marts.fct_orders where order_id = 'odd-5'"
    ) == [("completed", 12)]
    assert home.published("select min(date_day)::varchar from marts.dim_dates") == [("2023-01-01",)]
    revenue = Decimal("10.00") * regular + 7 + 5 - 3 + 20 - 8 + 12 + 6
    revenue += ways_to_return.KEPT + ways_to_return.UNMATCHED
    assert home.published(
        "select sum(net_revenue), sum(net_revenue_after_returns) from marts.fct_orders"
    ) == [(revenue, revenue)]
    ways_to_return.assert_they_count(home)
    assert home.published(
        "select return_match, line_count from marts.return_matches order by match_rank"
    ) == [("referenced", 4), ("product", 9), ("amount", 1), ("unmatched", 2)]
    assert home.published(
        "select is_identified, net_revenue, customer_id from marts.fct_orders "
        "where order_id = 'odd-1'"
    ) == [(False, Decimal("7.00"), None)]
    customers = 40 + len(ways_to_return.WAYS)
    assert home.published("select count(*) from marts.customer_360") == [(customers,)]
    assert home.published("select sum(net_revenue) from marts.customer_value") == [
        (revenue - 7 - ways_to_return.ANONYMOUS,)
    ]

    _replayed(home)

    # Whatever is launched from Dagster's pages by itself, and what waited in the queue meanwhile.
    launched = _materialize(
        home,
        *("seeds/rfm_segments", "marts/fct_orders", "marts/fct_orders:expectations"),
        *("marts/fct_orders:unique_fct_orders_order_id", "landing/pos/orders:expectations"),
        *("scores/customer_scores:expectations", "serving/published_marts", "serving/run_report"),
    )
    assert {key: how["reason"] for key, how in launched.items() if not how["succeeded"]} == {}
    assert [how["made"] for how in launched.values()] == [1, 1, 0, 0, 0, 0, 1, 1]
    assert launched["marts/fct_orders"]["checked"] > 5
    assert {how["checked"] for key, how in launched.items() if ":" in key} == {1}

    before = home.published("select count(*), sum(net_revenue) from marts.fct_orders")
    [(customers_before,)] = home.published("select count(*) from marts.customer_360")
    _half_of_it_missing(home, tmp_path, landed)

    # Two persons are erased, one of whom shares an e-mail address with the other.
    assert judged.traces(home.path, ["c1", "c2"])
    home.run("erase", "c1", "c2")
    assert judged.traces(home.path, ["c1", "c2"]) == []
    assert home.published("select count(*), sum(net_revenue) from marts.fct_orders") == before
    assert home.published("select count(*) from marts.customer_360") == [(customers_before - 2,)]


def _assert_only_restricted(home: Home) -> None:
    """Every personal column of every table was planted, and is found in its schema alone."""
    personal = {
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if column.personal
    }
    assert personal == PLANTED
    found = _columns(home, PERSONAL, home.warehouse_path)
    assert {one.partition(".")[0] for one in found} == {"restricted"}
    assert {
        one.removeprefix("restricted.base_").partition("__")[2]
        for one in found
        if one.startswith("restricted.base_")
    } >= PLANTED
    assert "restricted.quarantine_service__surveys.comment" in found


def _replayed(home: Home) -> None:
    # Replayed, the same landing shows nothing from the date on, and what a return takes back was
    # there before it. What cannot be built again is there without the warehouse that made it, and a
    # past date adds to it.
    history = ways_to_return.history_before(home)
    home.warehouse_path.unlink()
    deleted_at = datetime.now(UTC).replace(tzinfo=None)
    home.run("run", "--skip-landing", "--as-of", BEFORE)
    assert all(history)
    assert ways_to_return.current(home) == history
    assert home.published(
        f"select max(order_date) < date '{BEFORE}', count(*) > 0 from marts.fct_orders"
    ) == [(True, True)]
    assert home.published("select distinct as_of_date::varchar from marts.customer_lifecycle") == [
        (BEFORE,)
    ]
    with duckdb.connect(home.warehouse_path, read_only=True) as warehouse:
        assert warehouse.execute(
            "select list(distinct as_of_date::varchar order by as_of_date::varchar), "
            "(select count(*) from snapshots.customers_snapshot), "
            "(select max(dbt_valid_from) < ? from snapshots.customers_snapshot) "
            "from scores.score_distributions",
            [deleted_at],
        ).fetchall() == [([BEFORE, "2024-07-02"], 2, True)]
    versions = home.published("select as_of_date::varchar from marts.publish_log order by version")
    assert versions == [("2024-07-02",), (BEFORE,)]


def _half_of_it_missing(home: Home, tmp_path: Path, landed: int) -> None:
    # The next day half of the customers have not landed.
    orders, lines = _regular(customers=16)
    fewer = _write(tmp_path / "fewer", orders, lines)
    done = home.lifecycle("land", "--from", fewer, "--landed-on", "2024-07-01")
    assert done.returncode == 1
    assert (
        f"pos.orders: expected that its number of rows is within 20% of {landed:,}, as "
        f"landed on {LANDED_ON}; beyond 50% nothing goes on (if it is meant, say why with "
        "--accept-change "
    ) in done.stderr
    assert f", found {len(orders) - 1:,}" in done.stderr
    reason = ("--accept-change", "half the shops were sold")
    home.run("land", "--from", fewer, "--landed-on", "2024-07-01", *reason)


def _materialize(home: Home, *keys: str) -> dict[str, dict[str, Any]]:
    config = {"resources": {"warehouse": {"config": {"as_of_date": BEFORE}}}}
    program = Path(__file__).with_name("materialize.py")
    done = subprocess.run(
        [sys.executable, str(program), json.dumps(config), *keys],
        cwd=PROJECT_DIR,
        env={**os.environ, "LIFECYCLE_HOME": str(home.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answer: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _files(home: Home, pattern: str) -> list[str]:
    """The files with a text in them, but for what has landed and the private warehouse."""
    return [
        path.relative_to(home.path).as_posix()
        for path in sorted(home.path.rglob("*"))
        if path.is_file()
        and path.suffix not in (".duckdb", ".parquet")
        and not path.name.endswith(("-wal", "-shm"))
        and re.search(pattern, _content(path))
    ]


def _content(path: Path) -> str:
    """The text in a file, with that of every row of a database."""
    text = path.read_bytes().decode(errors="replace")
    if text.startswith("SQLite format"):
        with closing(sqlite3.connect(path)) as connection:
            return "\n".join(connection.iterdump())
    return text


def _columns(home: Home, pattern: str, only: Path | None = None) -> list[str]:
    """The columns with a text in them, of every published file or of another: schema and table."""
    published = [home.published_path, *home.path.glob("published/versions/*.duckdb")]
    found = []
    for path in [only] if only else published:
        with duckdb.connect(path, read_only=True) as connection:
            tables: dict[str, list[str]] = {}
            for schema, table, column in connection.execute(
                "select schema_name, table_name, column_name from duckdb_columns() "
                "where not internal"
            ).fetchall():
                tables.setdefault(f"{schema}.{table}", []).append(column)
            assert sum(map(len, tables.values())) > 300
            for table, columns in tables.items():
                matches = ", ".join(
                    f"coalesce(bool_or(regexp_matches(\"{column}\"::varchar, '{pattern}')), false)"
                    for column in columns
                )
                [seen] = connection.execute(f"select {matches} from {table}").fetchall()
                found += [
                    f"{table}.{column}"
                    for column, is_in in zip(columns, seen, strict=True)
                    if is_in
                ]
    return found


def test_wrong_files_are_told_together_and_in_one_clear_sentence_each(
    unpublished: Home, tmp_path: Path
) -> None:
    lines = ["order_line_id,order_id,product_id,quantity", "1-1,1,p1,1"]
    source = _write(tmp_path / "files", [*ORDERS, "1,c1,yesterday,,"], lines)
    # Without a header.
    (tmp_path / "files" / "customers.csv").write_text(f"c1,{PROFILE},1801-02-03,Planted,1\n")
    done = unpublished.lifecycle("run", "--from", source, "--landed-on", LANDED_ON)
    assert done.returncode == 1
    for part in (
        *("pos.order_lines.net_revenue", "pos.orders.ordered_at", "yesterday"),
        *("crm.customers", "a first line that is no header"),
    ):
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert not unpublished.published_path.exists()
    assert not re.search(PERSONAL, done.stdout + done.stderr)
    assert _files(unpublished, PERSONAL) == []


def test_a_blocked_run_says_why_and_nothing_personal(unpublished: Home, tmp_path: Path) -> None:
    """Though nearly every check fails that shows examples, on values that stand anywhere."""
    email, phone = "zeb@planted.example", "+49 555 777 1"
    orders = [f"{ORDERS[0]},store_id"]
    lines = list(LINES)
    for number in range(12):
        # Numbers used twice, then rows dated before there was anything, one of them without any.
        order, year = (number // 2, 2024) if number < 4 else ("" if number > 10 else email, 1985)
        customer = (email, phone, "c1")[number % 3]
        orders.append(f"{order},{customer},{year}-06-01T10:00:00,{email},{email},{phone}")
        lines.append(f"{phone},{email},{phone},1,-5.00")
    source = _write(tmp_path / "files", orders, lines)
    (tmp_path / "files" / "customers.csv").write_text(
        f"{PROFILES}\n{email},{PROFILE},1801-02-03,Zebulon Planted,PLANTED 118\n"
        f"{email.title()},{PROFILE},2029-02-04,{email.title()},PLANTED 118\n"
        f",{PROFILE},2029-02-04,Zebulon Planted,1\n"
    )
    (tmp_path / "files" / "surveys.csv").write_text(
        "response_id,customer_id,responded_at,survey_type,score,comment\n"
        "r1,Zebulon Planted,1801-02-03,Zebulon Planted,-99,ask for Planted at 555 777 1\n"
    )
    with _alerts() as (address, received):
        done = unpublished.lifecycle(
            *("run", "--from", source, "--landed-on", LANDED_ON), LIFECYCLE_ALERT_WEBHOOK=address
        )
    assert done.returncode == 1
    for part in ("no order_id is used for two", "store-day-till-number", "such as order_id 0"):
        assert part in done.stderr
        assert part in "".join(received)
    assert "order_status (e-mail address)" in done.stderr
    assert not re.search(PERSONAL, done.stdout + done.stderr + "".join(received))
    assert _files(unpublished, PERSONAL) == []
    docs = (unpublished.path / "data_docs" / "index.html").read_text()
    for relation in ("pos.orders", "pos.order_lines", "crm.customers", "service.surveys"):
        assert f">{relation}." in docs, "it fails, and is told"
    assert "data_docs/index.html" in _files(unpublished, "store-day-till-number")
    # One sentence for Dagster's pages, where lines run together.
    databases = [name for name in _files(unpublished, r"more findings below\)\.") if ".db" in name]
    assert databases
    assert "Data Docs: " in done.stderr
    assert str(unpublished.path / "data_docs" / "index.html") in unpublished.run("status")


@contextmanager
def _alerts() -> Iterator[tuple[str, list[str]]]:
    """The address of a webhook, and what is posted to it."""
    received: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()


def test_an_empty_landing_publishes_nothing(unpublished: Home, tmp_path: Path) -> None:
    source = _write(tmp_path / "files", ORDERS, LINES)
    done = unpublished.lifecycle("run", "--from", source, "--landed-on", LANDED_ON)
    assert done.returncode == 1
    assert "pos.orders: " in done.stderr
    assert "something to build from" in done.stderr
    assert not unpublished.published_path.exists()


def test_what_there_is_is_published_without_orders_and_without_customers(
    home: Home, tmp_path: Path
) -> None:
    members = tmp_path / "members"
    members.mkdir()
    (members / "accounts.csv").write_text(
        "account_id,customer_id,enrolled_on\n"
        + "".join(f"a{number},m{number},2024-05-01\n" for number in range(7))
    )
    (members / "points.csv").write_text(
        "entry_id,account_id,entry_type,points,entered_at\n"
        "p1,a1,earn,10,2024-06-01\n"
        "p2,nobody,earn,10,2024-06-01\n"
    )
    told = home.run("run", "--from", str(members), "--landed-on", LANDED_ON)
    assert home.published("select count(*) from marts.dim_customers") == [(7,)]
    for mart in ("customer_360", "customer_lifecycle", "customer_value", "customer_churn"):
        assert home.published(f"select count(*) from marts.{mart}") == [(7,)], mart
    assert home.published("select distinct lifecycle_stage from marts.customer_lifecycle") == [
        ("prospect",)
    ]
    assert home.published("select count(*) from marts.fct_orders") == [(0,)]
    assert home.published("select distinct as_of_date::varchar from marts.customer_360") == [
        (LANDED_ON,)
    ]
    assert "the files orders and order_lines would fill this part" in told
    # Each warning in words, and what it is about.
    assert "loyalty.points.account_id: 1 of 2 rows break the rule that account_id is found" in told

    orders, lines = _regular(customers=10)
    anonymous = [ORDERS[0]]
    for line in orders[1:]:
        order_id, _, rest = line.split(",", 2)
        anonymous.append(f"{order_id},,{rest}")
    source = _write(tmp_path / "anonymous", anonymous, lines)
    told = home.run("run", "--from", source, "--landed-on", LANDED_ON)
    count = len(orders) - 1
    assert home.published("select count(*), sum(net_revenue) from marts.fct_orders") == [
        (count, Decimal("10.00") * count)
    ]
    for mart in ("dim_customers", "customer_360", "customer_rfm", "cohort_retention"):
        assert home.published(f"select count(*) from marts.{mart}") == [(0,)], mart
    assert "customer_id in orders would fill this part" in told
    assert "at least a fifth of the orders carry a customer" in told


def test_a_second_run_is_told_who_runs(unpublished: Home) -> None:
    program = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from orchestration.runs.lock import hold_lock
        path = Path({str(unpublished.path / "warehouse.lock")!r})
        with hold_lock(path, wait_seconds=0, command="night run"):
            print("held", flush=True)
            time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert "night run" in unpublished.run("status")
        done = unpublished.lifecycle("land", "--wait", "0")
        process.kill()
    assert done.returncode == 1
    assert f"night run (process {process.pid} on " in done.stderr
