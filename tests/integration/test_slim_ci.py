"""What a pull request builds beside a production home: what it changed, and what depends on it."""

import json
import shutil
from pathlib import Path

import duckdb
from dbt_builds import dbt
from tests_home import PROJECT_DIR, Home

PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "snapshots", "tests/dbt")
CHANGED = "state:modified+"


def _checkout(folder: Path) -> Path:
    for part in PARTS:
        if (PROJECT_DIR / part).is_dir():
            shutil.copytree(PROJECT_DIR / part, folder / part)
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(PROJECT_DIR / part, folder / part)
    return folder


def _dbt(checkout: Path, production: Home, *args: str) -> str:
    """As docs/continuous-integration.md says."""
    where = ("--target", "ci", "--target-path", "target/ci")
    state = ("--state", str(production.path / "dbt"))
    return dbt(production, *args, *where, *state, checkout=checkout)


def test_a_pull_request_builds_what_it_changed_and_reads_the_rest_from_production(
    complete_journey: Home, tmp_path: Path
) -> None:
    checkout = _checkout(tmp_path / "it's a {checkout}")
    # Another place, another target, run by dbt and not by Dagster: nothing of it is a change.
    assert _dbt(checkout, complete_journey, "ls", "--select", CHANGED) == ""

    with (checkout / "models/marts/rfm/customer_rfm.sql").open("a") as model:
        model.write("\n-- a change\n")
    before = complete_journey.warehouse_path.read_bytes()
    _dbt(checkout, complete_journey, "build", "--select", CHANGED, "--defer", "--favor-state")

    results = json.loads((checkout / "target/ci/run_results.json").read_text())["results"]
    built = {r["unique_id"].split(".")[2] for r in results if r["unique_id"].startswith("model.")}
    of_segments = {"int_customer_segments", "int_segment_categories", "int_segment_channels"}
    of_segments |= {"customer_segments", "segment_profiles"}
    # Answers stand for the base by segment.
    of_service = {"int_satisfaction_sheets", "int_survey_answers", "int_survey_known_from"}
    of_service |= {"int_survey_standings", "int_survey_weights", "customer_satisfaction"}
    of_service |= {"satisfaction_by_delay", "satisfaction_by_group", "satisfaction_summary"}
    of_fit = {"int_fit_customers", "channel_segment_fit"}
    of_actions = {"int_action_channels", "int_action_customers", "int_action_eligibility"}
    of_actions |= {"customer_next_actions"}
    assert built == {
        *("customer_rfm", "customer_360"),
        *of_segments,
        *of_service,
        *of_fit,
        *of_actions,
    }
    assert {r["unique_id"].split(".")[0] for r in results} >= {"model", "test", "unit_test"}
    assert complete_journey.warehouse_path.read_bytes() == before
    with duckdb.connect(checkout / "target/ci.duckdb", read_only=True) as connection:
        found = connection.execute("select count(*) from marts.customer_rfm").fetchall()
    assert found == complete_journey.published("select count(*) from marts.customer_rfm")
    assert found != [(0,)]
