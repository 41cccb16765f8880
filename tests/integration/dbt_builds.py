"""Landings of small files, and builds of them by dbt alone: no scores, no publishing."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests_home import PARSES, PROJECT_DIR, Home


def write_files(folder: Path, **tables: Sequence[str]) -> Path:
    """A folder with a CSV file for each table, given as its lines."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def dbt(home: Home, *args: str, checkout: Path = PROJECT_DIR) -> str:
    """What dbt prints when it is run quietly on a home, which must go well."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "--quiet", *args],
        cwd=checkout,
        env={**os.environ, "LIFECYCLE_HOME": str(home.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def build(home: Home, *args: str, tests: bool = True) -> None:
    """``dbt build`` of what has landed in a home."""
    kinds = ["unit_test"] if tests else ["unit_test", "test"]
    # Another date is another parse, which would take the place of that of the command line.
    where = ("--target-path", str(home.path / PARSES["--vars" in args]))
    dbt(home, "build", *args, "--exclude-resource-type", *kinds, *where)
