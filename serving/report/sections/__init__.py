"""The sections of the report: what each picture shows, in one sentence, and the picture.

A section function takes the marts and returns a ``Section``. Without data it says so in one
sentence, and has no picture. A domain is a module here; ``GROUPS`` is the order on the page.
"""

from __future__ import annotations

from collections.abc import Callable

from serving.report.marts import Marts
from serving.report.sections.accounting import accounting, warnings
from serving.report.sections.actions import action_effects, next_actions
from serving.report.sections.baskets import baskets, next_category
from serving.report.sections.campaigns import coupons, effects
from serving.report.sections.channel_journeys import channel_comparison, channel_paths
from serving.report.sections.channel_mix import channel_mix
from serving.report.sections.channel_scorecard import acquisition, channel_fit, channel_scorecard
from serving.report.sections.channels import channels
from serving.report.sections.churn import churn
from serving.report.sections.customers import identified_share, revenue
from serving.report.sections.identity import identity
from serving.report.sections.lifecycle import (
    cohorts,
    lifecycle_quality,
    lifecycle_stages,
    periods,
    transitions,
)
from serving.report.sections.movement import category_moves, movement
from serving.report.sections.parts import Section
from serving.report.sections.points import points
from serving.report.sections.price import elasticities, sensitivity
from serving.report.sections.profile import base_profile, engagement
from serving.report.sections.reasons import reasons, win_back
from serving.report.sections.report_card import churn_calibration
from serving.report.sections.rfm import rfm_grid, rfm_segments
from serving.report.sections.segments import behaviour
from serving.report.sections.service import satisfaction, service_levels
from serving.report.sections.targets import targets
from serving.report.sections.tiers import membership, tiers
from serving.report.sections.value import contribution, value_distribution, value_retention

GROUPS: tuple[tuple[str, tuple[Callable[[Marts], Section], ...]], ...] = (
    ("Lifecycle", (lifecycle_stages, transitions, periods, cohorts, lifecycle_quality)),
    ("Customers", (base_profile, engagement, identity)),
    (
        "Segments and value",
        (
            rfm_segments,
            rfm_grid,
            behaviour,
            value_distribution,
            contribution,
            value_retention,
        ),
    ),
    ("Satisfaction and service", (satisfaction, service_levels)),
    ("Churn", (churn, churn_calibration, reasons, win_back)),
    ("Sales", (revenue, targets, movement, category_moves, baskets, next_category)),
    ("Prices", (elasticities, sensitivity)),
    ("Actions", (next_actions, action_effects)),
    ("Campaigns", (effects, coupons)),
    ("Loyalty", (points, tiers, membership)),
    (
        "Channels",
        (
            channels,
            channel_comparison,
            channel_paths,
            channel_scorecard,
            channel_fit,
            channel_mix,
            acquisition,
        ),
    ),
    ("Data and accounting", (warnings, identified_share, accounting)),
)
