"""Landing suites of channels, campaigns, contacts, coupons, promotions and costs."""

from __future__ import annotations

from datetime import date

import great_expectations as gx

from expectations.landing.from_contract import contract_measures
from landing import contract


def channels(landed_on: date) -> gx.ExpectationSuite:
    """Capacities with the right sign."""
    measures = contract_measures(contract.CHANNELS, landed_on)
    measures.rows(
        "negative daily_capacity",
        "daily_capacity < 0",
        "daily_capacity is not negative",
        column="daily_capacity",
    )
    return measures.suite()


def campaigns(landed_on: date) -> gx.ExpectationSuite:
    """Dates in order, and budgets with the right sign."""
    measures = contract_measures(contract.CAMPAIGNS, landed_on)
    measures.rows(
        "ended before it started",
        "end_date < start_date",
        "no campaign ended before it started",
        column="end_date",
    )
    measures.rows(
        "negative budget_amount",
        "budget_amount < 0",
        "budget_amount is not negative",
        column="budget_amount",
    )
    return measures.suite()


def campaign_targets(landed_on: date) -> gx.ExpectationSuite:
    """Campaigns that exist, and control groups smaller than the target."""
    measures = contract_measures(contract.CAMPAIGN_TARGETS, landed_on, strict=("campaign_id",))
    measures.rows(
        "in the control group",
        "is_control",
        "at most half of the customers chosen are in the control group",
        column="is_control",
        tolerated_share=0.5,
        blocks=False,
    )
    return measures.suite()


def touchpoints(landed_on: date) -> gx.ExpectationSuite:
    """Costs with the right sign, and customers who are known."""
    measures = contract_measures(contract.TOUCHPOINTS, landed_on)
    measures.rows(
        "negative cost_amount",
        "cost_amount < 0",
        "cost_amount is not negative",
        column="cost_amount",
    )
    measures.rows(
        "without customer",
        "customer_id is null",
        "at least a fifth of the contacts carry a customer, or attribution means little",
        column="customer_id",
        tolerated_share=0.8,
        blocks=False,
    )
    return measures.suite()


def coupon_redemptions(landed_on: date) -> gx.ExpectationSuite:
    """Discounts with the right sign."""
    measures = contract_measures(contract.COUPON_REDEMPTIONS, landed_on)
    measures.rows(
        "negative discount_amount",
        "discount_amount < 0",
        "discount_amount is given as a positive amount",
        column="discount_amount",
    )
    return measures.suite()


def promotions(landed_on: date) -> gx.ExpectationSuite:
    """Weeks that start on Monday."""
    # A year of a small chain has 20 million rows; the warehouse counts every key when it builds.
    measures = contract_measures(contract.PROMOTIONS, landed_on, keys_one_in=16)
    measures.rows(
        "week does not start on Monday",
        "isodow(week_start_date) <> 1",
        "week_start_date is a Monday",
        column="week_start_date",
    )
    return measures.suite()


def channel_costs(landed_on: date) -> gx.ExpectationSuite:
    """Costs with the right sign."""
    measures = contract_measures(contract.CHANNEL_COSTS, landed_on)
    measures.rows(
        "negative cost_amount",
        "cost_amount < 0",
        "cost_amount is not negative",
        column="cost_amount",
    )
    return measures.suite()
