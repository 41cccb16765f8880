"""A landing of a file a day: seconds of the whole, of the next day, and of one file beside it.

    python bench/batches.py [ORDERS_A_DAY] [DAYS]

Orders are generated, with two lines each. Every landing runs in a process of its own and tells how
many source files it opened.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from landing.files import land_files

FIRST = date(2025, 11, 24)
ORDERS = "order_id,customer_id,ordered_at,store_id,channel_id,order_status,currency"
LINES = "order_line_id,order_id,product_id,quantity,net_revenue,gross_amount"


def day_of(number: int, orders_a_day: int) -> tuple[list[str], list[str]]:
    """The orders of a day and their lines, as rows of CSV files."""
    day = FIRST + timedelta(days=number)
    orders, lines = [], []
    for i in range(orders_a_day):
        order = f"{day}-{i:05}"
        at = f"{day}T{8 + i % 12:02}:{i % 60:02}:00"
        orders.append(f"{order},c{(i * 7919 + number) % 20_000:05},{at},s{i % 9},web,completed,EUR")
        for line in range(2):
            price = (i * 31 + line * 17 + number) % 5_000 + 100
            amount = f"{price // 100}.{price % 100:02}"
            lines.append(f"{order}-{line},{order},p{(i + line) % 400},1,{amount},{amount}")
    return orders, lines


def write(folder: Path, name: str, rows: tuple[list[str], list[str]]) -> None:
    """The two files of a batch."""
    for table, header, of_table in zip(
        ("orders", "order_lines"), (ORDERS, LINES), rows, strict=True
    ):
        path = folder / table / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([header, *of_table]) + "\n")


def land(source: Path, home: Path, landed_on: date) -> dict[str, float]:
    """One landing in this process, with the number of source files opened meanwhile."""
    opened: set[str] = set()

    def note(event: str, args: tuple[object, ...]) -> None:
        if event == "open" and str(args[0]).startswith(str(source)):
            opened.add(str(args[0]))

    sys.addaudithook(note)
    started = time.perf_counter()
    result = land_files(source, home / "landing", landed_on=landed_on)
    return {
        "seconds": time.perf_counter() - started,
        "rows": sum(table.rows for table in result.tables),
        "opened": len(opened),
    }


def measure(source: Path, home: Path, number: int) -> dict[str, float]:
    """One landing in a process of its own."""
    day = FIRST + timedelta(days=number)
    command = [sys.executable, __file__, "--one", str(source), str(home), day.isoformat()]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Land a file a day, then the next day, then everything again; and all days as one file."""
    if sys.argv[1:2] == ["--one"]:
        source, home, day = sys.argv[2:]
        print(json.dumps(land(Path(source), Path(home), date.fromisoformat(day))))
        return
    orders_a_day, days = (int(n) for n in (*sys.argv[1:], "1000", "365")[:2])
    with tempfile.TemporaryDirectory() as folder:
        daily, whole = Path(folder) / "daily", Path(folder) / "whole"
        everything: tuple[list[str], list[str]] = ([], [])
        for number in range(days):
            rows = day_of(number, orders_a_day)
            write(daily, f"{FIRST + timedelta(days=number)}", rows)
            for of_table, new in zip(everything, rows, strict=True):
                of_table.extend(new)
        write(whole, "all", everything)
        # A file must be a moment old to be known again by its time of change.
        time.sleep(3)
        figures = {
            f"{days} files": measure(daily, Path(folder) / "by day", days),
            "one file": measure(whole, Path(folder) / "at once", days),
        }
        write(daily, f"{FIRST + timedelta(days=days)}", day_of(days, orders_a_day))
        figures[f"file {days + 1}"] = measure(daily, Path(folder) / "by day", days + 1)
        time.sleep(3)
        figures["nothing new"] = measure(daily, Path(folder) / "by day", days + 1)
    print(f"{orders_a_day:,} orders a day, two lines each\n")
    print("| landing | seconds | rows | source files opened by Python |")
    print("|---|---|---|---|")
    for name, one in figures.items():
        print(f"| {name} | {one['seconds']:.2f} | {one['rows']:,.0f} | {one['opened']:,.0f} |")
    ratio = figures[f"{days} files"]["seconds"] / figures[f"file {days + 1}"]["seconds"]
    print(f"\nAll {days} files take {ratio:.0f} times as long as the next one.")


if __name__ == "__main__":
    main()
