"""The home's Dagster instance: quiet, one run at a time, its log like Dagster's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.config import PoolGranularity
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.event_log import KeptSqliteEventLogStorage
from orchestration.runs.instance import open_instance
from orchestration.runs.retention import forget_old_runs
from orchestration.settings import PROJECT_DIR, Settings, SettingsError, load_settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    for name in ("LIFECYCLE_HOME", "DAGSTER_HOME", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    return Settings(project_dir=PROJECT_DIR, home=tmp_path)


def test_limits_hold_from_the_first_run(settings: Settings) -> None:
    with open_instance(settings) as instance:
        config = instance.get_concurrency_config()
        assert config.pool_config.default_pool_limit == 1
        assert config.pool_config.pool_granularity == PoolGranularity.RUN
        assert not instance.telemetry_enabled
        assert instance.freshness_enabled


def test_a_changed_configuration_is_kept(settings: Settings) -> None:
    settings.dagster_home.mkdir()
    mine = "telemetry: {enabled: false}\n"
    (settings.dagster_home / "dagster.yaml").write_text(mine)
    with open_instance(settings):
        pass
    assert (settings.dagster_home / "dagster.yaml").read_text() == mine


def test_the_event_log_is_readable_by_dagsters_own_class(settings: Settings) -> None:
    @dg.asset
    def orders() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"rows": 3})

    with open_instance(settings) as instance:
        assert isinstance(instance.event_log_storage, KeptSqliteEventLogStorage)
        # More runs than engines are kept.
        runs = [dg.materialize([orders], instance=instance).run_id for _ in range(10)]
        kept = [_events(instance.event_log_storage, run) for run in runs]
    assert not list(settings.dagster_home.rglob("*.db-wal")), "written ahead and not put away"
    theirs = SqliteEventLogStorage(str(settings.dagster_home / "history" / "runs"))
    assert [_events(theirs, run) for run in runs] == kept
    assert {"PIPELINE_SUCCESS", "ASSET_MATERIALIZATION"} <= set(kept[0])
    assert theirs.get_latest_materialization_events([dg.AssetKey("orders")])


def test_checks_that_a_failed_run_did_not_come_to_stay_as_they_were(settings: Settings) -> None:
    @dg.asset
    def orders(breaks: dg.ResourceParam[Path]) -> None:
        if breaks.exists():
            raise ValueError("the till is empty")

    @dg.asset_check(asset=orders)
    def unique() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    switch = settings.home / "breaks"
    given = {"breaks": dg.ResourceDefinition.hardcoded_resource(switch)}
    with open_instance(settings) as instance:
        good = dg.materialize([orders, unique], instance=instance, resources=given).run_id
        switch.touch()
        failed = dg.materialize(
            [orders, unique], instance=instance, resources=given, raise_on_error=False
        )
        assert not failed.success
        (key,) = unique.check_keys
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert (latest.run_id, latest.status) == (good, AssetCheckExecutionRecordStatus.SUCCEEDED)


def test_old_runs_are_forgotten_but_for_what_publishing_asks_for(settings: Settings) -> None:
    @dg.asset
    def orders() -> None: ...

    @dg.asset
    def customers() -> None: ...

    @dg.asset_check(asset=customers)
    def unique() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    logs = settings.dagster_home / "logs"
    logs.mkdir(parents=True)
    with open_instance(settings) as instance:
        first = dg.materialize([orders, customers, unique], instance=instance).run_id
        runs = [dg.materialize([orders], instance=instance).run_id for _ in range(6)]
        for number in range(8):
            (logs / f"{number}.log").touch()
        assert forget_old_runs(instance, settings.dagster_home, keep=2) == 4
        # The first run is the last that built and checked the customers.
        assert {run.run_id for run in instance.get_runs()} == {first, *runs[-2:]}
        assert instance.get_latest_materialization_event(dg.AssetKey("customers"))
        assert _events(instance.event_log_storage, first)
        assert dg.materialize([orders], instance=instance).success
    shards = {path.stem for path in (settings.dagster_home / "history" / "runs").glob("*-*.db")}
    assert not shards & set(runs[:-2])
    assert {path.name for path in logs.iterdir()} == {"6.log", "7.log"}


def _events(storage: SqliteEventLogStorage, run_id: str) -> list[str]:
    return [entry.dagster_event.event_type_value for entry in storage.get_logs_for_run(run_id)]


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "LIFECYCLE_HOME": str(tmp_path),
            "LIFECYCLE_KEEP_VERSIONS": "2",
            "LIFECYCLE_MISSING_VALUES": "NaN, Unknown,-,,age_band=118",
        }
    )
    assert settings.missing_values == ("NaN", "Unknown", "-", "age_band=118")
    assert settings.published_path == tmp_path / "published" / "customer_lifecycle.duckdb"
    assert settings.keep_versions == 2
    assert load_settings({}).home == PROJECT_DIR / "data"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIFECYCLE_AS_OF_DATE", "31.12.2017"),
        ("LIFECYCLE_KEEP_VERSIONS", "0"),
        ("LIFECYCLE_LOCK_WAIT", "soon"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is '{value}'"):
        load_settings({name: value})
