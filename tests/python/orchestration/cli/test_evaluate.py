import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from landing.log import Log, read_log
from orchestration.cli import main


def test_any_log_is_back_tested_and_written(tmp_path: Path) -> None:
    days = pd.date_range("2024-01-01", "2024-06-30", freq="D")
    rows = [
        (f"c{customer}", day.date().isoformat(), 10 + customer)
        for customer in range(30)
        for position, day in enumerate(days)
        if position % (customer + 2) == 0
    ]
    log = tmp_path / "log.csv"
    rows += [("NULL", "2024-02-01", 5)] * 10
    pd.DataFrame(rows, columns=["customer_id", "date", "amount"]).to_csv(log, index=False)
    summary, predictions = tmp_path / "summary.json", tmp_path / "predictions.parquet"
    done = CliRunner().invoke(
        main,
        [
            *("evaluate", str(log), "--cut", "2024-05-31", "--horizon", "30", "--unit", "weeks"),
            *("--json", str(summary), "--predictions", str(predictions)),
        ],
    )
    assert done.exit_code == 0, done.output
    found = json.loads(summary.read_text())
    assert found["customers"] == 30
    assert found["log"]["without_customer"] == 10
    assert "10 rows (1.7%) without a customer, with 50.00 of the amounts" in " ".join(
        done.output.split()
    )
    bought = [row for row in rows if "2024-05-31" < row[1] <= "2024-06-30"]
    assert found["actual"]["purchases"] == len(bought)
    assert found["actual"]["spend"] == sum(row[2] for row in bought)
    for task in ("purchases", "spend", "churn"):
        assert found["tasks"][task]["champion"] in found["tasks"][task]["candidates"]
        assert found["tasks"][task]["champion"] in done.output
    table = pd.read_parquet(predictions)
    assert sorted(table["customer_id"]) == sorted({row[0] for row in rows if row[0] != "NULL"})
    assert table["p_no_purchase"].between(0, 1).all()


def _read(tmp_path: Path, content: str | bytes, name: str = "log.csv") -> Log:
    log = tmp_path / name
    log.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_log(log)


@pytest.mark.parametrize(
    ("date_text", "told"),
    [
        ("01/11/2023", "year, month and day in this order"),
        ("1.11.2023", "year, month and day in this order"),
        ("44937", "a day as spreadsheets number them"),
        ("1673395200", "a time counted from 1970"),
        ("1673395200000", "a time counted from 1970"),
        ("2023-01-11T23:30:00+01:00", "it has a time zone"),
        ("2023-01-11 23:30:00 UTC", "it has a time zone"),
        ("2023-01-11 24:00:00", "the hours 0 to 23"),
        ("2023-01-11 11:30 PM", "write the hours from 0 to 23"),
        ("20231311", "expected a local time"),
    ],
)
def test_a_date_is_never_guessed(tmp_path: Path, date_text: str, told: str) -> None:
    content = f"customer_id,date,amount\n1,2023-01-10,1\n1,{date_text},21.00\n"
    with pytest.raises(ValueError, match=r"transaction\.log\.date") as error:
        _read(tmp_path, content)
    assert told in str(error.value)
    assert f"in 1 of 2 rows, first in row 2: {date_text!r}" in str(error.value)


def test_columns_are_read_as_text_and_then_typed(tmp_path: Path) -> None:
    """Whatever the first thousands of rows look like."""
    rows = [f"{i},20230104,1,x" for i in range(1, 30_000)]
    rows += ["000123,2023-01-05 23:59:59,2.345,x", "12345678901234567890,2023/1/6,1e2,x"]
    rows += ["12345678901234567891 ,2023-01-06,.5,x", '="00123",2023-01-06,1,x']
    log = _read(tmp_path, "\n".join(["Customer_ID, Date ,AMOUNT,units", *rows]), "export.txt")
    assert list(log.rows.columns) == ["customer_id", "date", "amount"]
    assert log.rows["date"].min() == pd.Timestamp("2023-01-04")
    last = [tuple(row) for row in log.rows.tail(4).itertuples(index=False)]
    assert last == [
        ("000123", pd.Timestamp("2023-01-05"), 2.345),
        ("12345678901234567890", pd.Timestamp("2023-01-06"), 100.0),
        ("12345678901234567891", pd.Timestamp("2023-01-06"), 0.5),
        ("00123", pd.Timestamp("2023-01-06"), 1.0),
    ]
    assert log.rows["customer_id"].nunique() == 30_003
    assert log.alike is not None
    assert log.alike.count == 3
    assert set(log.alike.example) <= {"123", "000123", "00123"}


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = ["c1,2023-01-04,10", "C1 ,2023-01-05,10", "NULL,2023-01-05,20", ",2023-01-06,"]
    rows += ["c2,,5", "c2,2023-01-06,0", "c2,2023-01-07,-5", "nan,2023-01-08,0"]
    log = _read(tmp_path, "\n".join(["customer_id,date,amount", *rows]))
    assert log.rows["customer_id"].tolist() == ["c1", "C1", "c2", "c2"]
    assert log.left_out() == [
        "3 rows (37.5%) without a customer, with 20.00 of the amounts (50.0%)",
        "1 row (12.5%) without a date",
        "2 rows (25.0%) with an amount of zero",
        "1 row (12.5%) with a negative amount, which take back purchases of the same amount",
    ]
    assert log.warnings == (
        "transaction.log.customer_id: read as missing in 2 rows, such as 'NULL'",
    )
    assert log.alike is not None
    assert log.alike.example == ("C1", "c1")


def test_parquet_logs_have_the_same_rules(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    days = pd.to_datetime(["2023-01-04", None])
    pd.DataFrame({"customer_id": [7.0, None], "date": days}).to_parquet(path)
    log = read_log(path)
    assert log.rows["customer_id"].tolist() == ["7"]
    assert list(log.rows.columns) == ["customer_id", "date"]
    assert log.left_out()[0] == "1 row (50.0%) without a customer"
    for wrong, told in (
        ([20230104, 20230105], "the type BIGINT"),
        (days.tz_localize("UTC"), "TIMESTAMP WITH TIME ZONE"),
    ):
        pd.DataFrame({"customer_id": ["a", "b"], "date": wrong}).to_parquet(path)
        with pytest.raises(ValueError, match=told):
            read_log(path)


def test_a_log_that_cannot_be_read_is_told_why(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("customer_id,when\nc1,2024-01-01\n1.5E+11,2024-01-02\n")
    done = CliRunner().invoke(
        main, ["evaluate", str(log), "--cut", "2024-01-01", "--horizon", "30"]
    )
    assert done.exit_code == 1
    assert "transaction.log.date: expected a column" in done.output
    assert "found only the columns customer_id, when" in done.output
