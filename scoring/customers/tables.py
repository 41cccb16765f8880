"""The tables that the study of customers writes."""

from __future__ import annotations

from scoring.study import Column, Table

TABLES = (
    Table(
        "customer_scores",
        "What the models expect of each customer at the as-of date. One row per customer with "
        "a valid order.",
        key=("customer_id",),
        columns=(
            Column("customer_id", "varchar", "Customer."),
            Column(
                "as_of_date",
                "date",
                "Date of the scores: everything before it was visible, nothing else.",
            ),
            Column(
                "score_status",
                "varchar",
                "scored: by champions that were chosen on past windows; fallback: without "
                "past windows, or by a simpler model; not_scored: no forecast.",
            ),
            Column(
                "score_reason",
                "varchar",
                "Why the customer has no score or that of a fallback; null when scored plainly.",
            ),
            Column(
                "purchase_model", "varchar", "Champion of the number of purchases over 90 days."
            ),
            Column("spend_model", "varchar", "Champion of net revenue over 90 days."),
            Column("churn_model", "varchar", "Champion of churn over churn_horizon_days."),
            Column(
                "p_alive",
                "double",
                "Probability that the customer has not left for good, by the purchase model "
                "that told best who comes back, calibrated on who did; null where history "
                "cannot tell.",
            ),
            Column("p_alive_reason", "varchar", "Why p_alive is not known; null where it is."),
            Column(
                "p_no_purchase_30d",
                "double",
                "Probability of no purchase within 30 days from the as-of date.",
            ),
            Column(
                "p_no_purchase_60d",
                "double",
                "Probability of no purchase within 60 days from the as-of date.",
            ),
            Column(
                "p_no_purchase_90d",
                "double",
                "Probability of no purchase within 90 days from the as-of date.",
            ),
            Column("churn_horizon_days", "bigint", "Horizon of p_churn in days."),
            Column(
                "p_churn",
                "double",
                "Probability of no purchase within churn_horizon_days from the as-of date.",
            ),
            Column(
                "expected_purchases_30d",
                "double",
                "Expected number of days with a purchase within 30 days.",
            ),
            Column(
                "expected_purchases_30d_low",
                "double",
                "Low end of the 80% interval of the days with a purchase within 30 days; null "
                "where no past window shows how large errors are.",
            ),
            Column(
                "expected_purchases_30d_high",
                "double",
                "High end of the 80% interval of the days with a purchase within 30 days; "
                "null where no past window shows how large errors are.",
            ),
            Column(
                "expected_purchases_90d",
                "double",
                "Expected number of days with a purchase within 90 days.",
            ),
            Column(
                "expected_purchases_90d_low",
                "double",
                "Low end of the 80% interval of the days with a purchase within 90 days; null "
                "where no past window shows how large errors are.",
            ),
            Column(
                "expected_purchases_90d_high",
                "double",
                "High end of the 80% interval of the days with a purchase within 90 days; "
                "null where no past window shows how large errors are.",
            ),
            Column(
                "expected_purchases_365d",
                "double",
                "Expected number of days with a purchase within 365 days.",
            ),
            Column(
                "expected_purchases_365d_low",
                "double",
                "Low end of the 80% interval of the days with a purchase within 365 days; "
                "null where no past window shows how large errors are.",
            ),
            Column(
                "expected_purchases_365d_high",
                "double",
                "High end of the 80% interval of the days with a purchase within 365 days; "
                "null where no past window shows how large errors are.",
            ),
            Column(
                "expected_spend_30d",
                "double",
                "Expected net revenue within 30 days, not discounted.",
            ),
            Column(
                "expected_spend_30d_low",
                "double",
                "Low end of the 80% interval of net revenue within 30 days; null where no "
                "past window shows how large errors are.",
            ),
            Column(
                "expected_spend_30d_high",
                "double",
                "High end of the 80% interval of net revenue within 30 days; null where no "
                "past window shows how large errors are.",
            ),
            Column(
                "expected_spend_90d",
                "double",
                "Expected net revenue within 90 days, not discounted.",
            ),
            Column(
                "expected_spend_90d_low",
                "double",
                "Low end of the 80% interval of net revenue within 90 days; null where no "
                "past window shows how large errors are.",
            ),
            Column(
                "expected_spend_90d_high",
                "double",
                "High end of the 80% interval of net revenue within 90 days; null where no "
                "past window shows how large errors are.",
            ),
            Column(
                "expected_spend_365d",
                "double",
                "Expected net revenue within 365 days, not discounted.",
            ),
            Column(
                "expected_spend_365d_low",
                "double",
                "Low end of the 80% interval of net revenue within 365 days; null where no "
                "past window shows how large errors are.",
            ),
            Column(
                "expected_spend_365d_high",
                "double",
                "High end of the 80% interval of net revenue within 365 days; null where no "
                "past window shows how large errors are.",
            ),
            Column(
                "expected_purchase_value",
                "double",
                "Expected net revenue of a day with a purchase: expected spend over expected "
                "purchases of 365 days; the shrunken mean where no purchase is expected.",
            ),
            Column(
                "discounted_spend_365d",
                "double",
                "Expected net revenue within 365 days, discounted to the as-of date.",
            ),
            Column(
                "discounted_spend_lifetime",
                "double",
                "Expected net revenue within lifetime_years, discounted to the as-of date; "
                "null where history cannot tell.",
            ),
            Column(
                "lifetime_reason",
                "varchar",
                "Why there is no lifetime value, or on how little history it stands; null "
                "where two years of history could be compared.",
            ),
            Column(
                "expected_next_purchase_date",
                "date",
                "Day by which the next purchase is as likely made as not; null if beyond 90 days.",
            ),
            Column(
                "next_purchase_from_date",
                "date",
                "First day of the 80% window of the next purchase; null if beyond 90 days.",
            ),
            Column(
                "next_purchase_to_date",
                "date",
                "Last day of the 80% window of the next purchase; null if beyond 90 days.",
            ),
            Column(
                "next_purchase_horizon_days",
                "bigint",
                "Days within which the next purchase was forecast; null where nothing was, "
                "score_reason says why.",
            ),
            Column(
                "churn_driver",
                "varchar",
                "Topic of reason_1: hiatus, recent, frequency, regularity, amount or season; "
                "null without one.",
            ),
            Column(
                "reason_1",
                "varchar",
                "What contributes most to the churn forecast, in words, and whether it raises "
                "or lowers churn; null if nothing makes a difference.",
            ),
            Column(
                "reason_2",
                "varchar",
                "What contributes second most to the churn forecast; null if there is no second.",
            ),
            Column(
                "reason_3",
                "varchar",
                "What contributes third most to the churn forecast; null if there is no third.",
            ),
        ),
    ),
    Table(
        "model_runs",
        "What was fitted, on what, with what result, and which model was chosen. One row per "
        "as-of date, horizon, task and model.",
        key=(
            "as_of_date",
            "horizon_days",
            "task",
            "model",
        ),
        columns=(
            Column("as_of_date", "date", "As-of date of the run."),
            Column("horizon_days", "bigint", "Days from the as-of date that are predicted."),
            Column("task", "varchar", "What is predicted: purchases, spend or churn."),
            Column("model", "varchar", "Name of the model."),
            Column(
                "is_champion",
                "boolean",
                "Whether the scores of the horizon and task come from this model.",
            ),
            Column(
                "status",
                "varchar",
                "fitted, fallback (a simpler model stood in for the one named) or not_fitted.",
            ),
            Column(
                "reason",
                "varchar",
                "Why the champion was chosen, a simpler model stood in or nothing was fitted; "
                "null for any other model.",
            ),
            Column(
                "past_loss",
                "double",
                "Mean loss over past windows, lower is better: relative for purchases and "
                "spend, log loss for churn; null without past windows.",
            ),
            Column("past_windows", "bigint", "Past windows in which the model was judged."),
            Column(
                "blend_weight",
                "double",
                "Weight in the blend; null if the model is no member of it.",
            ),
            Column(
                "learned_horizon_days",
                "bigint",
                "Horizon in days of the past windows that models learned from; null without one.",
            ),
            Column("learned_windows", "bigint", "Number of past windows that models learned from."),
            Column("customers", "bigint", "Customers in the fit."),
            Column("repeat_customers", "bigint", "Customers in the fit with a repeat purchase."),
            Column("fit_from", "date", "First purchase day in the fit."),
            Column("fit_through", "date", "Last day observed in the fit."),
            Column(
                "parameters",
                "varchar",
                "Parameters as a JSON object, letter of the literature to value; time unit "
                "weeks; null for learners without.",
            ),
            Column(
                "log_likelihood", "double", "Log-likelihood at the parameters; null for learners."
            ),
            Column("converged", "boolean", "Whether the optimiser converged; null for learners."),
            Column("annual_discount_rate", "double", "Yearly discount rate of the lifetime value."),
        ),
    ),
    Table(
        "model_backtests",
        "How well each model predicted pasts that it had not seen. One row per cutoff date, "
        "horizon, task, model, slice and metric.",
        key=(
            "cutoff_date",
            "horizon_days",
            "task",
            "model",
            "slice",
            "metric",
        ),
        columns=(
            Column("as_of_date", "date", "As-of date of the run that made the back-test."),
            Column("cutoff_date", "date", "Last day the model could see, inclusive."),
            Column("horizon_days", "bigint", "Days after the cutoff date that were predicted."),
            Column("task", "varchar", "What is predicted: purchases, spend or churn."),
            Column("model", "varchar", "Name of the model; naive repeats the previous period."),
            Column(
                "is_champion",
                "boolean",
                "Whether the scores of the horizon and task come from this model.",
            ),
            Column(
                "slice",
                "varchar",
                "Customers judged: all, or active_last_90_days, with a purchase in the 90 "
                "days up to the cutoff date.",
            ),
            Column("metric", "varchar", "Name of the metric."),
            Column(
                "value",
                "double",
                "Value of the metric; null where it is not defined, with the reason.",
            ),
            Column(
                "value_low",
                "double",
                "Low end of the 95% bootstrap interval over customers; null where not computed.",
            ),
            Column(
                "value_high",
                "double",
                "High end of the 95% bootstrap interval over customers; null where not computed.",
            ),
            Column("customers", "bigint", "Customers judged."),
            Column("reason", "varchar", "Why the value is null; null otherwise."),
        ),
    ),
    Table(
        "model_calibration",
        "Predicted against actual by tenth of the prediction. One row per cutoff date, "
        "horizon, task, model and bin.",
        key=(
            "cutoff_date",
            "horizon_days",
            "task",
            "model",
            "bin",
        ),
        columns=(
            Column("as_of_date", "date", "As-of date of the run that made the back-test."),
            Column("cutoff_date", "date", "Last day the model could see, inclusive."),
            Column("horizon_days", "bigint", "Days after the cutoff date that were predicted."),
            Column("task", "varchar", "What is predicted: purchases, spend or churn."),
            Column(
                "model",
                "varchar",
                "Name of the model: the champion, or btyd, the best purchase model.",
            ),
            Column(
                "is_champion",
                "boolean",
                "Whether the scores of the horizon and task come from this model.",
            ),
            Column(
                "bin", "bigint", "Tenth of the customers by prediction, 1 (lowest) to 10 (highest)."
            ),
            Column("customers", "bigint", "Customers in the bin."),
            Column("predicted_mean", "double", "Mean prediction in the bin."),
            Column("actual_mean", "double", "Mean of what happened in the bin."),
        ),
    ),
    Table(
        "holdout_predictions",
        "Predictions of the champions from the newest cutoff over churn_horizon_days, beside "
        "what happened. One row per customer with a purchase up to the cutoff date.",
        key=("customer_id",),
        columns=(
            Column("as_of_date", "date", "As-of date of the run."),
            Column("cutoff_date", "date", "Last day the models could see, inclusive."),
            Column("horizon_days", "bigint", "Days after the cutoff date that were predicted."),
            Column("customer_id", "varchar", "Customer."),
            Column("purchase_model", "varchar", "Champion of the number of purchases."),
            Column("spend_model", "varchar", "Champion of net revenue."),
            Column("churn_model", "varchar", "Champion of churn."),
            Column(
                "predicted_purchases",
                "double",
                "Expected number of days with a purchase within the horizon.",
            ),
            Column(
                "predicted_purchases_low",
                "double",
                "Low end of the 80% interval of predicted_purchases; null where no past "
                "window shows how large errors are.",
            ),
            Column(
                "predicted_purchases_high",
                "double",
                "High end of the 80% interval of predicted_purchases; null where no past "
                "window shows how large errors are.",
            ),
            Column("predicted_spend", "double", "Expected net revenue within the horizon."),
            Column(
                "predicted_spend_low",
                "double",
                "Low end of the 80% interval of predicted_spend; null where no past window "
                "shows how large errors are.",
            ),
            Column(
                "predicted_spend_high",
                "double",
                "High end of the 80% interval of predicted_spend; null where no past window "
                "shows how large errors are.",
            ),
            Column("p_no_purchase", "double", "Probability of no purchase within the horizon."),
            Column("actual_purchases", "bigint", "Days with a purchase within the horizon."),
            Column("actual_spend", "double", "Net revenue within the horizon."),
        ),
    ),
    Table(
        "score_distributions",
        "How many customers fall in each bin of what the models read and what they say, of "
        "this run and of earlier as-of dates. One row per as-of date, cutoff date, variable "
        "and bin.",
        key=("as_of_date", "cutoff_date", "kind", "variable", "bin"),
        history=True,
        columns=(
            Column("as_of_date", "date", "As-of date of the run."),
            Column(
                "cutoff_date",
                "date",
                "Last day the models could see, inclusive: the day before the as-of date, or "
                "the newest past cutoff over churn_horizon_days.",
            ),
            Column("kind", "varchar", "input (what the models read) or score (what they say)."),
            Column("variable", "varchar", "Name of the input or score."),
            Column(
                "bin",
                "bigint",
                "Number of the bin, from the lowest values up; 0 holds the customers without "
                "a value. The same in every run.",
            ),
            Column("lower_bound", "double", "Lowest value in the bin; null if open."),
            Column("upper_bound", "double", "Lowest value above the bin; null if open."),
            Column("customers", "bigint", "Customers in the bin."),
        ),
    ),
)

BY_NAME = {table.name: table for table in TABLES}
