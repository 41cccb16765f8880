"""How texts are read: blanks around them, identifiers, and the many spellings of a missing value.

Everything here is SQL for DuckDB, or makes some.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from landing.engine import quote

# Every blank of Unicode, and the characters that cannot be seen: zero-width blanks and joiners,
# soft hyphens, byte order marks, marks of direction.
BLANKS = (
    "".join(map(chr, [*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]))
    + "\u2028\u2029\u202f\u205f\u3000"
)
INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e" + (
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)

# As a class of a regular expression; what is padded with zero bytes comes from C or a mainframe.
_AROUND = rf"[{BLANKS}{INVISIBLE}\x00]"

# How systems write that there is no value: databases, R and Python, spreadsheets, people's dashes.
MISSING = (
    *("null", r"\n", "nil", "nan", "-nan", "none", "nat", "na", "n/a", "n.a.", "undefined"),
    *("<null>", "<na>", "<none>", "<nil>", "<unset>", "(null)", "[null]", "{null}", "(none)"),
    *("(blank)", "(empty)", "(not set)", "not set"),
    *("#n/a", "#na", "#null!", "#ref!", "#value!", "#name?", "#div/0!", "#num!", "1.#qnan"),
    *("-", "--", "---", "\u2013", "\u2014", "?", "??", "???", "."),
)
# How people write that they do not know. A name may be spelt so as well.
UNKNOWN = (
    *("unknown", "unkown", "not known", "not available", "not provided", "not specified"),
    *("unspecified", "not stated", "not applicable", "missing", "empty", "blank", "no data"),
    *("tbd", "tba", "test", "dummy", "xxx", "xx", "n.v.", "k.a.", "s/d", "s.d."),
    *("unbekannt", "keine angabe", "inconnu", "inconnue", "desconocido", "desconocida"),
    *("desconhecido", "sconosciuto", "onbekend", "ok\u00e4nd", "ukjent", "nieznany", "bilinmiyor"),
    *("\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e", "\u672a\u77e5"),
    *("\u4e0d\u8be6", "\u4e0d\u660e", "\u65e0", "\u6ca1\u6709"),
)
# Numbers that tills give a customer who is none.
NOBODY = ("guest", "anonymous", "anonym", "cash", "walk-in", "walkin", "nobody", "default")

# What the reading of an identifier finds, by number: see ``identifier_kind``.
SPELT_MISSING, SCIENTIFIC, WHOLE_FLOAT, FRACTION, WRAPPED = 1, 2, 3, 4, 5

# Nearly all identifiers are such, and one look tells: nothing has to be done to them.
_PLAIN_IDENTIFIER = "[0-9A-Za-z_:/-]*[0-9][0-9A-Za-z_:/-]*"
_PLAIN_TEXT = "[!-~]([ -~]*[!-~])?"

_SCIENTIFIC = r"[+-]?\d+([.,]\d+)?[eE]\+\d+"
_WHOLE_FLOAT = r"(-?\d+)\.0+"
_FRACTION = r"-?\d*\.\d*[1-9]\d*"


def is_one_of(text: str, spellings: Sequence[str]) -> str:
    """A condition: the text, but for blanks around it, is one of the spellings, in any case."""
    # One look at a text, which DuckDB takes a tenth of the time for that a list takes.
    one = "|".join(re.escape(spelling) for spelling in spellings)
    blanks = f"{_AROUND}*"
    return f"regexp_full_match({text}, {quote(f'(?i){blanks}(?:{one}){blanks}')})"


def trimmed(text: str) -> str:
    """The text without the blanks around it; null if nothing is left."""
    bare = f"case when regexp_full_match({text}, {quote(_PLAIN_TEXT)}) then {text} else "
    return f"nullif({bare} {trim(text)} end, '')"


def identifier(text: str, *, whole_floats: bool) -> str:
    """The identifier that the text means; null if it spells a missing value.

    What spreadsheets put around it is taken off (``="00123"``, ``'00123``); with
    ``whole_floats``, a 1001.0 that was a whole number once is 1001.
    """
    found = _unwrapped(text)
    value = f"case when {is_one_of(found, ('', *MISSING))} then null else {found} end"
    if whole_floats:
        value = f"regexp_replace({value}, {quote(f'^{_WHOLE_FLOAT}$')}, '\\1')"
    return f"case when {is_plain_identifier(text)} then {text} else {value} end"


def identifier_kind(text: str) -> str:
    """What is odd about the text of an identifier, as a number; null if nothing is."""
    # Null where there is nothing to look for: DuckDB evaluates the branches of a case beforehand.
    odd = f"case when {is_plain_identifier(text)} then null else {text} end"
    found = _unwrapped(odd)
    return (
        f"case when {is_one_of(found, MISSING)} then {SPELT_MISSING} "
        f"when regexp_full_match({found}, {quote(_SCIENTIFIC)}) then {SCIENTIFIC} "
        f"when regexp_full_match({found}, {quote(_WHOLE_FLOAT)}) then {WHOLE_FLOAT} "
        f"when regexp_full_match({found}, {quote(_FRACTION)}) then {FRACTION} "
        f"when {found} <> {trim(odd)} then {WRAPPED} end"
    )


def accepted(text: str, values: Sequence[str]) -> str:
    """The accepted value that the text means: in any case, with blanks or hyphens for underscores.

    Null if it spells a missing value; the text itself if it is neither.
    """
    known = ", ".join(quote(value) for value in values)
    folded = f"regexp_replace(lower({trim(text)}), '[ -]+', '_', 'g')"
    return (
        f"case when {text} in ({known}) then {text} when {folded} in ({known}) then {folded} "
        f"when {spells_missing(text)} then null else nullif({trim(text)}, '') end"
    )


def spells_missing(text: str) -> str:
    """A condition: the text says that there is no value."""
    return is_one_of(text, MISSING)


def folded_identifier(text: str) -> str:
    """What an identifier has in common with those that a person would take for the same.

    Not told apart: upper and lower case, blanks and what cannot be seen, ``.0``, and zeros before a
    number.
    """
    bare = f"lower(nfc_normalize(regexp_replace({text}, '{_AROUND}+', '', 'g')))"
    return f"regexp_replace({bare}, '^0*([0-9]+?)(?:\\.0+)?$', '\\1')"


def trim(text: str) -> str:
    """The text without the blanks around it, which may leave nothing."""
    around = f"{_AROUND}+"
    return f"regexp_replace({text}, '^{around}|{around}$', '', 'g')"


def is_plain_identifier(text: str) -> str:
    """A condition: the identifier is taken as it is."""
    return f"regexp_full_match({text}, {quote(_PLAIN_IDENTIFIER)})"


def _unwrapped(text: str) -> str:
    blanks = f"{_AROUND}*"
    inner = f"{blanks}(.*?){blanks}"
    quoted = (f'="{inner}"', f'"{inner}"', f"\u201c{inner}\u201d")
    apostrophes = (f"'{blanks}([^']*?){blanks}'?", f"\u2018{blanks}([^\u2019]*?){blanks}\u2019?")
    kinds = "|".join((*quoted, *apostrophes, "(.*?)"))
    groups = r"\1\2\3\4\5\6"
    return f"regexp_replace({text}, {quote(f'^{blanks}(?:{kinds}){blanks}$')}, '{groups}', 's')"
