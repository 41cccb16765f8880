"""A step that fails says why in its event."""

from decimal import Decimal

import dagster as dg
import pytest

from orchestration.runs.outcome import asset_step, failed_step, failure_reason
from orchestration.runs.progress import PlainProgress


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("pos.orders.ordered_at: expected a local time"), None),
        (dg.Failure("not published: marts.fct_orders: unique failed"), None),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
)
def test_the_reason_is_in_the_event(error: Exception, reason: str | None) -> None:
    reason = reason or getattr(error, "description", None) or str(error)

    @dg.asset
    def orders() -> Decimal:
        with asset_step(PlainProgress(), "land"):
            raise error

    job = dg.define_asset_job("job", executor_def=dg.in_process_executor)
    resolved = dg.Definitions([orders], jobs=[job]).resolve_job_def("job")
    with dg.DagsterInstance.ephemeral() as instance:
        result = resolved.execute_in_process(instance=instance, raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data.description == reason
    assert failed_step(result.all_events) == reason
    assert failure_reason(result, resolved) == reason
