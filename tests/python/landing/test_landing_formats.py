"""How files may be written: several of a table, packed, with other line ends, odd Parquet types."""

import gzip
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_files import LINES, ORDERS

from landing.files import LandingError, land_files

HEADER = "order_id,customer_id,ordered_at"
IDS = "select order_id from pos.orders"


@pytest.mark.parametrize(
    "names",
    [
        ("orders_2017-01.csv", "orders_2017-02.csv"),
        ("orders-part-0.csv", "orders-part-1.csv"),
        ("orders/part-0.csv", "orders/part-1.csv"),
        ("pos/orders/a.csv", "pos/orders/b.csv"),
        ("orders.csv/part-0.csv", "orders.csv/part-1.csv"),
        ("orders/day=2017-01-01/x.csv", "orders/day=2017-01-02/x.csv"),
    ],
)
def test_several_files_are_one_table_in_the_order_of_their_names(
    source: Path, land, landed, names: tuple[str, ...]
) -> None:
    (source / "orders.csv").unlink()
    for number, name in enumerate(names):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEADER}\n{2 - number},c,2017-01-01\n")
    (source / names[0]).parent.joinpath("_SUCCESS").touch()
    land()
    assert landed(IDS) == [("2",), ("1",)]
    before = landed("select fingerprint from manifest")
    assert land().unchanged
    (source / names[1]).write_text(f"{HEADER}\n3,c,2017-01-01\n")
    assert not land().unchanged
    assert landed("select fingerprint from manifest") != before
    assert landed("select source from manifest")[0] == (
        f"files: {names[0]} to {names[1]}, 2 files",
    )


def test_several_parquet_files_whose_types_differ(source: Path, land, landed) -> None:
    (source / "orders.csv").unlink()
    folder = source / "orders.parquet"
    folder.mkdir()
    times = pd.to_datetime(["2017-01-01"])
    for name, ids in (("part-0", [7]), ("part-1", ["A"]), ("part-2", [8.0])):
        frame = pd.DataFrame({"order_id": ids, "customer_id": ["c"], "ordered_at": times})
        frame.to_parquet(folder / f"{name}.snappy.parquet")
    land()
    assert landed(IDS) == [("7",), ("A",), ("8",)]


def test_rows_keep_their_order_over_large_files(source: Path, land, landed) -> None:
    """Of rows that are equally new the last one wins."""
    (source / "orders.csv").unlink()
    expected: list[str] = []
    for part, delimiter in enumerate((",", ";", ",")):
        ids = [f"{part}-{i}" for i in range(150_000)]
        expected += ids
        rows = [delimiter.join((order, "c", "2017-01-01")) for order in ids]
        header = HEADER.replace(",", delimiter)
        (source / f"orders_{part}.csv").write_text("\n".join([header, *rows]))
    land()
    assert [row[0] for row in landed(IDS)] == expected


def test_files_of_a_table_that_disagree(source: Path, problems) -> None:
    (source / "orders.csv").unlink()
    (source / "orders_1.csv").write_text(f"{HEADER},store_id\n1,c,2017-01-01,s\n")
    (source / "orders_2.csv").write_text(f"{HEADER}\n2,c,2017-01-01\n")
    (source / "order_lines.csv").unlink()
    (source / "order_lines_1.csv").write_text(LINES)
    (source / "order_lines_2.csv").write_text(LINES.replace("2.50", "x"))
    assert problems() == [
        "pos.orders.store_id: expected the same columns in every file, found none of this name in "
        "orders_2.csv",
        "pos.order_lines.net_revenue: expected an amount such as 12.34, found other text in 1 of 4 "
        "rows, first in row 1 of order_lines_2.csv: 'x'",
    ]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("orders.xlsx",), "found orders.xlsx; save it as CSV"),
        (("orders.csv.zip",), "found orders.csv.zip; save it as CSV"),
        (("Order export.csv", "x.json"), "found none among Order export.csv, order_lines.csv, x"),
        (("orders.csv", "orders/orders.csv"), "found orders/orders.csv and orders.csv; the same"),
        (("orders_1.csv", "orders-1.csv.gz"), "found orders-1.csv.gz and orders_1.csv; the same"),
    ],
)
def test_files_that_are_not_read_are_named(
    source: Path, problems, names: tuple[str, ...], told: str
) -> None:
    (source / "orders.csv").unlink()
    for name in names:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(ORDERS)
    (problem,) = problems()
    assert problem.startswith("pos.orders: expected")
    assert told in problem


@pytest.mark.parametrize(
    "content",
    [
        b"order_id,customer_id,ordered_at\nA,c,2017-01-01\r\nB,c,2017-01-02\n",
        b"order_id,customer_id,ordered_at\r\nA,c,2017-01-01\nB,c,2017-01-02\r\n",
        b"order_id,customer_id,ordered_at\rA,c,2017-01-01\rB,c,2017-01-02\r",
        b"order_id,customer_id,ordered_at\rA,c,2017-01-01\nB,c,2017-01-02\r\n",
        b"sep=;\norder_id;customer_id;ordered_at\nA;c;2017-01-01\nB;c;2017-01-02\n",
        b"\xef\xbb\xbfsep=\t\norder_id\tcustomer_id\tordered_at\nA\tc\t2017-01-01\nB\tc\t2017-01-02",
        b"Sales 2017\n\n# by, day\norder_id,customer_id,ordered_at\nA,c,2017-01-01\nB,c,2017-01-02",
        b"\n\norder_id,customer_id,ordered_at\n\nA,c,2017-01-01\n\nB,c,2017-01-02\n\n",
        b'order_id,customer_id,ordered_at,"a;b;c;d"\nA,c,2017-01-01,x\nB,c,2017-01-02,"y\n;z"\n',
        b'order_id,customer_id,ordered_at,"two\nlines"\nA,c,2017-01-01,x\nB,c,2017-01-02,y\n',
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_other_ways_to_write_a_csv_file(
    source: Path, land, landed, content: bytes, packed: bool
) -> None:
    (source / "orders.csv").unlink()
    path = source / ("orders.csv.gz" if packed else "orders.tsv")
    path.write_bytes(gzip.compress(content) if packed else content)
    land()
    assert landed("select order_id, customer_id, ordered_at from pos.orders") == [
        ("A", "c", datetime(2017, 1, 1)),
        ("B", "c", datetime(2017, 1, 2)),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ((HEADER + "\n1,c,2017-01-01" * 5_000 + "\n2,Zürich,x").encode("cp1252"), "line 5,002"),
        (HEADER.encode("utf-16"), "text in UTF-16"),
        (b"PK\x03\x04rest of a workbook", "a workbook or archive"),
        (gzip.compress(ORDERS.encode() * 99)[:-20], "cannot be unpacked"),
        (b"title\norder,customer\n1,2\n", "only the columns title"),
    ],
    ids=["code page", "UTF-16", "workbook", "broken archive", "title"],
)
def test_other_ways_that_are_refused(source: Path, problems, content: bytes, told: str) -> None:
    (source / "orders.csv").write_bytes(content)
    assert any("pos.orders" in problem and told in problem for problem in problems())


def _parquet(source: Path, **columns: object) -> None:
    (source / "orders.csv").unlink(missing_ok=True)
    table = {"order_id": ["1"], "customer_id": ["c"], "ordered_at": [datetime(2017, 1, 1)]}
    pq.write_table(pa.table(table | columns), source / "orders.parquet")


@pytest.mark.parametrize(
    ("ids", "read"),
    [
        (pa.array([Decimal(1001)], pa.decimal128(38, 0)), "1001"),
        (pa.array([Decimal("12345678901234567890")], pa.decimal128(20, 0)), "12345678901234567890"),
        (pa.array([Decimal("7.00")], pa.decimal128(10, 2)), "7"),
        (pa.array([1001.0]), "1001"),
        (pa.array([float(2**53)]), "9007199254740992"),
        (pa.array([1001.0], pa.float32()), "1001"),
        (pa.array([float("nan")]), None),
        (pa.array([None], pa.float64()), None),
        (pa.array([None], pa.list_(pa.int8())), None),
    ],
)
def test_parquet_identifiers_that_are_whole_numbers(source: Path, land, landed, ids, read) -> None:
    _parquet(source, customer_id=ids)
    land()
    assert landed("select customer_id from pos.orders") == [(read,)]


@pytest.mark.parametrize(
    ("column", "values", "found", "remedy"),
    [
        ("customer_id", pa.array([1001.5]), "DOUBLE that are not whole", "cast it to text"),
        ("customer_id", pa.array([2.0**60]), "DOUBLE that are not whole", "9,007,199,254,740,992"),
        ("customer_id", pa.array([2.0**25], pa.float32()), "FLOAT that", "16,777,216"),
        ("customer_id", pa.array([Decimal("1.5")]), "DECIMAL that are not whole", "cast it to"),
        ("customer_id", pa.array([b"x"]), "the type BLOB", "cast it to text"),
        (
            "shipping_amount",
            pa.array([Decimal("10.10")], pa.decimal256(50, 10)),
            "a decimal of 50 digits",
            "cast it to decimal(18,2)",
        ),
        (
            "customer_id",
            pa.array([Decimal(10)], pa.decimal256(39, 0)),
            "a decimal of 39 digits",
            "cast it to text",
        ),
        ("ordered_at", pa.array([20170104]), "the type BIGINT", "cast it to a time stamp without"),
        ("ordered_at", pa.array(["2017-01-04"]), "the type VARCHAR", "cast it to a time stamp"),
    ],
)
def test_parquet_types_that_are_refused(
    source: Path, problems, *, column: str, values: object, found: str, remedy: str
) -> None:
    _parquet(source, **{column: values})
    (problem,) = problems()
    assert problem.startswith(f"pos.orders.{column}: expected")
    assert found in problem
    assert remedy in problem


def test_parquet_time_stamps_that_may_be_utc_are_refused(source: Path, problems) -> None:
    (source / "orders.csv").unlink()
    frame = pd.DataFrame(
        {"order_id": ["1"], "customer_id": ["c"], "ordered_at": pd.to_datetime(["2017-01-01"])}
    )
    frame.to_parquet(source / "orders.parquet", use_deprecated_int96_timestamps=True)
    (problem,) = problems()
    assert "INT96, which may be UTC or local" in problem
    assert "cast it to a time stamp without a time zone" in problem


def test_floating_money_loses_nothing(source: Path, land, landed) -> None:
    amounts = np.array([10.10, 1234.56, 99999.99], dtype=np.float32)
    (source / "order_lines.csv").unlink()
    pd.DataFrame(
        {"order_line_id": range(3), "order_id": 1, "quantity": 1, "net_revenue": amounts}
    ).to_parquet(source / "order_lines.parquet")
    assert land().tables[1].warnings == ()
    assert landed("select net_revenue from pos.order_lines") == [
        (Decimal("10.10"),),
        (Decimal("1234.56"),),
        (Decimal("99999.99"),),
    ]


@pytest.mark.parametrize(
    "folder",
    ["customer_id=77", "it's [x] here", "{braces} (1)", "what*?"],
)
def test_a_path_is_only_a_path(tmp_path: Path, folder: str) -> None:
    source, home = tmp_path / folder / "source", tmp_path / folder / "home"
    source.mkdir(parents=True)
    _parquet(source)
    (source / "order_lines.csv").write_text(LINES)
    (source / "products").mkdir()
    (source / "products" / "a.csv").write_text("product_id\np\n")
    for _ in range(2):
        result = land_files(source, home / "landing", landed_on=date(2017, 1, 3))
    assert result.unchanged
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select customer_id from read_parquet(?, hive_partitioning = false)",
            [str(home / "landing" / "pos" / "orders" / "orders.parquet")],
        ).fetchall()
    assert rows == [("c",)]


def test_many_unknown_columns_are_one_warning(source: Path, land) -> None:
    names = [f"extra_{i}" for i in range(500)]
    header, *rows = ORDERS.splitlines()
    lines = [",".join([header, *names, "stor_id"]), *(row + "," * 501 for row in rows)]
    (source / "orders.csv").write_text("\n".join(lines))
    (warning,) = land().tables[0].warnings
    assert warning == (
        "pos.orders has 501 columns that are not in the contract; they were left out: stor_id; did "
        "you mean store_id?; extra_0; extra_1; extra_2; extra_3 and 496 more"
    )


def test_a_day_ends_before_24_o_clock(source: Path, problems) -> None:
    (source / "orders.csv").write_text(f"{HEADER}\nA,c,2024-01-05 24:00:00\nB,c,0224-06-01\n")
    (problem,) = problems()
    assert "in 1 of 2 rows, first in row 1: '2024-01-05 24:00:00'; a day has the hours 0" in problem


cells = st.text(st.sampled_from(',;|\t"a \n'), max_size=6)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    quoted=st.lists(cells.map(lambda text: f"x{text}x"), min_size=1, max_size=3, unique=True),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_is_quoted_never_changes_the_columns(
    quoted: list[str], delimiter: str, source: Path, land, landed
) -> None:
    names = [*HEADER.split(","), *('"' + text.replace('"', '""') + '"' for text in quoted)]
    row = ["A", "c", "2017-01-01", *names[3:]]
    lines = [delimiter.join(names), delimiter.join(row)]
    (source / "orders.csv").write_text("\n".join(lines), newline="")
    try:
        land()
    except LandingError as error:
        assert "used twice" in str(error)  # noqa: PT017 (names that differ only by blanks)
        return
    assert landed("select order_id, customer_id, ordered_at from pos.orders") == [
        ("A", "c", datetime(2017, 1, 1))
    ]
