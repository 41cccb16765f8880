"""The marts against what is published: what stops a run, and what a reason does to it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.defs.change import compare_marts
from orchestration.settings import PROJECT_DIR, Settings
from serving.publish import Audit, Mart, publish, status

AS_OF = date(2026, 1, 1)
MARTS = [
    Mart("fct_orders", columns={"order_id": "", "order_date": "", "net_revenue": ""}),
    Mart("customer_value", columns={"customer_id": "", "net_revenue": ""}),
]


@dataclass(frozen=True)
class Run:
    """What a step sees of the warehouse."""

    settings: Settings
    accepted_change: str | None = None

    def build(self, orders: int) -> None:
        with duckdb.connect(self.settings.warehouse_path) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(
                "create or replace table marts.fct_orders as select i as order_id, "
                "date '2025-01-01' as order_date, cast(2 as decimal(18, 2)) as net_revenue "
                f"from range({orders}) as r(i)"
            )
            connection.execute(
                "create or replace table marts.customer_value as "
                "select order_id as customer_id, net_revenue from marts.fct_orders"
            )

    def compare(self, as_of_date: date = AS_OF):
        return compare_marts(self, MARTS, as_of_date, "files", "run-1")  # type: ignore[arg-type]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(Settings(PROJECT_DIR, tmp_path))
    run.build(orders=100)
    assert run.compare() == (None, [], None), "nothing is published"
    docs = (run.settings.data_docs_dir / "index.html").read_text()
    assert "There was nothing before to compare with." in docs
    publish(
        warehouse_path=run.settings.warehouse_path,
        published_path=run.settings.published_path,
        versions_dir=run.settings.versions_dir,
        marts=MARTS,
        audit=Audit(passed=1),
        as_of_date=AS_OF,
        code_revision="abc",
        run_id="run-0",
        keep_versions=3,
        source="files",
    )
    return run


def test_a_change_stops_the_run_unless_a_reason_is_given(run: Run) -> None:
    version = status(run.settings.published_path).versions[0]
    run.build(orders=40)
    with pytest.raises(dg.Failure) as failure:
        run.compare()
    lines = str(failure.value.description).splitlines()
    assert [line.split(": expected")[0] for line in lines] == [
        "blocking check: marts.customer_value",
        "marts.fct_orders",
    ]
    for line in lines:
        assert f"within 20% of 100, as in version {version.version} (as of 2026-01-01)" in line
        assert "--accept-change" in line
        assert line.endswith(", found 40 (and 1 more figure of it)")
    with_reason = Run(run.settings, accepted_change="a shop was sold")
    before, briefs, accepted = with_reason.compare()
    assert before == version
    assert accepted == "a shop was sold"
    assert ["accepted: a shop was sold" in brief.text for brief in briefs] == [True, True]
    docs = (run.settings.data_docs_dir / "index.html").read_text()
    assert "Marts, against the version before" in docs


def test_a_smaller_change_is_told_and_needs_no_reason(run: Run) -> None:
    run.build(orders=79)
    before, briefs, accepted = Run(run.settings, accepted_change="no need").compare()
    assert before is not None
    assert len(briefs) == 2
    assert accepted is None
    run.build(orders=40)
    assert run.compare(date(2020, 1, 1)) == (None, [], None), "a replay of a time before"
