"""An asset, and a check, can be launched by itself."""

from collections.abc import Iterable
from typing import TypeVar

from dagster import AssetKey, AssetsDefinition
from dagster._core.execution.api import create_execution_plan

from orchestration.definitions import defs

Launched = TypeVar("Launched")


def test_an_asset_and_a_check_of_every_step_and_group_is_a_plan_of_its_own() -> None:
    """Dagster's UI names an asset with those of its step, and a check alone.

    What may be launched alone is a matter of the step that makes it; one plan costs as much as
    the graph is large, so not all of them are made.
    """
    graph = defs.resolve_asset_graph()
    everything = defs.resolve_implicit_global_asset_job_def()
    together = {
        frozenset(graph.get(key).execution_set_asset_keys) for key in graph.executable_asset_keys
    }
    assert set().union(*together) == set(graph.executable_asset_keys)

    def place(made_by: AssetsDefinition, asset: AssetKey) -> tuple[str, str]:
        return made_by.op.name, str(graph.get(asset).group_name)

    by_asset = {min(keys): keys for keys in together}
    for key in _one_of_each(
        (place(graph.get(key).assets_def, key), key) for key in sorted(by_asset)
    ):
        keys = by_asset[key]
        job = everything.get_subset(asset_selection=set(keys), asset_check_selection=set())
        assert len(create_execution_plan(job).step_keys_to_execute) == 1
        assert set(job.asset_layer.executable_asset_keys) == set(keys)
    for check in _one_of_each(
        (place(graph.assets_def_for_key(check), check.asset_key), check)
        for check in sorted(graph.asset_check_keys)
    ):
        job = everything.get_subset(asset_selection=set(), asset_check_selection={check})
        assert len(create_execution_plan(job).step_keys_to_execute) == 1
        assert set(job.asset_layer.asset_graph.asset_check_keys) == {check}


def _one_of_each(placed: Iterable[tuple[tuple[str, str], Launched]]) -> list[Launched]:
    """The last of each place."""
    return list(dict(placed).values())
