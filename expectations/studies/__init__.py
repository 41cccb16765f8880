"""Suites of what studies write: ``SUITES`` in the module with the study's name, by table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import great_expectations as gx

from scoring.study import Study

Suites = Mapping[str, Sequence[Callable[[], gx.ExpectationSuite]]]


def suites_of(study: Study) -> Suites:
    """The suites of a study's tables.

    Raises ``ModuleNotFoundError`` where nobody said what is expected of them.
    """
    suites: Suites = import_module(f"expectations.studies.{study.name}").SUITES
    return suites
