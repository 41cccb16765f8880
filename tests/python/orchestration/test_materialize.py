"""Every asset and every check can be launched by itself."""

from dagster._core.execution.api import create_execution_plan

from orchestration.definitions import defs


def test_every_asset_and_every_check_is_a_plan_of_its_own() -> None:
    """Dagster's UI names an asset with those of its step, and a check alone."""
    graph = defs.resolve_asset_graph()
    everything = defs.resolve_implicit_global_asset_job_def()
    together = {graph.get(key).execution_set_asset_keys for key in graph.executable_asset_keys}
    assert set().union(*together) == set(graph.executable_asset_keys)
    for keys in together:
        job = everything.get_subset(asset_selection=set(keys), asset_check_selection=set())
        assert len(create_execution_plan(job).step_keys_to_execute) == 1
        assert set(job.asset_layer.executable_asset_keys) == set(keys)
    for key in graph.asset_check_keys:
        job = everything.get_subset(asset_selection=set(), asset_check_selection={key})
        assert len(create_execution_plan(job).step_keys_to_execute) == 1
        assert set(job.asset_layer.asset_graph.asset_check_keys) == {key}
