from pathlib import Path

import pytest

from landing.complete_journey import land_complete_journey
from landing.write import LandingResult


@pytest.fixture(scope="session")
def complete_journey(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LandingResult]:
    """The real data, landed once."""
    landing_dir = tmp_path_factory.mktemp("complete_journey") / "landing"
    return landing_dir, land_complete_journey(landing_dir)
