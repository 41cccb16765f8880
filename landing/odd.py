"""What was read otherwise than it is written, and whether identifiers were floating point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from landing import texts
from landing.contract import Column
from landing.masking import masked
from landing.reading import Reading

_TOLD = {
    texts.SPELT_MISSING: "read as missing",
    texts.WHOLE_FLOAT: "read as a whole number",
    texts.WRAPPED: "taken out of quotes",
}


def floats(readings: Sequence[Reading]) -> frozenset[str]:
    """Identities whose identifiers were whole numbers before they became floating point.

    Something is written as 1001.0 somewhere, and nothing as 1001.5 anywhere: in all tables that
    share the identifiers, or they would no longer find each other.
    """
    whole, fractions = (
        {
            reading.table.identity(odd.column)
            for reading in readings
            for odd in reading.odd
            if odd.kind == kind and odd.column.is_identifier
        }
        for kind in (texts.WHOLE_FLOAT, texts.FRACTION)
    )
    return frozenset(whole - fractions)


def odd_texts(reading: Reading, is_whole_float: Callable[[Column], bool]) -> tuple[str, ...]:
    """A warning for each column whose texts were not taken as they are written."""
    warnings = []
    for odd in reading.odd:
        column, kind = odd.column, odd.kind
        told = _TOLD.get(kind)
        if kind == texts.WHOLE_FLOAT and not is_whole_float(column):
            told = "kept as it is although it may be a whole number, for others have decimals"
        if told:
            rows = "1 row" if odd.count == 1 else f"{odd.count:,} rows"
            where = f"{reading.table.qualified_name}.{column.name}"
            warnings.append(masked(f"{where}: {told} in {rows}, such as {odd.example!r}"))
    return tuple(warnings)
