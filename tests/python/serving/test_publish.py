"""Publishing: whole or not at all, whatever happens, and back again."""

import hashlib
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from serving.publish import (
    Audit,
    AuditFailedError,
    Mart,
    PublishedVersion,
    PublishError,
    UnknownVersionError,
    comparable,
    history,
    publish,
    rollback,
    status,
)

MARTS = (
    Mart("orders", "Orders. One row per order.", {"order_id": "It's the order."}, ("order_id",)),
    Mart("empty_mart", "Nothing yet.", {"customer_id": "Customer."}),
)
START = datetime(2026, 1, 1, 5, 0, tzinfo=UTC)


class House:
    """A warehouse with marts, and where they are published."""

    def __init__(self, home: Path) -> None:
        self.warehouse_path = home / "warehouse.duckdb"
        self.published_path = home / "published" / "customer_lifecycle.duckdb"
        self.versions_dir = home / "published" / "versions"
        self.now = START

    def build(self, orders: int) -> None:
        """What a run leaves in the warehouse: so many orders of 1.10 each."""
        with duckdb.connect(self.warehouse_path) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute("create schema if not exists staging")
            connection.execute("create or replace table staging.secret as select 'a name' as name")
            connection.execute(
                "create or replace table marts.orders as select 'o' || range as order_id, "
                "cast(1.10 as decimal(18, 2)) as net_revenue, date '2025-12-31' as order_date "
                f"from range({orders})"
            )
            connection.execute(
                "create or replace table marts.empty_mart as select null::varchar as customer_id "
                "where false"
            )

    def publish(self, **changes: object) -> PublishedVersion:
        self.now += timedelta(days=1)
        arguments = {
            "warehouse_path": self.warehouse_path,
            "published_path": self.published_path,
            "versions_dir": self.versions_dir,
            "marts": MARTS,
            "audit": Audit(passed=12, warned=1),
            "as_of_date": date(2026, 1, 1),
            "code_revision": "abc",
            "run_id": "run-1",
            "keep_versions": 3,
            "now": self.now,
        }
        return publish(**(arguments | changes))  # type: ignore[arg-type]

    def orders(self) -> int:
        with duckdb.connect(self.published_path, read_only=True) as connection:
            return connection.execute("select count(*) from marts.orders").fetchall()[0][0]

    def digest(self) -> str:
        return hashlib.sha256(self.published_path.read_bytes()).hexdigest()


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.build(orders=10)
    return house


def test_a_reader_gets_the_marts_described_and_nothing_else(house: House) -> None:
    entry = house.publish()
    with duckdb.connect(house.published_path, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by table_name"
        ).fetchall()
        columns = connection.execute(
            "select column_name, data_type, comment, is_nullable from duckdb_columns() "
            "where table_name = 'orders' order by column_index"
        ).fetchall()
        total = connection.execute("select sum(net_revenue) from marts.orders").fetchall()
    assert [row[:2] for row in tables] == [
        ("marts", "empty_mart"),
        ("marts", "orders"),
        ("marts", "publish_log"),
        ("marts", "restatements"),
    ]
    assert tables[1][2] == "Orders. One row per order."
    assert columns[0] == ("order_id", "VARCHAR", "It's the order.", False)
    assert columns[1][3] is True
    assert columns[1][:2] == ("net_revenue", "DECIMAL(18,2)")
    assert str(total[0][0]) == "11.00"
    assert entry.row_counts == {"orders": 10, "empty_mart": 0}
    assert not list(house.published_path.parent.rglob("*.wal"))


def test_the_log_has_every_version_even_pruned_ones_and_rolled_back_ones(house: House) -> None:
    versions = []
    for orders in (1, 2, 3, 4):
        house.build(orders)
        versions.append(house.publish().version)
    rollback(house.published_path)
    house.build(5)
    versions.append(house.publish().version)
    with duckdb.connect(house.published_path, read_only=True) as connection:
        log = connection.execute(
            "select version, row_count, checks_passed, checks_warned, code_revision, run_id "
            "from marts.publish_log order by version"
        ).fetchall()
    assert log == [
        (version, rows, 12, 1, "abc", "run-1")
        for version, rows in zip(versions, (1, 2, 3, 4, 5), strict=True)
    ]
    assert [entry.version for entry in status(house.published_path).versions] == versions[-3:]
    assert [event["event"] for event in history(house.published_path)] == [
        *("published", "published", "published", "published", "pruned"),
        *("rolled_back", "published", "pruned"),
    ]


def test_warnings_are_kept_with_their_version_and_versions_before_had_none(house: House) -> None:
    house.publish()
    for path in (house.published_path, *house.versions_dir.glob("*.duckdb")):
        with duckdb.connect(path) as connection:
            connection.execute("alter table marts.publish_log drop column warnings")
    warnings = ("pos.orders: 3 of 7 rows", "größer")
    house.publish(audit=Audit(passed=12, warned=1, warnings=warnings))
    with duckdb.connect(house.published_path, read_only=True) as connection:
        log = connection.execute("select warnings from marts.publish_log order by version")
        assert log.fetchall() == [("[]",), ('["pos.orders: 3 of 7 rows", "größer"]',)]
    current = status(house.published_path).current
    assert current is not None
    assert current.warnings == warnings


def test_sales_that_were_there_do_not_vanish_unnoticed(house: House) -> None:
    """A shop without sales may publish; one that had some may not, until a person says so."""
    sales = (Mart("fct_orders"),)

    def build(orders: int) -> None:
        with duckdb.connect(house.warehouse_path) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(
                f"create or replace table marts.fct_orders as from range({orders}) t(order_id)"
            )

    build(0)
    house.publish(marts=sales)
    build(1)
    house.publish(marts=sales)
    before = house.digest()
    build(0)
    with pytest.raises(PublishError, match="fct_orders is empty, and had 1 rows in version"):
        house.publish(marts=sales)
    assert house.digest() == before
    house.published_path.parent.rename(house.published_path.parent.with_name("away"))
    assert house.publish(marts=sales).row_count == 0


def test_equal_marts_have_equal_hashes_and_others_do_not(house: House) -> None:
    first = house.publish()
    house.build(orders=10)
    again = house.publish()
    with duckdb.connect(house.warehouse_path) as connection:
        connection.execute("update marts.orders set net_revenue = 1.11 where order_id = 'o3'")
    assert first.content_hash == again.content_hash
    assert house.publish().content_hash != first.content_hash


@pytest.mark.parametrize(
    ("audit", "reason"),
    [
        (Audit(passed=5, failed=("marts.orders: unique failed",)), "marts.orders: unique failed"),
        (Audit(passed=0), "no check has passed"),
    ],
)
def test_a_failed_audit_leaves_every_byte(house: House, audit: Audit, reason: str) -> None:
    house.publish()
    before = house.digest()
    house.build(orders=20)
    with pytest.raises(AuditFailedError, match=reason):
        house.publish(audit=audit)
    assert house.digest() == before
    assert len(status(house.published_path).versions) == 1


def test_a_missing_mart_leaves_every_byte(house: House) -> None:
    house.publish()
    before = house.digest()
    with pytest.raises(PublishError, match="there is no mart absent"):
        house.publish(marts=[*MARTS, Mart("absent")])
    assert house.digest() == before
    assert not list(house.versions_dir.glob("*.building*"))


def test_a_reader_that_has_the_old_file_open_keeps_it(house: House) -> None:
    house.publish()
    reader = textwrap.dedent(
        f"""
        import duckdb, sys
        connection = duckdb.connect({str(house.published_path)!r}, read_only=True)
        for line in sys.stdin:
            print(connection.execute("select count(*) from marts.orders").fetchall()[0][0])
            sys.stdout.flush()
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def count() -> int:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return int(process.stdout.readline())  # type: ignore[union-attr]

        assert count() == 10
        house.build(orders=20)
        house.publish()
        assert count() == 10
        assert house.orders() == 20
        # A reader that holds it for hours is in nobody's way, and nothing piles up behind it.
        for orders in range(30, 35):
            house.build(orders)
            house.publish(keep_versions=3)
        assert (count(), house.orders()) == (10, 34)
        assert len(list(house.versions_dir.glob("*.duckdb"))) == 3
        process.stdin.close()


@pytest.mark.parametrize(
    ("step", "orders_after"),
    [("written", 10), ("verified", 10), ("kept", 10), ("current", 20), ("pruned", 20)],
)
def test_killed_at_any_step_the_file_is_whole_and_the_next_run_publishes(
    house: House, step: str, orders_after: int
) -> None:
    house.publish()
    before = house.digest()
    house.build(orders=20)
    killed = _publish_and_kill_itself(house, step)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert house.orders() == orders_after
    if orders_after == 10:
        assert house.digest() == before
    house.build(orders=30)
    house.now += timedelta(days=2)
    house.publish()
    assert house.orders() == 30
    assert not [path for path in house.versions_dir.iterdir() if ".building" in path.name]
    assert [path.name for path in house.published_path.parent.iterdir() if path.is_file()] == [
        "customer_lifecycle.duckdb"
    ]


def test_a_disk_that_fills_up_leaves_every_byte(house: House) -> None:
    """A limit on the size of files: writing fails in the middle, as on a full disk."""
    house.publish()
    before = house.digest()
    house.build(orders=1_000_000)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))\n"
    done = subprocess.run(
        [sys.executable, "-c", limit + _publishing(house, "nowhere")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, "no signal"
    assert "File too large" in done.stderr
    assert house.digest() == before
    assert not list(house.versions_dir.glob("*.building*"))
    house.now += timedelta(days=2)
    house.publish()
    assert house.orders() == 1_000_000


def test_killed_in_the_middle_of_a_copy_the_file_is_whole(house: House) -> None:
    """Killed at moments nobody chose: while the process works, not between its steps."""
    house.build(orders=1_000_000)
    house.publish()
    before = house.digest()
    house.build(orders=1_000_001)
    kills = 0
    for milliseconds in (0, 50, 150):
        process = subprocess.Popen([sys.executable, "-c", _publishing(house, "nowhere")])
        while process.poll() is None and not list(house.versions_dir.glob("*.building")):
            pass
        try:
            process.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        assert house.orders() in (1_000_000, 1_000_001)
        if house.orders() == 1_000_000:
            assert house.digest() == before
    assert kills
    house.now += timedelta(days=2)
    house.publish()
    assert house.orders() == 1_000_001


def test_rollback_goes_back_and_forth_byte_for_byte(house: House) -> None:
    digests = {}
    for orders in (1, 2, 3):
        house.build(orders)
        version = house.publish().version
        digests[version] = house.digest()
    first, second, third = digests
    assert rollback(house.published_path).version == second
    assert house.digest() == digests[second]
    assert rollback(house.published_path).version == first
    with pytest.raises(UnknownVersionError, match=f"no version before {first}"):
        rollback(house.published_path)
    assert rollback(house.published_path, to=third).version == third
    assert house.digest() == digests[third]
    with pytest.raises(UnknownVersionError, match=f"no version 1999.*{first}"):
        rollback(house.published_path, to="1999")
    current = status(house.published_path).current
    assert current is not None
    assert current.version == third
    assert history(house.published_path)[-1]["from_version"] == first


def test_pruning_never_removes_the_current_version(house: House) -> None:
    versions = [house.publish().version for _ in range(3)]
    rollback(house.published_path, to=versions[0])
    kept = [entry.version for entry in status(house.published_path).versions]
    assert kept == versions
    newest = house.publish(keep_versions=1).version
    assert [entry.version for entry in status(house.published_path).versions] == [newest]


def test_a_clock_set_back_still_gives_a_later_version(house: House) -> None:
    first = house.publish().version
    second = house.publish(now=START - timedelta(days=3)).version
    third = house.publish(now=START - timedelta(days=3)).version
    assert first < second < third
    assert house.published_path.exists()


def test_a_file_changed_from_outside_is_noticed_and_versions_are_not_touched(house: House) -> None:
    entry = house.publish()
    house.published_path.chmod(0o644)
    with duckdb.connect(house.published_path) as connection:
        connection.execute("delete from marts.orders")
    found = status(house.published_path)
    assert found.published
    assert found.current is None
    assert rollback(house.published_path, to=entry.version).row_counts["orders"] == 10
    assert house.orders() == 10


@pytest.mark.parametrize("then", ["publish", "rollback"])
def test_what_a_tool_wrote_beside_the_file_is_not_replayed_over_later_versions(
    house: House, then: str
) -> None:
    first = house.publish().version
    house.build(orders=20)
    house.publish()
    _die_writing(house.published_path, "delete from marts.orders")
    assert house.orders() == 0, "a write-ahead file is what this test is about"
    found = status(house.published_path)
    assert found.current is None
    assert found.write_ahead_path is not None
    if then == "publish":
        house.build(orders=30)
        house.publish()
        assert house.orders() == 30
    else:
        rollback(house.published_path, to=first)
        assert house.orders() == 10
    assert status(house.published_path).current is not None


def test_the_published_file_is_read_only(house: House) -> None:
    house.publish()
    house.publish()
    assert house.published_path.stat().st_mode & 0o777 == 0o444


def _die_writing(path: Path, statement: str) -> None:
    """A process that opens a database for writing, changes it, and dies without closing it.

    The owner of the file can always make it writable.
    """
    path.chmod(0o644)
    program = (
        f"import duckdb, os; c = duckdb.connect({str(path)!r}); "
        f"c.execute({statement!r}); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9


def _publishing(house: House, step: str) -> str:
    """A program that publishes and kills itself after a step."""
    return textwrap.dedent(
        f"""
        import os, signal
        from datetime import UTC, date, datetime
        from pathlib import Path
        from serving.publish import Audit, Mart, publish

        def on_step(step):
            if step == {step!r}:
                os.kill(os.getpid(), signal.SIGKILL)

        publish(
            warehouse_path=Path({str(house.warehouse_path)!r}),
            published_path=Path({str(house.published_path)!r}),
            versions_dir=Path({str(house.versions_dir)!r}),
            marts=[Mart("orders"), Mart("empty_mart")],
            audit=Audit(passed=1),
            as_of_date=date(2026, 1, 1),
            code_revision="abc",
            run_id="run-2",
            keep_versions=3,
            now=datetime.fromisoformat({(house.now + timedelta(days=1)).isoformat()!r}),
            on_step=on_step,
        )
        """
    )


def _publish_and_kill_itself(house: House, step: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _publishing(house, step)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_a_version_is_compared_with(house: House) -> None:
    def before(as_of_date: date, source: str | None = "files") -> str | None:
        found = comparable(house.published_path, as_of_date, source)
        return found[0].version if found else None

    today = date(2026, 3, 2)
    assert before(today) is None, "nothing is published"
    sample = house.publish(source="complete_journey", as_of_date=date(2018, 1, 1), keep_versions=9)
    assert before(today) is None, "another shop"
    first = house.publish(source="files", as_of_date=date(2026, 3, 1), keep_versions=9)
    assert before(today) == before(first.as_of_date) == first.version
    assert before(date(2020, 1, 1)) is None, "a replay has less than a later day"
    replay = house.publish(
        source="files",
        as_of_date=date(2020, 1, 1),
        keep_versions=9,
        compared_with=None,
        accepted_change="moved",
    )
    assert before(date(2020, 1, 2)) == replay.version
    assert before(today) == first.version, "the day after a replay is no successor of it"
    wrong = house.publish(source="files", as_of_date=date(2026, 3, 2), keep_versions=9)
    assert before(today) == wrong.version
    rollback(house.published_path, to=first.version)
    assert before(today) == first.version, "what was rolled back from is no yardstick"
    assert before(date(2026, 1, 1), "complete_journey") == sample.version
    told = {entry.version: entry.accepted_change for entry in status(house.published_path).versions}
    assert told[replay.version] == "moved"
    assert told[wrong.version] is None
