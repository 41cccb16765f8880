"""A home and the command line in it, for tests of whole runs."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

PROJECT_DIR = Path(__file__).resolve().parents[2]


PARSES = ("dbt", "dbt as of")


@dataclass(frozen=True)
class Home:
    """A folder with everything a run makes."""

    path: Path

    @property
    def published_path(self) -> Path:
        return self.path / "published" / "customer_lifecycle.duckdb"

    @property
    def warehouse_path(self) -> Path:
        return self.path / "warehouse.duckdb"

    def empty(self) -> None:
        """Leave nothing but what follows from the project: how dbt parsed it, and its lineage.

        In a folder that it does not know dbt parses from the beginning, which takes as long as
        building small tables does.
        """
        for path in self.path.iterdir() if self.path.exists() else ():
            if path.name in PARSES:
                for made in path.iterdir():
                    if made.name not in ("partial_parse.msgpack", "lineage.json"):
                        _remove(made)
            else:
                _remove(path)

    def start(self, *args: str, **settings: str) -> "subprocess.Popen[str]":
        """Begin ``lifecycle ...`` in a process group of its own, with variables set."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("LIFECYCLE_")
        }
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration", *args],
            cwd=PROJECT_DIR,
            env={**environment, "LIFECYCLE_HOME": str(self.path), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def lifecycle(self, *args: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """``lifecycle ...`` from beginning to end."""
        with self.start(*args, **settings) as process:
            output, errors = process.communicate(timeout=600)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def run(self, *args: str) -> str:
        """``lifecycle ...`` that must succeed; what it printed."""
        done = self.lifecycle(*args)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def published(self, query: str) -> list[tuple[Any, ...]]:
        """The answer of the published file."""
        with duckdb.connect(self.published_path, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def published_bytes(self) -> str:
        return hashlib.sha256(self.published_path.read_bytes()).hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
