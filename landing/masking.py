"""Texts that look like somebody's address or number, taken out of what people and logs are told."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"(?<![\w./+-])[^\s@,;:/'\"<>()\[\]]+@[^\s@,;:/'\"<>()\[\]]+\.[^\W\d_]{2,}")
# A number that only consists of digits may be that of an order, and is left.
_PHONE = re.compile(
    r"""
      (?<![\w+])\+\d[\d ()./-]{5,}\d                # +49 555 777-1
    | \(\d{2,5}\)[ ]?\d[\d -]{4,}\d                 # (0555) 77 71 23
    | (?<![\w./-])\d{3}[-.]\d{3}[-.]\d{4}(?![\w-])  # 555-777-1234
    | (?<![\w./-])0\d{1,5}[/-]\d{5,}(?![\w-])       # 0555/777123
    | (?<![\w./:-])(?=(?:\d[ ]?){7})\d{2,}(?:[ ]\d+)+(?![\w:-])  # 0555 777 1
    """,
    re.VERBOSE,
)

LOOKS_PERSONAL = r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}|\+\d[\d ()./-]{5,}\d"
"""For DuckDB, of a whole value: an e-mail address, or a telephone number with its country."""


def masked(text: str) -> str:
    """The text without the e-mail addresses and telephone numbers in it.

    Examples of wrong values are shown to people, in alerts and in logs, and a value may stand in
    the wrong column.
    """
    return _PHONE.sub("(telephone number)", _EMAIL.sub("(e-mail address)", text))
