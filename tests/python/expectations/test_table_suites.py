"""Suites of scores and marts: what is sound passes, each planted defect is found."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from expectations.marts import MART_SUITES, customer_rfm, customer_value_totals, fct_orders
from expectations.scores import (
    SCORE_SUITES,
    customer_scores,
    customer_scores_totals,
    model_runs_reasons,
)
from expectations.validate import TableValidation, validate_tables

SCORES = """
    create table scores.customer_scores as
    select
        'c' || i as customer_id, date '2018-01-01' as as_of_date, 'scored' as score_status,
        cast(null as varchar) as score_reason, 'bg_nbd' as purchase_model, 'g' as spend_model,
        90 as churn_horizon_days, figures.*
    from range(200) as r(i), lateral (
        select 0.9::double as p_alive, 0.5 + i / 1000 as p_no_purchase_30d,
            0.3 + i / 1000 as p_no_purchase_60d, 0.2 + i / 1000 as p_no_purchase_90d,
            0.2 + i / 1000 as p_churn, 1::double as expected_purchases_90d,
            4::double as expected_purchases_365d, 10::double as expected_purchase_value,
            10::double as expected_spend_90d, 40::double as expected_spend_365d,
            39::double as clv_365d
    ) as figures
"""
PURCHASE_DAYS = """
    create table intermediate.int_customer_purchase_days as
    select 'c' || i % 200 as customer_id, date '2017-06-01' + cast(i % 100 as integer) as
        purchase_date
    from range(1000) as r(i)
"""

Run = Callable[..., TableValidation]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        for schema in ("scores", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        connection.execute(SCORES)
        connection.execute(PURCHASE_DAYS)
    return path


@pytest.fixture
def check(warehouse: Path) -> Run:
    def run(suite, *changes: str) -> TableValidation:
        with duckdb.connect(warehouse) as connection:
            for change in changes:
                connection.execute(change)
        (outcome,) = validate_tables(warehouse, "scores", [suite()])
        return outcome

    return run


def test_every_suite_is_about_its_table() -> None:
    for schema, suites in (("scores", SCORE_SUITES), ("marts", MART_SUITES)):
        made = {table: [suite() for suite in functions] for table, functions in suites.items()}
        for table, of_table in made.items():
            assert {suite.meta["relation"] for suite in of_table} == {f"{schema}.{table}"}
        names = [suite.name for of_table in made.values() for suite in of_table]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("suite", [customer_scores, customer_scores_totals])
def test_sound_scores_raise_nothing(check: Run, suite) -> None:
    outcome = check(suite)
    assert outcome.findings == ()
    assert outcome.rows == 200


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("set p_churn = 1.01", "p_churn"),
        ("set p_alive = -0.01", "p_alive"),
        ("set clv_365d = -1", "clv_365d"),
        ("set score_status = 'fine'", "score_status"),
        ("set customer_id = 'c8'", "customer_id"),
        ("set customer_id = null", "customer_id"),
        ("set p_no_purchase_60d = 0.99", None),
        ("set expected_purchases_90d = 5", None),
    ],
)
def test_an_impossible_score_blocks(check: Run, change: str, column: str | None) -> None:
    update = f"update scores.customer_scores {change} where customer_id = 'c7'"
    outcome = check(customer_scores, update)
    assert not outcome.success
    (finding,) = outcome.blocking
    assert finding.column == column
    assert finding.count in (1, 2)


def test_incomplete_scores_block(check: Run) -> None:
    missing = check(
        customer_scores_totals,
        "update scores.customer_scores set clv_365d = null where customer_id = 'c7'",
    )
    assert [f.count for f in missing.blocking] == [1]
    assert missing.blocking[0].examples == ("customer_id c7, score_status scored",)
    unscored = check(
        customer_scores_totals, "delete from scores.customer_scores where customer_id = 'c7'"
    )
    assert "every customer who bought has a row" in str(unscored.blocking[0])


@pytest.mark.parametrize(
    ("factor", "severities"), [(1, []), (2, ["warning"]), (20, ["critical", "warning"])]
)
def test_expected_purchases_far_from_the_past(
    check: Run, factor: int, severities: list[str]
) -> None:
    change = f"set expected_purchases_365d = {factor * 5.0}, expected_spend_365d = 1000"
    outcome = check(customer_scores_totals, f"update scores.customer_scores {change}")
    assert sorted(f.severity for f in outcome.findings) == severities


def test_a_model_that_was_not_fitted_without_a_reason_blocks(check: Run) -> None:
    table = (
        "create or replace table scores.model_runs as select 'scoring' as purpose, "
        "'spend' as task, 'gamma_gamma' as model, 'not_fitted' as status, {} as reason, "
        "false as converged"
    )
    assert check(model_runs_reasons, table.format("'no repeat spend'")).findings == ()
    assert not check(model_runs_reasons, table.format("cast(null as varchar)")).success


def test_a_table_or_column_that_is_not_there_blocks(check: Run) -> None:
    assert "the table can be read; found" in str(check(fct_orders).blocking[0])
    outcome = check(customer_scores, "alter table scores.customer_scores drop column p_churn")
    assert "p_churn" in str(outcome.blocking[0])


RFM = """
    create or replace table marts.customer_rfm as
    select 'c' || i as customer_id, 1 + i % 5 as r_score, 1 + i % 5 as f_score, 3 as m_score,
        1 + i as recency_days, 2 as frequency, 'loyal' as segment
    from range({rows}) as r(i)
"""


def test_marts(check: Run) -> None:
    assert check(customer_rfm, RFM.format(rows=10)).findings == ()
    assert [str(f) for f in check(customer_rfm, RFM.format(rows=0)).blocking] == [
        "marts.customer_rfm: it does not hold that there are customers; found 0"
    ]
    outcome = check(
        customer_rfm,
        RFM.format(rows=10),
        "update marts.customer_rfm set segment = 'vip', r_score = 6 where customer_id = 'c3'",
    )
    assert [str(f) for f in outcome.blocking] == [
        "marts.customer_rfm.r_score: 1 of 10 rows break the rule that r_score is between 1 and 5; "
        "e.g. 6",
        "marts.customer_rfm.segment: 1 of 10 rows break the rule that the segment is one of the "
        "grid; e.g. vip",
    ]


def test_customers_and_orders_tie_out_to_the_cent(check: Run) -> None:
    orders = (
        "create or replace table marts.fct_orders as select i as order_id, 'c1' as customer_id, "
        "date '2017-01-01' as order_date, cast(10 as decimal(18, 2)) as net_revenue, "
        "true as is_valid_order, cast(null as varchar) as invalid_reason from range(10) as r(i)"
    )
    value = (
        "create or replace table marts.customer_value as select 'c1' as customer_id, "
        "cast({} as decimal(18, 2)) as net_revenue, cast(100 as decimal(18, 2)) as "
        "net_revenue_365d, cast(90 as decimal(18, 2)) as clv_365d"
    )
    assert check(fct_orders, orders).findings == ()
    assert check(customer_value_totals, orders, value.format("100")).findings == ()
    assert not check(customer_value_totals, orders, value.format("100.01")).success


def test_data_docs_cover_all_areas_and_only_the_last_run(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(warehouse) as connection:
        connection.execute(RFM.format(rows=10))
    docs = tmp_path / "docs"
    for _ in range(2):
        validate_tables(warehouse, "scores", [customer_scores()], data_docs_dir=docs)
        validate_tables(warehouse, "marts", [customer_rfm()], data_docs_dir=docs)
    index = (docs / "index.html").read_text()
    assert "scores.customer_scores" in index
    assert "marts.customer_rfm" in index
    for area in ("scores", "marts"):
        assert len(list((docs / area / "validations").rglob("*.html"))) == 1
        assert (docs / area / "index.html").is_file()
