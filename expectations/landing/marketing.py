"""Landing suites of who was chosen for a campaign, and of contacts."""

from __future__ import annotations

from datetime import date

import great_expectations as gx

from expectations.landing.from_contract import contract_measures
from landing import contract


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
    """Customers who are known."""
    measures = contract_measures(contract.TOUCHPOINTS, landed_on)
    measures.rows(
        "without customer",
        "customer_id is null",
        "at least a fifth of the contacts carry a customer, or attribution means little",
        column="customer_id",
        tolerated_share=0.8,
        blocks=False,
    )
    return measures.suite()
