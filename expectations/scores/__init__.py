"""Suites of the score tables: ranges, completeness, sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import great_expectations as gx

from expectations.suites import (
    Measures,
    at_least,
    between,
    not_null,
    one_of,
    rows_suite,
    unique,
    unique_together,
)

TASKS = ("purchases", "spend", "churn")


def customer_scores() -> gx.ExpectationSuite:
    """Probabilities and amounts within their range, and none missing where one was promised."""
    probabilities = ("p_alive", "p_no_purchase_30d", "p_no_purchase_60d", "p_no_purchase_90d")
    amounts = (
        "expected_purchases_90d",
        "expected_purchases_365d",
        "expected_purchase_value",
        "expected_spend_90d",
        "expected_spend_365d",
        "clv_365d",
    )
    return rows_suite(
        "scores.customer_scores",
        [
            unique("customer_id", "a customer is scored once"),
            not_null("customer_id", "every score belongs to a customer"),
            not_null("as_of_date", "every score has its date"),
            not_null("score_status", "every customer has a status"),
            one_of(
                "score_status", ("scored", "fallback", "not_scored"), "the status is a known one"
            ),
            *(
                between(column, 0, 1, f"{column} is a probability")
                for column in (*probabilities, "p_churn")
            ),
            *(between(column, 0, None, f"{column} is not negative") for column in amounts),
            at_least(
                "p_no_purchase_30d",
                "p_no_purchase_60d",
                "silence over 60 days is no likelier than over 30",
            ),
            at_least(
                "p_no_purchase_60d",
                "p_no_purchase_90d",
                "silence over 90 days is no likelier than over 60",
            ),
            at_least(
                "expected_purchases_365d",
                "expected_purchases_90d",
                "a year brings at least the purchases of 90 days",
            ),
            at_least(
                "expected_spend_365d", "clv_365d", "discounting does not raise the value of a year"
            ),
        ],
    )


def customer_scores_totals() -> gx.ExpectationSuite:
    """Every customer scored, every promise kept, and totals that the past makes plausible."""
    measures = Measures(
        "scores.customer_scores", key=("customer_id",), name="scores.customer_scores totals"
    )
    measures.value(
        "customers without a row",
        "(select count(distinct customer_id) from intermediate.int_customer_purchase_days)"
        " - count(distinct customer_id)",
        "every customer who bought has a row, and nobody else",
        "critical",
        low=0,
        high=0,
    )
    measures.rows(
        "promised and missing",
        "score_status <> 'not_scored' and (p_churn is null or p_alive is null"
        " or expected_purchases_365d is null or expected_spend_365d is null or clv_365d is null)",
        "every customer whose status is not not_scored has all scores",
        column="score_status",
        severity="critical",
    )
    measures.rows(
        "not scored",
        "score_status = 'not_scored'",
        "at least half of the customers are scored",
        column="score_reason",
        tolerated_share=0.5,
        blocks=False,
    )
    last_year = (
        "(select nullif(count(*), 0) from intermediate.int_customer_purchase_days"
        " where purchase_date >= (select max(as_of_date) from scores.customer_scores) - 365)"
    )
    expected = f"sum(expected_purchases_365d) / {last_year}"
    measures.value(
        "expected purchases to those of the last year",
        expected,
        "the purchases expected in a year are between a tenth and ten times the last year's",
        "critical",
        low=0.1,
        high=10,
    )
    measures.value(
        "expected purchases to those of the last year, closely",
        expected,
        "the purchases expected in a year are between half and one and a half times the last"
        " year's",
        "warning",
        low=0.5,
        high=1.5,
    )
    measures.value(
        "different values of p_churn",
        "case when count(p_churn) >= 100 then count(distinct p_churn) end",
        "customers differ in their risk",
        "warning",
        low=2,
    )
    return measures.suite()


def model_runs() -> gx.ExpectationSuite:
    """One row per model, fitted or with the reason why not."""
    return rows_suite(
        "scores.model_runs",
        [
            unique_together(
                ("as_of_date", "purpose", "task", "model"), "a model runs once per purpose"
            ),
            one_of("purpose", ("scoring", "holdout"), "the purpose is a known one"),
            one_of("task", TASKS, "the task is a known one"),
            one_of("status", ("fitted", "fallback", "not_fitted"), "the status is a known one"),
            between("customers", 0, None, "the number of customers is not negative"),
        ],
    )


def model_runs_reasons() -> gx.ExpectationSuite:
    """A model that was not fitted says why."""
    measures = Measures(
        "scores.model_runs", key=("purpose", "task", "model"), name="scores.model_runs reasons"
    )
    measures.rows(
        "without reason",
        "status <> 'fitted' and reason is null",
        "a model that was not fitted says why",
        column="status",
        severity="critical",
    )
    measures.rows(
        "not converged",
        "status = 'fitted' and not converged",
        "the fit of every model converged",
        column="converged",
        blocks=False,
    )
    return measures.suite()


def model_backtests() -> gx.ExpectationSuite:
    """One row per model and metric."""
    return rows_suite(
        "scores.model_backtests",
        [
            unique_together(
                ("cutoff_date", "horizon_days", "task", "model", "metric"),
                "a metric is computed once",
            ),
            one_of("task", TASKS, "the task is a known one"),
            between("horizon_days", 1, None, "the horizon is at least a day"),
        ],
    )


def model_calibration() -> gx.ExpectationSuite:
    """Ten bins at most, with customers in each."""
    return rows_suite(
        "scores.model_calibration",
        [
            unique_together(
                ("cutoff_date", "horizon_days", "task", "model", "bin"), "a bin occurs once"
            ),
            between("bin", 1, 10, "bins are numbered from 1 to 10"),
            between("customers", 1, None, "no bin is empty"),
            between("predicted_mean", 0, None, "no mean prediction is negative"),
            between("actual_mean", 0, None, "no actual mean is negative", "warning"),
        ],
    )


def holdout_predictions() -> gx.ExpectationSuite:
    """One prediction per customer, within its range."""
    return rows_suite(
        "scores.holdout_predictions",
        [
            unique_together(
                ("cutoff_date", "horizon_days", "customer_id", "model"),
                "a customer is predicted once",
            ),
            between("p_no_purchase", 0, 1, "p_no_purchase is a probability"),
            between("predicted_purchases", 0, None, "predicted_purchases is not negative"),
            between("predicted_spend", 0, None, "predicted_spend is not negative"),
            between("actual_purchases", 0, None, "actual_purchases is not negative"),
        ],
    )


SCORE_SUITES: dict[str, Sequence[Callable[[], gx.ExpectationSuite]]] = {
    "customer_scores": (customer_scores, customer_scores_totals),
    "model_runs": (model_runs, model_runs_reasons),
    "model_backtests": (model_backtests,),
    "model_calibration": (model_calibration,),
    "holdout_predictions": (holdout_predictions,),
}
"""The suites of each score table."""
