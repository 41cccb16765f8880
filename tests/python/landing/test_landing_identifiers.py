"""Identifiers and words of a list mean what a person would read, and what was done is counted."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landing import texts
from landing.contract import TABLES

HEADER = "order_id,customer_id,ordered_at"
CUSTOMERS = "select customer_id from pos.orders"


def _orders(source: Path, *customers: str, header: str = HEADER) -> None:
    rows = [f"{i},{customer},2017-01-01" for i, customer in enumerate(customers)]
    (source / "orders.csv").write_text("\n".join([header, *rows]), encoding="utf-8")


def test_identifiers_follow_from_the_contract() -> None:
    identifiers = {
        f"{table.qualified_name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if column.is_identifier
    }
    for table in TABLES:
        if len(table.key) == 1:
            assert f"{table.qualified_name}.{table.key[0]}" in identifiers
        for column in table.columns:
            if column.references:
                assert {f"{table.qualified_name}.{column.name}", column.references} <= identifiers
    assert "marketing.channel_costs.cost_type" not in identifiers


@pytest.mark.parametrize(
    "text",
    [
        *("C1 ", "\tC1", "\u00a0C1\u00a0", "\u200bC1\ufeff", "\u3000C1", "C1\u00ad"),
        *("' C1 '", "'C1", "C1\0\0"),
        *('="C1"', '"=""C1"""', '"""C1"""', "\u201cC1\u201d"),
    ],
)
def test_what_surrounds_an_identifier_is_no_part_of_it(
    source: Path, land, landed, text: str
) -> None:
    _orders(source, "C1", text)
    land()
    assert landed(CUSTOMERS) == [("C1",), ("C1",)]


@pytest.mark.parametrize(
    "text",
    [
        *("NULL", "null", r"\N", "nan", "NaN", "None", "#N/A", "N/A", "NaT", "<NA>", "NA", "-"),
        *("(null)", "#REF!", "?", "undefined", "  NULL ", "'NULL'", '=""', "\u00a0", "(not set)"),
    ],
)
def test_a_missing_value_spelt_out_is_nobody(source: Path, land, landed, text: str) -> None:
    _orders(source, "C1", text)
    warnings = land().tables[0].warnings
    assert landed(CUSTOMERS) == [("C1",), (None,)]
    if text not in {'=""', "\u00a0"}:
        assert warnings == (f"pos.orders.customer_id: read as missing in 1 row, such as {text!r}",)


def test_spreadsheet_residue_is_counted(source: Path, land, landed) -> None:
    _orders(source, '="00123"', "'00124", "00125")
    assert land().tables[0].warnings == (
        'pos.orders.customer_id: taken out of quotes in 2 rows, such as "\'00124"',
    )
    assert landed(CUSTOMERS) == [("00123",), ("00124",), ("00125",)]


def test_numbers_that_became_floating_point_are_whole_again_in_every_table(
    source: Path, land, landed
) -> None:
    _orders(source, "1001.0", "", "1002.0", "A7")
    (source / "customers.csv").write_text("customer_id,city\n1001,Bath\n1002,1.0\n")
    assert land().tables[0].warnings == (
        "pos.orders.customer_id: read as a whole number in 2 rows, such as '1001.0'",
    )
    assert landed(CUSTOMERS) == [("1001",), (None,), ("1002",), ("A7",)]
    assert landed("select city from crm.customers") == [("Bath",), ("1.0",)]


def test_numbers_with_decimals_are_left_alone_in_every_table(source: Path, land, landed) -> None:
    _orders(source, "1.0", "2.0")
    (source / "customers.csv").write_text("customer_id\n1.0\n1.5\n")
    (warning,) = land().tables[0].warnings
    assert warning.startswith("pos.orders.customer_id: kept as it is")
    assert landed(CUSTOMERS) == [("1.0",), ("2.0",)]
    # What another table says counts, although this one has not changed.
    (source / "customers.csv").write_text("customer_id\n1.0\n2\n")
    land()
    assert landed(CUSTOMERS) == [("1",), ("2",)]


@pytest.mark.parametrize("text", ["1.23E+12", "1.23457E+12", "1e+16", '"1,23E+12"'])
def test_numbers_cut_short_are_refused(source: Path, problems, text: str) -> None:
    _orders(source, "1001", text, "1e10", text)
    (problem,) = problems()
    assert problem.startswith("pos.orders.customer_id: expected identifiers as they were issued")
    assert f"in 2 of 4 rows, first in row 2: {text.strip(chr(34))!r}; different ones" in problem


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *(("completed   ", "completed"), ("Completed", "completed"), ("COMPLETED", "completed")),
        *(("\u00a0test\u200b", "test"), ("NULL", None), ("", None), ("Lost ", "Lost")),
    ],
)
def test_words_of_a_list_are_read_in_any_case(source: Path, land, landed, text, read) -> None:
    _orders(source, f"c,2017-01-01,{text}", header="order_id,customer_id,ordered_at,order_status,x")
    land()
    assert landed("select order_status from pos.orders") == [(read,)]


def test_words_of_a_list_with_blanks(source: Path, land, landed) -> None:
    header = "order_line_id,order_id,quantity,net_revenue,line_type"
    (source / "order_lines.csv").write_text(f"{header}\n1,1,1,1,Gift Card\n2,1,1,1,gift-card\n")
    land()
    assert landed("select line_type from pos.order_lines") == [("gift_card",), ("gift_card",)]


def test_names_are_only_trimmed(source: Path, land, landed) -> None:
    (source / "customers.csv").write_text(
        "customer_id,city,full_name,age_band,birth_date\n"
        "1, None\u00a0,='x',NaN,NULL\n2,unknown,null,118,\\N\n"
    )
    customers = {table.table_name: table for table in land().tables}["crm.customers"]
    warnings = customers.warnings
    assert landed("select city, full_name, age_band, birth_date from crm.customers") == [
        ("None", "='x'", "NaN", None),
        ("unknown", "null", "118", None),
    ]
    assert warnings == ("crm.customers.birth_date: read as missing in 2 rows, such as 'NULL'",)


def test_missing_values_can_be_said(source: Path, land, landed) -> None:
    (source / "customers.csv").write_text(
        "customer_id,city,age_band,income_band\n"
        "none such,Unknown,118,118\n2,None,nan,-\n3, NAN ,x,y\n"
    )
    land(missing_values=["nan", "unknown", "-", "age_band=118", "none such"])
    assert landed("select customer_id, city, age_band, income_band from crm.customers") == [
        (None, None, None, "118"),
        ("2", "None", None, None),
        ("3", None, "x", "y"),
    ]
    again = {table.table_name: table for table in land().tables}
    assert again["crm.customers"].unchanged is False


def test_a_missing_value_spelt_out_where_one_is_needed_is_refused(source: Path, problems) -> None:
    (source / "order_lines.csv").write_text(
        "order_line_id,order_id,quantity,net_revenue,tax_amount\n1,1,1,NULL,NULL\n"
    )
    (problem,) = problems()
    assert problem.startswith("pos.order_lines.net_revenue")
    assert problem.endswith("'NULL'; a row without a value leaves it empty")


AROUND = texts.BLANKS + texts.INVISIBLE
letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ids=st.lists(
        st.text(letters, max_size=8).map(lambda text: f"{text.strip(AROUND)}7x"), max_size=8
    ),
    around=st.text(st.sampled_from(AROUND.replace("\n", "").replace("\r", "")), max_size=3),
)
def test_an_identifier_survives_but_for_what_is_around_it(
    ids: list[str], around: str, source: Path, land, landed
) -> None:
    ids = [text for text in ids if text[0] not in "'\u2018\"="]
    quoted = ['"' + f"{around}{text}{around}".replace('"', '""') + '"' for text in ids]
    _orders(source, *quoted)
    land()
    assert landed(CUSTOMERS) == [(text,) for text in ids]
