"""One declaration of each metric: its name, its formula, what it rests on, and its caveats.

The declarations are the YAML files beside this one, a file for each domain. Everything that shows
a metric takes it from here: docs/metrics.md and the MetricFlow project are generated
(``python -m metrics``), boards and BI ask ``load()`` and ``query()``.
"""

from metrics.declaration import (
    FORMATS,
    GRAINS,
    OWNERS,
    Before,
    DeclarationError,
    Metric,
    Text,
    grains_of,
    load,
)
from metrics.sql import QueryError, expression, query

__all__ = [
    "FORMATS",
    "GRAINS",
    "OWNERS",
    "Before",
    "DeclarationError",
    "Metric",
    "QueryError",
    "Text",
    "expression",
    "grains_of",
    "load",
    "query",
]
