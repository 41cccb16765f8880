"""A whole run and the run of the day after it, beside a copy of the same order lines.

    python bench/pipeline.py [LINES ...] [--years 2] [--home DIRECTORY]

A made-up retailer of some years is written as source files, the last day in files of their own. In
processes of their own, one after the other: DuckDB copies the order lines from Parquet to Parquet
(F, CPU seconds); ``lifecycle run`` on everything but the last day; and ``lifecycle run`` once more
with that day's files. Of the whole run the five slowest models are told, with rows, working memory
and what they spilled.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from dagster import DagsterEventType, DagsterInstance

LAST = date(2017, 12, 31)
# What a customer buys in a first year, and how many of each year's stay for the next.
LINES_A_YEAR, STAYING = 489, 0.871
DAY = "day.later"
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


def write_sources(lines: int, years: int, world: Path, folder: Path) -> int:
    """A retailer's files of about so many lines, those of the last day to be named; the lines."""
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
            f"create table last_day as select order_id from {landed['orders']} "
            f"where cast(ordered_at as date) = date '{LAST}'"
        )
        for split_table, rows in landed.items():
            for name, kept in (("history.parquet", "not in"), (DAY, "in")):
                connection.execute(
                    f"copy (from {rows} where order_id {kept} (from last_day)) "
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


def measure(lines: int, years: int, room: Path) -> tuple[int, Cost, Cost, Cost, list[Model]]:
    """Order lines, the copy, the whole run, the run of the next day, and the slowest models."""
    world, folder, home = room / "world", room / "files", room / "home"
    counted = write_sources(lines, years, world, folder)
    copied = cost(
        sys.executable, "-c", COPY, folder / "order_lines" / "history.parquet", room / "f"
    )
    run = (*LIFECYCLE, "--home", home, "run", "--from", folder, "--landed-on")
    full = cost(*run, LAST.isoformat())
    models = slowest(home)
    for later in folder.rglob(DAY):
        later.rename(later.with_suffix(".parquet"))
    daily = cost(*run, (LAST + timedelta(days=1)).isoformat())
    return counted, copied, full, daily, models


def main() -> None:
    """Measure every size and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("lines", nargs="*", type=float, default=[1e6, 1e7])
    parser.add_argument("--years", type=int, default=2, help="of the made-up retailer (default: 2)")
    parser.add_argument("--home", type=Path, help="where to make it (default: the temporary one)")
    arguments = parser.parse_args()
    print("lines | F, CPU s | full, s | CPU s | times F | GB | next day, s | CPU s | of full | GB")
    before: tuple[int, Cost] | None = None
    for lines in arguments.lines:
        with tempfile.TemporaryDirectory(prefix="pipeline-", dir=arguments.home) as name:
            counted, copied, full, daily, models = measure(int(lines), arguments.years, Path(name))
        print(
            f"{counted:,} | {copied.cpu_seconds:.1f} | {full.seconds:.0f} | {full.cpu_seconds:.0f} "
            f"| {full.cpu_seconds / copied.cpu_seconds:.1f} | {full.peak_gigabytes:.1f} "
            f"| {daily.seconds:.0f} | {daily.cpu_seconds:.0f} "
            f"| {daily.cpu_seconds / full.cpu_seconds:.0%} | {daily.peak_gigabytes:.1f}"
        )
        for model in models:
            rows = "" if model.rows is None else f"{model.rows:,} rows"
            print(
                f"    {model.name:<44} {model.seconds:6.1f} s  {rows:>20}  "
                f"{model.memory_gigabytes:.2f} GB, spilled {model.spilled_gigabytes:.2f} GB"
            )
        if before:
            grown = math.log(full.cpu_seconds / before[1].cpu_seconds) / math.log(
                counted / before[0]
            )
            print(f"    CPU seconds grow with the lines to the power of {grown:.2f}")
        before = counted, full


if __name__ == "__main__":
    main()
