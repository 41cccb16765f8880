import json
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

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
    bought = [row for row in rows if "2024-05-31" < row[1] <= "2024-06-30"]
    assert found["actual"]["purchases"] == len(bought)
    assert found["actual"]["spend"] == sum(row[2] for row in bought)
    for task in ("purchases", "spend", "churn"):
        assert found["tasks"][task]["champion"] in found["tasks"][task]["candidates"]
        assert found["tasks"][task]["champion"] in done.output
    table = pd.read_parquet(predictions)
    assert sorted(table["customer_id"]) == sorted({row[0] for row in rows})
    assert table["p_no_purchase"].between(0, 1).all()


def test_a_log_without_dates_is_told_what_is_missing(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("customer_id,when\nc1,2024-01-01\n")
    done = CliRunner().invoke(
        main, ["evaluate", str(log), "--cut", "2024-01-01", "--horizon", "30"]
    )
    assert done.exit_code == 1
    assert "missing date, found customer_id, when" in done.output
