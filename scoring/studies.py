"""All studies, in the order of their folders."""

from __future__ import annotations

from scoring.customers.study import CUSTOMERS
from scoring.segments.study import SEGMENTS
from scoring.study import Study

STUDIES: tuple[Study, ...] = (CUSTOMERS, SEGMENTS)
