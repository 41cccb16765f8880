"""A user's own files: what lands, and the error for each kind of wrong input."""

import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_files import LINES, ORDERS

from landing.contract import TABLES, Table
from landing.files import LandingError, land_files
from landing.reading import did_you_mean


def test_optional_tables_and_columns_may_be_missing(land, landed) -> None:
    result = land()
    assert {table.table_name for table in result.tables} == {t.qualified_name for t in TABLES}
    assert landed("select order_id, customer_id, ordered_at, store_id from pos.orders") == [
        ("1", "c1", datetime(2017, 1, 1, 10), None),
        ("2", None, datetime(2017, 1, 2), None),
    ]
    assert landed("select order_id, quantity, net_revenue, tax_amount from pos.order_lines") == [
        ("1", Decimal("1.000"), Decimal("2.50"), None),
        ("2", Decimal("-1.000"), Decimal("-3.00"), None),
    ]
    assert landed("select count(*) from service.tickets") == [(0,)]
    assert landed("select table_name, row_count, source, landed_on from manifest")[:2] == [
        ("pos.orders", 2, "files: orders.csv", date(2017, 1, 3)),
        ("pos.order_lines", 2, "files: order_lines.csv", date(2017, 1, 3)),
    ]


def test_a_directory_per_system_other_delimiters_and_a_byte_order_mark(
    source: Path, land, landed
) -> None:
    (source / "orders.csv").unlink()
    (source / "pos").mkdir()
    text = 'Order_ID;CUSTOMER_ID;ordered_at;store_id\n"a;""b""";c;2017-01-01T10:00;"one\ntwo"\n'
    (source / "pos" / "orders.csv").write_text(text, encoding="utf-8-sig")
    land()
    assert landed("select order_id, store_id, ordered_at from pos.orders") == [
        ('a;"b"', "one\ntwo", datetime(2017, 1, 1, 10))
    ]


def test_parquet_keeps_its_values(source: Path, land, landed) -> None:
    (source / "orders.csv").unlink()
    pd.DataFrame(
        {
            "order_id": [1, 2],
            "customer_id": ["a", None],
            "ordered_at": pd.to_datetime(["2017-01-01 10:00", "2017-01-02 00:00"]),
            "shipping_amount": [1.25, math.nan],
            "store_id": [None, None],
        }
    ).to_parquet(source / "orders.parquet")
    land()
    assert landed("select order_id, customer_id, shipping_amount, store_id from pos.orders") == [
        ("1", "a", Decimal("1.25"), None),
        ("2", None, None, None),
    ]


def test_unknown_files_and_columns_are_left_out_and_named(source: Path, land) -> None:
    (source / "orders.csv").write_text(ORDERS.replace("customer_id", "customer_id,stor_id", 1))
    (source / "orders.csv").write_text(
        "order_id,customer_id,ordered_at,stor_id\n1,c,2017-01-01,5\n"
    )
    (source / "produkts.csv").write_text("product_id\n1\n")
    (source / "notes.txt").write_text("")
    result = land()
    assert result.tables[0].warnings == (
        "pos.orders has no column stor_id in the contract; it was left out; did you mean store_id?",
    )
    assert [warning.split(" ")[0] for warning in result.warnings] == ["notes.txt", "produkts.csv"]
    assert "did you mean products?" in result.warnings[1]


def test_rounded_amounts_are_told(source: Path, land, landed) -> None:
    text = "order_line_id,order_id,quantity,net_revenue\n1,1,1,2.505\n2,1,1,2.500000000000001\n"
    (source / "order_lines.csv").write_text(text)
    result = land()
    assert result.tables[1].warnings == (
        "pos.order_lines.net_revenue: rounded to decimal(18,2) in 1 rows",
    )
    assert landed("select net_revenue from pos.order_lines") == [
        (Decimal("2.51"),),
        (Decimal("2.50"),),
    ]


def test_a_missing_required_column(source: Path, problems) -> None:
    (source / "orders.csv").write_text("order_id,custmer_id,ordered_at\n1,c1,2017-01-01\n")
    assert problems() == [
        "pos.orders.customer_id: expected a column with text or whole numbers, found only the "
        "columns order_id, custmer_id, ordered_at; did you mean custmer_id?"
    ]


def test_a_missing_required_table(source: Path, problems) -> None:
    (source / "order_lines.csv").unlink()
    assert problems() == [
        "pos.order_lines: expected a file order_lines.csv or order_lines.parquet, found none "
        "among orders.csv"
    ]


def test_without_sales_every_file_is_that_of_a_table(source: Path, land, landed, problems) -> None:
    for name in ("orders.csv", "order_lines.csv"):
        (source / name).unlink()
    assert len(problems()) == 2
    (source / "accounts.csv").write_text("account_id,customer_id,enrolled_on\na1,c1,2017-01-01\n")
    (source / "sales_2017.csv").write_text("order_id,customer_id,ordered_at\n")
    assert len(problems()) == 2
    (source / "sales_2017.csv").unlink()
    assert land().warnings == ()
    assert landed("select account_id from loyalty.accounts") == [("a1",)]
    assert landed("select order_id from pos.orders") == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("net_revenue", "abc"),
        ("net_revenue", "1,50"),
        ("net_revenue", "$5"),
        ("net_revenue", "1_000"),
        ("net_revenue", "NaN"),
        ("net_revenue", "1" + "0" * 17),
        ("quantity", "two"),
        ("ordered_at", "31/12/2017"),
        ("ordered_at", "2017-02-30"),
        ("ordered_at", "2017-01-01 10:00:00+02"),
        ("ordered_at", "2017-01-01T10:00:00Z"),
    ],
)
def test_a_text_that_is_no_value(source: Path, problems, column: str, value: str) -> None:
    row = {"order_id": "2", "customer_id": "", "ordered_at": "2017-01-01", "order_line_id": "2"}
    row |= {"quantity": "1", "net_revenue": "1", column: value}
    name = "orders" if column == "ordered_at" else "order_lines"
    path = source / f"{name}.csv"
    header, first, *_ = path.read_text().splitlines()
    values = ",".join(f'"{row[name]}"' for name in header.split(","))
    path.write_text(f"{header}\n{first}\n{values}\n{values}\n")
    (problem,) = problems()
    assert problem.startswith(f"pos.{name}.{column}: expected a")
    assert f"found other text in 2 of 3 rows, first in row 2: {value!r}" in problem


def test_the_first_bad_row_of_a_large_file_is_named(source: Path, problems) -> None:
    rows = 300_000
    lines = [f"{i},1,1,{'x' if i >= 234_567 else '1'}" for i in range(1, rows + 1)]
    header = "order_line_id,order_id,quantity,net_revenue"
    (source / "order_lines.csv").write_text("\n".join([header, *lines]))
    (problem,) = problems()
    assert problem.endswith("in 65,434 of 300,000 rows, first in row 234,567: 'x'")


@pytest.mark.parametrize(
    ("column", "values", "found"),
    [
        ("ordered_at", ["2017-01-01"], "the type VARCHAR"),
        (
            "ordered_at",
            pd.to_datetime(["2017-01-01"], utc=True),
            "the type TIMESTAMP WITH TIME ZONE",
        ),
        ("order_id", [1.5], "values of the type DOUBLE that are not whole"),
        ("shipping_amount", ["1.50"], "the type VARCHAR"),
        ("shipping_amount", [math.inf], "other values"),
    ],
)
def test_a_wrong_parquet_type(source: Path, problems, column: str, values, found: str) -> None:
    (source / "orders.csv").unlink()
    frame = {"order_id": ["1"], "customer_id": ["c"], "ordered_at": pd.to_datetime(["2017-01-01"])}
    pd.DataFrame(frame | {column: values}).to_parquet(source / "orders.parquet")
    (problem,) = problems()
    assert problem.startswith(f"pos.orders.{column}: expected a" if column != "order_id" else "pos")
    assert f"found {found} in 1 of 1 rows" in problem


def test_personal_data_is_never_shown(source: Path, problems) -> None:
    (source / "customers.csv").write_text("customer_id,birth_date\nc1,31/12/1980\n")
    (problem,) = problems()
    assert "crm.customers.birth_date" in problem
    assert "1980" not in problem


def test_every_problem_of_every_table_at_once(source: Path, problems, tmp_path: Path) -> None:
    (source / "orders.csv").write_text("order_id,customer_id,ordered_at\n1,c1,x\n")
    (source / "pos").mkdir()
    (source / "pos" / "order_lines.csv").write_text(LINES)
    (source / "products.csv").write_text("product_id,list_price\np,x\n")
    (source / "products.parquet").write_bytes(b"")
    (source / "stores.csv").write_text("")
    (source / "campaigns.parquet").write_text("no Parquet")
    (source / "channels.csv").write_text("channel_id,channel_type\n1,sales,2\n")
    (source / "customers.csv").write_bytes("customer_id,city\n1,Zürich\n".encode("latin-1"))
    found = problems()
    assert [problem.split(":")[0] for problem in found] == [
        "pos.order_lines",
        "pos.products",
        "pos.orders.ordered_at",
        "pos.stores",
        "crm.customers",
        "marketing.channels",
        "marketing.campaigns",
    ]
    assert "found order_lines.csv and pos/order_lines.csv" in found[0]
    assert "found products.csv and products.parquet" in found[1]
    assert "an empty file" in found[3]
    assert "text in UTF-8" in found[4]
    assert "Expected Number of Columns: 2 Found: 3" in found[5]
    assert not (tmp_path / "landing").exists()


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="expected a directory with files to land, found none"):
        land_files(tmp_path / "nowhere", tmp_path / "landing", landed_on=date(2017, 1, 1))


def test_a_failed_landing_leaves_the_one_before(source: Path, land, landed, problems) -> None:
    land()
    (source / "orders.csv").write_text("order_id,customer_id,ordered_at\n9,c1,x\n")
    problems()
    assert landed("select order_id from pos.orders") == [("1",), ("2",)]


# What is around an identifier is no part of it.
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8
).map(lambda text: f"x{text}7")
amounts = st.decimals(-(10**9), 10**9, places=2)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(texts, st.none() | amounts, st.datetimes(datetime(1990, 1, 1)), st.booleans()),
        max_size=5,
    )
)
def test_values_survive_csv_and_parquet(rows, source: Path, land, landed) -> None:
    columns = ["touchpoint_id", "cost_amount", "touched_at", "channel_id"]
    frame = pd.DataFrame(
        [(text, amount, when, str(flag)) for text, amount, when, flag in rows], columns=columns
    )
    expected = [(text, amount, when, str(flag)) for text, amount, when, flag in rows]
    csv, parquet = source / "touchpoints.csv", source / "touchpoints.parquet"
    frame.to_csv(csv, index=False, lineterminator="\n")
    land()
    assert landed(f"select {', '.join(columns)} from marketing.touchpoints") == expected
    csv.unlink()
    duckdb.sql("select * from frame").write_parquet(str(parquet)) if rows else None
    if rows and frame["cost_amount"].notna().all():
        land()
        assert landed(f"select {', '.join(columns)} from marketing.touchpoints") == expected
    parquet.unlink(missing_ok=True)


def test_every_file_is_that_of_its_own_table(source: Path, land) -> None:
    """However a table's file is named, and whatever others begin alike."""
    for place, table in enumerate(TABLES):
        for path in source.glob(f"{table.name}.csv"):
            path.unlink()
        header = ",".join(column.name for column in table.columns if column.required)
        where = (table.name, f"{table.name}_2024-01", f"{table.system}/{table.name}-part-0")
        path = source / f"{where[place % 3]}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{header}\n")
    result = land()
    assert result.warnings == ()
    for table in result.tables:
        assert table.table_name.split(".")[1] in table.source, table
        assert table.warnings == ()


def test_equal_names_of_columns_stay_with_their_table(source: Path, land, landed) -> None:
    (source / "orders.csv").write_text(
        "order_id,customer_id,ordered_at,shipping_amount,price,shiped_at\n"
        "1,c1,2017-01-01,4.00,9,2017-01-02\n"
    )
    (source / "order_lines.csv").write_text(
        "order_line_id,order_id,quantity,net_revenue,store_id,shipping_amount,price\n"
        "1,1,1,2.50,seller,1.50,9\n"
    )
    (source / "prices.csv").write_text("product_id,valid_from,price,store_id\np,2017-01-01,9,\n")
    result = land()
    assert landed("select store_id, shipping_amount, shipped_at from pos.orders") == [
        (None, Decimal("4.00"), None)
    ]
    assert landed("select store_id, shipping_amount from pos.order_lines") == [
        ("seller", Decimal("1.50"))
    ]
    assert landed("select price, regular_price, store_id from marketing.prices") == [
        (Decimal("9.00"), None, None)
    ]
    told = {table.table_name: table.warnings for table in result.tables if table.warnings}
    assert set(told) == {"pos.orders", "pos.order_lines"}
    (orders,), (lines,) = told.values()
    assert orders.endswith("left out: shiped_at; did you mean shipped_at?; price")
    assert lines == "pos.order_lines has no column price in the contract; it was left out"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.qualified_name)
def test_a_name_with_a_typo_is_told_the_nearest(table: Table) -> None:
    others = [other.name for other in TABLES]
    assert did_you_mean(table.name[:-1], others) == f"; did you mean {table.name}?"
    for name in table.column_names:
        for typo in (name[:-1], f"{name}s"):
            known = list(table.column_names)
            assert typo in known or did_you_mean(typo, known) == f"; did you mean {name}?"
