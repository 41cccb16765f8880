"""A published file that tests of the boards share."""

from pathlib import Path

import pytest
from board_marts import publish


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("boards") / "customer_lifecycle.duckdb")
