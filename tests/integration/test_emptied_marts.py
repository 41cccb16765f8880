"""A mart that has lost its rows fails a test of its own: no test passes on nothing."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
from tests_home import PROJECT_DIR, Home

from orchestration.settings import load_settings

EMPTIED = {
    "marts.category_affinity": "assert_category_affinity_ties_to_baskets",
    "marts.category_breadth": "assert_category_breadth_ties_to_lines",
    "marts.category_gain_loss": "assert_category_gain_loss_adds_up",
    "marts.channel_contribution": "assert_channel_contribution_ties_to_orders",
    "marts.channel_journeys": "assert_journeys_are_all_told_of",
    "marts.cohort_retention": "assert_cohort_retention_ties_to_periods",
    "marts.customer_360": "assert_customer_360_ties_to_its_parts",
    "marts.customer_churn": "assert_customer_churn_is_consistent",
    "marts.customer_contribution": "assert_customer_contribution_adds_up",
    "marts.customer_identity": "assert_identities_tie_out",
    "marts.customer_lifecycle": "assert_customer_lifecycle_covers_customers",
    "marts.customer_next_category": "assert_customer_next_category_is_complete",
    "marts.customer_next_actions": "assert_next_actions_are_one_a_customer",
    "marts.customer_potential": "assert_customer_potential_is_consistent",
    "marts.customer_rfm_history": "assert_rfm_history_has_every_buyer",
    "marts.customer_segments": "assert_segments_cover_customers",
    "marts.fct_attribution": "assert_attribution_ties_to_orders",
    "marts.first_purchases": "assert_first_purchases_count_new_customers",
    "marts.identified_sales_share": "assert_identified_sales_share_ties_to_orders",
    "marts.kpi_targets": "assert_target_actuals_tie_to_orders",
    "marts.like_for_like": "assert_like_for_like_ties_to_orders",
    "marts.lifecycle_transitions": "assert_lifecycle_transitions_add_up",
    "marts.model_backtests": "assert_model_marts_have_what_was_scored",
    "marts.monthly_revenue": "assert_monthly_revenue_ties_to_orders",
    "marts.return_matches": "assert_return_matches_tie_to_orders",
    "marts.revenue_reconciliation": "assert_revenue_reconciliation_adds_up",
    "marts.revenue_tree": "assert_revenue_tree_adds_up",
    "marts.rfm_cut_points": "assert_rfm_cut_points_count_customers",
    "marts.rfm_heatmap": "assert_rfm_heatmap_is_complete",
    "marts.value_deciles": "assert_value_deciles_tie_to_orders",
}
# Others are told from these, so that both would be empty at once.
THEN_EMPTIED = {
    "marts.channel_attribution": "assert_channel_attribution_ties_to_orders",
    "marts.channel_calibration": "assert_calibration_moves_orders_and_makes_none",
    "marts.channel_economics": "assert_channel_economics_tie_to_attribution",
    "marts.customer_lifecycle_history": "assert_lifecycle_history_has_everyone_seen",
    "marts.customer_rfm": "assert_customer_rfm_ties_to_orders",
    "marts.customer_value": "assert_customer_value_is_consistent",
    "marts.lifecycle_periods": "assert_lifecycle_periods_tie_to_orders",
    "marts.segment_stability": "assert_segment_stability_is_consistent",
    "marts.movement_periods": "assert_movement_ties_to_orders",
    "marts.model_runs": "assert_scores_come_from_the_champions",
}


def test_an_emptied_mart_fails_a_test(complete_journey: Home, tmp_path: Path) -> None:
    home, kept = complete_journey, tmp_path / "warehouse.duckdb"
    # A parse of the same home: elsewhere dbt would parse from the beginning.
    (tmp_path / "dbt").mkdir()
    shutil.copy(home.path / "dbt" / "partial_parse.msgpack", tmp_path / "dbt")
    shutil.move(home.warehouse_path, kept)
    try:
        for emptied in (EMPTIED, THEN_EMPTIED):
            shutil.copy(kept, home.warehouse_path)
            with duckdb.connect(home.warehouse_path) as warehouse:
                for table in emptied:
                    warehouse.execute(f"truncate {table}")
            assert set(emptied.values()) <= _failed(home, tmp_path / "dbt", emptied)
    finally:
        shutil.move(kept, home.warehouse_path)


def _failed(home: Home, target: Path, emptied: dict[str, str]) -> set[str]:
    """The tests of the emptied tables that fail."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "LIFECYCLE_HOME": str(home.path),
        "LIFECYCLE_MEMORY_LIMIT": load_settings().memory_limit,
    }
    subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "--quiet", "test"),
            *("--target-path", str(target), "--log-path", str(target)),
            *("--select", *emptied.values()),
        ],
        cwd=PROJECT_DIR,
        env=environment,
        capture_output=True,
        check=False,
        timeout=600,
    )
    results = json.loads((target / "run_results.json").read_text())["results"]
    return {r["unique_id"].split(".")[2] for r in results if r["status"] == "fail"}
