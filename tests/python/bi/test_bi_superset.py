"""Superset itself, where it is installed: every metric has an answer, and nothing is written."""

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "PORT", 18089)  # a benchmark may be running
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


@pytest.fixture(scope="module")
def execute(served: tuple[dict[str, int], str]) -> Callable[[str], list[Any]]:
    """SQL Lab, which asks for the token of its own page and the cookie that goes with it."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    headers = {"Authorization": f"Bearer {served[1]}", "Content-Type": "application/json"}

    def ask(path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{readers.PORT}/api/v1/{path}/"
        with opener.open(urllib.request.Request(url, data, headers), timeout=120) as answer:
            return json.loads(answer.read())

    headers["X-CSRFToken"] = ask("security/csrf_token")["result"]
    (database,) = ask("database")["result"]

    def execute(sql: str) -> list[Any]:
        body = {"database_id": database["id"], "sql": sql, "runAsync": False}
        return ask("sqllab/execute", body)["data"]

    return execute


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("create table marts.mine as select 1", "does not allow for DDL/DML"),
        ("select * from read_csv('/etc/hostname')", "disabled by configuration"),
        ("copy (select 1) to '/tmp/taken.csv'", "disabled by configuration"),
        ("attach '/tmp/other.duckdb' as other", "disabled by configuration"),
    ],
)
def test_nothing_is_written_and_no_other_file_read(
    execute: Callable[[str], list[Any]], sql: str, reason: str
) -> None:
    assert execute("select 1 as one") == [{"one": 1}]
    with pytest.raises(urllib.error.HTTPError) as refused:
        execute(sql)
    assert reason in refused.value.read().decode()


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
