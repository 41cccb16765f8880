"""All studies, in the order of their folders."""

from __future__ import annotations

from scoring.customers.study import CUSTOMERS
from scoring.price.study import PRICE_STUDY
from scoring.satisfaction.study import SATISFACTION
from scoring.segments.study import SEGMENTS
from scoring.study import Study

STUDIES: tuple[Study, ...] = (CUSTOMERS, SATISFACTION, SEGMENTS, PRICE_STUDY)
