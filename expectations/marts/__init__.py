"""Suites of the marts: what must hold of the figures that people read.

Keys, references, lists of names and identities are tested by dbt when it builds; these suites look
at the marts as a reader would: is there anything, is it possible. Whether it is about as much as
before is in ``expectations.marts.change``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import great_expectations as gx

from expectations.suites import Measures, between, not_empty, rows_suite


def _everyone(relation: str) -> gx.ExpectationSuite:
    """A row for every customer, and customers where an order names one or a profile landed.

    A shop whose sales are all anonymous has none.
    """
    measures = Measures(relation, name=f"{relation} everyone")
    _some(
        measures,
        "exists (from marts.fct_orders where customer_id is not null)"
        " or exists (from marts.dim_customers)",
        "there are customers",
    )
    measures.value(
        "customers without a row",
        "(select count(*) from marts.dim_customers) - count(*)",
        "every customer has a row, and nobody else",
        "critical",
        low=0,
        high=0,
    )
    return measures.suite()


def _some(measures: Measures, where: str, description: str) -> None:
    """At least one row, where the condition holds that there is something to make it from."""
    measures.value(
        "rows to be expected",
        f"case when {where} then count(*) end",
        description,
        "critical",
        low=1,
    )


_SOMEBODY_BOUGHT = "exists (from marts.fct_orders where is_valid_order and customer_id is not null)"


def fct_orders() -> gx.ExpectationSuite:
    """Orders where any have landed, valid for the most part, with revenue and a date."""
    measures = Measures(
        "marts.fct_orders", key=("order_id",), money="select sum(net_revenue) {rows}"
    )
    _some(
        measures,
        "exists (from marts.landing_reconciliation"
        " where table_name = 'pos.orders' and landed_rows > 0)",
        "there are orders",
    )
    measures.rows(
        "without date",
        "order_date is null",
        "every order has a date",
        column="order_date",
        severity="critical",
    )
    measures.rows(
        "not valid",
        "invalid_reason not in ('returned', 'exchange')",
        "at least 90% of the orders are valid, or returns and exchanges",
        column="invalid_reason",
        tolerated_share=0.1,
    )
    measures.value(
        "net revenue",
        "sum(net_revenue) filter (where is_valid_order)",
        "there is revenue",
        "critical",
        low=0.01,
    )
    measures.value(
        "largest order to all orders",
        "max(net_revenue) filter (where is_valid_order)"
        " / case when count(*) >= 1000 then nullif(sum(net_revenue), 0) end",
        "no single order makes more than 5% of the revenue",
        "warning",
        high=0.05,
    )
    return measures.suite()


def customer_rfm() -> gx.ExpectationSuite:
    """Scores from 1 to 5, of purchases before the as-of date."""
    return rows_suite(
        "marts.customer_rfm",
        [
            *(
                between(score, 1, 5, f"{score} is between 1 and 5")
                for score in ("r_score", "f_score", "m_score")
            ),
            between("recency_days", 1, None, "the last purchase is before the as-of date"),
            between("frequency", 0, None, "frequency is not negative"),
        ],
    )


def customer_value_totals() -> gx.ExpectationSuite:
    """What is expected of the base follows what it brought, on one basis."""
    measures = Measures(
        "marts.customer_value", key=("customer_id",), name="marts.customer_value totals"
    )
    measures.value(
        "spend expected of the base to the revenue of the last year",
        # A history that is shorter than a year is made into one.
        "sum(expected_spend_365d) / nullif(sum(net_revenue_365d) * 365.0"
        " / least(365, max(as_of_date) - min(first_order_date)), 0)",
        "the spend expected of the base is between a tenth and three times last year's revenue",
        "warning",
        low=0.1,
        high=3,
    )
    measures.value(
        "bases of lifetime value",
        "count(distinct clv_basis)",
        "all customers are valued on one basis",
        "critical",
        high=1,
    )
    return measures.suite()


def customer_contribution_totals() -> gx.ExpectationSuite:
    """What remains of the sales is a part of them, and most customers are no loss."""
    measures = Measures(
        "marts.customer_contribution",
        key=("customer_id",),
        name="marts.customer_contribution totals",
    )
    measures.value(
        "contribution to the revenue that it counts",
        "sum(contribution_value) / nullif(sum(net_revenue - uncosted_net_revenue), 0)",
        "between nothing and nine tenths of the revenue whose costs are known remains",
        "warning",
        low=0,
        high=0.9,
    )
    measures.value(
        "share of buyers who cost more than they bring",
        "avg(case when contribution_value < 0 then 1.0 else 0.0 end)"
        " filter (where sales_revenue > 0)",
        "at most half of the customers who bought cost more than they bring",
        "warning",
        high=0.5,
    )
    return measures.suite()


def channel_contribution() -> gx.ExpectationSuite:
    """Counts and shares that are possible."""
    return rows_suite(
        "marts.channel_contribution",
        [
            between("attributed_orders", 0, None, "attributed orders are not negative"),
            between("revenue_share", 0, 1, "revenue_share is a share"),
        ],
    )


def next_category_backtests() -> gx.ExpectationSuite:
    """Suggestions come true about as often as telling everybody what most buy."""
    measures = Measures("marts.next_category_backtests", key=("kind", "method", "cut_date"))
    measures.value(
        "hits of the suggestions in use to those of popularity",
        "min(case when is_used and customers >= 100 then times_popularity end)",
        "suggestions in use come true at least nine tenths as often as what most buy",
        "warning",
        low=0.9,
    )
    return measures.suite()


def landing_reconciliation() -> gx.ExpectationSuite:
    """Every landing table is there."""
    return rows_suite("marts.landing_reconciliation", [not_empty("every landing table has a row")])


def landing_reconciliation_share() -> gx.ExpectationSuite:
    """Few rows are rejected, and little of the revenue."""
    measures = Measures(
        "marts.landing_reconciliation",
        key=("table_name",),
        name="marts.landing_reconciliation shares",
    )
    measures.rows(
        "more than 5% rejected",
        "quarantined_rows > 0.05 * landed_rows",
        "at most 5% of a table's rows are in quarantine",
        column="quarantined_rows",
        blocks=False,
    )
    # One order that is dated wrong is a slip of the pen, however few orders there are.
    slip = (
        "coalesce((select sum(abs(net_revenue)) from marts.quarantine_reasons"
        " where table_name = 'pos.orders' and"
        " regexp_full_match(rejection_reasons, '((future|implausible|stray)_date(, )?)+')"
        " having sum(row_count) = 1), 0)"
    )
    reasons = (
        "(select string_agg(format('{} in {} rows of {}, such as {}', rejection_reasons,"
        " row_count, table_name, example_key), '; ' order by row_count desc, table_name,"
        " rejection_reasons) from marts.quarantine_reasons"
        " where table_name in ('pos.orders', 'pos.order_lines'))"
    )
    measures.found(
        "revenue in quarantine",
        "(select format('{:.1f}% of it where {:.1f}% are allowed: {:,.2f} of sales and returns"
        " alike, {:,.2f} in balance, would be missing in the marts for these reasons: {}',"
        " 100 * quarantined_revenue_share, 100 * max_quarantined_revenue_share,"
        " cast(quarantined_absolute_revenue as double), cast(quarantined_net_revenue as double),"
        f" {reasons}) from marts.landing_reconciliation"
        f" where quarantined_revenue_share * (1 - {slip} / nullif(quarantined_absolute_revenue, 0))"
        " > max_quarantined_revenue_share)",
        "little of the revenue is in quarantine",
        "critical",
    )
    return measures.suite()


def quarantine_reasons() -> gx.ExpectationSuite:
    """Dates that were set aside are told."""
    measures = Measures("marts.quarantine_reasons", key=("table_name", "rejection_reasons"))
    measures.found(
        "dates set aside",
        "(select string_agg(format('{} of {} ({}), such as {} on {}', row_count, table_name,"
        " rejection_reasons, example_key, first_event_date), '; ' order by table_name,"
        " rejection_reasons) from marts.quarantine_reasons where"
        " contains(rejection_reasons, 'stray_date')"
        " or contains(rejection_reasons, 'implausible_date'))",
        "no rows are dated far from all others, or before there was anything to record",
        "warning",
    )
    return measures.suite()


def lifecycle_periods() -> gx.ExpectationSuite:
    """Counts that are possible."""
    return rows_suite(
        "marts.lifecycle_periods",
        [
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in (
                    "active_customers",
                    "new_customers",
                    "returning_customers",
                    "resurrected_customers",
                    "dormant_customers",
                )
            ),
        ],
    )


def cohort_retention() -> gx.ExpectationSuite:
    """Rates that are ones."""
    return rows_suite(
        "marts.cohort_retention",
        [
            between("retention_rate", 0, 1, "retention_rate is a share"),
            between("cohort_customers", 1, None, "no cohort is empty"),
        ],
    )


def _something(relation: str, where: str, description: str) -> gx.ExpectationSuite:
    """Rows, where the condition holds that there is something to make them from."""
    measures = Measures(relation, name=f"{relation} rows")
    _some(measures, where, description)
    return measures.suite()


def customer_record_completeness() -> gx.ExpectationSuite:
    """What is filled says something, for the most part."""
    measures = Measures("marts.customer_record_completeness", key=("attribute",))
    measures.rows(
        "mostly without meaning",
        "invalid_customers > 0.5 * filled_customers",
        "most of what stands in a column of the customers says something",
        column="invalid_customers",
        blocks=False,
    )
    return measures.suite()


MART_SUITES: dict[str, Sequence[Callable[[], gx.ExpectationSuite]]] = {
    "fct_orders": (fct_orders,),
    "customer_rfm": (customer_rfm, partial(_everyone, "marts.customer_rfm")),
    "customer_value": (customer_value_totals, partial(_everyone, "marts.customer_value")),
    "customer_contribution": (
        customer_contribution_totals,
        partial(_everyone, "marts.customer_contribution"),
    ),
    "customer_potential": (partial(_everyone, "marts.customer_potential"),),
    "customer_segments": (partial(_everyone, "marts.customer_segments"),),
    "segment_profiles": (
        partial(_something, "marts.segment_profiles", _SOMEBODY_BOUGHT, "there are segments"),
    ),
    "channel_contribution": (
        channel_contribution,
        partial(
            _something,
            "marts.channel_contribution",
            "exists (from marts.fct_orders where is_valid_order)",
            "there is something to attribute",
        ),
    ),
    "next_category_backtests": (next_category_backtests,),
    "customer_record_completeness": (customer_record_completeness,),
    "customer_engagement": (partial(_everyone, "marts.customer_engagement"),),
    "lifecycle_periods": (
        lifecycle_periods,
        partial(_something, "marts.lifecycle_periods", _SOMEBODY_BOUGHT, "there are periods"),
    ),
    "cohort_retention": (
        cohort_retention,
        partial(_something, "marts.cohort_retention", _SOMEBODY_BOUGHT, "there are cohorts"),
    ),
    "landing_reconciliation": (landing_reconciliation, landing_reconciliation_share),
    "quarantine_reasons": (quarantine_reasons,),
}
"""The suites of each mart."""
