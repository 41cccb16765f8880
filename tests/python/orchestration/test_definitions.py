"""What Dagster sees: every asset and check, in which step, and what blocks what."""

import json
from datetime import date

import dagster as dg
import graph_snapshot
import pytest
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY

from landing.contract import TABLES
from orchestration import dbt_project
from orchestration.definitions import defs
from orchestration.defs import serving, transform
from orchestration.settings import load_settings

MANIFEST = transform.MANIFEST
HALVES = (transform.models_before_scores, transform.models_from_scores)


def test_the_asset_graph_is_the_committed_one() -> None:
    """After a change on purpose: python tests/python/orchestration/graph_snapshot.py."""
    assert graph_snapshot.asset_graph().splitlines() == graph_snapshot.PATH.read_text().splitlines()


def test_a_code_location_can_load_it() -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_dbt_node_and_every_test_is_in_exactly_one_half() -> None:
    found: dict[str, list[str]] = {}
    for half in HALVES:
        specs = [*half.specs, *half.check_specs]
        for spec in specs:
            unique_id = (spec.metadata or {})[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]
            found.setdefault(unique_id, []).append(half.op.name)
    expected = {
        unique_id
        for unique_id, node in MANIFEST["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot", "test")
    }
    assert set(found) == expected
    assert {unique_id for unique_id, halves in found.items() if len(halves) > 1} == set()


def test_a_test_runs_after_everything_it_looks_at() -> None:
    scored = dbt_project.downstream_of_scores(MANIFEST)
    checks = {
        (spec.metadata or {})[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]: half
        for half in HALVES
        for spec in half.check_specs
    }
    spanning = 0
    for unique_id, half in checks.items():
        parents = set(MANIFEST["nodes"][unique_id]["depends_on"]["nodes"])
        if parents & scored:
            assert half is transform.models_from_scores, unique_id
            spanning += bool(parents - scored)
    assert spanning, "no test looks at both halves: this test proves nothing"


def test_tests_of_both_halves_are_attached_to_the_second() -> None:
    """Attached to the first, a blocking check would hold up the half that computes it."""
    manifest = {
        "metadata": {"project_name": "shop"},
        "sources": {"source.shop.scores.customer_scores": {}},
        "nodes": {
            "model.shop.orders": _node("model", "orders", []),
            "model.shop.totals": _node("model", "totals", ["model.shop.orders"]),
            "model.shop.value": _node("model", "value", ["source.shop.scores.customer_scores"]),
            "test.shop.related": _node(
                "test", "related", ["model.shop.orders", "model.shop.value"], "model.shop.orders"
            ),
            "test.shop.single": _node("test", "single", ["model.shop.totals", "model.shop.orders"]),
            "test.shop.unique": _node("test", "unique", ["model.shop.orders"], "model.shop.orders"),
        },
        "child_map": {
            "source.shop.scores.customer_scores": ["model.shop.value"],
            "model.shop.value": ["test.shop.related"],
            "model.shop.orders": ["model.shop.totals", "test.shop.related"],
        },
        "parent_map": {
            "model.shop.totals": ["model.shop.orders"],
            "model.shop.value": ["source.shop.scores.customer_scores"],
        },
    }
    attached = dbt_project.attach_tests(manifest)
    owners = {
        name: dbt_project.attached_to(attached, f"test.shop.{name}")
        for name in ("related", "single", "unique")
    }
    assert owners == {
        "related": "model.shop.value",
        "single": "model.shop.totals",
        "unique": "model.shop.orders",
    }


def _node(kind: str, name: str, parents: list[str], declared_on: str | None = None) -> dict:
    return {
        "resource_type": kind,
        "name": name,
        "depends_on": {"nodes": parents},
        "attached_node": declared_on,
        "config": {},
    }


def test_readers_are_told_keys_and_what_joins_what() -> None:
    marts = {mart.name: mart for mart in serving.marts()}
    orders = marts["fct_orders"]
    assert orders.columns["order_id"].endswith(" Key.")
    assert orders.columns["customer_id"].endswith(" Joins dim_customers.customer_id.")
    assert "order_id" in orders.not_null
    assert "customer_id" not in orders.not_null, "an anonymous sale has none"
    assert marts["cohort_retention"].columns["cohort_age"].endswith(" Part of the key.")
    lines = marts["fct_order_lines"]
    assert lines.columns["order_id"].endswith(" Joins fct_orders.order_id.")
    told = " Joins dim_campaigns.campaign_id where that is known."
    assert marts["fct_touchpoints"].columns["campaign_id"].endswith(told)
    for mart in marts.values():
        assert any("ey." in text for text in mart.columns.values()), f"{mart.name} tells no key"


def test_columns_that_are_said_to_join_have_something_to_join() -> None:
    models = {node["name"]: node for node in MANIFEST["nodes"].values()}
    targets = [
        column["meta"]["joins"]
        for node in dbt_project.marts(MANIFEST)
        for column in node["columns"].values()
        if "joins" in column["meta"]
    ]
    assert targets
    for target in targets:
        table, _, column = target.partition(".")
        assert column in models[table]["columns"], target


def test_every_singular_test_says_what_it_holds() -> None:
    tests = [node for node in MANIFEST["nodes"].values() if node["resource_type"] == "test"]
    singular = [node for node in tests if "test_metadata" not in node]
    assert singular
    assert [node["name"] for node in singular if not node["description"].strip()] == []


def test_landing_is_upstream_and_publishing_downstream_of_everything() -> None:
    graph = defs.resolve_asset_graph()
    published = dg.AssetKey(["serving", "published_marts"])
    upstream = graph.get_ancestor_asset_keys(published)
    marts = {dg.AssetKey(["marts", node["name"]]) for node in dbt_project.marts(MANIFEST)}
    assert len(marts) > 20
    assert marts <= upstream
    assert {dg.AssetKey(["landing", t.system, t.name]) for t in TABLES} <= upstream
    assert dg.AssetKey(["scores", "customer_scores"]) in upstream


@pytest.mark.parametrize(
    ("job", "steps"),
    [
        (
            "refresh",
            {
                *(
                    "land_tables",
                    "validate_landing",
                    "validate_landing_changes",
                    "transform",
                    "score_tables",
                    "validate_scores",
                ),
                *("validate_marts", "transform_scored", "validate_scored_marts"),
                *("state__customers_snapshot", "state__score_distributions"),
                *("serving__published_marts", "serving__run_report"),
            },
        ),
        ("land", {"land_tables", "validate_landing", "validate_landing_changes"}),
        (
            "score",
            {
                *("score_tables", "validate_scores", "transform_scored", "validate_scored_marts"),
                "state__score_distributions",
                *("serving__published_marts", "serving__run_report"),
            },
        ),
        (
            "publish",
            {
                *("validate_landing", "transform", "validate_scores", "validate_marts"),
                "validate_landing_changes",
                *("transform_scored", "validate_scored_marts"),
                *("serving__published_marts", "serving__run_report"),
            },
        ),
    ],
)
def test_jobs_have_their_steps(job: str, steps: set[str]) -> None:
    assert {node.name for node in defs.resolve_job_def(job).nodes} == steps


def test_every_asset_says_what_it_is_and_whose() -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.executable_asset_keys:
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        assert node.kinds, key
        assert node.pools == {"warehouse"}, key
        if key.path[0] == "marts":
            assert node.freshness_policy, key
            assert node.metadata["dagster/column_schema"].columns, key


def test_arguments_of_dbt() -> None:
    settings = load_settings()
    whole = dbt_project.build_args(settings, half=dbt_project.FROM_SCORES)
    assert whole[0] == "build"
    assert whole[whole.index("--select") + 1] == "source:scores+"
    # Another choice of tests than dbt's own would leave checks without a result.
    assert "--indirect-selection" not in whole
    assert whole[whole.index("--exclude-resource-type") + 1] == "unit_test"
    assert "--vars" not in whole
    replay = dbt_project.build_args(
        settings,
        half=dbt_project.BEFORE_SCORES,
        selected=["customer_lifecycle.marts.core.fct_orders"],
        as_of_date=date(2017, 10, 1),
        tests_only=True,
    )
    assert replay[0] == "test"
    assert "--exclude" not in replay
    assert replay[replay.index("--select") + 1] == "customer_lifecycle.marts.core.fct_orders"
    assert json.loads(replay[replay.index("--vars") + 1]) == {"as_of_date": "2017-10-01"}
