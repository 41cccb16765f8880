"""The tables that the study of actions writes."""

from __future__ import annotations

from scoring.study import Column, Table

EFFECTS = Table(
    "effects",
    "What each action changed: customers on whom it was decided for against those held back by "
    "lot. One row per action and outcome.",
    key=("action", "outcome"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("action", "varchar", "Action."),
        Column("outcome", "varchar", "What the effect is on: orders, revenue or contribution."),
        Column("treated_decisions", "bigint", "Decisions for the action whose window is over."),
        Column("control_decisions", "bigint", "Those held back by lot."),
        Column("taken_decisions", "bigint", "Of the decisions for it, those carried out."),
        Column("crossovers", "bigint", "Of those held back by lot, those that were not."),
        Column("planned_control_share", "double", "Share that was to be held back."),
        Column("sample_ratio_p", "double", "Of so many held back if the lot was as planned."),
        Column("treated_mean", "double", "Mean outcome where it was decided for."),
        Column("control_mean", "double", "Mean outcome of those held back."),
        Column("effect", "double", "Effect per decision, less what was there before."),
        Column("standard_error", "double", "Its standard error, by customer."),
        Column("interval_low", "double", "Low end of the 90% interval of the effect."),
        Column("interval_high", "double", "High end of the 90% interval of the effect."),
        Column("p_value", "double", "Probability of so large an effect if there is none."),
        Column(
            "detectable_effect",
            "double",
            "Effect that is found four times in five, at a 5% risk of finding one that is none.",
        ),
        Column("cost", "double", "Mean cost of a decision that was carried out."),
        Column("reason", "varchar", "Why there is no effect; null where there is one."),
    ),
)

UPLIFTS = Table(
    "uplifts",
    "What an action is expected to add to a customer. One row per customer and action with enough "
    "of a log.",
    key=("customer_id", "action"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("customer_id", "varchar", "Customer."),
        Column("action", "varchar", "Action."),
        Column("value_basis", "varchar", "What it is in: contribution, or revenue without costs."),
        Column("uplift", "double", "Expected to be added in the action's window."),
        Column("uplift_low", "double", "Low end of its 90% interval."),
        Column("uplift_high", "double", "High end of its 90% interval."),
    ),
)

POLICY_VALUES = Table(
    "policy_values",
    "What choosing customers in some way is worth, doubly robust. One row per action and policy.",
    key=("action", "policy"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("action", "varchar", "Action; all_actions: decisions of all of them."),
        Column("policy", "varchar", "How the decisions to act on are chosen."),
        Column("value_basis", "varchar", "What it is in: contribution, or revenue without costs."),
        Column("decisions", "bigint", "Decisions in the log that it rests on."),
        Column("acted_share", "double", "Share of them that the policy acts on."),
        Column("value", "double", "Worth of a decision under the policy, less what acting costs."),
        Column("value_low", "double", "Low end of its 90% interval."),
        Column("value_high", "double", "High end of its 90% interval."),
        Column("ranking_gain", "double", "What the ranking is worth above the policy."),
        Column("ranking_gain_low", "double", "Low end of its 90% interval."),
        Column("ranking_gain_high", "double", "High end of its 90% interval."),
    ),
)

TABLES = (EFFECTS, UPLIFTS, POLICY_VALUES)
