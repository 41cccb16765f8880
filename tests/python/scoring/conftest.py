from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session")
def cdnow() -> pd.DataFrame:
    """The CDNOW sample of 2,357 customers: x, t_x, T in weeks, mean spend of repeats."""
    file = resources.files("lifetimes") / "datasets/cdnow_customers_summary_with_transactions.csv"
    with file.open() as stream:
        return pd.read_csv(stream)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of the linear algebra library only wait for each other on vectors this short."""
    with threadpool_limits(limits=1):
        yield
