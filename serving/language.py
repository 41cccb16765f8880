"""What people read, in English or in Chinese.

Texts are written in English where they are used, as ``say("{} of {} orders", ...)``; the Chinese
ones are in ``serving.chinese``, by their English. Whoever renders says in which language:
``with speaking("zh"): ...``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from serving.chinese import COUNTED, PATTERNS, TEXTS

LANGUAGES = {"en": "English", "zh": "中文"}
_spoken: ContextVar[str] = ContextVar("spoken", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Texts of the block are in ``language``, a key of ``LANGUAGES``."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def is_chinese() -> bool:
    """Whether texts are in Chinese."""
    return _spoken.get() == "zh"


def say(text: str, *values: object) -> str:
    """The text in the language that is spoken, with ``values`` in its braces."""
    if is_chinese():
        text = TEXTS.get(text, text)
    return text.format(*values) if values else text


def say_count(number: int, noun: str) -> str | None:
    """A number of things in a language without plurals; None in English."""
    return COUNTED[noun].format(f"{number:,}") if is_chinese() else None


def retell(text: str) -> str:
    """What a mart says in English words, in the language that is spoken if its words are known."""
    if not is_chinese():
        return text
    for pattern, told in PATTERNS:
        text = re.sub(pattern, told, text)
    return text


def ended(text: str) -> str:
    """With a full stop."""
    return text + ("。" if is_chinese() else ".")


def clauses(parts: list[str]) -> str:
    """Those that are not empty, after each other."""
    return ("；" if is_chinese() else "; ").join(part for part in parts if part)


def enumerated(items: list[str]) -> str:
    """A, b, c."""
    return ("、" if is_chinese() else ", ").join(items)
