"""Writes a landing in which every table is empty: ``python tests/empty_landing.py FOLDER``."""

import sys
from datetime import date
from pathlib import Path

from landing.write import write_landing

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_landing(folder, [], landed_on=date(2018, 1, 1))
