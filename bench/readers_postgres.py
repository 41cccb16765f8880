"""Publishing into PostgreSQL under readers, and what it costs.

    python bench/readers_postgres.py [--publishes 100] [--lines 20000]
    python bench/readers_postgres.py --speed 1000000 10000000

A server of its own, from PostgreSQL's own programs. Readers are pgbench, by simple and by prepared
statements, and psql. Every statement reads the version from three marts and fails (a division by
zero) unless they agree; psql also says when it read which version. ``--speed`` publishes a file of
so many order lines, generated, in a process of its own: seconds and peak memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import duckdb

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.postgres_server import Server, programs, serve
from serving.postgres import publish_to_postgres

MODES = ("simple", "prepared")
ONE_VERSION = """
select 1 / cast(count(distinct version) = 1 and count(*) = 3 as integer), max(version)
from (
    select max(version) as version from marts.publish_log
    union all select max(version) from marts.fct_orders
    union all select max(version) from marts.fct_order_lines where line_number < 3
) as versions
"""


def build(path: Path, lines: int, version: str) -> None:
    """A published file with so many order lines, nine to an order."""
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        connection.execute("set threads = 2")
        connection.execute(f"""
            create schema marts;
            create table marts.dim_stores as
            select 'S' || i as store_id, case when i < 4 then 'north' else 'south' end as region
            from range(8) as r(i);
            create table marts.fct_orders as
            select
                '{version}' as version, 'order ' || i as order_id, 'S' || (i % 8) as store_id,
                'customer ' || (hash(i) % 100000) as customer_id,
                date '2022-01-01' + cast(i % 1000 as integer) as order_date,
                timestamp '2022-01-01 09:30:00' + interval (i % 1000) day as ordered_at,
                cast(hash(i) % 20000 / 100 as decimal(18, 2)) as net_revenue,
                cast(hash(i) % 3000 / 100 as decimal(18, 2)) as discount_amount,
                i % 7 = 0 as is_first
            from range({lines} // 9 + 1) as r(i);
            create table marts.fct_order_lines as
            select
                '{version}' as version, 'order ' || (i // 9) as order_id, i % 9 + 1 as line_number,
                'S' || (i // 9 % 8) as store_id, 'product ' || (hash(i) % 30000) as product_id,
                'customer ' || (hash(i // 9) % 100000) as customer_id,
                date '2022-01-01' + cast(i // 9 % 1000 as integer) as order_date,
                cast(hash(i) % 9 + 1 as decimal(18, 3)) as quantity,
                cast(hash(i) % 2000 / 100 as decimal(18, 2)) as gross_amount,
                cast(hash(i) % 300 / 100 as decimal(18, 2)) as discount_amount,
                cast(hash(i) % 1700 / 100 as decimal(18, 2)) as net_revenue,
                cast(hash(i) % 1200 / 100 as decimal(18, 2)) as cost_amount,
                hash(i) % 1000 / 1000.0 as margin_rate, i % 50 = 0 as is_return
            from range({lines}) as r(i);
            create table marts.publish_log as select '{version}' as version;
            comment on table marts.fct_order_lines is 'One row per order line.';
        """)


def under_readers(server: Server, publishes: int, lines: int, clients: int) -> None:
    """So many publishes while pgbench and psql read; what failed, and how old answers were."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as readers:
        path = Path(folder) / "published.duckdb"
        script = Path(folder) / "read.sql"
        script.write_text(ONE_VERSION + ";")
        build(path, lines, "v0000")
        publish_to_postgres(path)
        environment = {**os.environ, **server.environment()}
        stop_after = str(3600 * 24)
        logs = [readers.enter_context((Path(folder) / mode).open("w+")) for mode in MODES]
        benches = [
            readers.enter_context(
                subprocess.Popen(
                    [
                        *(str(server.bin_dir / "pgbench"), "-n", "-f", str(script)),
                        *("-c", str(clients), "-M", mode, "-T", stop_after, "-P", "1"),
                    ],
                    env=environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
            for mode, log in zip(MODES, logs, strict=True)
        ]
        seen = Path(folder) / "seen.txt"
        watched = ONE_VERSION.replace("max(version)\nfrom", "max(version), clock_timestamp()\nfrom")
        with seen.open("w") as output:
            watcher = readers.enter_context(
                subprocess.Popen(
                    [str(server.bin_dir / "psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
                    env={**environment, "PGTZ": "UTC"},
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
        assert watcher.stdin is not None
        watcher.stdin.write(watched + "\\watch 0.005\n")
        watcher.stdin.flush()
        for reader in (*benches, watcher):  # or an error would wait for them
            readers.callback(reader.terminate)
        published, took, swapped = [time.time()], [], []
        for number in range(1, publishes + 1):
            build(path, lines, f"v{number:04}")
            started = time.monotonic()
            swapped.append(publish_to_postgres(path).swap_seconds)
            took.append(time.monotonic() - started)
            published.append(time.time())
            print(f"{number}: {took[-1]:.1f} s", file=sys.stderr, flush=True)
        alive = [bench.poll() is None for bench in benches]
        watcher.terminate()
        for bench in benches:
            bench.terminate()
            bench.wait()
        told = [(Path(folder) / mode).read_text() for mode in MODES]
        answers = []
        for line in seen.read_text().splitlines():
            if line.count("|") == 2:
                _, version, at = line.split("|")
                answers.append((int(version[1:]), _seconds(at)))
        lines_told = [line for text in (*told, seen.read_text()) for line in text.splitlines()]
        errors = sum("ERROR" in line or "FATAL" in line for line in lines_told)
        behind = [bisect_right(published, at) - 1 - version for version, at in answers]
        rates = [
            float(line.split(" tps")[0].split()[-1])
            for line in lines_told
            if line.startswith("progress:")
        ]
        versions = len({version for version, _ in answers})
        print(f"publishes        {publishes} of {lines:,} lines, {max(took):.1f} s at most")
        print(f"pgbench          {2 * clients} clients, about {sum(rates):,.0f} statements")
        print(f"psql             {len(answers):,} answers, {versions} versions")
        print(f"failed           {errors}, clients that gave up: {alive.count(False)}")
        print(f"versions behind  {max(behind)} at most")
        median, most = sorted(swapped)[publishes // 2], max(swapped)
        print(f"swap, seconds    {median:.2f} median, {most:.2f} at most")


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at.replace("+00", "+00:00")).timestamp()


def speed(lines: int) -> None:
    """Seconds and memory of one publish, of a file that is there already."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "published.duckdb"
        build(path, lines, "v0001")
        measured = subprocess.run(
            [sys.executable, __file__, "--once", str(path)],
            env={**os.environ},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        print(
            f"{lines:>12,} lines, file of {path.stat().st_size / 2**20:,.0f} MB: {measured.strip()}"
        )


def once(path: Path) -> None:
    """One publish in this process."""
    loaded = publish_to_postgres(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{loaded.load_seconds:.1f} s to load, {loaded.swap_seconds:.2f} s to swap, {peak:,.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publishes", type=int, default=100)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=4, help="of each of two pgbench processes")
    parser.add_argument("--speed", type=int, nargs="+", metavar="LINES")
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        once(given.once)
        return
    bin_dir = programs()
    if bin_dir is None:
        sys.exit("PostgreSQL's programs are not installed")
    with serve(bin_dir) as server:
        os.environ.update(server.environment())
        if given.speed:
            for lines in given.speed:
                speed(lines)
        else:
            under_readers(server, given.publishes, given.lines, given.clients)


if __name__ == "__main__":
    main()
