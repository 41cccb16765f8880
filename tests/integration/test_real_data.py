"""One run on the real data, and everything that may happen to it afterwards.

The tests of this module run in order on one home: a killed run, then the next one, and so on.
"""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from dagster import AssetKey, DagsterInstance
from outer_joins import compared_in_pairs
from tests_home import Home

from landing.contract import TABLES

LINES, BASKETS, HOUSEHOLDS = 1_469_307, 155_848, 2_469
REVENUE = Decimal("4596039.58")
FEW_ROWS = {
    *("manifest", "labels", "unknown_values", "non_members", "mart_weeks"),
    *("points_rules", "spend_rules", "orders_rules", "engaged_days_rules"),
    *("customer_sizes", "household_sizes", "person_sizes"),
}
"""Relations so small that every row may be compared with them."""
COUNTED_OFTEN = {
    ("assert_rfm_history_has_every_buyer", "purchase_days"),
    ("assert_target_actuals_tie_to_orders", "orders"),
}
"""Joined with a few month ends, or periods."""
STAGES = {
    "new": 17,
    "growing": 401,
    "mature": 1_215,
    "declining": 605,
    "dormant": 92,
    "lost": 43,
    "reactivated": 96,
}


def test_revenue_ties_out_to_the_cent_everywhere(complete_journey: Home) -> None:
    landed = duckdb.sql(
        "select sum(net_revenue), count(*) from "
        f"read_parquet('{complete_journey.path}/landing/pos/order_lines/*.parquet')"
    ).fetchall()[0]
    assert landed[1] == LINES
    [(lines,)] = complete_journey.published("select sum(net_revenue) from marts.fct_order_lines")
    [(orders,)] = complete_journey.published("select sum(net_revenue) from marts.fct_orders")
    models = complete_journey.published(
        "select attribution_model, sum(net_revenue) from marts.channel_contribution "
        "group by attribution_model"
    )
    reported = complete_journey.published(
        "select count(*), count_if(difference = 0) from marts.revenue_reconciliation "
        "where kind = 'reported'"
    )
    rejected = complete_journey.published(
        "select -coalesce(sum(net_revenue), 0) from marts.revenue_reconciliation "
        "where kind = 'deduction'"
    )
    assert lines == orders == landed[0] - rejected[0][0] == REVENUE
    assert {model for model, _ in models} == {
        *("first_touch", "last_touch", "last_non_direct", "linear", "time_decay", "position_based"),
        *("markov_1", "markov_2", "markov_3", "markov_4", "shapley_subset"),
    }
    assert {total for _, total in models} == {lines}
    assert reported[0][0] == reported[0][1] >= 8
    assert isinstance(lines, Decimal)


def test_every_landed_row_is_accounted_for(complete_journey: Home) -> None:
    rows = complete_journey.published(
        "select table_name, landed_rows, accepted_rows + duplicate_rows + quarantined_rows "
        "from marts.landing_reconciliation"
    )
    assert len(rows) == len(TABLES)
    assert all(landed == explained for _, landed, explained in rows)
    assert dict(row[:2] for row in rows)["pos.orders"] == BASKETS


def test_every_household_has_one_stage_segment_and_score(complete_journey: Home) -> None:
    for mart in ("customer_lifecycle", "customer_rfm", "customer_value", "customer_churn"):
        rows = complete_journey.published(
            f"select count(*), count(distinct customer_id) from marts.{mart}"
        )
        assert rows == [(HOUSEHOLDS, HOUSEHOLDS)], mart
    stages = complete_journey.published(
        "select lifecycle_stage, count(*) from marts.customer_lifecycle group by lifecycle_stage"
    )
    assert dict(stages) == STAGES
    scored = complete_journey.published(
        "select count(*) from marts.customer_churn where score_status = 'scored' "
        "and p_churn between 0 and 1"
    )
    assert scored == [(HOUSEHOLDS,)]


def test_champions_are_proven_on_past_windows(complete_journey: Home) -> None:
    champions = complete_journey.published(
        "select horizon_days, task, model from marts.model_runs where is_champion "
        "order by horizon_days, task"
    )
    # A year of history has no past window of a year: shorter ones are learned from.
    assert champions == [
        (30, "churn", "blend"),
        (30, "purchases", "blend"),
        (30, "spend", "blend"),
        (60, "churn", "blend"),
        (90, "churn", "blend"),
        (90, "purchases", "blend"),
        (90, "spend", "blend"),
        (365, "purchases", "blend"),
        (365, "spend", "blend"),
    ]
    figures = dict(
        complete_journey.published(
            "select task || ' ' || metric, value from marts.model_backtests where is_champion "
            "and horizon_days = 90 and slice = 'all' and cutoff_date = date '2017-10-02'"
        )
    )
    naive = dict(
        complete_journey.published(
            "select task || ' ' || metric, value from marts.model_backtests where model = 'naive' "
            "and horizon_days = 90 and slice = 'all' and cutoff_date = date '2017-10-02'"
        )
    )
    assert figures["purchases mae"] < 0.93 * naive["purchases mae"]
    assert figures["spend mae"] < 0.96 * naive["spend mae"]
    assert figures["churn auc"] > 0.89
    assert figures["churn brier"] < 0.0440
    assert figures["churn calibration_error"] < 0.02
    for task in ("purchases", "spend"):
        assert 0.77 < figures[f"{task} interval_coverage"] < 0.85
        assert abs(figures[f"{task} bias"]) < 0.06
    [(reasons, risk, dated)] = complete_journey.published(
        "select count(reason_1), sum(value_at_risk), count(expected_next_purchase_date) "
        "from marts.customer_churn"
    )
    assert reasons > 0.95 * HOUSEHOLDS
    assert risk > 0
    assert dated > 0.9 * HOUSEHOLDS
    drift = complete_journey.published("select count(*), max(psi) from marts.score_drift")
    assert drift[0][0] == 8
    assert drift[0][1] < 0.25


def test_the_log_the_report_and_the_docs_are_there(complete_journey: Home) -> None:
    [(as_of, passed, tables)] = complete_journey.published(
        "select as_of_date, checks_passed, table_count from marts.publish_log"
    )
    assert str(as_of) == "2018-01-01"
    assert passed > 200
    assert tables > 20
    assert (complete_journey.path / "report" / "index.html").stat().st_size > 10_000
    assert (complete_journey.path / "data_docs" / "index.html").exists()
    undescribed = complete_journey.published(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name = 'marts' and comment is null"
    )
    assert undescribed == []


def test_the_run_tells_what_it_did(complete_journey: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    output = (complete_journey.path / "output.txt").read_text()
    for part in (
        *(
            "land ",
            f"{len(TABLES)} tables",
            "dbt staging",
            "dbt marts",
            "score",
            "publish",
            "report",
        ),
        *("Lifecycle stage", "RFM segment", "tied out to the cent", "At risk", "Expected value"),
        *(str(complete_journey.published_path), "data_docs", "index.html", "http://127.0.0.1:3000"),
    ):
        assert part in output, part
    # The real data raise nothing.
    assert re.search(r"check landing +\d+ tables, \d+ expectations +[\d.]+ s", output)
    assert "DEBUG" not in output
    assert len(output.splitlines()) < 70
    monkeypatch.setenv("DAGSTER_HOME", str(complete_journey.path / "dagster"))
    with DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(AssetKey(["marts", "fct_order_lines"]))
    assert event
    assert event.asset_materialization
    about = event.asset_materialization.metadata
    assert about["dagster/row_count"].value == LINES
    assert 1e6 < float(str(about["peak_memory_bytes"].value)) < 1e11


def test_no_join_compares_every_row_of_large_tables(complete_journey: Home) -> None:
    compiled = complete_journey.path / "dbt" / "compiled" / "customer_lifecycle"
    assert len(list((compiled / "models").rglob("*.sql"))) > 500
    paired = set(compared_in_pairs(compiled))
    assert {pair for pair in paired if pair[1] not in FEW_ROWS} == COUNTED_OFTEN
    assert ("base_pos__order_lines", "manifest") in paired


def test_killed_while_it_builds_and_while_it_publishes_then_published(
    complete_journey: Home,
) -> None:
    before = complete_journey.published_bytes()
    [(content, version)] = complete_journey.published(
        "select content_hash, version from marts.publish_log"
    )
    process = complete_journey.start("run", "--skip-landing")
    _wait_for(lambda: _is_building(complete_journey.warehouse_path), process)
    _kill(process)
    assert complete_journey.published_bytes() == before
    assert complete_journey.published("select count(*) from marts.customer_360") == [(HOUSEHOLDS,)]

    # Examples that no mart shows, of rows that are not counted again while they are the same.
    counts = "intermediate.int_landing_outcomes"
    with duckdb.connect(complete_journey.warehouse_path) as connection:
        connection.execute(f"update {counts} set example_key = 'as before'")
    versions_dir = complete_journey.published_path.parent / "versions"
    process = complete_journey.start("run")
    _wait_for(lambda: bool(list(versions_dir.glob("*.building"))), process)
    _kill(process)
    assert complete_journey.published_bytes() == before
    with duckdb.connect(complete_journey.warehouse_path, read_only=True) as connection:
        counted = connection.execute(
            f"select distinct table_name from {counts} where example_key <> 'as before'"
        ).fetchall()
    assert {name for (name,) in counted} == {"pos.orders", "pos.order_lines"}

    complete_journey.run("publish")
    assert not list(versions_dir.glob("*.building*"))
    log = complete_journey.published(
        "select content_hash, version from marts.publish_log order by version"
    )
    # The same input gives the same marts, row for row.
    assert [row[0] for row in log] == [content, content]
    assert log[0][1] == version < log[1][1]
    assert complete_journey.published(
        "select len(rules) > 1000, rules = lag_rules, landed = lag_landed, "
        "landed <> '{}', compared_with = lag_version, (select count(*) from marts.restatements) "
        "from (select *, lag(rules) over (order by version) as lag_rules, lag(landed) over "
        "(order by version) as lag_landed, lag(version) over (order by version) as lag_version "
        "from marts.publish_log) where lag_version is not null"
    ) == [(True, True, True, True, True, 0)]


def test_a_failing_check_leaves_what_is_published(complete_journey: Home) -> None:
    before = complete_journey.published_bytes()
    with duckdb.connect(complete_journey.warehouse_path) as connection:
        connection.execute("insert into marts.dim_products from marts.dim_products limit 1")
        # Nothing else is made of these.
        spoilt = ("timing_value = 'dire'", "visit_share = 1.5", "p_value = -0.5", "visits = null")
        for row, change in enumerate(spoilt):
            connection.execute(f"update marts.churn_timing set {change} where rowid = {row}")
    done = complete_journey.lifecycle("publish")
    assert done.returncode == 1
    told = " ".join(done.stderr.split())
    assert re.search(
        r"unique_dim_products_product_id: Got 1 .* \(unique_field \w+, n_records 2\)", told
    )
    assert (
        "valid_columns_churn_timing: Got 4 results, configured to fail if != 0: "
        "p_value is to be at least 0, and is not in 1 row (such as -0.5); "
        "timing_value is to be one of the labels of season or weekday or holiday, and is not in "
        "1 row (such as dire); visit_share is to be at most 1, and is not in 1 row (such as 1.5); "
        "visits is to be not null, and is not in 1 row"
    ) in told
    assert "Full log" in done.stderr
    assert complete_journey.published_bytes() == before


def test_rollback_and_status(complete_journey: Home) -> None:
    versions = complete_journey.published("select version from marts.publish_log order by version")
    assert f"is version {versions[-2][0]}" in complete_journey.run("rollback").replace("\n", "")
    assert complete_journey.published("select max(version) from marts.publish_log") == [
        versions[-2]
    ]
    page = complete_journey.path / "report" / "index.html"
    report = page.read_text(encoding="utf-8")
    assert f"version {versions[-2][0]}" in report
    # The lists are those of the version, and there are no others.
    files = {file.relative_to(page.parent).as_posix() for file in page.parent.rglob("*.csv")}
    assert files
    assert files == set(re.findall(r'href="(lists/[^"]+)"', report))
    output = complete_journey.run("status", "--history")
    assert "rolled_back" in output
    refused = complete_journey.lifecycle("rollback", "--to", "yesterday")
    assert refused.returncode == 1
    assert "there is no version yesterday" in refused.stderr


def _is_building(warehouse_path: Path) -> bool:
    """Whether a process has written to the warehouse and not yet put it away."""
    log = warehouse_path.with_name(warehouse_path.name + ".wal")
    return log.exists() and log.stat().st_size > 0


def _wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 600
    while not happened():
        assert process.poll() is None, "the process ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _kill(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
