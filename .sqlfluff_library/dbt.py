"""dbt's cross-database macros, rendered well enough for the linter to parse what they leave."""


def concat(fields: list[str]) -> str:
    return " || ".join(fields)


def date_trunc(datepart: str, date: str) -> str:
    return f"date_trunc('{datepart}', {date})"


def dateadd(datepart: str, interval: object, from_date_or_timestamp: str) -> str:
    return f"date_add({from_date_or_timestamp}, interval ({interval}) {datepart})"


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    return f"date_diff('{datepart}', {first_date}, {second_date})"


def hash(field: str) -> str:  # noqa: A001
    return f"md5({field})"


def last_day(date: str, datepart: str) -> str:
    return f"last_day({date})"


def position(substring_text: str, string_text: str) -> str:
    return f"strpos({string_text}, {substring_text})"


def type_string() -> str:
    return "varchar"


def listagg(measure: str, delimiter_text: str = "','", order_by_clause: str = "") -> str:
    return f"string_agg({measure}, {delimiter_text} {order_by_clause})"


def split_part(string_text: str, delimiter_text: str, part_number: object) -> str:
    return f"split_part({string_text}, {delimiter_text}, {part_number})"
