"""What to call what the columns of the marts hold: the mart ``labels``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from serving.language import is_chinese

# Stages of those who no longer buy, and of those on the way out: the further the later.
LAPSED = ("dormant", "lost")
LEAVING = ("declining", *LAPSED)

UNSEEN = "(unseen)"
DIRECT = "(direct)"
UNATTRIBUTED = "(unattributed)"
BASELINE = "(baseline)"


class Names:
    """Labels and meanings by vocabulary and value, in the language that is spoken."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take the rows of the mart, in the order of its ``sort_order``."""
        self._rows: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in rows:
            self._rows.setdefault(row["vocabulary"], {})[row["value"]] = row

    def __call__(self, vocabulary: str, value: str) -> str:
        """What it is called; a name that is not known as itself."""
        return self._told(vocabulary, value, "label") or in_words(value)

    def meaning(self, vocabulary: str, value: str) -> str:
        """What it means; empty where the label says it all."""
        return self._told(vocabulary, value, "meaning")

    def within(self, vocabulary: str, value: str) -> str:
        """What it means, as a part of a sentence; a name that is not known as itself."""
        meaning = self.meaning(vocabulary, value).rstrip(".。")
        return meaning[:1].lower() + meaning[1:] or in_words(value).lower()

    def values(self, vocabulary: str, found: Iterable[str] | None = None) -> list[str]:
        """All of them in their order, or those ``found``, of which unknown ones come last."""
        known = list(self._rows.get(vocabulary, {}))
        if found is None:
            return known
        wanted = set(found)
        return [name for name in known if name in wanted] + sorted(wanted - set(known))

    def _told(self, vocabulary: str, value: str, what: str) -> str:
        row = self._rows.get(vocabulary, {}).get(value, {})
        return row.get(f"{what}_{'zh' if is_chinese() else 'en'}") or ""


def in_words(name: str) -> str:
    """previously_loyal as Previously loyal."""
    text = name.strip("()").replace("_", " ")
    return text[:1].upper() + text[1:]
