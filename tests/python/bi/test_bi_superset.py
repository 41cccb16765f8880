"""Superset itself, where it is installed: every metric has an answer, and nothing is written."""

import shutil
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import metrics
from bench import readers

INSTALLED = Path(__file__).parents[3] / ".venv-bi" / ".installed"
pytestmark = pytest.mark.skipif(
    not INSTALLED.exists(), reason="Superset is not installed here; `make bi` installs it"
)


@pytest.fixture(scope="module")
def home(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("superset")
    (home / "published").mkdir()
    shutil.copyfile(published, home / "published" / published.name)
    return home


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[tuple[dict[str, int], str]]:
    with readers.superset(home) as served:
        yield served


def test_every_metric_has_an_answer(served: tuple[dict[str, int], str]) -> None:
    datasets, token = served
    for mart, number in datasets.items():
        names = [
            metric.name
            for metric in metrics.load()
            if metric.mart == mart and metrics.expression(metric)
        ]
        if names:
            body = {"datasource": {"id": number, "type": "table"}, "queries": [{"metrics": names}]}
            (result,) = readers.call("/api/v1/chart/data", body, token)["result"]
            assert result["error"] is None
            assert set(result["data"][0]) == set(names)


@pytest.mark.parametrize(
    "sql", ["create table marts.mine as select 1", "select * from read_csv('/etc/hostname')"]
)
def test_nothing_is_written_and_no_other_file_read(
    served: tuple[dict[str, int], str], sql: str
) -> None:
    (database,) = readers.call("/api/v1/database/", token=served[1])["result"]
    body = {"database_id": database["id"], "sql": sql, "runAsync": False}
    with pytest.raises(urllib.error.HTTPError) as refused:
        readers.call("/api/v1/sqllab/execute/", body, served[1])
    assert refused.value.code in (400, 403, 422, 500)


def test_a_publish_is_seen_without_a_restart(
    home: Path, served: tuple[dict[str, int], str]
) -> None:
    datasets, token = served
    query = {"metrics": ["customers"]}
    body = {
        "datasource": {"id": datasets["customer_360"], "type": "table"},
        "queries": [query],
    }
    (before,) = readers.call("/api/v1/chart/data", body, token)["result"]
    current = home / "published" / "customer_lifecycle.duckdb"
    incoming = current.with_name("incoming.duckdb")
    shutil.copyfile(current, incoming)
    with duckdb.connect(str(incoming)) as connection:
        connection.execute("insert into marts.customer_360 (customer_id) values ('C1')")
    incoming.replace(current)
    (after,) = readers.call("/api/v1/chart/data", body, token)["result"]
    assert (before["data"], after["data"]) == ([{"customers": 0}], [{"customers": 1}])
