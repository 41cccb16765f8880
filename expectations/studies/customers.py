"""Suites of what the study of customers writes: ranges, completeness, sums.

Keys and lists of names are tested by dbt, which reads the tables next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import great_expectations as gx

from expectations.suites import (
    Measures,
    Severity,
    at_least,
    between,
    not_null,
    rows_suite,
    unique,
)
from scoring.customers.features import VALUE_FACTOR, VALUE_QUANTILES
from scoring.customers.learners import TASKS

HORIZONS = (30, 90, 365)
FORECASTS = tuple(f"expected_{task}_{days}d" for task in TASKS[:2] for days in HORIZONS)


def customer_scores() -> gx.ExpectationSuite:
    """Probabilities, amounts and dates within their range, and in their order."""
    probabilities = ("p_alive", "p_no_purchase_30d", "p_no_purchase_60d", "p_no_purchase_90d")
    values = ("expected_purchase_value", "discounted_spend_365d", "discounted_spend_lifetime")
    # The high ends are not negative either, by their order.
    lowest = [f"{forecast}_low" for forecast in FORECASTS]
    return rows_suite(
        "scores.customer_scores",
        [
            not_null("as_of_date", "every score has its date"),
            not_null("score_status", "every customer has a status"),
            *(
                between(column, 0, 1, f"{column} is a probability")
                for column in (*probabilities, "p_churn")
            ),
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in (*FORECASTS, *lowest, *values)
            ),
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
            *(
                at_least(
                    f"expected_{task}_{longer}d",
                    f"expected_{task}_{shorter}d",
                    f"{longer} days bring at least the {task} of {shorter}",
                )
                for task in TASKS[:2]
                for shorter, longer in pairwise(HORIZONS)
            ),
            *(
                at_least(
                    f"expected_{task}_{longer}d_{end}",
                    f"expected_{task}_{shorter}d_{end}",
                    f"the {end} end of {task} over {longer} days is at least that over {shorter}",
                )
                for task in TASKS[:2]
                for end in ("low", "high")
                for shorter, longer in pairwise(HORIZONS)
            ),
            *(
                between(
                    f"expected_purchases_{days}d{end}",
                    None,
                    days,
                    f"{days} days have at most as many days with a purchase",
                )
                for days in HORIZONS
                for end in ("", "_high")
            ),
            *(
                at_least(larger, smaller, f"{forecast} lies within its interval")
                for forecast in FORECASTS
                for larger, smaller in pairwise((f"{forecast}_high", forecast, f"{forecast}_low"))
            ),
            at_least(
                "expected_spend_365d",
                "discounted_spend_365d",
                "discounting does not raise the spend of a year",
            ),
            at_least(
                "discounted_spend_lifetime",
                "discounted_spend_365d",
                "a lifetime brings at least the spend of a year",
            ),
            *(
                at_least(later, earlier, f"{earlier} is not after {later}")
                for earlier, later in pairwise(
                    (
                        *("as_of_date", "next_purchase_from_date"),
                        *("expected_next_purchase_date", "next_purchase_to_date"),
                    )
                )
            ),
        ],
    )


# What a customer has whose status is not not_scored. Intervals need a past window to measure errors
# in, and dates a purchase within 90 days.
PROMISED = (
    *("p_no_purchase_30d", "p_no_purchase_60d", "p_no_purchase_90d", "p_churn"),
    *FORECASTS,
    *("expected_purchase_value", "discounted_spend_365d"),
    *("purchase_model", "spend_model", "churn_model"),
)


# Purchase days as they are known now: returns later than the scores, if any, are not.
_HELD = (
    "(select days.customer_id, days.purchase_date, days.net_revenue"
    " from intermediate.int_customer_purchase_days as days"
    " cross join (select max(as_of_date) as as_of_date from scores.customer_scores) as scored"
    " where days.valid_from < scored.as_of_date"
    " and (days.valid_until is null or days.valid_until >= scored.as_of_date)) as held"
)

_CONTRADICTIONS = (
    *(
        (
            f"fewer than likely in {days} days",
            f"expected_purchases_{days}d < 1 - p_no_purchase_{min(days, 90)}d - 1e-9",
            f"the purchases expected in {days} days are at least the probability of one",
        )
        for days in HORIZONS
    ),
    (
        "alive less than buying",
        "p_alive < 1 - least(p_no_purchase_90d, p_churn) - 1e-9",
        "whoever buys is alive",
    ),
    (
        "lifetime or life without reason",
        "score_status <> 'not_scored' and ((p_alive is null) <> (p_alive_reason is not null)"
        " or (discounted_spend_lifetime is null and lifetime_reason is null))",
        "where history does not tell who is alive or how long customers stay, the reason is told",
    ),
    (
        "date against probability",
        " or ".join(
            f"(p_no_purchase_{days}d <= {silent}) <>"
            f" coalesce({column} < as_of_date + {days}, false)"
            for column, silent in (
                ("next_purchase_from_date", 0.9),
                ("expected_next_purchase_date", 0.5),
                ("next_purchase_to_date", 0.1),
            )
            for days in (30, 60, 90)
        ),
        "the next purchase is dated where the probabilities of silence say",
    ),
    (
        "forecast without horizon",
        "(score_status = 'not_scored') <> (next_purchase_horizon_days is null)",
        "the horizon of the next purchase is told where it was forecast",
    ),
    (
        "not scored without reason",
        "score_status <> 'scored' and score_reason is null",
        "a customer without a full score is told why",
    ),
)

# Spend over purchases at every horizon, against what the customer's and the base's days say.
_OUT_OF_RANGE = (
    "select scores.customer_id from scores.customer_scores as scores"
    " inner join (select customer_id, min(net_revenue) as least, max(net_revenue) as most"
    f" from {_HELD} group by customer_id) as own on scores.customer_id = own.customer_id"
    " cross join (select"
    f" quantile_cont(cast(net_revenue as double), {VALUE_QUANTILES[0]}) as low,"
    f" quantile_cont(cast(net_revenue as double), {VALUE_QUANTILES[1]}) as high"
    f" from {_HELD}) as base"
    " where "
    + " or ".join(
        f"{value} < least(own.least, base.low) / {VALUE_FACTOR} - 1e-6 * (1 + base.high)"
        f" or {value} > greatest(own.most, base.high) * {VALUE_FACTOR} + 1e-6 * (1 + base.high)"
        for value in (
            "scores.expected_purchase_value",
            *(
                f"scores.expected_spend_{days}d / nullif(scores.expected_purchases_{days}d, 0)"
                for days in HORIZONS
            ),
        )
    )
)

# What customers who had bought before a time bought in it, and what is expected of each now.
_KNOWN_BEFORE = (
    "select (select avg(expected_purchases_365d) from scores.customer_scores) as expected, days,"
    " count(distinct customer_id) as known,"
    " count(*) filter (where purchase_date >= begin) as bought"
    " from (select held.customer_id, held.purchase_date, time.days, time.begin,"
    " min(held.purchase_date) over (partition by held.customer_id) as first_date"
    f" from {_HELD} cross join"
    " (select least(365, (as_of_date - oldest) // 2) as days,"
    " as_of_date - cast(least(365, (as_of_date - oldest) // 2) as integer) as begin"
    " from (select (select max(as_of_date) from scores.customer_scores) as as_of_date,"
    f" (select min(purchase_date) from {_HELD}) as oldest)) as time)"
    " where first_date < begin group by days"
)
_LEAST_TO_BLOCK = 30


def _missing(columns: Sequence[str]) -> str:
    return " or ".join(f"{column} is null" for column in columns)


def customer_scores_totals() -> gx.ExpectationSuite:
    """Every customer scored, every promise kept, and totals that the past makes plausible."""
    measures = Measures(
        "scores.customer_scores", key=("customer_id",), name="scores.customer_scores totals"
    )
    measures.value(
        "customers without a row",
        f"(select count(distinct customer_id) from {_HELD}) - count(distinct customer_id)",
        "every customer who bought has a row, and nobody else",
        "critical",
        low=0,
        high=0,
    )
    measures.rows(
        "promised and missing",
        f"score_status <> 'not_scored' and ({_missing(PROMISED)})",
        "every customer whose status is not not_scored has all scores",
        column="score_status",
        severity="critical",
    )
    measures.rows(
        "interval of one end",
        " or ".join(f"({name}_low is null) <> ({name}_high is null)" for name in FORECASTS),
        "an interval has both ends or none",
        column="score_status",
        severity="critical",
    )
    measures.rows(
        "driver without reason",
        "(churn_driver is null) <> (reason_1 is null)",
        "what drives churn is told in words",
        column="churn_driver",
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
    for measure, condition, description in _CONTRADICTIONS:
        measures.rows(measure, condition, description, column="score_status", severity="critical")
    measures.rows(
        "value of a purchase out of range",
        f"customer_id in ({_OUT_OF_RANGE})",
        "a purchase is worth between half the least and twice the most of the customer's own and"
        " the base's usual days",
        column="expected_purchase_value",
        severity="critical",
    )
    # Half of a history that is shorter than two years, made into a year. A few purchases or
    # customers say nothing that could hold up a publication.
    strict: tuple[str, Severity, float, float, int] = ("", "critical", 0.1, 10, _LEAST_TO_BLOCK)
    close: tuple[str, Severity, float, float, int] = (", closely", "warning", 0.5, 1.5, 1)
    for closely, severity, low, high, least in (strict, close):
        measures.value(
            f"expected purchases to those of customers known before{closely}",
            f"(select case when bought >= {least} and known >= {least} then expected"
            f" / (bought * 365.0 / days / known) end from ({_KNOWN_BEFORE}))",
            "the purchases expected of a customer in a year are between"
            f" {low:g} and {high:g} times those that customers known before made in the last one;"
            " if not, the past does not tell what is coming (a shop closed or opened, another kind"
            " of customer, test orders, a season for var seasonal_index), or the champion"
            " fails on this base: see marts.model_backtests",
            severity,
            low=low,
            high=high,
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
    """Figures that are possible."""
    return rows_suite(
        "scores.model_runs",
        [
            not_null("is_champion", "every model is champion or not"),
            between("horizon_days", 1, None, "the horizon is at least a day"),
            between("customers", 0, None, "the number of customers is not negative"),
            at_least("customers", "repeat_customers", "those who bought again are among all"),
            between("past_loss", 0, None, "no loss is negative"),
        ],
    )


def model_runs_reasons() -> gx.ExpectationSuite:
    """One champion for each horizon and task, and a reason where one is owed."""
    measures = Measures(
        "scores.model_runs", key=("horizon_days", "task", "model"), name="scores.model_runs reasons"
    )
    measures.value(
        "horizons and tasks without exactly one champion",
        "(select count(*) from (select horizon_days from scores.model_runs"
        " group by as_of_date, horizon_days, task"
        " having count(*) filter (where is_champion) <> 1))",
        "every horizon and task has exactly one champion",
        "critical",
        low=0,
        high=0,
    )
    measures.rows(
        "without reason",
        "(is_champion or status <> 'fitted') and reason is null",
        "a champion, and a model that was not fitted, says why",
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
    """Horizons, and cutoffs in the past."""
    return rows_suite(
        "scores.model_backtests",
        [
            between("horizon_days", 1, None, "the horizon is at least a day"),
            at_least("as_of_date", "cutoff_date", "the cutoff is in the past"),
        ],
    )


def model_calibration() -> gx.ExpectationSuite:
    """Bins with customers in each."""
    return rows_suite(
        "scores.model_calibration",
        [
            between("customers", 1, None, "no bin is empty"),
            between("predicted_mean", 0, None, "no mean prediction is negative"),
            between("actual_mean", 0, None, "no actual mean is negative", "warning"),
        ],
    )


def holdout_predictions() -> gx.ExpectationSuite:
    """One prediction per customer, within its range and interval."""
    return rows_suite(
        "scores.holdout_predictions",
        [
            unique("customer_id", "a customer is predicted once"),
            between("p_no_purchase", 0, 1, "p_no_purchase is a probability"),
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in (
                    *("predicted_purchases", "predicted_purchases_low"),
                    *("predicted_spend", "predicted_spend_low", "actual_purchases"),
                )
            ),
            *(
                at_least(larger, smaller, f"{forecast} lies within its interval")
                for forecast in ("predicted_purchases", "predicted_spend")
                for larger, smaller in pairwise((f"{forecast}_high", forecast, f"{forecast}_low"))
            ),
        ],
    )


def score_distributions() -> gx.ExpectationSuite:
    """Bins and counts that are possible."""
    return rows_suite(
        "scores.score_distributions",
        [
            between("bin", 0, None, "bins are numbered from 0"),
            between("customers", 0, None, "the number of customers is not negative"),
            at_least("as_of_date", "cutoff_date", "the cutoff is in the past"),
            at_least("upper_bound", "lower_bound", "a bin ends above where it begins"),
        ],
    )


def score_distributions_totals() -> gx.ExpectationSuite:
    """Every customer of a fit is in one bin of each variable."""
    measures = Measures(
        "scores.score_distributions",
        key=("as_of_date", "cutoff_date", "kind", "variable", "bin"),
        name="scores.score_distributions totals",
    )
    measures.value(
        "fits whose variables count different customers",
        "(select count(*) from (select as_of_date from (select as_of_date, cutoff_date,"
        " sum(customers) as customers from scores.score_distributions"
        " group by as_of_date, cutoff_date, kind, variable)"
        " group by as_of_date, cutoff_date having min(customers) <> max(customers)))",
        "every variable of a fit counts the same customers",
        "critical",
        low=0,
        high=0,
    )
    return measures.suite()


SUITES: dict[str, Sequence[Callable[[], gx.ExpectationSuite]]] = {
    "customer_scores": (customer_scores, customer_scores_totals),
    "model_runs": (model_runs, model_runs_reasons),
    "model_backtests": (model_backtests,),
    "model_calibration": (model_calibration,),
    "holdout_predictions": (holdout_predictions,),
    "score_distributions": (score_distributions, score_distributions_totals),
}
"""The suites of each score table."""
