"""Whole runs through the command line, in processes of their own, as a person starts them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from tests_home import Home


@pytest.fixture(scope="session")
def complete_journey(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which one run on the real data has ended well."""
    home = Home(tmp_path_factory.mktemp("complete_journey"))
    output = home.run("run")
    (home.path / "output.txt").write_text(output)
    return home


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[Home]]:
    """Lends homes with nothing in them, a new one only while all others are in use."""
    free: list[Home] = []

    @contextmanager
    def lent() -> Iterator[Home]:
        home = free.pop() if free else Home(tmp_path_factory.mktemp("lent") / "home")
        home.empty()
        yield home
        free.append(home)

    return lent


@pytest.fixture
def home(homes: Callable[[], AbstractContextManager[Home]]) -> Iterator[Home]:
    """A home with nothing in it."""
    with homes() as home:
        yield home
