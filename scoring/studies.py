"""All studies, in the order of their folders."""

from __future__ import annotations

from scoring.actions.study import ACTIONS_STUDY
from scoring.attribution.study import ATTRIBUTION
from scoring.campaigns.study import CAMPAIGNS_STUDY
from scoring.customers.study import CUSTOMERS
from scoring.identity.study import IDENTITY
from scoring.incrementality.study import INCREMENTALITY
from scoring.membership.study import MEMBERSHIP
from scoring.mix.study import MIX
from scoring.points.study import POINTS
from scoring.price.study import PRICE_STUDY
from scoring.satisfaction.study import SATISFACTION
from scoring.segments.study import SEGMENTS
from scoring.study import Study
from scoring.tiers.study import TIERS_STUDY

STUDIES: tuple[Study, ...] = (
    CUSTOMERS,
    SATISFACTION,
    SEGMENTS,
    PRICE_STUDY,
    CAMPAIGNS_STUDY,
    POINTS,
    TIERS_STUDY,
    MEMBERSHIP,
    IDENTITY,
    ACTIONS_STUDY,
    ATTRIBUTION,
    INCREMENTALITY,
    MIX,
)
