"""A made-up retailer goes through the whole warehouse, and what was spoilt in it is found again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest
from metric_answers import answers, as_answer, engine, groupings, write_and_read
from tests_home import Home

import metrics
from metrics import Metric

SPOILT = 0.02


@pytest.fixture(scope="module")
def world(homes: Callable[[], AbstractContextManager[Home]]) -> Iterator[Home]:
    """A home in which a run on a world with spoilt rows has ended well."""
    with homes() as home:
        home.run(
            *("run", "--world", "--customers", "300", "--from", "2016-07-01"),
            *("--to", "2017-12-31", "--dirt", str(SPOILT)),
        )
        yield home


def test_every_spoilt_row_is_accounted_for_and_no_other(world: Home) -> None:
    planted = duckdb.sql(f"""
        select table_name, outcome, count(*) as planted
        from '{world.path}/truth/planted.parquet'
        group by all
    """).fetchall()
    found = world.published("""
        select table_name, 'duplicate', duplicate_rows from marts.landing_reconciliation
        union all
        select table_name, 'superseded', superseded_rows from marts.landing_reconciliation
        union all
        select table_name, 'quarantined', quarantined_rows from marts.landing_reconciliation
    """)
    sales = {row for row in found if row[0] in ("pos.orders", "pos.order_lines") and row[2]}
    assert sales == set(planted)
    assert world.published("select sum(unexplained_rows) from marts.landing_reconciliation") == [
        (0,)
    ]


def test_customers_are_those_of_the_truth(world: Home) -> None:
    prospects, people = duckdb.sql(f"""
        select count(*) filter (where is_prospect), count(*)
        from '{world.path}/truth/people.parquet'
    """).fetchall()[0]
    assert world.published(
        """
        select count(*) filter (where lifecycle_stage = 'prospect') >= ?, count(*)
        from marts.customer_lifecycle
    """.replace("?", str(prospects))
    ) == [(True, people)]


def test_every_published_mart_has_its_contract_beside_it(world: Home) -> None:
    contracts = (world.published_path.parent / "contracts").iterdir()
    assert sorted(path.name.removesuffix(".odcs.yaml") for path in contracts) == [
        name
        for (name,) in world.published(
            "select table_name from duckdb_tables() where table_name <> 'publish_log' order by 1"
        )
    ]


# What marts say themselves of what metrics count: the figure with what it is of, in this order.
PUBLISHED = {
    ("net_revenue", ("month",)): "select order_month, net_revenue from marts.monthly_revenue",
    ("active_customers", ("month",)): """
        select period_start, active_customers from marts.lifecycle_periods
        where period_grain = 'month'""",
    ("active_customers", ("week",)): """
        select period_start, active_customers from marts.lifecycle_periods
        where period_grain = 'week'""",
    ("identified_share", ("week", "store_id")): """
        select week_start_date, store_id, identified_revenue_share
        from marts.identified_sales_share""",
    ("average_order_value", ("month", "channel_id")): """
        select activity_month, channel_id, average_order_value from marts.channel_scorecard
        where channel_type = 'sales'""",
    ("order_value", ("store_id",)): """
        select store_id, sum(net_revenue_after_returns) from marts.fct_orders
        where is_valid_order group by 1""",
    ("net_revenue_change_month", ("month",)): """
        select month_start, change_month from marts.monthly_changes where figure = 'net_revenue'""",
    ("net_revenue_change_year", ("month",)): """
        select month_start, change_year from marts.monthly_changes where figure = 'net_revenue'""",
    ("net_revenue_change_retail_month", ("retail_month",)): """
        select period_start, growth from marts.movement_periods
        where is_complete and period_grain = 'retail_month'""",
    ("churn_rate", ("month",)): """
        select date_trunc('month', month_end), churn_rate from marts.retention_rates
        where retention_dimension = 'all'""",
    ("stage_customers", ("lifecycle_stage",)): """
        select lifecycle_stage, count(*) from marts.customer_lifecycle_history
        where month_end = (select max(month_end) from marts.customer_lifecycle_history)
        group by 1""",
    ("stage_move_rate", ("month", "from_stage")): """
        select date_trunc('month', month_end), from_stage, sum(transition_rate)
        from marts.lifecycle_transitions
        where is_move and from_stage <> '(unseen)' group by 1, 2""",
    ("customers", ("rfm_segment",)): "select segment, count(*) from marts.customer_rfm group by 1",
    ("expected_value", ()): """
        select sum(amount) from marts.value_tenths where measure = 'clv_365d'""",
    ("points_liability", ("month",)): """
        select month_start, liability_cost from marts.loyalty_points""",
    ("csat", ("month", "channel_id", "store_id", "lifecycle_stage")): """
        select survey_month, channel_id, store_id, lifecycle_stage, csat
        from marts.satisfaction_summary where survey_type = 'csat' and dimension = 'overall'""",
    ("nps", ("month", "channel_id", "store_id", "lifecycle_stage")): """
        select survey_month, channel_id, store_id, lifecycle_stage, nps
        from marts.satisfaction_summary where survey_type = 'nps'""",
    ("on_time_share", ("month", "channel_id", "store_id")): """
        select order_month, channel_id, store_id, 1 - late_by_day_share
        from marts.delivery_performance""",
    ("campaign_incremental_revenue", ("campaign_id",)): """
        select campaign_id, total from marts.campaign_effects
        where scope = 'campaign' and arm = 'all' and outcome = 'revenue'""",
    ("incremental_orders", ("channel_id",)): """
        select channel_id, incremental_orders from marts.channel_increments
        where customer_kind = 'all'""",
    ("attributed_share", ("month", "channel_id")): """
        select order_month, channel_id, revenue_share from marts.channel_contribution
        where attribution_model = 'last_touch'""",
    ("return_on_marketing_spend", ("month", "channel_id")): """
        select activity_month, channel_id, roas_margin from marts.channel_scorecard
        where channel_type = 'marketing'""",
}  # fmt: skip


# Marts have money in cents and shares with six decimals.
ROUNDED = {
    "average_order_value": 0.0051,
    "identified_share": 5.1e-7,
    "return_on_marketing_spend": 0.01,
}


def test_a_metric_is_the_same_by_metricflow_by_its_sql_and_in_the_mart(
    world: Home, tmp_path: Path
) -> None:
    """For every metric and two groupings; by both ways of writing semantic models."""
    readers = {
        spec: write_and_read(tmp_path / spec, world.published_path, spec, command)
        for spec, command in (("separate", "run"), ("embedded", "parse"))
    }
    for reader in readers.values():
        output, _ = reader.communicate(timeout=300)
        assert reader.returncode == 0, output
    asked: dict[tuple[str, tuple[str, ...], str], list[Metric]] = {}
    for metric in metrics.load():
        for spec, by in zip(readers, groupings(metric, metrics.grains_of(metric)), strict=True):
            asked.setdefault((metric.mart, by, spec), []).append(metric)
    planners = {spec: engine(tmp_path / spec) for spec in readers}
    with (
        duckdb.connect(str(tmp_path / "separate" / "metrics.duckdb")) as views,
        duckdb.connect(world.published_path, read_only=True) as marts,
    ):
        views.execute(f"attach '{world.published_path}' as published (read_only)")
        for (_, by, spec), of in asked.items():
            for name, answer in answers(planners[spec], views, of, by).items():
                rows = marts.execute(metrics.query(name, by)).fetchall()
                assert answer == pytest.approx(as_answer(rows)), (name, by)
        compared = {}
        for (name, by), figures in PUBLISHED.items():
            told = as_answer(marts.execute(figures).fetchall())
            found = as_answer(marts.execute(metrics.query(name, by)).fetchall())
            compared[name] = len(told)
            rounded = ROUNDED.get(name, 1e-9)
            assert {key: found.get(key) for key in told} == pytest.approx(told, abs=rounded), name
    # Of so few customers answers, campaigns and channels may not tell enough.
    silent = {name for name, told in compared.items() if not told}
    assert silent <= {"csat", "nps", "campaign_incremental_revenue", "incremental_orders"}


def test_who_registered_again_is_found_and_nobody_else(world: Home) -> None:
    one_person = """
        select one.customer_id, other.customer_id
        from {0} as one
        inner join {0} as other
            on one.person_id = other.person_id and one.customer_id < other.customer_id
    """
    found = set(world.published(one_person.format("marts.customer_identity")))
    true = set(duckdb.sql(one_person.format(f"'{world.path}/truth/identities.parquet'")).fetchall())
    by_nothing = {
        customer
        for (customer,) in duckdb.sql(f"""
            select customer_id from '{world.path}/truth/identities.parquet'
            where planted = 'again by nothing'
        """).fetchall()
    }
    assert found <= true
    assert {pair for pair in true - found if not by_nothing & {*pair}} == set()
    assert len(found) > 10
