"""Suites of the landing tables, by the table's name in the contract.

A suite follows from the contract, unless ``OWN`` has one that says more.
"""

from collections.abc import Callable
from datetime import date
from functools import partial

import great_expectations as gx

from expectations.landing import crm, loyalty, marketing, pos
from expectations.landing.from_contract import contract_suite
from landing.contract import TABLES

Suite = Callable[[date], gx.ExpectationSuite]

OWN: dict[str, Suite] = {
    "pos.orders": pos.orders,
    "pos.order_lines": pos.order_lines,
    "pos.products": pos.products,
    "pos.stores": pos.stores,
    "crm.customers": crm.customers,
    "marketing.campaign_targets": marketing.campaign_targets,
    "marketing.touchpoints": marketing.touchpoints,
    "loyalty.points": loyalty.points,
}

LANDING_SUITES: dict[str, Suite] = {
    table.qualified_name: OWN.get(table.qualified_name, partial(contract_suite, table))
    for table in TABLES
}
"""Each takes the day of landing."""
