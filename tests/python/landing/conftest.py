from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from own_files import LINES, ORDERS

from landing.complete_journey import land_complete_journey
from landing.files import LandingError, land_files
from landing.write import LandingResult


@pytest.fixture(scope="session")
def complete_journey(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LandingResult]:
    """The real data, landed once."""
    landing_dir = tmp_path_factory.mktemp("complete_journey") / "landing"
    return landing_dir, land_complete_journey(landing_dir)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The smallest directory that can be landed."""
    path = tmp_path / "source"
    path.mkdir()
    (path / "orders.csv").write_text(ORDERS)
    (path / "order_lines.csv").write_text(LINES)
    return path


@pytest.fixture
def land(source: Path, tmp_path: Path) -> Callable[..., LandingResult]:
    def run(**options: Any) -> LandingResult:
        return land_files(source, tmp_path / "landing", landed_on=date(2017, 1, 3), **options)

    return run


@pytest.fixture
def landed(tmp_path: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    def read(select: str) -> list[tuple[Any, ...]]:
        columns, _, table = select.partition(" from ")
        landing_dir = tmp_path / "landing"
        lists = ("manifest", "batches")
        name = f"{table}.parquet" if table in lists else f"{table.replace('.', '/')}/*.parquet"
        return duckdb.sql(f"{columns} from '{landing_dir / name}'").fetchall()

    return read


@pytest.fixture
def problems(land) -> Callable[[], list[str]]:
    def run() -> list[str]:
        with pytest.raises(LandingError) as error:
            land()
        assert all(str(problem) in str(error.value) for problem in error.value.problems)
        return [str(problem) for problem in error.value.problems]

    return run
