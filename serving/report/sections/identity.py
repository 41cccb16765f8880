"""Which customers are one person, and what counting persons would change."""

from __future__ import annotations

from serving.language import ended, say
from serving.report.formats import MISSING, count, percent, signed, whole
from serving.report.marts import Marts, Record
from serving.report.sections.parts import (
    Cell,
    Section,
    Table,
    cells_of,
    joined,
    no_customers,
    nothing,
)

UNITS = ("customer", "person", "household")


def identity(marts: Marts) -> Section:
    """Customers as landed beside persons and households, and what joined them or did not."""
    key, title = "identity", say("Who is who")
    found = (
        {
            row["identity_unit"]: row
            for row in marts.rows("select * from marts.identity_effects")
            if row["units"]
        }
        if marts.has("identity_effects")
        else {}
    )
    nobody_shares = say(
        "No two customers share anything that tells who they are; the columns email, phone and "
        "address of customers, card_number of accounts and the file customer_ids would fill this "
        "part."
    )
    if found.keys() != {*UNITS}:
        return no_customers(marts, key, title, nobody_shares)
    if {found[unit]["identity_status"] for unit in UNITS[1:]} == {"nothing_shared"}:
        return nothing(key, title, nobody_shares)
    edges = marts.rows(
        "select rule, is_accepted, refusal_reason, count(*) as edges from marts.identity_edges "
        "group by all order by edges desc, refusal_reason"
    )
    return Section(
        key,
        title,
        ended(_headline(found)),
        say(
            "Customers are one person by an e-mail address, a telephone number or a card, unless "
            "names or dates of birth differ, and live together by address and surname. Merges are "
            "told here and applied nowhere: all other figures count customers as they landed."
        ),
        tables=[_units(marts, found), _rules(marts, edges)],
        caveat=joined(marts.caveats.few, marts.caveats.customers),
    )


def _headline(found: dict[str, Record]) -> str:
    landed, person, household = (found[unit] for unit in UNITS)
    said = say(
        "{} are {} in {}",
        count(landed["units"], "customer"),
        count(person["units"], "person", "persons"),
        count(household["units"], "household"),
    )
    if landed["repeat_rate"] is None or not person["merged_units"]:
        return said
    return joined(
        said,
        say(
            "counted by person, {} of the buyers came back and not {}, and one is worth {} and "
            "not {}",
            percent(person["repeat_rate"], 1),
            percent(landed["repeat_rate"], 1),
            whole(person["net_revenue_per_buyer"]),
            whole(landed["net_revenue_per_buyer"]),
        ),
    )


def _units(marts: Marts, found: dict[str, Record]) -> Table:
    return Table(
        [
            say("Counted by"),
            say("Number"),
            say("Of several customers"),
            say("Bought"),
            say("Came back"),
            say("Revenue a buyer{}", f", {marts.currency}" if marts.currency else ""),
            say("Active"),
        ],
        [
            [
                Cell(marts.names("identity_unit", unit)),
                Cell(whole(row["units"]), signed(row["units_change"]) if unit != UNITS[0] else ""),
                *cells_of(
                    whole(row["merged_units"]) if unit != UNITS[0] else MISSING,
                    whole(row["buyers"]),
                    MISSING if row["repeat_rate"] is None else percent(row["repeat_rate"], 1),
                    whole(row["net_revenue_per_buyer"]),
                    whole(row["active_units"]),
                ),
            ]
            for unit in UNITS
            for row in [found[unit]]
        ],
    )


def _rules(marts: Marts, edges: list[Record]) -> Table:
    by_rule: dict[str, list[Record]] = {}
    for edge in edges:
        by_rule.setdefault(edge["rule"], []).append(edge)

    def reasons(rows: list[Record]) -> str:
        refused = [row for row in rows if not row["is_accepted"]]
        if not refused:
            return MISSING
        return marts.names("identity_refusal_reason", refused[0]["refusal_reason"])

    return Table(
        [say("What is shared"), say("Joined"), say("Refused"), say("Mostly because")],
        [
            cells_of(
                marts.names("identity_rule", rule),
                whole(sum(row["edges"] for row in by_rule[rule] if row["is_accepted"])),
                whole(sum(row["edges"] for row in by_rule[rule] if not row["is_accepted"])),
                reasons(by_rule[rule]),
            )
            for rule in marts.names.values("identity_rule", by_rule)
        ],
    )
