"""The landing folder's sensor: new files that have stopped changing, once."""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs import schedules
from orchestration.defs.schedules import daily, landing_folder


class Sensor:
    """The sensor over a folder, and the runs that it asked for."""

    def __init__(self, instance: dg.DagsterInstance, folder: Path) -> None:
        self._instance, self._cursor = instance, None
        self.orders = folder / "pos" / "orders.csv"
        self.orders.parent.mkdir()

    def tick(self) -> dg.DagsterRun | None:
        """The run that this look asked for, queued."""
        context = dg.build_sensor_context(instance=self._instance, cursor=self._cursor)
        data = landing_folder.evaluate_tick(context)
        self._cursor = data.cursor
        if not data.run_requests:
            return None
        (request,) = data.run_requests
        assert request.run_key not in {
            run.tags["dagster/run_key"] for run in self._instance.get_runs()
        }, "Dagster runs a key once"
        return self._instance.create_run_for_job(
            refresh_stand_in, tags={**request.tags, "dagster/run_key": request.run_key}
        )

    def asks(self) -> dg.DagsterRun:
        """Two looks at a folder that has stopped changing."""
        assert self.tick() is None
        run = self.tick()
        assert run is not None
        return run

    def end(self, run: dg.DagsterRun, status: dg.DagsterRunStatus) -> None:
        self._instance.handle_run_event(
            run.run_id,
            dg.DagsterEvent(
                f"PIPELINE_{'SUCCESS' if status == dg.DagsterRunStatus.SUCCESS else 'FAILURE'}",
                "refresh",
            ),
        )


@dg.op
def nothing() -> None: ...


@dg.job(name="refresh")
def refresh_stand_in() -> None:
    nothing()


@pytest.fixture
def sensor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sensor]:
    monkeypatch.setenv("LIFECYCLE_SOURCE_DIR", str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Sensor(instance, tmp_path)


def test_fires_once_when_files_have_stopped_changing(sensor: Sensor) -> None:
    assert sensor.tick() is None, "no files"
    sensor.orders.write_text("order_id\n1\n")
    assert sensor.tick() is None, "seen for the first time"
    sensor.orders.write_text("order_id\n1\n2\n")
    run = sensor.asks()
    assert sensor.tick() is None, "its run has not ended"
    sensor.end(run, dg.DagsterRunStatus.SUCCESS)
    assert sensor.tick() is None, "landed"
    os.utime(sensor.orders, ns=(1, 1))
    sensor.asks()


def test_a_folder_that_is_restored_lands_again(sensor: Sensor) -> None:
    for text in ("order_id\n1\n", "order_id\n1\n2\n", "order_id\n1\n"):
        sensor.orders.write_text(text)
        os.utime(sensor.orders, ns=(1, 1))
        sensor.end(sensor.asks(), dg.DagsterRunStatus.SUCCESS)


def test_files_whose_run_failed_are_tried_again_and_not_for_ever(
    sensor: Sensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sensor.orders.write_text("order_id\n1\n")
    sensor.end(sensor.asks(), dg.DagsterRunStatus.FAILURE)
    assert sensor.tick() is None, "not at once"
    monkeypatch.setattr(schedules, "RETRY_AFTER_SECONDS", 0)
    for _ in range(schedules.TRIES - 1):
        run = sensor.tick()
        assert run is not None
        sensor.end(run, dg.DagsterRunStatus.FAILURE)
    assert sensor.tick() is None, "a person has to look"
    sensor.orders.write_text("order_id\n2\n3\n")
    sensor.end(sensor.asks(), dg.DagsterRunStatus.SUCCESS)


def test_rests_without_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFECYCLE_SOURCE_DIR", raising=False)
    data = landing_folder.evaluate_tick(dg.build_sensor_context())
    assert (data.run_requests, data.cursor) == ([], None)


def test_the_schedule_refreshes_daily() -> None:
    assert (daily.job.name, daily.cron_schedule) == ("refresh", "0 5 * * *")
