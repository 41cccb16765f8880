"""The published file in a real PostgreSQL server, as psql and pgbench see it."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from bench.postgres_server import Server, programs, serve
from landing.postgres import PostgresError
from orchestration.cli import main
from serving.postgres import check_uri, publish_to_postgres

ROLES = """
    create role publisher login createrole password 'publishes';
    create role analyst login password 'reads';
    create role northern login password 'reads';
    create role nobody_yet login password 'reads';
"""
EMPTY = """
    drop schema if exists marts, marts_incoming, marts_outgoing, lifecycle_access, own cascade;
    drop view if exists public.uses;
"""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    bin_dir = programs()
    if bin_dir is None:
        pytest.skip("PostgreSQL's programs are not installed (Debian: apt-get install postgresql)")
    with serve(bin_dir) as server:
        server.psql(ROLES)
        server.psql("create database shop")
        server.psql("grant create on database shop to publisher")
        yield server


@dataclass
class Shop:
    """A published file, and a database to bring it into."""

    server: Server
    path: Path
    version: int = 0

    def build(self, orders: int = 3, columns: str = "", marts: str = "") -> str:
        """Publish a file of so many orders, half of them in the north; its version."""
        self.version += 1
        version = f"v{self.version:03}"
        self.path.unlink(missing_ok=True)
        with duckdb.connect(self.path) as connection:
            connection.execute("create schema marts")
            connection.execute(f"""
                create table marts.dim_stores as
                select 'S' || i as store_id, case i when 0 then 'north' else 'south' end as region
                from range(2) as r(i);
                create table marts.fct_orders as
                select
                    'o' || i as order_id, 'S' || (i % 2) as store_id, 'It''s ü' as note,
                    cast(i + 0.05 as decimal(18, 2)) as net_revenue, i as order_number,
                    i = 1 as is_first, cast(null as date) as returned_on, i / 3 as share,
                    date '2026-01-31' as order_date, timestamp '2026-01-31 23:59:59.123456' as at,
                    'infinity'::double as endless {columns}
                from range({orders}) as r(i);
                create table marts.customer_value (customer_id varchar, clv decimal(18, 6));
                create table marts.publish_log as select '{version}' as version;
                comment on table marts.fct_orders is 'Orders. It''s one row per order.';
                comment on column marts.fct_orders.net_revenue is 'Net revenue; "all" of it.';
                alter table marts.fct_orders alter column order_id set not null;
                {marts}
            """)
        return version

    def publish(self, wait_seconds: float = 5, **given: object) -> str:
        return publish_to_postgres(self.path, wait_seconds=wait_seconds, **given).version  # type: ignore[arg-type]

    def psql(self, sql: str, *, check: bool = True, **changes: str) -> str:
        return self.server.psql(sql, check=check, **{"PGDATABASE": "shop", **changes})

    def as_reader(self, name: str, sql: str, *, check: bool = True) -> str:
        return self.psql(sql, check=check, PGUSER=name, PGPASSWORD="reads")


@pytest.fixture
def shop(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    server.psql(EMPTY, PGDATABASE="shop")
    environment = server.environment(
        PGDATABASE="shop", PGUSER="publisher", PGPASSWORD="publishes", PGAPPNAME="publishes"
    )
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    shop = Shop(server, tmp_path / "customer_lifecycle.duckdb")
    shop.build()
    return shop


def test_types_values_and_descriptions_are_those_of_the_file(shop: Shop) -> None:
    shop.publish()
    columns = shop.psql(
        "select attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, "
        "attnum) from pg_attribute where attrelid = 'marts.fct_orders'::regclass and attnum > 0 "
        "order by attnum"
    )
    assert columns.splitlines() == [
        "order_id|text|t|",
        "store_id|text|f|",
        "note|text|f|",
        'net_revenue|numeric(18,2)|f|Net revenue; "all" of it.',
        "order_number|bigint|f|",
        "is_first|boolean|f|",
        "returned_on|date|f|",
        "share|double precision|f|",
        "order_date|date|f|",
        "at|timestamp without time zone|f|",
        "endless|double precision|f|",
    ]
    assert shop.psql("select obj_description('marts.fct_orders'::regclass)") == (
        "Orders. It's one row per order."
    )
    assert shop.psql("select * from marts.fct_orders order by order_id limit 2").splitlines() == [
        "o0|S0|It's ü|0.05|0|f||0|2026-01-31|2026-01-31 23:59:59.123456|Infinity",
        "o1|S1|It's ü|1.05|1|t||0.3333333333333333|2026-01-31|2026-01-31 23:59:59.123456|Infinity",
    ]
    indexed = "select indexdef from pg_indexes where schemaname = 'marts'"
    assert sorted(line.split(" USING ")[1] for line in shop.psql(indexed).splitlines()) == [
        "btree (customer_id)",
        "btree (order_id)",
        *["btree (store_id)"] * 2,
    ]
    assert shop.psql("select count(*) from marts.customer_value") == "0"
    assert shop.psql("select version from marts.publish_log") == "v001"
    assert "version v001" in shop.psql("select obj_description('marts'::regnamespace)")


def test_the_command_says_what_is_there_now(shop: Shop, tmp_path: Path) -> None:
    shop.path = tmp_path / "home" / "published" / shop.path.name
    shop.path.parent.mkdir(parents=True)
    version = shop.build(orders=4)
    done = CliRunner().invoke(
        main, ["--home", str(tmp_path / "home"), "publish", "--to", "postgres"]
    )
    assert (done.exit_code, "publishes" in done.output) == (0, False), done.output
    assert f"PostgreSQL: version {version}, 4 tables, 7 rows" in " ".join(done.output.split())


def test_readers_keep_what_they_were_granted_and_cannot_write(shop: Shop) -> None:
    shop.publish()
    shop.psql("""
        grant lifecycle_reader to analyst;
        grant usage on schema marts to nobody_yet;
        grant select on marts.customer_value to nobody_yet;
        grant select (version) on marts.publish_log to public;
        create schema own;
        grant usage, create on schema own to analyst, publisher;
        grant usage on schema own to nobody_yet;
    """)
    shop.as_reader(
        "analyst", "create view own.total as select sum(net_revenue) from marts.fct_orders"
    )
    shop.psql("grant analyst to publisher; grant select on own.total to nobody_yet")
    version = shop.build(orders=5)
    assert shop.publish() == version
    assert shop.as_reader("analyst", "select count(*) from marts.fct_orders") == "5"
    assert shop.as_reader("nobody_yet", "select count(*) from marts.customer_value") == "0"
    assert shop.as_reader("nobody_yet", "select version from marts.publish_log") == version
    assert shop.as_reader("nobody_yet", "select * from own.total") == "10.25"
    for name, sql in (
        ("nobody_yet", "select count(*) from marts.fct_orders"),
        ("analyst", "delete from marts.fct_orders"),
        ("analyst", "create table marts.mine (i int)"),
    ):
        assert "permission denied" in shop.as_reader(name, sql, check=False)
    left = shop.psql("select count(*) from pg_namespace where nspname like 'marts%'")
    assert left == "1", "no schema is left over"


def test_readers_of_a_region_see_its_stores_and_nothing_of_customers(shop: Shop) -> None:
    shop.publish()
    shop.psql("grant lifecycle_regional_reader to northern")
    query = "select string_agg(order_id, ',' order by order_id) from marts.fct_orders"
    assert shop.as_reader("northern", query) == "", "no region was granted"
    shop.psql(
        "insert into lifecycle_access.role_regions values ('northern', 'north'), ('gone', 'south')"
    )
    shop.build(orders=4)
    shop.publish()
    assert shop.as_reader("northern", query) == "o0,o2"
    assert shop.as_reader("northern", "select store_id from marts.dim_stores") == "S0"
    assert shop.as_reader("northern", "select version from marts.publish_log") == "v002"
    denied = shop.as_reader("northern", "select * from marts.customer_value", check=False)
    assert "permission denied" in denied
    shop.psql("revoke lifecycle_regional_reader from northern")


def test_what_goes_wrong_is_said_and_the_version_before_stays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.publish()
    shop.build(orders=9, columns=", hugeint '1' as strange")
    with pytest.raises(PostgresError, match=r"fct_orders\.strange is HUGEINT, which has no type"):
        shop.publish()

    shop.build(orders=9)

    def cut(table: str) -> None:
        if table == "publish_log":
            shop.psql(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'publishes'",
                PGAPPNAME="",
            )

    with pytest.raises(PostgresError, match="PostgreSQL keeps the version that it had"):
        shop.publish(on_table=cut)

    def full(table: str) -> None:
        if table == "publish_log":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        shop.publish(on_table=full)

    with monkeypatch.context() as others:
        others.setenv("PGUSER", "analyst")
        others.setenv("PGPASSWORD", "reads")
        with pytest.raises(PostgresError, match="needs CREATE on the database") as no_rights:
            shop.publish()
    assert "permission denied for database shop" in str(no_rights.value)

    assert (
        shop.psql("select version, (select count(*) from marts.fct_orders) from marts.publish_log")
        == "v001|3"
    )
    assert shop.psql("select nspname from pg_namespace where nspname like 'marts%'") == "marts"


def test_a_reader_in_a_transaction_is_waited_for_and_named(shop: Shop) -> None:
    shop.publish()
    shop.psql("grant lifecycle_reader to analyst")
    shop.build(orders=9)
    arguments = [str(shop.server.bin_dir / "psql"), "-X", "-q", "-A", "-t"]
    as_analyst = {**os.environ, "PGUSER": "analyst", "PGPASSWORD": "reads"}
    with subprocess.Popen(
        arguments, env=as_analyst, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write("begin; select count(*) from marts.fct_orders;\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "3\n"
        with pytest.raises(PostgresError, match=r"analyst \(process \d+, idle in transaction\)"):
            shop.publish(wait_seconds=0.5)
        published: list[str] = []
        publishing = threading.Thread(target=lambda: published.append(shop.publish()))
        publishing.start()
        time.sleep(0.7)
        reader.stdin.write("select version from marts.publish_log; commit;\n")
        reader.stdin.write("select version from marts.publish_log;\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "v001\n", "a transaction reads one version"
        publishing.join()
        reader.stdin.write("select version from marts.publish_log;\n")
        reader.stdin.close()
        assert reader.stdout.read().split()[-1] == "v002"
    assert published == ["v002"]


def test_a_statement_that_looks_up_tables_during_the_swap_reads_one_version(shop: Shop) -> None:
    shop.publish()
    shop.build(orders=9)
    psql = [str(shop.server.bin_dir / "psql"), "-X", "-q", "-A", "-t"]
    query = "select count(*), max(version) from marts.fct_orders cross join marts.publish_log"
    administrator = {**os.environ, **shop.server.environment(PGDATABASE="shop")}
    with (
        subprocess.Popen(
            psql, env=administrator, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder,
        ThreadPoolExecutor() as others,
    ):
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write("begin; lock table marts.publish_log; select 'held';\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "held\n"
        # It has found the orders, and waits for the log.
        answer = others.submit(shop.psql, query)
        waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
        while shop.psql(waits) == "0":
            time.sleep(0.05)
        published = others.submit(shop.publish, wait_seconds=20)
        time.sleep(0.5)
        holder.stdin.write("commit;\n")
        holder.stdin.flush()
        assert answer.result() == "3|v001"
        assert published.result() == "v002"
    assert shop.psql(query) == "9|v002"


def test_what_is_not_ours_is_not_replaced_and_a_view_that_does_not_fit_is_named(shop: Shop) -> None:
    shop.psql("create schema marts; create table marts.theirs (i int)")
    with pytest.raises(PostgresError, match="database shop has a schema marts that was not"):
        shop.publish()
    shop.psql("drop schema marts cascade")
    shop.build(columns=", 1 as passing")
    shop.publish()
    shop.psql("grant create on schema public to publisher")
    shop.psql(
        "create view public.uses as select passing from marts.fct_orders",
        **{"PGUSER": "publisher", "PGPASSWORD": "publishes"},
    )
    shop.build()
    with pytest.raises(PostgresError, match=r"view public.uses reads it and does not fit"):
        shop.publish()
    assert shop.psql("select count(*) from public.uses") == "3"


def test_a_server_that_is_away_or_refuses_is_said_without_the_password(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = shop.server.port
    for uri, reason in (
        ("postgresql://publisher:hunter2@127.0.0.1:9/shop", "Connection refused"),
        (f"postgresql://publisher:hunter2@127.0.0.1:{port}/shop", "password authentication failed"),
        (f"postgresql://publisher:publishes@127.0.0.1:{port}/none", '"none" does not exist'),
    ):
        with pytest.raises(PostgresError, match=reason) as failure:
            shop.publish(uri=uri)
        assert "PostgreSQL cannot be reached" in str(failure.value)
        assert "hunter2" not in str(failure.value)
        assert "publishes" not in str(failure.value)


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://me:hunter2@x@host/shop",
        "postgresql://me:hunter2/x@host/shop",
        "postgresql://me:hunter2#x@host/shop",
        "host=here password=hunter2",
    ],
)
def test_a_uri_that_would_be_misread_is_refused_unread(uri: str) -> None:
    with pytest.raises(ValueError, match="is no PostgreSQL URI") as refusal:
        check_uri(uri)
    assert "hunter2" not in str(refusal.value)
    check_uri("postgresql://me:hunter%402@host:5432/shop?sslmode=require")
