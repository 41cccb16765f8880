"""The landing folder's sensor: new files that have stopped changing, once."""

import os
from pathlib import Path

import dagster as dg
import pytest

from orchestration.schedules import daily, landing_folder


def _tick(cursor: str | None) -> tuple[int, str | None]:
    """Runs asked for, and the cursor after it."""
    context = dg.build_sensor_context(cursor=cursor)
    data = landing_folder.evaluate_tick(context)
    return len(data.run_requests or ()), data.cursor


def test_fires_once_when_files_have_stopped_changing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECYCLE_SOURCE_DIR", str(tmp_path))
    runs, cursor = _tick(None)
    assert runs == 0, "no files"
    orders = tmp_path / "pos" / "orders.csv"
    orders.parent.mkdir()
    orders.write_text("order_id\n1\n")
    fired = []
    for change in (None, "order_id\n1\n2\n", None, None, None):
        if change:
            orders.write_text(change)
        runs, cursor = _tick(cursor)
        fired.append(runs)
    # Seen, changed, the same twice: fire; then nothing new.
    assert fired == [0, 0, 1, 0, 0]
    os.utime(orders, ns=(1, 1))
    fired = []
    for _ in range(3):
        runs, cursor = _tick(cursor)
        fired.append(runs)
    assert fired == [0, 1, 0]


def test_rests_without_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFECYCLE_SOURCE_DIR", raising=False)
    assert _tick(None) == (0, None)


def test_the_schedule_refreshes_daily() -> None:
    assert (daily.job.name, daily.cron_schedule) == ("refresh", "0 5 * * *")
