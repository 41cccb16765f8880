"""Suites of the marts: what must hold of the figures that people read.

Keys, references and identities are tested by dbt when it builds; these suites look at the marts as
a reader would: is there anything, is it possible, is it about as much as before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.suites import (
    Measures,
    at_least,
    between,
    not_empty,
    not_null,
    one_of,
    rows_suite,
    unique,
    unique_together,
)

STAGES = (
    "prospect",
    "new",
    "growing",
    "mature",
    "declining",
    "dormant",
    "lost",
    "reactivated",
)
RFM_SEGMENTS = (
    "champions",
    "loyal",
    "active",
    "new",
    "promising",
    "needs_attention",
    "at_risk",
    "previously_loyal",
    "almost_lost",
    "dormant",
    "prospects",
)
ATTRIBUTION_MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based")


def _per_customer() -> list[Expectation]:
    return [
        unique("customer_id", "a customer has one row"),
        not_null("customer_id", "every row belongs to a customer"),
    ]


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
    measures.unique_key(severity="critical")
    measures.rows(
        "without date",
        "order_date is null",
        "every order has a date",
        column="order_date",
        severity="critical",
    )
    measures.rows(
        "valid without revenue",
        "is_valid_order and net_revenue <= 0",
        "every valid order has revenue",
        column="net_revenue",
        severity="critical",
    )
    measures.rows(
        "invalid without reason",
        "not is_valid_order and invalid_reason is null",
        "every order that is not valid says why",
        column="is_valid_order",
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
    """Scores from 1 to 5 and segments of the grid."""
    return rows_suite(
        "marts.customer_rfm",
        [
            *_per_customer(),
            *(
                between(score, 1, 5, f"{score} is between 1 and 5")
                for score in ("r_score", "f_score", "m_score")
            ),
            between("recency_days", 1, None, "the last purchase is before the as-of date"),
            between("frequency", 0, None, "frequency is not negative"),
            not_null("segment", "every customer has a segment"),
            one_of("segment", RFM_SEGMENTS, "the segment is one of the grid"),
        ],
    )


def customer_lifecycle() -> gx.ExpectationSuite:
    """One of the eight stages for everyone."""
    return rows_suite(
        "marts.customer_lifecycle",
        [
            *_per_customer(),
            not_null("lifecycle_stage", "every customer has a stage"),
            one_of("lifecycle_stage", STAGES, "the stage is a known one"),
            between("purchases_to_date", 0, None, "purchases are not negative"),
        ],
    )


def customer_value() -> gx.ExpectationSuite:
    """Orders that are counted right, and expectations that are possible."""
    return rows_suite(
        "marts.customer_value",
        [
            *_per_customer(),
            between("order_count", 0, None, "order_count is not negative"),
            between("p_alive", 0, 1, "p_alive is a probability"),
            between("expected_purchases_365d", 0, None, "expected_purchases_365d is not negative"),
            between("expected_spend_365d", 0, None, "expected_spend_365d is not negative"),
            one_of("clv_basis", ("contribution", "revenue"), "the basis is a known one"),
        ],
    )


def customer_value_totals() -> gx.ExpectationSuite:
    """The value of the base is there, and follows the orders."""
    measures = Measures(
        "marts.customer_value", key=("customer_id",), name="marts.customer_value totals"
    )
    measures.value(
        "net revenue less that of the orders",
        "sum(net_revenue) - (select sum(net_revenue) from marts.fct_orders"
        " where customer_id is not null)",
        "the revenue of the customers is that of their orders, to the cent",
        "critical",
        low=0,
        high=0,
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
    measures.rows(
        "negative value without a loss",
        "clv_365d < 0 and coalesce(contribution_margin, 0) >= 0",
        "only customers who are served at a loss have a negative value",
        column="clv_365d",
        severity="critical",
    )
    measures.rows(
        "lifetime below a year",
        "clv_lifetime < clv_365d and clv_365d >= 0",
        "a lifetime is worth at least a year",
        column="clv_lifetime",
        severity="critical",
    )
    measures.value(
        "bases of lifetime value",
        "count(distinct clv_basis)",
        "all customers are valued on one basis",
        "critical",
        high=1,
    )
    return measures.suite()


def customer_churn() -> gx.ExpectationSuite:
    """Probabilities that are ones, and bands."""
    return rows_suite(
        "marts.customer_churn",
        [
            *_per_customer(),
            between("p_churn", 0, 1, "p_churn is a probability"),
            one_of(
                "churn_band", ("low", "medium", "high", "not_scored"), "the band is a known one"
            ),
            at_least(
                "expected_next_purchase_date", "as_of_date", "the next purchase is still to come"
            ),
        ],
    )


def customer_churn_totals() -> gx.ExpectationSuite:
    """The value at risk is no more than the value if the customer returns."""
    measures = Measures(
        "marts.customer_churn", key=("customer_id",), name="marts.customer_churn totals"
    )
    measures.rows(
        "more at risk than there is",
        "value_at_risk not between least(value_if_returning, 0) and greatest(value_if_returning, 0)"
        " or abs(value_if_returning) * (1 - p_churn) > abs(clv_365d) + 0.02",
        "value_at_risk lies between nothing and value_if_returning, which is at most clv_365d over"
        " (1 - p_churn)",
        column="value_at_risk",
        severity="critical",
    )
    return measures.suite()


def customer_360() -> gx.ExpectationSuite:
    """One row per customer, with a stage."""
    return rows_suite(
        "marts.customer_360",
        [
            *_per_customer(),
            not_null("lifecycle_stage", "every customer has a stage"),
            between("p_churn", 0, 1, "p_churn is a probability"),
        ],
    )


def channel_contribution() -> gx.ExpectationSuite:
    """All attribution models, each with a row per channel and month."""
    return rows_suite(
        "marts.channel_contribution",
        [
            unique_together(
                ("channel_id", "order_month", "attribution_model"),
                "a channel has one row per month and model",
            ),
            not_null("channel_id", "what is not attributed has a row of its own"),
            one_of("attribution_model", ATTRIBUTION_MODELS, "the model is a known one"),
            between("attributed_orders", 0, None, "attributed orders are not negative"),
            between("revenue_share", 0, 1, "revenue_share is a share"),
        ],
    )


def landing_reconciliation() -> gx.ExpectationSuite:
    """Every landed row is accounted for, and few are rejected."""
    return rows_suite(
        "marts.landing_reconciliation",
        [
            not_empty("every landing table has a row"),
            unique("table_name", "a landing table has one row"),
            between(
                "unexplained_rows",
                0,
                0,
                "landed = accepted + duplicates + superseded + quarantined",
            ),
        ],
    )


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
            unique_together(("period_grain", "period_start"), "a period has one row"),
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
            unique_together(
                ("cohort_grain", "cohort_start", "cohort_age"), "a cohort has one row per age"
            ),
            between("retention_rate", 0, 1, "retention_rate is a share"),
            between("cohort_customers", 1, None, "no cohort is empty"),
        ],
    )


def _something(relation: str, where: str, description: str) -> gx.ExpectationSuite:
    """Rows, where the condition holds that there is something to make them from."""
    measures = Measures(relation, name=f"{relation} rows")
    _some(measures, where, description)
    return measures.suite()


MART_SUITES: dict[str, Sequence[Callable[[], gx.ExpectationSuite]]] = {
    "fct_orders": (fct_orders,),
    "customer_rfm": (customer_rfm, partial(_everyone, "marts.customer_rfm")),
    "customer_lifecycle": (customer_lifecycle, partial(_everyone, "marts.customer_lifecycle")),
    "customer_value": (
        customer_value,
        customer_value_totals,
        partial(_everyone, "marts.customer_value"),
    ),
    "customer_churn": (
        customer_churn,
        customer_churn_totals,
        partial(_everyone, "marts.customer_churn"),
    ),
    "customer_360": (customer_360, partial(_everyone, "marts.customer_360")),
    "channel_contribution": (
        channel_contribution,
        partial(
            _something,
            "marts.channel_contribution",
            "exists (from marts.fct_orders where is_valid_order)",
            "there is something to attribute",
        ),
    ),
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
