"""Readers of the published file while versions are published: failed queries and old answers.

    python bench/readers.py [--readers 8] [--publishes 100] [--by duckdb superset]

Every version holds its number in each row, so that an answer tells which version it is of, and
whether it is of one alone. Readers filter by another channel each time, a tenth of a second after
the last answer: with DuckDB each in a process of its own that opens the file for every query, with
Superset through its chart data API (its environment must be there: ``make bi`` installs it).
Publishing is the project's own, into a home of the benchmark's own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from serving.publish import Audit, Mart, publish

CHANNELS = ("store", "web", "app", "delivery", "phone", "market")
LINES = 5_000
PASSWORD = "only-for-this-benchmark"
PORT = 18088
# Between an answer and the next question of the same reader.
THINK_SECONDS = 0.1
# Where a reader finds the number of versions that were published before it asks.
Published = Any


@dataclass
class Answers:
    """What readers were told. ``lags``: versions that an answer was behind when it was asked."""

    asked: int = 0
    failed: list[str] = field(default_factory=list)
    torn: int = 0
    lags: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


# What readers were told, and the seconds that publishing took.
Told = tuple[list[Answers], float]


class House:
    """A small warehouse, and the file that is published from it."""

    def __init__(self, home: Path) -> None:
        self.warehouse = home / "warehouse.duckdb"
        self.published = home / "published" / "customer_lifecycle.duckdb"
        self.number = 0
        self.published.parent.mkdir(parents=True, exist_ok=True)

    def publish(self) -> None:
        """Publish the next version."""
        self.number += 1
        channels = ", ".join(f"'{channel}'" for channel in CHANNELS)
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(
                "create or replace table marts.fct_order_lines as select "
                "cast(range as varchar) as order_line_id, date '2026-01-01' as order_date, "
                f"[{channels}][1 + range % {len(CHANNELS)}] as channel_id, "
                f"cast({self.number} as bigint) as quantity from range({LINES})"
            )
            connection.execute(
                "create or replace table marts.labels as select 'channel' as vocabulary, "
                f"unnest([{channels}]) as value, 1 as sort_order, value as label_en, "
                "value as label_zh"
            )
        publish(
            warehouse_path=self.warehouse,
            published_path=self.published,
            versions_dir=self.published.parent / "versions",
            marts=[Mart("fct_order_lines"), Mart("labels")],
            audit=Audit(passed=1),
            as_of_date=date(2026, 1, 1),
            code_revision="benchmark",
            run_id=f"version {self.number}",
            keep_versions=5,
        )


def ask_duckdb(published: Path) -> Callable[[str], tuple[int, int]]:
    """A reader that opens the file for every query, as docs/bi.md tells."""

    def ask(channel: str) -> tuple[int, int]:
        with duckdb.connect(str(published), read_only=True) as connection:
            row = connection.execute(
                "select min(quantity), max(quantity) "
                "from marts.fct_order_lines where channel_id = ?",
                [channel],
            ).fetchone()
        assert row is not None
        return row[0], row[1]

    return ask


def ask_superset(dataset: int, token: str) -> Callable[[str], tuple[int, int]]:
    """A reader of Superset's chart data, with the filter that a dashboard sends."""

    def aggregate(name: str) -> dict[str, object]:
        return {
            "expressionType": "SIMPLE",
            "column": {"column_name": "quantity"},
            "aggregate": name,
            "label": name,
        }

    def ask(channel: str) -> tuple[int, int]:
        query = {
            "filters": [{"col": "channel_id", "op": "IN", "val": [channel]}],
            "metrics": [aggregate("MIN"), aggregate("MAX")],
            "row_limit": 1,
        }
        answer = call(
            "/api/v1/chart/data",
            {"datasource": {"id": dataset, "type": "table"}, "queries": [query]},
            token,
        )
        row = answer["result"][0]["data"][0]
        return int(row["MIN"]), int(row["MAX"])

    return ask


def call(path: str, body: object = None, token: str = "") -> dict[str, Any]:
    """Superset's answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"}
        | ({"Authorization": f"Bearer {token}"} if token else {}),
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read())


def read(
    ask: Callable[[str], tuple[int, int]], published: Published, done: Callable[[], bool]
) -> Answers:
    """Ask until it is done."""
    answers = Answers()
    while not done():
        channel = CHANNELS[answers.asked % len(CHANNELS)]
        answers.asked += 1
        before, started = published.value, time.perf_counter()
        try:
            least, most = ask(channel)
        except Exception as error:
            answers.failed.append(f"{type(error).__name__}: {error}"[:300])
            continue
        answers.seconds.append(time.perf_counter() - started)
        answers.torn += least != most
        answers.lags.append(before - least)
        time.sleep(THINK_SECONDS)
    return answers


def _process(path: Path, published: Published, done: Any, queue: Any) -> None:
    queue.put(read(ask_duckdb(path), published, done.is_set))


def with_duckdb(house: House, readers: int, publishes: int, pause: float) -> Told:
    """Readers in processes of their own."""
    context = multiprocessing.get_context("spawn")
    published, done, queue = context.Value("q", house.number), context.Event(), context.Queue()
    processes = [
        context.Process(target=_process, args=(house.published, published, done, queue))
        for _ in range(readers)
    ]
    for process in processes:
        process.start()
    seconds = _publish_all(house, publishes, published, pause)
    done.set()
    answers = [queue.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return answers, seconds


def with_superset(house: House, readers: int, publishes: int, pause: float) -> Told:
    """Readers of one Superset, each of them with a connection of its own."""
    with superset(house.published.parents[1]) as (datasets, token):
        dataset = datasets["fct_order_lines"]
        published, done = multiprocessing.Value("q", house.number), threading.Event()
        answers: list[Answers] = []

        def one() -> None:
            answers.append(read(ask_superset(dataset, token), published, done.is_set))

        threads = [threading.Thread(target=one) for _ in range(readers)]
        for thread in threads:
            thread.start()
        seconds = _publish_all(house, publishes, published, pause)
        done.set()
        for thread in threads:
            thread.join()
        return answers, seconds


def _publish_all(house: House, publishes: int, published: Published, pause: float) -> float:
    started = time.perf_counter()
    for _ in range(publishes):
        house.publish()
        # Counted after the rename: whoever asks from here on should see it.
        published.value = house.number
        time.sleep(pause)
    return time.perf_counter() - started


@contextmanager
def superset(home: Path) -> Iterator[tuple[dict[str, int], str]]:
    """Superset on the file of a home: the numbers of datasets by name, and a token to ask with."""
    server = subprocess.Popen(
        [sys.executable, "-m", "bi", "--home", str(home), "--port", str(PORT)],
        env={**os.environ, "LIFECYCLE_BI_PASSWORD": PASSWORD},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(server)
        login = {"username": "admin", "password": PASSWORD, "provider": "db"}
        token = call("/api/v1/security/login", login)["access_token"]
        found = call("/api/v1/dataset/?q=(page_size:100)", token=token)["result"]
        yield {dataset["table_name"]: dataset["id"] for dataset in found}, token
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _wait(server: subprocess.Popen[bytes], seconds: int = 600) -> None:
    for _ in range(seconds):
        if server.poll() is not None:
            raise SystemExit("Superset ended before it served; try `make bi`")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=10).close()
        except OSError:
            time.sleep(1)
        else:
            return
    raise SystemExit("Superset does not serve")


def tell(name: str, answers: list[Answers], seconds: float) -> None:
    """One line of what happened, and the first errors."""
    failed = [error for each in answers for error in each.failed]
    lags = [lag for each in answers for lag in each.lags]
    took = sorted(second for each in answers for second in each.seconds)
    print(
        f"{name}: published for {seconds:.0f} s, {len(answers)} readers, "
        f"{sum(each.asked for each in answers)} queries, {len(failed)} failed, "
        f"{sum(each.torn for each in answers)} of two versions at once, "
        f"{sum(lag > 0 for lag in lags)} older than the newest version when asked, "
        f"{sum(lag > 1 for lag in lags)} older than one publish; "
        f"median {took[len(took) // 2] * 1000:.0f} ms, slowest {took[-1] * 1000:.0f} ms"
    )
    for error in failed[:3]:
        print("  ", error)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--publishes", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between publishes")
    parser.add_argument("--by", choices=("duckdb", "superset"), nargs="+", default=["duckdb"])
    options = parser.parse_args()
    ways = {"duckdb": with_duckdb, "superset": with_superset}
    for name in options.by:
        with tempfile.TemporaryDirectory() as home:
            house = House(Path(home))
            house.publish()
            tell(name, *ways[name](house, options.readers, options.publishes, options.pause))


if __name__ == "__main__":
    main()
