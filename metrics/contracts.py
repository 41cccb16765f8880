"""What readers of marts were promised, and what may not be taken from them without a word.

``metrics/contracts.txt`` lists every column that a mart was ever merged with, and its type: a line
is added when a column is, and none is ever taken away. A line that no contract has any more is a
breaking change: a column that is gone, renamed or of another type, or the mart gone with all of
them. It needs a line under "Marts" in docs/changelog.md that names it; a mart with a dbt version
keeps the old one beside the new and breaks nothing.
"""

from __future__ import annotations

import re

from metrics.marts import PROJECT, load_marts

LEDGER = PROJECT / "metrics" / "contracts.txt"
CHANGELOG = PROJECT / "docs" / "changelog.md"
_SECTION = "## Marts"


def promised(text: str | None = None) -> list[str]:
    """Lines of the ledger: ``mart.column type``."""
    return (LEDGER.read_text(encoding="utf-8") if text is None else text).splitlines()


def kept() -> list[str]:
    """The same lines as the contracts have them now."""
    return [
        f"{mart.name}.{column} {sql_type}"
        for _, mart in sorted(load_marts().items())
        for column, sql_type in mart.columns.items()
    ]


def broken(promised: list[str], kept: list[str], changelog: str) -> list[str]:
    """Promised lines that are neither kept nor told of in the changelog.

    Told of is a mart, or a column as ``mart.column``, in backticks under "Marts".
    """
    _, _, marts = changelog.partition(_SECTION)
    section = marts.partition("\n## ")[0]
    told = set(re.findall(r"`([a-z0-9_.]+)`", section))
    there = set(kept)
    return [
        line
        for line in promised
        if line not in there and not told & {line.split(" ")[0], line.split(".")[0]}
    ]


def with_additions(text: str) -> str:
    """The ledger with what marts have now and never had before."""
    return "\n".join(sorted({*promised(text), *kept()})) + "\n"
