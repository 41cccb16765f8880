"""Suites of what studies write, by study and table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import great_expectations as gx

from expectations.studies.customers import CUSTOMERS_SUITES

STUDY_SUITES: Mapping[str, Mapping[str, Sequence[Callable[[], gx.ExpectationSuite]]]] = {
    "customers": CUSTOMERS_SUITES,
}
