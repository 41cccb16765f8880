"""Suites of scores and marts: what is sound passes, each planted defect is found."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from expectations.marts import (
    MART_SUITES,
    customer_rfm,
    customer_value_totals,
    fct_orders,
    landing_reconciliation_share,
    next_category_backtests,
    quarantine_reasons,
)
from expectations.studies.customers import (
    SUITES,
    customer_scores,
    customer_scores_totals,
    model_runs_reasons,
    score_distributions,
    score_distributions_totals,
)
from expectations.validate import TableValidation, validate_tables
from scoring.customers.pipeline import ScoringSettings, score

FIGURES = {
    "p_alive": "0.9",
    "p_no_purchase_30d": "0.8 + i / 2000",
    "p_no_purchase_60d": "0.6 + i / 2000",
    "p_no_purchase_90d": "0.4 + i / 2000",
    "p_churn": "0.4 + i / 2000",
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
        cast(null as varchar) as p_alive_reason, cast(null as varchar) as lifetime_reason,
        {", ".join(f"cast({sql} as double) as {name}" for name, sql in FIGURES.items())},
        date '2018-03-10' as expected_next_purchase_date,
        date '2018-01-02' as next_purchase_from_date,
        cast(null as date) as next_purchase_to_date, 90 as next_purchase_horizon_days,
        'hiatus' as churn_driver, 'last purchase 41 days ago (raises churn)' as reason_1
    from range(200) as r(i)
"""
PURCHASE_DAYS = """
    create table intermediate.int_customer_purchase_days as
    select
        'c' || i % 200 as customer_id, date '2017-01-01' + cast(i // 200 * 73 as integer)
            as purchase_date,
        purchase_date as valid_from, cast(null as date) as valid_until, 10.00 as net_revenue
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
        (outcome,) = validate_tables(warehouse, [suite()])
        return outcome

    return run


def test_every_suite_is_about_its_table() -> None:
    for schema, suites in (("scores", SUITES), ("marts", MART_SUITES)):
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
        ("set expected_purchases_30d_low = -1", "expected_purchases_30d_low"),
        (
            "set expected_purchases_90d_high = 90.1, expected_purchases_365d_high = 91",
            "expected_purchases_90d_high",
        ),
        ("set expected_spend_30d_high = 21", None),
        ("set expected_purchases_90d_low = 0.1", None),
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
    change = f"set expected_purchases_365d = {factor * 5.0}, expected_spend_365d = {factor * 50.0}"
    outcome = check(customer_scores_totals, f"update scores.customer_scores {change}")
    assert sorted(f.severity for f in outcome.findings) == severities


def test_expected_purchases_of_a_base_of_twenty_days(check: Run) -> None:
    outcome = check(
        customer_scores_totals,
        "update intermediate.int_customer_purchase_days "
        "set purchase_date = date '2017-12-12' + cast(rowid // 200 * 4 as integer)",
        "update scores.customer_scores set expected_purchases_365d = 5 * 365 / 20.0,"
        " expected_spend_365d = 50 * 365 / 20.0",
    )
    assert outcome.findings == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("set expected_purchases_90d = 0.5, expected_spend_90d = 5", "probability of one"),
        ("set expected_purchases_365d = 0.5, expected_spend_365d = 5", "probability of one"),
        ("set p_alive = 0.5", "whoever buys is alive"),
        ("set p_alive = null", "the reason is told"),
        ("set p_alive_reason = 'no window'", "the reason is told"),
        ("set discounted_spend_lifetime = null", "the reason is told"),
        ("set expected_purchase_value = 20.1", "the customer's own and the base's"),
        ("set expected_purchase_value = 4.9", "the customer's own and the base's"),
        ("set expected_spend_30d = 7", "the customer's own and the base's"),
        ("set expected_next_purchase_date = null", "dated where"),
        ("set expected_next_purchase_date = date '2018-02-10'", "dated where"),
        ("set next_purchase_to_date = date '2018-03-20'", "dated where"),
        ("set next_purchase_horizon_days = null", "horizon of the next purchase"),
        ("set score_status = 'fallback'", "is told why"),
    ],
)
def test_figures_that_contradict_each_other_block(check: Run, change: str, told: str) -> None:
    update = f"update scores.customer_scores {change} where customer_id = 'c7'"
    (finding,) = check(customer_scores_totals, update).blocking
    assert told in str(finding)
    assert finding.examples[0].startswith("customer_id c7")


@pytest.mark.parametrize(
    "change",
    [
        "set p_alive = null, p_alive_reason = 'no window'",
        "set discounted_spend_lifetime = null, lifetime_reason = 'under a year'",
        "set lifetime_reason = 'survival from 12 months of history'",
    ],
)
@pytest.mark.parametrize("suite", [customer_scores, customer_scores_totals])
def test_what_history_cannot_tell_may_be_missing(check: Run, suite, change: str) -> None:
    assert check(suite, f"update scores.customer_scores {change}").findings == ()


def test_what_is_worth_ten_times_as_much_to_one_customer_is_theirs(check: Run) -> None:
    outcome = check(
        customer_scores_totals,
        "update intermediate.int_customer_purchase_days set net_revenue = 90"
        " where customer_id = 'c7'",
        "update scores.customer_scores set expected_purchase_value = 150 where customer_id = 'c7'",
    )
    assert outcome.findings == ()


@pytest.mark.parametrize(
    ("known", "severities"), [(30, ["critical", "warning"]), (29, ["warning"])]
)
def test_few_purchases_of_few_customers_only_warn(
    check: Run, known: int, severities: list[str]
) -> None:
    """Most are new, and a year's purchases of theirs were no repeats: they do not count."""
    outcome = check(
        customer_scores_totals,
        "delete from intermediate.int_customer_purchase_days"
        f" where cast(substr(customer_id, 2) as integer) >= {known} and rowid < 800",
        "update intermediate.int_customer_purchase_days set purchase_date = date '2017-01-01'"
        " where rowid < 600",
        "update intermediate.int_customer_purchase_days set purchase_date = date '2017-10-20'"
        " where rowid >= 600 and purchase_date < date '2017-10-01'",
        "update scores.customer_scores set expected_purchases_365d = 60, expected_spend_365d = 600,"
        " expected_purchases_365d_high = 61, expected_spend_365d_high = 601",
    )
    assert sorted(finding.severity for finding in outcome.findings) == severities
    assert "seasonal_index" in str(outcome.findings[0])


def test_who_returned_everything_is_owed_no_score(check: Run) -> None:
    outcome = check(
        customer_scores_totals,
        "update intermediate.int_customer_purchase_days set valid_until = date '2017-12-31'"
        " where customer_id = 'c7'",
        "delete from scores.customer_scores where customer_id = 'c7'",
    )
    assert outcome.findings == ()
    later = check(
        customer_scores_totals,
        "update intermediate.int_customer_purchase_days set valid_until = date '2018-01-01'"
        " where customer_id = 'c7'",
    )
    assert "every customer who bought has a row" in str(later.blocking[0])


AS_OF = date(2024, 6, 1)


def base(name: str) -> pd.DataFrame:
    """Purchase days of bases that once were published with figures nobody believes."""
    rng = np.random.default_rng(5)
    rows = []
    for number in range(250):
        gap = 200 if name == "rare" else 5 + number % 40
        day, end = date(2022, 6, 1) + timedelta(days=int(rng.integers(0, 600))), AS_OF
        amount = float(rng.gamma(3, 20)) + 0.01
        if name == "wholesaler" and number == 0:
            day, gap, amount = date(2022, 6, 1), 7, 20_000.0
        if name == "stopped":
            end = date(2024, 1, 1) if number % 3 else AS_OF
        while day < end:
            rows.append((f"c{number:03}", day, round(amount * float(rng.gamma(4, 0.25)), 2) + 0.01))
            if name == "one-time" and number >= 40:
                break
            day += timedelta(days=1 + int(rng.exponential(gap)))
    days = pd.DataFrame(rows, columns=["customer_id", "purchase_date", "net_revenue"])
    if name == "stray":
        days.loc[len(days)] = ["c007", date(1970, 1, 1), 10.0]
    return days.drop_duplicates(["customer_id", "purchase_date"])


@pytest.mark.parametrize("name", ["rare", "wholesaler", "stopped", "one-time", "stray"])
def test_what_is_scored_passes(warehouse: Path, name: str) -> None:
    days = base(name)
    days["net_revenue"] = days["net_revenue"].round(2)
    scores = score(days, ScoringSettings(AS_OF)).customer_scores
    assert (scores["score_status"] != "not_scored").all()
    with duckdb.connect(warehouse) as connection:
        connection.register("frame", scores)
        connection.register("bought", days)
        connection.execute("create or replace table scores.customer_scores as from frame")
        connection.execute(
            "create or replace table intermediate.int_customer_purchase_days as select *,"
            " purchase_date as valid_from, cast(null as date) as valid_until from bought"
        )
    suites = [customer_scores(), customer_scores_totals()]
    for outcome in validate_tables(warehouse, suites):
        assert outcome.blocking == ()


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


def test_a_table_or_column_that_is_not_there_blocks(check: Run) -> None:
    assert "the table can be read, found" in str(check(fct_orders).blocking[0])
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
    assert check(customer_rfm, RFM.format(rows=0)).findings == ()
    outcome = check(
        customer_rfm,
        RFM.format(rows=10),
        "update marts.customer_rfm set recency_days = 0, r_score = 6 where customer_id = 'c3'",
    )
    assert [str(f) for f in outcome.blocking] == [
        "marts.customer_rfm.r_score: 1 of 10 rows break the rule that r_score is between 1 and 5; "
        "e.g. 6",
        "marts.customer_rfm.recency_days: 1 of 10 rows break the rule that the last purchase is "
        "before the as-of date; e.g. 0",
    ]


ANONYMOUS = """
    create or replace table marts.fct_orders as
    select cast(null as varchar) as customer_id, true as is_valid_order
"""


@pytest.mark.parametrize(
    ("orders", "customers", "rows", "broken"),
    [
        ("null", 0, 0, []),
        ("null", 2, 2, []),
        ("'c1'", 2, 2, []),
        ("'c1'", 2, 1, ["every customer has a row"]),
        ("null", 0, 1, ["every customer has a row"]),
        ("null", 2, 0, ["there are customers", "every customer has a row"]),
        ("'c1'", 0, 0, ["there are customers"]),
    ],
)
def test_customers_are_expected_where_an_order_names_one(
    check: Run, orders: str, customers: int, rows: int, broken: list[str]
) -> None:
    _, everyone = MART_SUITES["customer_rfm"]
    outcome = check(
        everyone,
        ANONYMOUS,
        f"update marts.fct_orders set customer_id = {orders}",
        f"create table marts.dim_customers as select i as customer_id from range({customers}) r(i)",
        RFM.format(rows=rows),
    )
    assert all(text in str(f) for text, f in zip(broken, outcome.blocking, strict=True))


@pytest.mark.parametrize(
    ("mart", "setup", "is_expected"),
    [
        ("fct_orders", "update marts.landing_reconciliation set landed_rows = 1", True),
        ("fct_orders", "update marts.landing_reconciliation set landed_rows = 0", False),
        ("channel_contribution", "update marts.fct_orders set is_valid_order = true", True),
        ("channel_contribution", "update marts.fct_orders set is_valid_order = false", False),
        ("lifecycle_periods", "update marts.fct_orders set customer_id = 'c1'", True),
        ("lifecycle_periods", "update marts.fct_orders set customer_id = null", False),
        ("cohort_retention", "update marts.fct_orders set customer_id = 'c1'", True),
        ("cohort_retention", "update marts.fct_orders set customer_id = null", False),
    ],
)
def test_an_empty_mart_blocks_where_there_is_something_to_make_it_from(
    check: Run, mart: str, setup: str, is_expected: bool
) -> None:
    table = (
        f"create or replace table marts.{mart} as select null as order_date, 0 as net_revenue, "
        "true as is_valid_order, '' as invalid_reason, '' as order_id where false"
    )
    outcome = check(
        MART_SUITES[mart][-1],
        ANONYMOUS,
        "create table marts.landing_reconciliation as select 'pos.orders' as table_name, "
        "1 as landed_rows",
        setup,
        table,
    )
    assert bool(outcome.blocking) == is_expected, outcome.findings


def test_sound_orders_raise_nothing(check: Run) -> None:
    landed = (
        "create table marts.landing_reconciliation as select 'pos.orders' as table_name, "
        "10 as landed_rows"
    )
    orders = (
        "create or replace table marts.fct_orders as select i as order_id, 'c1' as customer_id, "
        "date '2017-01-01' as order_date, cast(10 as decimal(18, 2)) as net_revenue, "
        "true as is_valid_order, cast(null as varchar) as invalid_reason from range(10) as r(i)"
    )
    assert check(fct_orders, landed, orders).findings == ()


@pytest.mark.parametrize(
    ("days", "expected", "warns"),
    [(365, 300, False), (365, 301, True), (73, 1500, False), (73, 1501, True), (1000, 301, True)],
)
def test_a_short_history_is_made_into_a_year_before_it_is_compared(
    check: Run, days: int, expected: int, warns: bool
) -> None:
    outcome = check(
        customer_value_totals,
        "create table marts.fct_orders as select 'c1' as customer_id, 100 as net_revenue",
        "create table marts.customer_value as select 'c1' as customer_id, 100 as net_revenue, "
        f"100 as net_revenue_365d, {expected} as expected_spend_365d, 40 as clv_365d, "
        "95 as clv_lifetime, 'revenue' as clv_basis, 1 as contribution_margin, "
        f"date '2018-01-01' as as_of_date, date '2018-01-01' - {days} as first_order_date",
    )
    assert [finding.severity for finding in outcome.findings] == ["warning"] * warns


@pytest.mark.parametrize(
    ("customers", "times", "is_used", "warns"),
    [
        (100, 0.9, True, False),
        (100, 0.89, True, True),
        (99, 0.1, True, False),
        (100, 0.1, False, False),
    ],
)
def test_suggestions_that_lose_to_popularity_are_told_of(
    check: Run, customers: int, times: float, is_used: bool, warns: bool
) -> None:
    outcome = check(
        next_category_backtests,
        "create table marts.next_category_backtests as select 'new' as kind, "
        "'item_cosine' as method, "
        f"date '2017-10-01' as cut_date, {customers} as customers, {times} as times_popularity, "
        f"{is_used} as is_used",
    )
    assert [finding.severity for finding in outcome.findings] == ["warning"] * warns


def test_the_base_is_valued_on_one_basis(check: Run) -> None:
    outcome = check(
        customer_value_totals,
        "create table marts.customer_value as select 100 as net_revenue_365d, 90 as "
        "expected_spend_365d, date '2017-01-01' as first_order_date, date '2018-01-01' as "
        "as_of_date, clv_basis from (values ('contribution'), ('revenue')) as r(clv_basis)",
    )
    assert ["on one basis" in str(finding) for finding in outcome.blocking] == [True]


def _reasons(*rows: str) -> str:
    columns = "table_name, rejection_reasons, row_count, net_revenue, example_key, first_event_date"
    return (
        "create or replace table marts.quarantine_reasons as "
        f"select * from (values {', '.join(rows)}) as r({columns})"
    )


def _landed(share: float, net: int) -> str:
    return f"""
        create or replace table marts.landing_reconciliation as
        select 'pos.orders' as table_name, 1 as quarantined_rows, 100 as landed_rows,
            cast(null as decimal(18, 2)) as quarantined_net_revenue,
            cast(null as decimal(18, 2)) as quarantined_absolute_revenue,
            cast(null as double) as quarantined_revenue_share,
            cast(null as double) as max_quarantined_revenue_share
        union all
        select 'pos.order_lines', 1, 100, {net}, {abs(net)}, {share}, 0.05
    """


def test_revenue_in_quarantine_blocks_above_its_share_and_says_why(check: Run) -> None:
    lines = "('pos.order_lines', 'unknown_order', 3, -1234.5, 'l1', null)"
    assert check(landing_reconciliation_share, _reasons(lines), _landed(0.05, -1234)).success
    (finding,) = check(landing_reconciliation_share, _landed(0.0501, -1234)).blocking
    assert str(finding) == (
        "marts.landing_reconciliation: expected that little of the revenue is in"
        " quarantine, found 5.0% of it where 5.0% are allowed: 1,234.00 of sales and returns"
        " alike, -1,234.00 in balance, would be missing in the marts for these reasons:"
        " unknown_order in 3 rows of pos.order_lines, such as l1"
    )
    assert check(landing_reconciliation_share, _reasons(lines), _landed(0, 0)).success


def test_one_order_dated_wrong_does_not_block(check: Run) -> None:
    def outcome(reason: str, orders: int) -> bool:
        order = f"('pos.orders', '{reason}', {orders}, 10, 'A1', date '1970-01-01')"
        line = "('pos.order_lines', 'order_in_quarantine', 1, 10, '1', null)"
        return check(landing_reconciliation_share, _reasons(order, line), _landed(0.25, 10)).success

    assert outcome("implausible_date", 1)
    assert outcome("future_date, stray_date", 1)
    assert not outcome("implausible_date", 2)
    assert not outcome("unknown_order_status, future_date", 1)


def test_dates_set_aside_are_told(check: Run) -> None:
    other = "('pos.orders', 'unknown_order_status', 1, 10, 'A2', date '2024-06-01')"
    assert check(quarantine_reasons, _reasons(other)).findings == ()
    stray = "('pos.orders', 'stray_date', 2, 10, 'A1', date '2004-03-01')"
    (finding,) = check(quarantine_reasons, _reasons(other, stray)).findings
    assert finding.severity == "warning"
    assert finding.observed == "2 of pos.orders (stray_date), such as A1 on 2004-03-01"
