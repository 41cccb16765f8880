"""Texts that a spreadsheet must not run."""

# A spreadsheet runs a text that begins like this; an apostrophe makes it a text again.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"


def text_cell(column: str) -> str:
    """SQL for a text column of a CSV file, under its own name."""
    return (
        f"case when regexp_matches({column}, '{_FORMULA}') then '''' || {column} else {column} end "
        f"as {column}"
    )
