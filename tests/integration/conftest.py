"""Whole runs through the command line, in processes of their own, as a person starts them."""

from pathlib import Path

import pytest
from tests_home import Home


@pytest.fixture(scope="session")
def complete_journey(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which one run on the real data has ended well."""
    home = Home(tmp_path_factory.mktemp("complete_journey"))
    output = home.run("run")
    (home.path / "output.txt").write_text(output)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with nothing in it."""
    return Home(tmp_path / "home")
