"""Write what follows from the declarations."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from metrics.contracts import LEDGER, with_additions
from metrics.docs import with_generated
from metrics.marts import PROJECT
from metrics.semantic import SPECS, write_project

PAGE = PROJECT / "docs" / "metrics.md"


def main() -> None:
    """Bring docs/metrics.md and the ledger of contracts up to date, or write the project for mf."""
    parser = argparse.ArgumentParser(prog="python -m metrics", description=main.__doc__)
    commands = parser.add_subparsers(dest="command")
    semantic = commands.add_parser(
        "semantic", help="write a dbt project of semantic models over the published file"
    )
    semantic.add_argument("folder", type=Path, nargs="?", default=PROJECT / "target" / "semantic")
    semantic.add_argument(
        "--published",
        type=Path,
        default=Path(os.environ.get("LIFECYCLE_HOME", PROJECT / "data"))
        / "published"
        / "customer_lifecycle.duckdb",
        help="the published file (default: that of the home)",
    )
    semantic.add_argument(
        "--spec",
        choices=SPECS,
        default=SPECS[0],
        help="semantic models in a list of their own (dbt 1.11), or in models (1.12)",
    )
    arguments = parser.parse_args()
    if arguments.command == "semantic":
        folder = arguments.folder.resolve()
        write_project(folder, arguments.published.resolve(), arguments.spec)
        print(f"cd {folder} && dbt run && mf query --metrics net_revenue --group-by metric_time")
        return
    PAGE.write_text(with_generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    LEDGER.write_text(with_additions(LEDGER.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
