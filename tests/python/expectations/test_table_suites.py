"""Suites of scores and marts: what is sound passes, each planted defect is found."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from expectations.marts import (
    MART_SUITES,
    customer_churn_totals,
    customer_rfm,
    customer_value_totals,
    fct_orders,
)
from expectations.scores import (
    SCORE_SUITES,
    customer_scores,
    customer_scores_totals,
    model_backtests,
    model_runs_reasons,
    score_distributions,
    score_distributions_totals,
)
from expectations.validate import TableValidation, validate_tables

FIGURES = {
    "p_alive": "0.9",
    "p_no_purchase_30d": "0.5 + i / 1000",
    "p_no_purchase_60d": "0.3 + i / 1000",
    "p_no_purchase_90d": "0.2 + i / 1000",
    "p_churn": "0.2 + i / 1000",
    **{
        f"expected_{task}_{days}d{end}": f"{scale} * {days} / 90 * {share}"
        for task, scale in (("purchases", 1), ("spend", 10))
        for days in (30, 90, 365)
        for end, share in (("", 1), ("_low", 0.5), ("_high", 2))
    },
    "expected_purchase_value": "10",
    "discounted_spend_365d": "39",
    "discounted_spend_lifetime": "90",
}
SCORES = f"""
    create table scores.customer_scores as
    select
        'c' || i as customer_id, date '2018-01-01' as as_of_date, 'scored' as score_status,
        cast(null as varchar) as score_reason, 'blend' as purchase_model, 'blend' as spend_model,
        'blend' as churn_model, 90 as churn_horizon_days,
        {", ".join(f"cast({sql} as double) as {name}" for name, sql in FIGURES.items())},
        date '2018-01-10' as expected_next_purchase_date,
        date '2018-01-02' as next_purchase_from_date,
        case when i % 2 = 0 then date '2018-03-01' end as next_purchase_to_date,
        'hiatus' as churn_driver, 'last purchase 41 days ago (raises churn)' as reason_1
    from range(200) as r(i)
"""
PURCHASE_DAYS = """
    create table intermediate.int_customer_purchase_days as
    select 'c' || i % 200 as customer_id, date '2017-01-01' + cast(i % 100 as integer) as
        purchase_date, cast(null as date) as valid_until
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


LIFETIME = "discounted_spend_lifetime"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("set p_churn = 1.01", "p_churn"),
        ("set p_alive = -0.01", "p_alive"),
        ("set discounted_spend_lifetime = -1, discounted_spend_365d = null", LIFETIME),
        ("set expected_purchases_90d_low = -1", "expected_purchases_90d_low"),
        ("set churn_driver = 'weather'", "churn_driver"),
        ("set score_status = 'fine'", "score_status"),
        ("set customer_id = 'c8'", "customer_id"),
        ("set customer_id = null", "customer_id"),
        ("set p_no_purchase_60d = 0.99", None),
        ("set expected_purchases_30d = 1.1, expected_purchases_30d_high = 2", None),
        ("set expected_spend_30d = 1.6", None),
        ("set expected_spend_30d_high = 3.3", None),
        ("set discounted_spend_365d = 41", None),
        ("set discounted_spend_lifetime = 38", None),
        ("set next_purchase_from_date = date '2017-12-31'", None),
        ("set expected_next_purchase_date = date '2018-01-01'", None),
        ("set next_purchase_to_date = date '2018-01-09'", None),
    ],
)
def test_an_impossible_score_blocks(check: Run, change: str, column: str | None) -> None:
    update = f"update scores.customer_scores {change} where customer_id = 'c7'"
    outcome = check(customer_scores, update)
    assert not outcome.success
    (finding,) = outcome.blocking
    assert finding.column == column
    assert finding.count in (1, 2)


@pytest.mark.parametrize(
    ("missing", "promise"),
    [
        ("discounted_spend_365d", "has all scores"),
        ("expected_spend_30d", "has all scores"),
        ("churn_model", "has all scores"),
        ("expected_spend_30d_low", "both ends or none"),
    ],
)
def test_incomplete_scores_block(check: Run, missing: str, promise: str) -> None:
    change = f"set {missing} = null where customer_id = 'c7'"
    outcome = check(customer_scores_totals, f"update scores.customer_scores {change}")
    (finding,) = outcome.blocking
    assert promise in str(finding)
    assert finding.count == 1
    assert finding.examples == ("customer_id c7, score_status scored",)


def test_customers_without_a_row_or_a_reason_block(check: Run) -> None:
    untold = check(
        customer_scores_totals,
        "update scores.customer_scores set reason_1 = null where customer_id = 'c7'",
    )
    assert "what drives churn is told in words" in str(untold.blocking[0])
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
    change = f"set expected_purchases_365d = {factor * 5.0}"
    outcome = check(customer_scores_totals, f"update scores.customer_scores {change}")
    assert sorted(f.severity for f in outcome.findings) == severities


def test_expected_purchases_of_a_base_of_twenty_days(check: Run) -> None:
    outcome = check(
        customer_scores_totals,
        "update intermediate.int_customer_purchase_days "
        "set purchase_date = date '2017-12-12' + cast(rowid % 20 as integer)",
        "update scores.customer_scores set expected_purchases_365d = 5 * 365 / 20.0",
    )
    assert outcome.findings == ()


RUNS = """
    create or replace table scores.model_runs as
    select
        date '2018-01-01' as as_of_date, 90 as horizon_days, 'spend' as task, model,
        model = 'blend' as is_champion, 'fitted' as status,
        case when model = 'blend' then 'least loss' end as reason, true as converged
    from (values ('blend'), ('btyd'), ('naive')) as models(model)
"""


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("model = 'naive'", None),
        ("is_champion = true, reason = 'x' where model = 'naive'", "exactly one champion"),
        ("is_champion = false", "exactly one champion"),
        ("reason = null where model = 'blend'", "says why"),
        ("status = 'not_fitted' where model = 'btyd'", "says why"),
    ],
)
def test_every_choice_is_one_and_says_why(check: Run, change: str, broken: str | None) -> None:
    outcome = check(model_runs_reasons, RUNS, f"update scores.model_runs set {change}")
    assert [broken in str(finding) for finding in outcome.blocking] == ([True] if broken else [])


def test_metrics_are_of_a_slice_and_within_their_interval(check: Run) -> None:
    table = """
        create or replace table scores.model_backtests as
        select
            date '2018-01-01' as as_of_date, date '2017-10-02' as cutoff_date, 90 as horizon_days,
            'spend' as task, 'blend' as model, slice, 'mae' as metric, 3.0 as value,
            2.0 as value_low, cast({} as double) as value_high
        from (values ('all'), ('active_last_90_days')) as slices(slice)
    """
    assert check(model_backtests, table.format("null")).findings == ()
    assert check(model_backtests, table.format("4")).findings == ()
    assert not check(model_backtests, table.format("1")).success
    twice = "update scores.model_backtests set slice = 'all'"
    assert "once per slice" in str(check(model_backtests, table.format("4"), twice).blocking[0])


def test_every_variable_of_a_fit_counts_the_same_customers(check: Run) -> None:
    table = """
        create or replace table scores.score_distributions as
        select
            date '2018-01-01' as as_of_date, date '2017-12-31' as cutoff_date, 'input' as kind,
            variable, bin, case when bin > 1 then 1.0 end as lower_bound,
            case when bin = 1 then 1.0 end as upper_bound, 5 as customers
        from (values ('hiatus'), ('rate')) as variables(variable), range(3) as bins(bin)
    """
    for suite in (score_distributions, score_distributions_totals):
        assert check(suite, table).findings == ()
    moved = "update scores.score_distributions set customers = 4 where variable = 'rate'"
    assert "the same customers" in str(check(score_distributions_totals, moved).blocking[0])
    twice = "update scores.score_distributions set bin = 1"
    assert "counted once" in str(check(score_distributions, twice).blocking[0])


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
        "net_revenue_365d, cast(90 as decimal(18, 2)) as expected_spend_365d, "
        "cast(40 as decimal(18, 2)) as clv_365d, cast(95 as decimal(18, 2)) as clv_lifetime, "
        "'contribution' as clv_basis, 0.5 as contribution_margin"
    )
    assert check(fct_orders, orders).findings == ()
    assert check(customer_value_totals, orders, value.format("100")).findings == ()
    assert not check(customer_value_totals, orders, value.format("100.01")).success


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("contribution_margin = -0.1, clv_365d = -5, clv_lifetime = -9", None),
        ("clv_365d = -5", "served at a loss"),
        ("clv_lifetime = 39", "worth at least a year"),
        ("clv_basis = 'revenue' where customer_id = 'c2'", "on one basis"),
    ],
)
def test_lifetime_values_are_possible(check: Run, change: str, broken: str | None) -> None:
    outcome = check(
        customer_value_totals,
        "create table marts.fct_orders as select 'c1' as customer_id, 100 as net_revenue",
        "create table marts.customer_value as select customer_id, 50 as net_revenue, "
        "50 as net_revenue_365d, 90 as expected_spend_365d, 40 as clv_365d, 95 as clv_lifetime, "
        "'contribution' as clv_basis, 0.5 as contribution_margin "
        "from (values ('c1'), ('c2')) as customers(customer_id)",
        f"update marts.customer_value set {change}",
    )
    assert [broken in str(finding) for finding in outcome.blocking] == ([True] if broken else [])


def test_no_more_is_at_risk_than_there_is(check: Run) -> None:
    table = (
        "create or replace table marts.customer_churn as select 'c1' as customer_id, "
        "{} as clv_365d, {} as value_at_risk"
    )
    for value, at_risk in ((10, 10), (-10, -4), (0, 0)):
        assert check(customer_churn_totals, table.format(value, at_risk)).findings == ()
    for value, at_risk in ((10, 11), (10, -1), (-10, 4)):
        assert not check(customer_churn_totals, table.format(value, at_risk)).success


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
