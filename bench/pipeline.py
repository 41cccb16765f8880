"""A whole run and the runs of the days after it, beside a copy of the same order lines.

    python bench/pipeline.py [LINES ...] [--years 2] [--days 1] [--home DIRECTORY]
    python bench/pipeline.py [SCALE ...] --tpcds FOLDER [--home DIRECTORY]

A made-up retailer of some years is written as source files, each of the last days in files of its
own; or TPC-DS at scale factors, by the generator in a folder (``bench/tpcds.py``), whole and seen
before and after its last day. In processes of their own, one after the other: DuckDB copies the
order lines from Parquet to Parquet (F, CPU seconds); ``lifecycle run`` on everything but the last
days; and ``lifecycle run`` once more with each of them. Of the whole run the five slowest models
are told, with rows, working memory and what they spilled.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import tpcds
from dagster import DagsterEventType, DagsterInstance

LAST = date(2017, 12, 31)
# What a customer buys in a first year, and how many of each year's stay for the next.
LINES_A_YEAR, STAYING = 489, 0.871
LATER = ".later"
LIFECYCLE = (sys.executable, "-m", "orchestration")
COPY = """
import duckdb, sys
duckdb.execute("set threads = 2; set preserve_insertion_order = false")
duckdb.execute(f"copy (from read_parquet('{sys.argv[1]}')) to '{sys.argv[2]}' (format parquet)")
"""


@dataclass(frozen=True)
class Cost:
    """What a process and its children took."""

    seconds: float
    cpu_seconds: float
    peak_gigabytes: float


@dataclass(frozen=True)
class Model:
    """What a model of the last run took."""

    name: str
    seconds: float
    rows: int | None
    memory_gigabytes: float
    spilled_gigabytes: float


def cost(*command: str | Path) -> Cost:
    """Run a command to its end. Raises ``RuntimeError`` with what it said if it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")[-4000:]
            raise RuntimeError(f"{' '.join(map(str, command))}\n{said}")
    return Cost(
        time.perf_counter() - started,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 2**20,
    )


def write_sources(lines: int, years: int, days: Sequence[date], world: Path, folder: Path) -> int:
    """A retailer's files of about so many lines, those of ``days`` yet to be named; the lines."""
    lines_a_customer = LINES_A_YEAR * (1 - STAYING**years) / (1 - STAYING)
    customers = max(2, round(lines / lines_a_customer))
    period = ("--from", f"{LAST.year + 1 - years}-01-01", "--to", LAST.isoformat())
    cost(*LIFECYCLE, "--home", world, "land", "--world", "--customers", str(customers), *period)
    split = ("orders", "order_lines")
    for batch in world.glob("landing/*/*/*.parquet"):
        table = folder / batch.parent.name
        table.mkdir(parents=True, exist_ok=True)
        if table.name not in split:
            (table / batch.name).hardlink_to(batch)
    landed = {table: f"read_parquet('{world}/landing/pos/{table}/*.parquet')" for table in split}
    with duckdb.connect() as connection:
        connection.execute(
            "create table later as select order_id, cast(ordered_at as date) as order_date "
            f"from {landed['orders']} where ordered_at >= date '{days[0]}'"
        )
        kept = {"history.parquet": "not in (select order_id from later)"}
        for day in days:
            of_day = f"in (select order_id from later where order_date = date '{day}')"
            kept[f"{day}{LATER}"] = of_day
        for split_table, rows in landed.items():
            for name, which in kept.items():
                connection.execute(
                    f"copy (from {rows} where order_id {which}) "
                    f"to '{folder / split_table / name}' (format parquet)"
                )
        counted = connection.execute(f"select count(*) from {landed['order_lines']}").fetchall()
    return int(counted[0][0])


def slowest(home: Path, number: int = 5) -> list[Model]:
    """The models that took longest in the last run of a home."""
    os.environ["DAGSTER_HOME"] = str(home / "dagster")
    with DagsterInstance.get() as instance:
        run = instance.get_runs(limit=1)[0]
        entries = instance.all_logs(run.run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION)
    models = []
    for entry in entries:
        made = entry.asset_materialization
        if made and "Execution Duration" in made.metadata:
            about: dict[str, Any] = {name: value.value for name, value in made.metadata.items()}
            models.append(
                Model(
                    made.asset_key.to_user_string(),
                    about["Execution Duration"],
                    about.get("dagster/row_count"),
                    about.get("peak_memory_bytes", 0) / 2**30,
                    about.get("spilled_bytes", 0) / 2**30,
                )
            )
    return sorted(models, key=lambda model: -model.seconds)[:number]


@dataclass(frozen=True)
class Measured:
    """What a size took: the copy, the whole run with its slowest models, and the days after it."""

    lines: int
    copied: Cost
    full: Cost
    days: Sequence[Cost]
    models: Sequence[Model]


def measure(lines: int, years: int, days: int, room: Path) -> Measured:
    """A made-up retailer."""
    world, folder, home = room / "world", room / "files", room / "home"
    last_days = [LAST - timedelta(days=number) for number in reversed(range(days))]
    counted = write_sources(lines, years, last_days, world, folder)
    copied = copy(folder / "order_lines" / "history.parquet", room)
    run = (*LIFECYCLE, "--home", home, "run", "--from", folder, "--landed-on")
    full = cost(*run, last_days[0].isoformat())
    models = slowest(home)
    daily = []
    for day in last_days:
        for later in folder.rglob(f"{day}{LATER}"):
            later.rename(later.with_suffix(".parquet"))
        daily.append(cost(*run, (day + timedelta(days=1)).isoformat()))
    return Measured(counted, copied, full, daily, models)


def measure_tpcds(scale: float, generator: Path, room: Path) -> Measured:
    """TPC-DS at a scale factor."""
    folder, home = room / "files", room / "home"
    counted = tpcds.write_sources(scale, folder, generator)
    copied = copy(folder / "order_lines.parquet", room)
    run = (*LIFECYCLE, "--home", home, "run", "--from", folder, "--as-of")
    full = cost(*run, tpcds.LAST.isoformat())
    models = slowest(home)
    daily = cost(*run, (tpcds.LAST + timedelta(days=1)).isoformat())
    return Measured(counted, copied, full, [daily], models)


def copy(lines: Path, room: Path) -> Cost:
    """DuckDB copies order lines from Parquet to Parquet."""
    return cost(sys.executable, "-c", COPY, lines, room / "f")


def main() -> None:
    """Measure every size and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", type=float, help="order lines, or scale factors")
    parser.add_argument("--years", type=int, default=2, help="of the made-up retailer (default: 2)")
    parser.add_argument("--days", type=int, default=1, help="to run after the whole (default: 1)")
    parser.add_argument("--tpcds", type=Path, help="TPC-DS at scale factors; where its package is")
    parser.add_argument("--home", type=Path, help="where to make it (default: the temporary one)")
    arguments = parser.parse_args()
    print("lines | F, CPU s | full, s | CPU s | times F | GB | next day, s | CPU s | of full | GB")
    before: Measured | None = None
    for size in arguments.sizes or ((0.1, 1) if arguments.tpcds else (1e6, 1e7)):
        with tempfile.TemporaryDirectory(prefix="pipeline-", dir=arguments.home) as name:
            found = (
                measure_tpcds(size, arguments.tpcds, Path(name))
                if arguments.tpcds
                else measure(int(size), arguments.years, arguments.days, Path(name))
            )
        show(found)
        if before:
            grown = math.log(found.full.cpu_seconds / before.full.cpu_seconds) / math.log(
                found.lines / before.lines
            )
            print(f"    CPU seconds grow with the lines to the power of {grown:.2f}")
        before = found


def show(found: Measured) -> None:
    """Print a size."""
    full, daily = found.full, found.days[0]
    print(
        f"{found.lines:,} | {found.copied.cpu_seconds:.1f} | {full.seconds:.0f} "
        f"| {full.cpu_seconds:.0f} | {full.cpu_seconds / found.copied.cpu_seconds:.1f} "
        f"| {full.peak_gigabytes:.1f} | {daily.seconds:.0f} | {daily.cpu_seconds:.0f} "
        f"| {daily.cpu_seconds / full.cpu_seconds:.0%} | {daily.peak_gigabytes:.1f}"
    )
    for number, day in enumerate(found.days[1:], 2):
        print(
            f"    day {number}: {day.seconds:.0f} s, {day.cpu_seconds:.0f} CPU s, "
            f"{day.peak_gigabytes:.2f} GB, {day.peak_gigabytes / daily.peak_gigabytes:.0%} of day 1"
        )
    for model in found.models:
        rows = "" if model.rows is None else f"{model.rows:,} rows"
        print(
            f"    {model.name:<44} {model.seconds:6.1f} s  {rows:>20}  "
            f"{model.memory_gigabytes:.2f} GB, spilled {model.spilled_gigabytes:.2f} GB"
        )


if __name__ == "__main__":
    main()
