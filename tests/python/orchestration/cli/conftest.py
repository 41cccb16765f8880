"""A command sets the environment of its process, which is that of the tests too."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def environment_is_as_before() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
