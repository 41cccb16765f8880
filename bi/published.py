"""A name of its own for every version of the published file, for processes that stay.

DuckDB keeps one copy of a file open in a process for all who open the same path, and it looks
through symbolic links. A server whose queries overlap never closes that copy and would answer from
the version that it opened first. So each version is opened by a hard link with a name of its own.

Superset imports this module in its own environment: standard library only.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

# How long the name of a replaced version stays for a query that is about to open it.
KEEP_SECONDS = 60


def current(published: Path, names: Path) -> Path:
    """The path under ``names`` by which to open what ``published`` is now.

    The file keeps its name, which DuckDB makes the name of the database, in a folder of its own.
    Raises ``FileNotFoundError`` if nothing is published.
    """
    found = published.stat()
    path = names / f"{found.st_ino:x}-{found.st_mtime_ns:x}" / published.name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Another process may be as far; and what was published in between is newer, never older.
        with suppress(FileExistsError):
            _link(published, path)
        _forget(names, path.parent)
    return path


def _link(published: Path, path: Path) -> None:
    try:
        os.link(published, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        incoming = path.with_name(f"{path.name}.{os.getpid()}")
        shutil.copyfile(published, incoming)
        incoming.replace(path)


def _forget(names: Path, newest: Path) -> None:
    """Remove names of versions that were replaced a while ago; who has one open keeps it open."""
    for folder in names.iterdir():
        with suppress(FileNotFoundError):
            if folder != newest and time.time() - folder.stat().st_mtime > KEEP_SECONDS:
                shutil.rmtree(folder)
