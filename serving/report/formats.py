"""Numbers, dates and counts as the report words them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from serving.language import is_chinese, say, say_count

Number = int | float | Decimal

MISSING = "–"


def whole(value: Number | None) -> str:
    """12345.6 as 12,346; halves are rounded up."""
    if value is None:
        return MISSING
    return with_minus(f"{Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP):,}")


def amount(value: Number | None) -> str:
    """1234.56 as 1,235 and 1.23456 as 1.23."""
    if value is None or abs(float(value)) >= 100:
        return whole(value)
    return with_minus(f"{value:.2f}")


def cents(value: Number | None) -> str:
    """12345.6 as 12,345.60."""
    return MISSING if value is None else with_minus(f"{value:,.2f}")


def signed(value: int | None) -> str:
    """5 as +5, -5 with a minus sign, 0 as ±0."""
    if value is None:
        return MISSING
    return "±0" if value == 0 else with_minus(f"{value:+,}")


def with_minus(text: str) -> str:
    """A number with a minus sign for the hyphen."""
    return text.replace("-", "−")


def percent(value: Number | None, digits: int | None = None) -> str:
    """0.416 as 42%; without ``digits`` a little is never shown as nothing, nor most as all."""
    if value is None:
        return MISSING
    # The lower end of an interval may be a zero with a sign.
    share = float(value) + 0.0
    if digits is not None:
        return with_minus(f"{100 * share:.{digits}f}%")
    text = f"{100 * share:.{1 if 0 < abs(share) < 0.01 or 0.99 < share < 1 else 0}f}%"
    if share < 1 and text in ("100%", "100.0%"):
        return ">99.9%"
    if share > 0 and text in ("0%", "0.0%"):
        return "<0.1%"
    return "0%" if text == "-0.0%" else with_minus(text)


def points(value: Number) -> str:
    """A difference of shares: 0.0168 as 1.7 percentage points."""
    if 0 < abs(float(value)) < 0.0005:
        return say("less than 0.1 percentage points")
    return with_minus(say("{:.1f} percentage points", 100 * float(value)))


def ratio(part: Number | None, total: Number | None) -> float | None:
    """Part over total; None if either is unknown or the total is zero."""
    return None if part is None or not total else float(part) / float(total)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """1 customer, 2,469 customers."""
    told = say_count(number, noun)
    return told or f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: Sequence[str]) -> str:
    """a, b and c."""
    if is_chinese():
        return "、".join(items)
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def day(value: date | None) -> str:
    """1 January 2018."""
    if value is None:
        return MISSING
    return _chinese_day(value) if is_chinese() else f"{value.day} {value:%B %Y}"


def short_day(value: date | None) -> str:
    """1 Jan 2018."""
    if value is None:
        return MISSING
    return _chinese_day(value) if is_chinese() else f"{value.day} {value:%b %Y}"


def month(value: date) -> str:
    """December 2017."""
    return f"{value.year}年{value.month}月" if is_chinese() else f"{value:%B %Y}"


def short_month(value: date) -> str:
    """Dec 2017."""
    return f"{value.year}年{value.month}月" if is_chinese() else f"{value:%b %Y}"


def month_name(value: date) -> str:
    """December."""
    return f"{value.month}月" if is_chinese() else f"{value:%B}"


def _chinese_day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def capitalised(text: str) -> str:
    """The first letter upper case, the others as they are."""
    return text[:1].upper() + text[1:]
