"""What is bought together, what each customer may buy next, and what like customers buy."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import amount, count, percent, short_day, whole, with_minus
from serving.report.marks import ACCENT, MUTED, WARM
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

PAIRS = 8
KINDS = ("again", "new")
COMPLEMENTS, SUBSTITUTES = "complements", "substitutes"
LOOKS = {COMPLEMENTS: ACCENT, SUBSTITUTES: WARM}


def baskets(marts: Marts) -> Section:
    """Complements and substitutes, the most certain first."""
    key, title = "baskets", say("Bought together, and instead of each other")
    found = {
        relation: _pairs(marts, relation) if marts.has("category_affinity") else []
        for relation in (COMPLEMENTS, SUBSTITUTES)
    }
    if not any(found.values()):
        if marts.has("category_affinity") and marts.value(
            "select count(*) from marts.category_affinity"
        ):
            return nothing(
                key, title, say("No two categories go together more or less than by chance.")
            )
        return no_customers(
            marts,
            key,
            title,
            say(
                "Fewer than two categories were sold; the file products names none, or is missing."
            ),
        )
    counts = {
        row["relation"]: row["pairs"]
        for row in marts.rows(
            "select relation, count(*) as pairs from marts.category_affinity "
            "group by relation order by relation"
        )
    }
    first = {relation: rows[0] for relation, rows in found.items() if rows}
    said = []
    if COMPLEMENTS in first:
        said.append(
            say(
                "{} and {} go together most surely",
                first[COMPLEMENTS]["category_a"],
                first[COMPLEMENTS]["category_b"],
            )
        )
    if SUBSTITUTES in first:
        said.append(
            say(
                "{} and {} stand in for each other most surely",
                first[SUBSTITUTES]["category_a"],
                first[SUBSTITUTES]["category_b"],
            )
        )
    figures = []
    for relation, colour in LOOKS.items():
        if not found[relation]:
            continue
        name = marts.names("category_relation", relation)
        lines = {_pair(row): colour for row in found[relation]}
        chart = charts.share_bars(
            [
                {
                    "panel": name,
                    "line": _pair(row),
                    "value": abs(row["yules_q"]),
                    "text": with_minus(f"{row['yules_q']:+.2f}"),
                    "note": say(
                        "{}: {} together, {} by chance, Yule's Q {:.2f}",
                        _pair(row),
                        whole(row["compared_baskets"]),
                        whole(row["expected_baskets"]),
                        row["yules_q"],
                    ),
                }
                for row in found[relation]
            ],
            colours=lines,
            lines=list(lines),
            panels=[name],
            width=220,
            label_width=330,
        )
        figures.append(charts.svg(chart, key=f"{marts.prefix}{key}-{relation}", label=name))
    total = marts.row(
        "select max(baskets) as baskets, "
        "count(case when q_value is not null then 1 end) as tested from marts.category_affinity"
    )
    return Section(
        key,
        title,
        ended(joined(*said)),
        say(
            "A bar is Yule's Q, from 0 (by chance) to 1 (always, or never, together), of baskets "
            "with the same number of other categories, since a full basket holds everything more "
            "often. Lift does not allow for that: it is above 1 of many substitutes. The most "
            "certain pairs come first. Of {} pairs tested in {}, {} go together more than by "
            "chance, and {} less although the same customers buy both.",
            whole(total["tested"]),
            count(total["baskets"], "basket"),
            whole(counts.get(COMPLEMENTS, 0)),
            whole(counts.get(SUBSTITUTES, 0)),
        ),
        figures,
        wide_tables=[_pair_table([row for rows in found.values() for row in rows[:PAIRS]])],
    )


def next_category(marts: Marts) -> Section:
    """How often suggestions came true, by method, and what like customers buy beside it."""
    key, title = "next-category", say("Next categories")
    found = (
        marts.rows(
            "select * from marts.next_category_backtests where cut_date = "
            "(select max(cut_date) from marts.next_category_backtests) order by kind, method"
        )
        if marts.has("next_category_backtests")
        else []
    )
    if not found:
        return no_customers(
            marts, key, title, say("No past day could be tried: nothing was bought before one.")
        )
    used = {row["kind"]: row for row in found if row["is_used"]}
    panels = []
    for kind in KINDS:
        rows = {row["method"]: row for row in found if row["kind"] == kind}
        if not rows:
            continue
        names = {
            method: marts.names("next_category_method", method)
            for method in marts.names.values("next_category_method", rows)
        }
        panels.append(
            charts.intervals(
                [
                    {
                        "line": names[method],
                        "kind": "used" if row["is_used"] else "other",
                        "value": row["precision_at_3"],
                        "low": _known(row["precision_at_3_low"], row["precision_at_3"]),
                        "high": _known(row["precision_at_3_high"], row["precision_at_3"]),
                        "text": percent(row["precision_at_3"], 1),
                        "note": say(
                            "{}: {} of three suggestions come true",
                            names[method],
                            percent(row["precision_at_3"], 1),
                        ),
                    }
                    for method, row in rows.items()
                ],
                colours={"used": ACCENT, "other": MUTED},
                lines=list(names.values()),
                title=marts.names("next_category_kind", kind),
                width=250,
                maximum=_round_up(max(row["precision_at_3"] for row in rows.values())),
            )
        )
    said = []
    if "again" in used:
        said.append(
            say(
                "Of three categories suggested again, {} are in the next basket",
                percent(used["again"]["precision_at_3"]),
            )
        )
    if "new" in used:
        said.append(
            say(
                "of three new ones, {} are bought within {}",
                percent(used["new"]["precision_at_3"]),
                count(used["new"]["horizon_days"], "day"),
            )
        )
    return Section(
        key,
        title,
        ended(joined(*said)),
        say(
            "Suggestions as they would have been made on {}, judged by what was bought from then "
            "on. The coloured method did best on all past days and makes today's suggestions; "
            "popularity suggests to everybody what most buy.",
            short_day(found[0]["cut_date"]),
        ),
        [
            charts.svg(
                charts.side_by_side(*panels),
                key=marts.prefix + key,
                label=say("Suggestions that came true, by method"),
            )
        ],
        _white_space(marts),
    )


def _pairs(marts: Marts, relation: str) -> list[Record]:
    return marts.rows(
        "select * from marts.category_affinity where relation = $relation "
        f"order by abs(z_score) desc, category_a, category_b limit {PAIRS}",
        relation=relation,
    )


def _pair(row: Record) -> str:
    return f"{row['category_a']} + {row['category_b']}"


def _pair_table(rows: list[Record]) -> Table:
    return Table(
        [
            say("First"),
            say("Second"),
            say("Baskets with both"),
            say("Second with the first"),
            say("First with the second"),
            say("Lift"),
            "Yule's Q",
        ],
        [
            [
                Cell(row["category_a"], colour=LOOKS[row["relation"]]),
                *cells_of(
                    row["category_b"],
                    whole(row["baskets_both"]),
                    percent(row["confidence_a_to_b"]),
                    percent(row["confidence_b_to_a"]),
                    f"{row['lift']:.2f}",
                    with_minus(f"{row['yules_q']:+.2f}"),
                ),
            ]
            for row in rows
        ],
        text_columns=2,
    )


def _white_space(marts: Marts) -> list[Table]:
    """What most like customers buy and others do not, where it is among their first three."""
    if not marts.has("category_breadth"):
        return []
    found = marts.rows(
        " union all ".join(
            f"select white_space_{place} as category, white_space_{place}_spend as spend "
            f"from marts.category_breadth where white_space_{place} is not null"
            for place in (1, 2, 3)
        )
    )
    if not found:
        return []
    spends: dict[str, list[Record]] = {}
    for row in found:
        spends.setdefault(row["category"], []).append(row)
    totals = sorted(
        ((sum(row["spend"] for row in rows), name, len(rows)) for name, rows in spends.items()),
        key=lambda total: (-total[0], total[1]),
    )
    return [
        Table(
            [
                say("Like customers buy"),
                say("Customers who do not"),
                say("Spend of like customers"),
            ],
            [
                cells_of(name, whole(customers), amount(spend))
                for spend, name, customers in totals[:PAIRS]
            ],
        )
    ]


def _known(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _round_up(value: float) -> float:
    """The next quarter, so that an axis ends where it has a label."""
    return next(end for end in (0.25, 0.5, 0.75, 1.0) if value <= end)
