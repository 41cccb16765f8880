"""The gate before publishing: every blocking check, passed, on the data as it is now."""

import time
from collections.abc import Iterator
from decimal import Decimal

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import create_execution_plan, execute_run

from orchestration.runs.audit import BRIEFS, WARNINGS, Brief, audit, landing_warnings

MART = dg.AssetKey(["marts", "orders"])
BLOCKS = dg.AssetCheckKey(MART, "blocks")
WARNS = dg.AssetCheckKey(MART, "warns")
PASS = dg.AssetCheckResult(passed=True)
FAIL = dg.AssetCheckResult(passed=False)
WARN = dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _run(
    instance: dg.DagsterInstance,
    *,
    build: bool = True,
    blocks: dg.AssetCheckResult | None = None,
    warns: dg.AssetCheckResult | None = None,
) -> None:
    @dg.asset(key=MART)
    def orders() -> None: ...

    @dg.asset_check(asset=MART, name="blocks", blocking=True)
    def blocking_check() -> dg.AssetCheckResult:
        assert blocks is not None
        return blocks

    @dg.asset_check(asset=MART, name="warns")
    def warning_check() -> dg.AssetCheckResult:
        assert warns is not None
        return warns

    chosen = dg.AssetSelection.checks(*([BLOCKS] if blocks else []), *([WARNS] if warns else []))
    if build:
        chosen = chosen | dg.AssetSelection.assets(MART).without_checks()
    job = dg.define_asset_job("job", selection=chosen, executor_def=dg.in_process_executor)
    defs = dg.Definitions([orders], asset_checks=[blocking_check, warning_check], jobs=[job])
    defs.resolve_job_def("job").execute_in_process(instance=instance, raise_on_error=False)


def _plan(instance: dg.DagsterInstance, ended: dg.DagsterRunStatus | None) -> None:
    """A run that was launched with all checks, and waits, or ended before any of them."""

    @dg.asset_check(asset=MART, name="blocks", blocking=True)
    def blocking_check() -> dg.AssetCheckResult: ...

    @dg.asset_check(asset=MART, name="warns")
    def warning_check() -> dg.AssetCheckResult: ...

    checks = [blocking_check, warning_check]
    job = dg.define_asset_job("job", selection=dg.AssetSelection.all_asset_checks())
    resolved = dg.Definitions(asset_checks=checks, jobs=[job]).resolve_job_def("job")
    run = instance.create_run_for_job(
        resolved,
        execution_plan=create_execution_plan(resolved),
        status=dg.DagsterRunStatus.NOT_STARTED,
    )
    if ended == dg.DagsterRunStatus.CANCELED:
        instance.report_run_canceled(run)
    elif ended == dg.DagsterRunStatus.FAILURE:
        instance.report_run_failed(run)


def _overtaken(instance: dg.DagsterInstance, blocks: dg.AssetCheckResult) -> None:
    """A run that was launched first and waits until another one, which passes, has ended."""

    @dg.asset(key=MART)
    def orders() -> None: ...

    @dg.asset_check(asset=MART, name="blocks", blocking=True)
    def blocking_check() -> dg.AssetCheckResult:
        return blocks

    job = dg.define_asset_job("waits", executor_def=dg.in_process_executor)
    defs = dg.Definitions([orders], asset_checks=[blocking_check], jobs=[job])
    resolved = defs.resolve_job_def("waits")
    run = instance.create_run_for_job(resolved, execution_plan=create_execution_plan(resolved))
    _run(instance, blocks=PASS)
    execute_run(InMemoryJob(resolved), run, instance)


def _audit(instance: dg.DagsterInstance) -> tuple[int, int, tuple[str, ...]]:
    result = audit(instance, [BLOCKS, WARNS], {BLOCKS})
    return result.passed, result.warned, result.failed


def test_all_passed(instance: dg.DagsterInstance) -> None:
    _run(instance, blocks=PASS, warns=PASS)
    assert _audit(instance) == (2, 0, ())


def test_warnings_do_not_stop(instance: dg.DagsterInstance) -> None:
    _run(instance, blocks=WARN, warns=FAIL)
    assert _audit(instance) == (0, 2, ())


def test_warnings_are_told_in_words_what_matters_most_first(
    instance: dg.DagsterInstance,
) -> None:
    briefs = [
        Brief("of few rows", share=0.1),
        Brief("of many rows", share=0.5),
        Brief("of money lost", Decimal(-5), share=0.01),
        Brief("of money", Decimal(3)),
    ]
    told = dg.MetadataValue.json([brief.as_json() for brief in briefs])
    failed = dg.AssetCheckResult(
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"dagster_dbt/failed_row_count": 1234},
    )
    _run(
        instance,
        blocks=dg.AssetCheckResult(
            passed=False, severity=dg.AssetCheckSeverity.WARN, metadata={BRIEFS: told}
        ),
        warns=failed,
    )
    in_order = ["of money lost", "of money", "of many rows", "of few rows"]
    rules = {WARNS: "amounts add up"}
    assert audit(instance, [BLOCKS, WARNS], {BLOCKS}, rules).warnings == (
        *in_order,
        "marts.orders: 1,234 rows break the rule that amounts add up",
    )
    # A check without a description is told by its name.
    assert audit(instance, [BLOCKS, WARNS], {BLOCKS}).warnings[-1].endswith("the rule that warns")


def test_warnings_of_landing_are_those_of_the_last_one(instance: dg.DagsterInstance) -> None:
    told = {"warnings": "a.csv is left out\nb was rounded"}

    @dg.asset(key=MART)
    def orders() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={WARNINGS: told["warnings"]} if told else {})

    dg.materialize([orders], instance=instance)
    assert landing_warnings(instance, [MART]) == ["a.csv is left out", "b was rounded"]
    told.clear()
    dg.materialize([orders], instance=instance)
    assert landing_warnings(instance, [MART]) == []


def test_a_failed_blocking_check_stops_until_it_passes(instance: dg.DagsterInstance) -> None:
    _run(instance, blocks=FAIL, warns=PASS)
    assert _audit(instance) == (1, 0, ("marts.orders: blocks failed",))
    _run(instance, build=False, blocks=PASS)
    assert _audit(instance) == (2, 0, ())


def test_a_check_of_older_data_is_none(instance: dg.DagsterInstance) -> None:
    _run(instance, blocks=PASS, warns=PASS)
    _run(instance)
    assert _audit(instance) == (0, 0, ("marts.orders: blocks has not run on the current data",))


@pytest.mark.parametrize("ended", [None, dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE])
def test_a_run_that_never_came_to_its_checks_changes_nothing(
    instance: dg.DagsterInstance, ended: dg.DagsterRunStatus | None
) -> None:
    _run(instance, blocks=PASS, warns=WARN)
    _plan(instance, ended)
    assert _audit(instance) == (1, 1, ())
    _plan(instance, ended)
    _run(instance, build=False, blocks=FAIL)
    _plan(instance, ended)
    assert _audit(instance) == (0, 1, ("marts.orders: blocks failed",))


@pytest.mark.parametrize(
    ("blocks", "told"),
    [(PASS, (1, 0, ())), (FAIL, (0, 0, ("marts.orders: blocks failed",)))],
)
def test_what_ran_last_counts_and_not_what_was_launched_last(
    instance: dg.DagsterInstance, blocks: dg.AssetCheckResult, told: tuple[object, ...]
) -> None:
    _overtaken(instance, blocks)
    assert _audit(instance) == told


@pytest.mark.parametrize(
    ("blocks", "told"),
    [(PASS, (1, 0, ())), (FAIL, (0, 0, ("marts.orders: blocks failed",)))],
)
def test_a_clock_that_was_set_back_keeps_no_old_result(
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    blocks: dg.AssetCheckResult,
    told: tuple[object, ...],
) -> None:
    before = FAIL if blocks is PASS else PASS
    _run(instance, blocks=before)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 2 * 86400)
    _run(instance, blocks=blocks)
    assert _audit(instance) == told


def test_a_check_that_was_only_ever_planned_has_not_run(instance: dg.DagsterInstance) -> None:
    _plan(instance, None)
    assert _audit(instance) == (0, 0, ("marts.orders: blocks has not run on the current data",))


def test_nothing_has_run(instance: dg.DagsterInstance) -> None:
    assert _audit(instance) == (0, 0, ("marts.orders: blocks has not run on the current data",))
