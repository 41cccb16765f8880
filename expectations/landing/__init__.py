"""Suites of the landing tables: one function per table, by its name in the contract."""

from collections.abc import Callable
from datetime import date

import great_expectations as gx

from expectations.landing import crm, loyalty, marketing, pos, service

LANDING_SUITES: dict[str, Callable[[date], gx.ExpectationSuite]] = {
    "pos.orders": pos.orders,
    "pos.order_lines": pos.order_lines,
    "pos.products": pos.products,
    "pos.stores": pos.stores,
    "crm.customers": crm.customers,
    "marketing.channels": marketing.channels,
    "marketing.campaigns": marketing.campaigns,
    "marketing.campaign_targets": marketing.campaign_targets,
    "marketing.touchpoints": marketing.touchpoints,
    "marketing.coupon_redemptions": marketing.coupon_redemptions,
    "marketing.promotions": marketing.promotions,
    "marketing.channel_costs": marketing.channel_costs,
    "loyalty.accounts": loyalty.accounts,
    "loyalty.points": loyalty.points,
    "service.surveys": service.surveys,
    "service.tickets": service.tickets,
}
"""Each takes the day of landing."""
