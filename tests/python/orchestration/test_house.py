"""The house: data flow from room to room and between domains, and no edge runs back.

dbt itself refuses a model that reads the private steps of another domain, and dbt-bouncer a room
that reads a later one. Here is what neither of them can say.
"""

from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import PurePosixPath

from orchestration.definitions import defs
from orchestration.defs import transform

NODES = transform.MANIFEST["nodes"]
MODELS = {key: node for key, node in NODES.items() if node["resource_type"] == "model"}
DOMAINS = {
    folders[2]
    for node in MODELS.values()
    if (folders := PurePosixPath(node["original_file_path"]).parts)[1] == "marts"
}


def _acyclic(edges: Iterable[tuple[str, str]]) -> list[str]:
    """Places in the order of the flow; raises ``CycleError`` if there is none."""
    upstream: dict[str, set[str]] = {}
    for earlier, later in edges:
        if earlier != later:
            upstream.setdefault(later, set()).add(earlier)
    return list(TopologicalSorter(upstream).static_order())


def _folders(node: dict) -> tuple[str, ...]:
    return PurePosixPath(node["original_file_path"]).parts[1:-1]


def _model_edges() -> list[tuple[dict, dict]]:
    return [
        (MODELS[parent], node)
        for node in MODELS.values()
        for parent in node["depends_on"]["nodes"]
        if parent in MODELS
    ]


def test_no_domain_reads_one_that_reads_it() -> None:
    between = [
        (_folders(parent)[1], _folders(node)[1])
        for parent, node in _model_edges()
        if _folders(parent)[0] == _folders(node)[0] == "marts"
    ]
    assert len(_acyclic(between)) > 4


def test_no_step_reads_a_mart_of_its_own_domain() -> None:
    back = [
        (parent["name"], node["name"])
        for parent, node in _model_edges()
        if "intermediate" in _folders(node)
        and _folders(parent)[0] == "marts"
        and "intermediate" not in _folders(parent)
        and _folders(parent)[1] == _folders(node)[1]
    ]
    assert back == []


def test_a_domain_is_a_group_with_an_owner_and_keeps_its_steps() -> None:
    groups = {group["name"]: group for group in transform.MANIFEST["groups"].values()}
    assert set(groups) == {*DOMAINS, "core"}
    assert all(group["owner"]["email"] for group in groups.values())
    for node in MODELS.values():
        room, *rest = _folders(node)
        if room in ("core", "marts"):
            assert node["config"]["group"] == (rest[0] if room == "marts" else room), node["name"]
            # What several domains stand on is no secret of core.
            shared = ("private", "protected") if room == "core" else ("private",)
            assert node["access"] in (shared if "intermediate" in rest else ("public",))
            assert node["schema"] == ("intermediate" if "intermediate" in rest else "marts")


def test_vocabularies_and_tests_lie_in_a_folder_of_their_domain() -> None:
    for node in NODES.values():
        parts = PurePosixPath(node["original_file_path"]).parts
        if node["resource_type"] == "seed" or parts[:2] == ("tests", "dbt"):
            assert parts[-2] in {*DOMAINS, "core"}, node["original_file_path"]


def test_the_graph_of_groups_reads_like_the_house() -> None:
    graph = defs.resolve_asset_graph()
    edges = [
        (graph.get(parent).group_name, graph.get(key).group_name)
        for key in graph.executable_asset_keys
        for parent in graph.get(key).parent_keys
        if graph.get(parent).is_materializable
    ]
    order = _acyclic(edges)
    assert set(order) == {"landing", "staging", "core", "scoring", "state", "serving", *DOMAINS}
    rooms = [group for group in order if group not in {"state", *DOMAINS}]
    assert rooms == ["landing", "staging", "core", "scoring", "serving"]
