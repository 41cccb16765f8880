"""What customers said, and what service noted, may know who leaves: no score is made of it."""

import pytest

from orchestration.defs import transform
from scoring.customers.study import CUSTOMERS
from scoring.satisfaction.study import SATISFACTION
from scoring.studies import STUDIES
from scoring.study import Study

NODES = {**transform.MANIFEST["nodes"], **transform.MANIFEST["sources"]}
SAID = {"service.surveys", "service.tickets"}


def said_upstream(model: str) -> set[str]:
    """The tables of customer service that a model is made of."""
    ahead = [key for key, node in NODES.items() if node["name"] == model]
    assert ahead, f"no model {model}"
    seen: set[str] = set()
    while ahead:
        key = ahead.pop()
        if key not in seen and key in NODES:
            seen.add(key)
            ahead += NODES[key].get("depends_on", {}).get("nodes", [])
    found = {
        f"{NODES[key]['source_name']}.{NODES[key]['name']}"
        for key in seen
        if NODES[key]["resource_type"] == "source"
    }
    return found & SAID


@pytest.mark.parametrize("study", [CUSTOMERS], ids=["customers"])
def test_churn_and_value_are_scored_from_purchases_alone(study: Study) -> None:
    assert said_upstream(study.input.model) == set()
    assert set(study.input.columns) == {"customer_id", "purchase_date", "net_revenue"}


def test_the_study_of_satisfaction_is_found_to_read_what_was_said() -> None:
    assert SATISFACTION in STUDIES
    assert said_upstream(SATISFACTION.input.model) == SAID
