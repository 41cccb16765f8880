"""dbt's cross-database macros, rendered well enough for the linter to parse what they leave."""


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


def type_string() -> str:
    return "varchar"
