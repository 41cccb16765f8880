"""What Dagster sees: every asset and check, in which step, and what blocks what."""

import copy
import json
from datetime import date
from typing import Any

import dagster as dg
import graph_snapshot
import pytest
from dagster import NodeInvocation
from dagster._core.definitions.dependency import NodeHandle
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY
from dbt.cli.main import dbtRunner

from landing.contract import TABLES
from metrics.marts import load_marts
from orchestration import dbt_project
from orchestration.dbt_tests import describe_tests
from orchestration.definitions import defs
from orchestration.defs import landing, schedules, scoring, serving, transform, validation
from orchestration.settings import load_settings
from scoring.studies import STUDIES
from scoring.study import Study

MANIFEST = transform.MANIFEST
STUDY_STEPS = {f"{step}_{study.name}" for study in STUDIES for step in ("study", "validate")}
HISTORIES = {f"state__{table.name}" for study in STUDIES for table in study.tables if table.history}


def test_the_asset_graph_is_the_committed_one() -> None:
    """After a change on purpose: python tests/python/orchestration/graph_snapshot.py."""
    assert graph_snapshot.asset_graph().splitlines() == graph_snapshot.PATH.read_text().splitlines()


def test_a_code_location_can_load_it() -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_dbt_node_is_an_asset_and_every_test_a_check() -> None:
    specs = [*transform.models.specs, *transform.models.check_specs]
    found = [(spec.metadata or {})[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY] for spec in specs]
    expected = {
        unique_id
        for unique_id, node in MANIFEST["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot", "test")
    }
    assert sorted(found) == sorted(expected)


def test_what_is_published_is_public_and_nothing_else_and_all_know_its_owner() -> None:
    """dbt lets other domains read a step of one only where its access says so."""
    published = {node["name"]: node for node in dbt_project.marts(MANIFEST)}
    models = [node for node in MANIFEST["nodes"].values() if node["resource_type"] == "model"]
    assert {node["name"] for node in models if node["config"]["access"] == "public"} == set(
        published
    )
    owners = {group["name"]: group["owner"] for group in MANIFEST["groups"].values()}
    contracts = load_marts()
    assert set(contracts) == set(published)
    for name, node in published.items():
        mart = contracts[name]
        assert (mart.domain, mart.owner) == (node["group"], owners[node["group"]]["name"])
        assert mart.columns == {
            column: "".join(told["data_type"].lower().split())
            for column, told in node["columns"].items()
        }


def _steps(job: dg.JobDefinition) -> dict[str, set[str]]:
    """What each step of dbt builds and tests, by name: dbt's unique ids."""
    found = {}
    for node in job.nodes:
        if not node.name.startswith("transform"):
            continue
        assets = job.asset_layer.get_assets_def_for_node(NodeHandle(node.name, None))
        assert assets
        specs = [
            *(assets.get_asset_spec(key) for key in assets.keys),
            *(assets.get_spec_for_check_key(key) for key in assets.check_keys),
        ]
        found[node.name] = {(s.metadata or {})[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY] for s in specs}
    return found


def _is_later(job: dg.JobDefinition, step: str, other: str) -> bool:
    """Whether a step waits for the other."""
    pending, seen = [step], set()
    while pending:
        current = pending.pop()
        upstream = {
            dependency.node
            for definition in job.dependencies.get(_invocation(job, current), {}).values()
            for dependency in definition.get_node_dependencies()
        }
        pending += upstream - seen
        seen |= upstream
    return other in seen


def _invocation(job: dg.JobDefinition, step: str) -> NodeInvocation:
    return next(key for key in job.dependencies if (key.alias or key.name) == step)


def _hold(job: dg.JobDefinition, manifest: dict[str, Any]) -> int:
    """Each node is in one step, after all it depends on; tells how many tests look at several."""
    steps = _steps(job)
    step_of = {unique_id: step for step, ids in steps.items() for unique_id in ids}
    assert sum(len(ids) for ids in steps.values()) == len(step_of)
    assert set(step_of) == {
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot", "test")
    }
    spanning = 0
    for unique_id, step in step_of.items():
        parents = manifest["parent_map"][unique_id]
        for earlier in {step_of.get(parent, step) for parent in parents} - {step}:
            assert _is_later(job, step, earlier), (unique_id, step, earlier)
            spanning += unique_id.startswith("test.")
    return spanning


def test_dbt_is_split_at_the_scores_and_tests_of_several_parts_run_in_the_last() -> None:
    """The mix of channels reads marts that rest on other studies: dbt is split once more at it."""
    job = defs.resolve_job_def("refresh")
    assert set(_steps(job)) == {"transform", "transform_2", "transform_3"}
    assert _hold(job, MANIFEST), "no test looks at two parts: this test proves nothing"


def test_a_study_more_between_marts_splits_dbt_once_more() -> None:
    """It reads a mart that rests on scores, and a mart of its own rests on what it writes."""
    manifest = copy.deepcopy(MANIFEST)
    project = "customer_lifecycle"
    written = f"source.{project}.effects.uplift"
    manifest["sources"][written] = {
        **manifest["sources"][f"source.{project}.scores.customer_scores"],
        **{
            "unique_id": written,
            "source_name": "effects",
            "name": "uplift",
            "identifier": "uplift",
        },
        **{"config": {}, "meta": {"dagster": {"asset_key": ["effects", "uplift"]}}},
        "fqn": [project, "staging", "effects", "effects", "uplift"],
    }
    # As if this mart read it, and this test compared it with one that is built before the scores.
    reader, test = f"model.{project}.customer_360", f"test.{project}.spans_three_parts"
    model = copy.deepcopy(
        manifest["nodes"][f"test.{project}.assert_customer_360_ties_to_its_parts"]
    )
    manifest["nodes"][test] = {
        **model,
        **{"unique_id": test, "name": "spans_three_parts"},
        **{"fqn": [project, "customers", "spans_three_parts"]},
        "config": {**model["config"], "meta": {}},
        "depends_on": {"nodes": [f"model.{project}.fct_order_lines", reader], "macros": []},
        "attached_node": f"model.{project}.fct_order_lines",
    }
    manifest["nodes"][reader]["depends_on"]["nodes"].append(written)
    manifest["parent_map"][reader].append(written)
    manifest["child_map"][written] = [reader]
    manifest["parent_map"][test] = manifest["nodes"][test]["depends_on"]["nodes"]
    manifest["child_map"][test] = []
    for parent in manifest["parent_map"][test]:
        manifest["child_map"][parent].append(test)
    steps = {**transform.PYTHON_STEPS, "effects": "customer_value"}

    @dg.asset(key=["effects", "uplift"], deps=[dg.AssetKey(["marts", "customer_value"])])
    def uplift() -> None:
        """Estimate."""

    attached = dbt_project.attach_tests(manifest, steps)
    assert dbt_project.attached_to(attached, test) == reader
    widened = dg.Definitions(
        assets=[
            *dg.load_assets_from_modules([landing, scoring, serving]),
            *(transform.dbt_models(attached), uplift),
        ],
        asset_checks=dg.load_asset_checks_from_modules([validation]),
        jobs=schedules.JOBS,
        resources=defs.resources,
        executor=dg.in_process_executor,
    )
    job = widened.resolve_job_def("refresh")
    assert set(_steps(job)) == {"transform", "transform_2", "transform_3"}
    assert _hold(job, attached)
    assert _is_later(job, "transform_3", "effects__uplift")


def test_tests_of_both_halves_are_attached_to_the_second() -> None:
    """Attached to the first, a blocking check would hold up the half that computes it."""
    manifest = {
        "metadata": {"project_name": "shop"},
        "sources": {
            "source.shop.scores.customer_scores": {"source_name": "scores"},
            "source.shop.pos.orders": {"source_name": "pos"},
        },
        "nodes": {
            "model.shop.orders": _node("model", "orders", ["source.shop.pos.orders"]),
            "model.shop.totals": _node("model", "totals", ["model.shop.orders"]),
            "model.shop.longer": _node("model", "longer", ["model.shop.totals"]),
            "model.shop.longest": _node("model", "longest", ["model.shop.longer"]),
            "model.shop.value": _node("model", "value", ["source.shop.scores.customer_scores"]),
            "test.shop.related": _node(
                "test", "related", ["model.shop.longest", "model.shop.value"], "model.shop.longest"
            ),
            "test.shop.single": _node("test", "single", ["model.shop.totals", "model.shop.orders"]),
            "test.shop.unique": _node("test", "unique", ["model.shop.orders"], "model.shop.orders"),
        },
    }
    attached = dbt_project.attach_tests(manifest, {"scores": "orders"})
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


def test_every_check_of_dbt_says_what_it_holds() -> None:
    told = {spec.name: spec.description or "" for spec in transform.models.check_specs}
    assert [name for name, holds in told.items() if not holds.strip()] == []
    assert told["valid_columns_care_calendar"] == (
        "Never null: customer_id, as_of_date, care_date, occasion. "
        "Has labels: occasion (care_occasion), holiday (holiday)."
    )
    assert "Within bounds: bucket (from 0 to 9999)." in told["valid_columns_dim_customer_bucket"]
    assert told["unique_dim_products_product_id"] == "product_id identifies a row."
    # As dbt has it after a change of its file alone.
    parsed_alone = {"resource_type": "test", "name": "assert_it_adds_up", "description": ""}
    told_alone = describe_tests({"nodes": {"test.shop.assert_it_adds_up": parsed_alone}})
    meta = told_alone["nodes"]["test.shop.assert_it_adds_up"]["meta"]
    assert meta["description"] == "assert it adds up."


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
                    *STUDY_STEPS,
                ),
                *("validate_marts", "transform_2", "validate_marts_2", "transform_3"),
                *("state__customers_snapshot", *HISTORIES),
                *("serving__published_marts", "serving__run_report"),
            },
        ),
        (
            # What landed may have been copied here, and has to be checked all the same.
            "build",
            {
                *("validate_landing", "validate_landing_changes", "transform", *STUDY_STEPS),
                *("validate_marts", "transform_2", "validate_marts_2", "transform_3"),
                *("state__customers_snapshot", *HISTORIES),
                *("serving__published_marts", "serving__run_report"),
            },
        ),
        ("land", {"land_tables", "validate_landing", "validate_landing_changes"}),
        (
            "score",
            {
                *STUDY_STEPS,
                *HISTORIES,
                *("transform", "validate_marts", "transform_2"),
                *("serving__published_marts", "serving__run_report"),
            },
        ),
        (
            "publish",
            {
                *("validate_landing", "validate_landing_changes", "transform", "validate_marts"),
                *(f"validate_{study.name}" for study in STUDIES),
                *("serving__published_marts", "serving__run_report"),
            },
        ),
    ],
)
def test_jobs_have_their_steps(job: str, steps: set[str]) -> None:
    assert {node.name for node in defs.resolve_job_def(job).nodes} == steps


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_what_a_study_reads_is_under_a_contract(study: Study) -> None:
    (model,) = (node for node in MANIFEST["nodes"].values() if node["name"] == study.input.model)
    assert model["config"]["contract"]["enforced"]
    optional = {name for names in study.input.columns_if.values() for name in names}
    assert study.input.columns.keys() | optional <= model["columns"].keys()


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
    build = dbt_project.build_args(settings)
    assert build[0] == "build"
    # What is selected is all there is: dbt must not add tests that another step runs.
    assert build[build.index("--indirect-selection") + 1] == "empty"
    assert build[build.index("--exclude-resource-type") + 1] == "unit_test"
    assert "--vars" not in build
    replay = dbt_project.build_args(settings, as_of_date=date(2017, 10, 1), tests_only=True)
    assert replay[0] == "test"
    assert json.loads(replay[replay.index("--vars") + 1]) == {"as_of_date": "2017-10-01"}


def test_dbt_selects_what_it_is_told_and_nothing_else() -> None:
    """Whatever the names are like: the name of a model is the beginning of those of others."""
    settings = load_settings()
    manifest = dbt_project.parse(settings)
    before = {unique_id: list(node.tags) for unique_id, node in manifest.nodes.items()}
    # Models without their tests, tests without their models, a seed.
    models = sorted(node for node in manifest.nodes if node.startswith("model."))
    tests = sorted(node for node in manifest.nodes if node.startswith("test."))
    chosen = {*models[::7], *tests[::50], "seed.customer_lifecycle.rfm_segments"}
    args = dbt_project.build_args(settings)
    listed = ["ls", *args[1 : args.index("--exclude-resource-type")], "--output", "json"]
    listed += ["--output-keys", "unique_id", "--quiet"]
    with dbt_project.tagged(manifest, chosen):
        found = dbtRunner(manifest=manifest).invoke(listed).result
    assert {json.loads(line)["unique_id"] for line in found} == chosen
    assert {unique_id: node.tags for unique_id, node in manifest.nodes.items()} == before
