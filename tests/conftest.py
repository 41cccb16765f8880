"""How tests are dealt out to processes."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file stays together, for the sake of its fixtures, as do those that share the real build.

    Whole runs come first: they take longest.
    """
    for item in items:
        shares = "complete_journey" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("real build" if shares else str(item.path)))
    items.sort(key=lambda item: "integration" not in item.path.parts)
