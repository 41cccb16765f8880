"""Persons and households are what edges join, and none is above its limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.identity.pipeline import (
    COLUMNS,
    HOUSEHOLD,
    PERSON,
    SUREST,
    TOO_MANY_CUSTOMERS,
    TOO_MANY_IDENTIFIERS,
    IdentityResult,
    IdentitySettings,
    study,
)

AS_OF = date(2024, 1, 1)
Edge = tuple[str, str, int, int]
"""Relation, rule, later and earlier customer by number; the lower number was seen first."""


def _links(edges: Sequence[Edge], emails: dict[int, int] | None = None) -> pd.DataFrame:
    emails = emails or {}
    return pd.DataFrame(
        [
            {
                "relation": relation,
                "rule": rule,
                "customer_id": f"c{later:03}",
                "earlier_customer_id": f"c{earlier:03}",
                "since_date": AS_OF - timedelta(days=400 - 10 * later),
                "first_seen_date": AS_OF - timedelta(days=400 - later),
                "earlier_first_seen_date": AS_OF - timedelta(days=400 - earlier),
                "email_number": emails.get(later),
                "earlier_email_number": emails.get(earlier),
                "phone_number": None,
                "earlier_phone_number": None,
            }
            for relation, rule, later, earlier in edges
        ],
        columns=list(COLUMNS),
    ).astype({name: "Int64" for name in COLUMNS if name.endswith(("email_number", "phone_number"))})


def _clusters(result: IdentityResult, relation: str) -> dict[str, set[str]]:
    found = result.clusters[result.clusters["relation"] == relation]
    return {str(at): set(rows["customer_id"]) for at, rows in found.groupby("cluster_id")}


def test_nothing_is_joined_where_there_are_no_edges() -> None:
    result = study(_links([]), IdentitySettings(AS_OF))
    assert not len(result.clusters)
    assert not len(result.refusals)
    assert "0 customers are 0 persons" in result.told()


def test_who_is_one_person_lives_in_one_household_named_after_the_first_seen() -> None:
    result = study(
        _links(
            [(PERSON, "email", 3, 2), (HOUSEHOLD, "address", 2, 1), (HOUSEHOLD, "address", 4, 3)]
        ),
        IdentitySettings(AS_OF),
    )
    assert _clusters(result, PERSON) == {"c002": {"c002", "c003"}}
    assert _clusters(result, HOUSEHOLD) == {"c001": {"c001", "c002", "c003", "c004"}}


@pytest.mark.parametrize(("most", "refused"), [(4, 0), (3, 1)])
def test_the_least_sure_edge_is_refused_where_a_person_would_be_too_large(
    most: int, refused: int
) -> None:
    edges: list[Edge] = [(PERSON, "phone", 2, 1), (PERSON, "card", 3, 2), (PERSON, "email", 4, 3)]
    result = study(_links(edges), IdentitySettings(AS_OF, identity_person_max_customers=most))
    assert list(result.refusals["rule"]) == ["phone"] * refused
    assert list(result.refusals["refusal_reason"]) == [TOO_MANY_CUSTOMERS] * refused
    first = "c002" if refused else "c001"
    assert list(_clusters(result, PERSON)) == [first]


@pytest.mark.parametrize(("most", "refused"), [(3, 0), (2, 1)])
def test_a_person_has_no_more_addresses_than_the_limit(most: int, refused: int) -> None:
    edges: list[Edge] = [(PERSON, "card", 2, 1), (PERSON, "card", 3, 1), (PERSON, "card", 4, 1)]
    result = study(
        _links(edges, {1: 10, 2: 10, 3: 20, 4: 30}),
        IdentitySettings(AS_OF, identity_person_max_identifiers=most),
    )
    assert list(result.refusals["customer_id"]) == ["c004"] * refused
    assert list(result.refusals["refusal_reason"]) == [TOO_MANY_IDENTIFIERS] * refused


def test_a_rule_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown rules: shoe_size"):
        study(_links([(PERSON, "shoe_size", 2, 1)]), IdentitySettings(AS_OF))


EDGES = st.lists(
    st.tuples(
        st.sampled_from([PERSON, HOUSEHOLD]),
        st.sampled_from(SUREST),
        st.integers(0, 24),
        st.integers(0, 24),
    ).filter(lambda edge: edge[2] > edge[3]),
    max_size=60,
    unique=True,
)


@settings(deadline=None, max_examples=40)
@given(EDGES, st.dictionaries(st.integers(0, 24), st.integers(0, 9)), st.randoms())
def test_clusters_are_components_of_what_was_accepted_within_limits_in_any_order(
    edges: list[Edge], emails: dict[int, int], random: object
) -> None:
    limits = IdentitySettings(AS_OF, 5, 3, 8)
    links = _links(edges, emails)
    result = study(links, limits)
    shuffled = list(edges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = study(_links(shuffled, emails), limits)
    for name, frame in result.frames().items():
        key = [str(column) for column in frame if column != "as_of_date"]
        pd.testing.assert_frame_equal(
            frame.sort_values(key, ignore_index=True),
            again.frames()[name].sort_values(key, ignore_index=True),
        )

    refused = {
        tuple(row)
        for row in result.refusals[
            ["relation", "rule", "customer_id", "earlier_customer_id"]
        ].itertuples(index=False)
    }
    for relation, counted in ((PERSON, {PERSON}), (HOUSEHOLD, {PERSON, HOUSEHOLD})):
        # By brute force: customers take the lowest number that they can reach.
        lowest = {f"c{number:03}": f"c{number:03}" for number in range(25)}
        accepted = [
            (f"c{later:03}", f"c{earlier:03}")
            for kind, rule, later, earlier in edges
            if kind in counted and (kind, rule, f"c{later:03}", f"c{earlier:03}") not in refused
        ]
        for _ in range(25):
            for one, other in accepted:
                lowest[one] = lowest[other] = min(lowest[one], lowest[other])
        members: dict[str, set[str]] = {}
        for customer, first in lowest.items():
            members.setdefault(first, set()).add(customer)
        assert _clusters(result, relation) == {
            first: each for first, each in members.items() if len(each) > 1
        }
        most = 5 if relation == PERSON else 8
        assert all(len(each) <= most for each in members.values())
        if relation == PERSON:
            told = [{emails.get(int(c[1:])) for c in each} - {None} for each in members.values()]
            assert all(len(each) <= 3 for each in told)
