"""How tests are dealt out to processes."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs come first: they take longest."""
    items.sort(key=lambda item: "integration" not in item.path.parts)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file stays together, for the sake of its fixtures, as do all that share the real build."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 (only there with processes)

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return "real build" if _shares_the_real_build(path) else path

    return ByFile(config, log)


@cache
def _shares_the_real_build(path: str) -> bool:
    return "complete_journey: Home" in (PROJECT / path).read_text(encoding="utf-8")
