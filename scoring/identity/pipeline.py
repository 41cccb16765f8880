"""From edges between customers to persons and households, none of them above its limits.

Connected components; only those that are too large are built again edge by edge, the surest and
then the oldest first, and an edge that would make one too large is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from scoring.identity.tables import CLUSTERS, REFUSALS

INPUT = "int_identity_links"
COLUMNS: Mapping[str, str] = {
    "relation": "varchar",
    "rule": "varchar",
    "customer_id": "varchar",
    "earlier_customer_id": "varchar",
    "since_date": "date",
    "first_seen_date": "date",
    "earlier_first_seen_date": "date",
    "email_number": "bigint",
    "earlier_email_number": "bigint",
    "phone_number": "bigint",
    "earlier_phone_number": "bigint",
}
PERSON, HOUSEHOLD = "person", "household"
TOO_MANY_CUSTOMERS, TOO_MANY_IDENTIFIERS = "too_many_customers", "too_many_identifiers"
SUREST = ("alias", "card", "email", "phone", "household_number", "address")
"""Rules, the surest first: what the retailer says, then what only one person has."""

Ints = NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class IdentitySettings:
    """``as_of_date``: the first day not observed. The others are dbt vars, described there."""

    as_of_date: date
    identity_person_max_customers: int = 10
    identity_person_max_identifiers: int = 5
    identity_household_max_customers: int = 12


@dataclass(frozen=True)
class IdentityResult:
    """The tables, with the columns and types that ``tables`` declares."""

    clusters: pd.DataFrame
    refusals: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {CLUSTERS.name: self.clusters, REFUSALS.name: self.refusals}

    def told(self) -> str:
        """How many customers are how many persons and households."""
        said = []
        for relation in (PERSON, HOUSEHOLD):
            found = self.clusters[self.clusters["relation"] == relation]
            said.append(
                f"{len(found):,} customers are {found['cluster_id'].nunique():,} {relation}s"
            )
        return f"{', '.join(said)}; {len(self.refusals):,} edges refused"


@dataclass(frozen=True)
class _Customers:
    """Customers whom an edge names, those seen first before others; by place in this order."""

    ids: NDArray[np.object_]
    contacts: tuple[Ints, ...]
    """E-mail address and telephone number of each, below zero where there is none."""


def study(links: pd.DataFrame, settings: IdentitySettings) -> IdentityResult:
    """Persons and households among customers whom edges join.

    Args:
        links: the table ``int_identity_links``; may be empty.
        settings: see ``IdentitySettings``.

    Returns:
        Customers in clusters of several, and edges that a limit refused.

    Raises:
        ValueError: a column is missing, or a rule is not known.
    """
    if missing := [name for name in COLUMNS if name not in links]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    if unknown := sorted({*links["rule"].dropna()} - {*SUREST}):
        raise ValueError(f"{INPUT}: unknown rules: {', '.join(unknown)}")
    if not len(links):
        return IdentityResult(CLUSTERS.from_records([]), REFUSALS.from_records([]))
    customers = _customers(links)
    place = pd.Index(customers.ids)
    edges = pd.DataFrame(
        {
            "relation": links["relation"].to_numpy(dtype=object),
            "rule": links["rule"].to_numpy(dtype=object),
            "later": place.get_indexer(pd.Index(links["customer_id"])),
            "earlier": place.get_indexer(pd.Index(links["earlier_customer_id"])),
            "rank": links["rule"].map({rule: at for at, rule in enumerate(SUREST)}).to_numpy(),
            "since": _days(links["since_date"]),
        }
    ).sort_values(["rank", "since", "earlier", "later"], kind="stable", ignore_index=True)
    persons = edges[edges["relation"] == PERSON]
    person, person_refusals = _clustered(
        persons,
        customers,
        settings.identity_person_max_customers,
        settings.identity_person_max_identifiers,
    )
    # Whoever is one person lives in one household.
    same = pd.DataFrame({"later": np.arange(len(person)), "earlier": person, "relation": PERSON})
    household, household_refusals = _clustered(
        pd.concat(
            [same[same["later"] != same["earlier"]], edges[edges["relation"] == HOUSEHOLD]],
            ignore_index=True,
        ),
        customers,
        max(settings.identity_household_max_customers, settings.identity_person_max_customers),
        None,
    )
    refused = pd.concat(
        [person_refusals, household_refusals[household_refusals["relation"] == HOUSEHOLD]]
    )
    return IdentityResult(
        _clusters({PERSON: person, HOUSEHOLD: household}, customers, settings),
        REFUSALS.frame(
            {
                "as_of_date": settings.as_of_date,
                "relation": refused["relation"].to_numpy(dtype=object),
                "rule": refused["rule"].to_numpy(dtype=object),
                "customer_id": customers.ids[refused["later"].to_numpy(dtype=np.int64)],
                "earlier_customer_id": customers.ids[refused["earlier"].to_numpy(dtype=np.int64)],
                "refusal_reason": refused["reason"].to_numpy(dtype=object),
            }
        ),
    )


def _days(dates: pd.Series) -> Ints:
    """Days as numbers; what is not dated comes last."""
    days = pd.to_datetime(dates).to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(days), _NEVER, days.astype(np.int64))


def _customers(links: pd.DataFrame) -> _Customers:
    ends = pd.concat(
        [
            pd.DataFrame(
                {
                    "id": links[f"{end}customer_id"].to_numpy(dtype=object),
                    "seen": _days(links[f"{end}first_seen_date"]),
                    "email": links[f"{end}email_number"].fillna(-1).to_numpy(dtype=np.int64),
                    "phone": links[f"{end}phone_number"].fillna(-1).to_numpy(dtype=np.int64),
                }
            )
            for end in ("", "earlier_")
        ]
    )
    each = ends.drop_duplicates("id").sort_values(["seen", "id"])
    return _Customers(
        each["id"].to_numpy(dtype=object), (each["email"].to_numpy(), each["phone"].to_numpy())
    )


def _clustered(
    edges: pd.DataFrame, customers: _Customers, most: int, most_identifiers: int | None
) -> tuple[Ints, pd.DataFrame]:
    """For each customer the first one of their cluster, and the edges that were refused."""
    first = _first_of_component(edges, len(customers.ids))
    too_large = _too_large(first, customers, most, most_identifiers)
    within = too_large[edges["earlier"].to_numpy()]
    if not within.any():
        return first, edges.iloc[:0].assign(reason=pd.Series(dtype=object))
    again = edges[within]
    reasons = _built_again(again, customers, most, most_identifiers)
    kept = pd.concat([edges[~within], again[[reason is None for reason in reasons]]])
    refused = again.assign(reason=reasons)
    return _first_of_component(kept, len(first)), refused[refused["reason"].notna()]


def _first_of_component(edges: pd.DataFrame, size: int) -> Ints:
    ends = edges["later"].to_numpy(), edges["earlier"].to_numpy()
    graph = coo_matrix((np.ones(len(edges), dtype=np.int8), ends), shape=(size, size))
    count, component = connected_components(graph, directed=False)
    first = np.full(count, size, dtype=np.int64)
    np.minimum.at(first, component, np.arange(size))
    return first[component]


def _too_large(
    first: Ints, customers: _Customers, most: int, most_identifiers: int | None
) -> NDArray[np.bool_]:
    """Of each customer whether their cluster is above a limit."""
    large = np.bincount(first, minlength=len(first)) > most
    if most_identifiers is not None:
        for numbers in customers.contacts:
            known = numbers >= 0
            pairs = np.unique(np.stack([first[known], numbers[known]], axis=1), axis=0)
            large |= np.bincount(pairs[:, 0], minlength=len(first)) > most_identifiers
    return np.asarray(large[first])


def _built_again(
    edges: pd.DataFrame, customers: _Customers, most: int, most_identifiers: int | None
) -> list[str | None]:
    """Why each edge is refused when they are taken one after the other; None where it is not."""
    members: dict[int, set[int]] = {}
    reasons: list[str | None] = []
    for later, earlier in zip(edges["later"], edges["earlier"], strict=True):
        one = members.setdefault(int(later), {int(later)})
        other = members.setdefault(int(earlier), {int(earlier)})
        if one is other:
            reasons.append(None)
            continue
        both = one | other
        reason = None
        if len(both) > most:
            reason = TOO_MANY_CUSTOMERS
        elif most_identifiers is not None:
            rows = np.fromiter(both, dtype=np.int64)
            for numbers in customers.contacts:
                if len({*numbers[rows].tolist()} - {-1}) > most_identifiers:
                    reason = TOO_MANY_IDENTIFIERS
        if reason is None:
            members.update(dict.fromkeys(both, both))
        reasons.append(reason)
    return reasons


def _clusters(
    first: Mapping[str, Ints], customers: _Customers, settings: IdentitySettings
) -> pd.DataFrame:
    frames = []
    for relation, firsts in first.items():
        sizes = np.bincount(firsts, minlength=len(firsts))[firsts]
        several = sizes > 1
        frames.append(
            pd.DataFrame(
                {
                    "relation": relation,
                    "customer_id": customers.ids[several],
                    "cluster_id": customers.ids[firsts[several]],
                    "customers": sizes[several],
                }
            )
        )
    found = pd.concat(frames, ignore_index=True)
    return CLUSTERS.frame(
        {"as_of_date": settings.as_of_date, **{str(name): found[name] for name in found}}
    )
