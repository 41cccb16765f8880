"""How channels do against their goals, which fits whom, and how they turn people into customers."""

from __future__ import annotations

from collections import defaultdict

from markupsafe import Markup

from serving.language import clauses, ended, say
from serving.report import charts
from serving.report.formats import MISSING, amount, day, month, percent, ratio, whole
from serving.report.marks import ACCENT, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers

KPI, STATUS = "channel_kpi", "channel_goal_status"
TYPES = ("sales", "marketing")
MONEY = {"net_revenue", "orders", "new_customers", "lifetime_value_acquired"}
SMALL_MONEY = {"average_order_value", "cac", "cost_per_order"}
TIMES = {"roi_margin", "ltv_to_cac"}
PLAIN = {"payback_months", "nps", "processing_hours", "handling_minutes"}
# How strongly a cell is coloured, and whether that is bad news.
LOOKS = {"met": (0.5, ""), "near": (0.15, ""), "missed": (0.6, "worse")}
FITS = {"recommended": (0.7, ""), "avoided": (0.6, "worse")}
LONG_NAME = 9


def channel_scorecard(marts: Marts) -> Section:
    """Key figures of every channel, coloured by whether they reach their goals."""
    key, title = "channel-scorecard", say("Scorecard of channels")
    found = marts.rows(
        "select * from (select *, row_number() over (partition by channel_id, kpi order by "
        "period_grain = 'twelve_months' desc, period_start desc) as newest "
        "from marts.channel_goal_status where is_complete) as ranked "
        "where newest = 1 order by kpi_rank, kpi, channel_type desc, channel_name, "
        "channel_id"
    )
    known = [row for row in found if row["kpi_value"] is not None or row["goal_status"] == "held"]
    if not known:
        return no_customers(
            marts,
            key,
            title,
            say("No channel has a whole month of orders, contacts or costs to judge."),
        )
    weights = marts.rows(
        "select channel_id, channel_type, max(channel_name) as channel_name, "
        "max(channel_score) as score, max(channel_rank) as place, "
        "max(unknown_weight) as unknown_weight "
        "from marts.channel_weights group by channel_id, channel_type "
        "order by channel_type desc, place, channel_name, channel_id"
    )
    judged = [row for row in found if row["goal_status"] in LOOKS]
    met = sum(row["goal_status"] == "met" for row in judged)
    leaders = [
        say("{} leads the {} channels", row["channel_name"], _type(marts, row))
        for row in weights
        if row["place"] == 1 and sum(w["channel_type"] == row["channel_type"] for w in weights) > 1
    ]
    headline = clauses(
        [
            say("{} of {} goals of channels that can be judged are met", met, len(judged))
            if judged
            else say("No goal of a channel can be judged"),
            *leaders,
        ]
    )
    figures = []
    for kind in TYPES:
        rows = [row for row in known if row["channel_type"] == kind]
        if rows:
            figures.append(_scores(marts, key, kind, rows, found))
    newest = known[0]
    return Section(
        key,
        title,
        ended(headline),
        say(
            "A cell is coloured where there is a goal: blue where it is met, pale where it is "
            "near, orange where it is missed. Figures are of {}. Sales channels are told by what "
            "came through them. What marketing channels bring rests on lift tests, else on what "
            "would not have been bought without them; ≤ or ≥ is the best that a figure can be, "
            "by all that came after a touch, and proves no goal. Held is what nobody could "
            "believe: look at what is booked as cost. Goals are in "
            "seeds/channels/channel_goals.csv. A figure that the data do not carry is left out.",
            say("the twelve months from {}", day(newest["period_start"]))
            if newest["period_grain"] == "twelve_months"
            else month(newest["period_start"]),
        ),
        figures,
        [_ranking(marts, weights)] if weights else [],
    )


def _scores(marts: Marts, key: str, kind: str, rows: list[Record], found: list[Record]) -> Markup:
    channels = {row["channel_id"]: row["channel_name"] for row in rows}
    kpis = list(dict.fromkeys(row["kpi"] for row in rows))
    cells = []
    for row in found:
        if row["channel_id"] not in channels or row["kpi"] not in kpis:
            continue
        if row["channel_type"] != kind:
            continue
        shade, look = LOOKS.get(row["goal_status"], (None, ""))
        value = _bounded(row)
        goal = _value(row["kpi"], row["goal"])
        cells.append(
            {
                "column": _broken(row["channel_name"]),
                "line": marts.names(KPI, row["kpi"]),
                "shade": shade,
                "kind": look,
                "text": value,
                "note": say(
                    "{}, {}: {} ({}{}{})",
                    row["channel_name"],
                    marts.names(KPI, row["kpi"]),
                    value,
                    marts.names(STATUS, row["goal_status"]),
                    "" if row["goal"] is None else say(", goal {}", goal),
                    say(", basis: {}", marts.names("credit_basis", row["credit_basis"]).lower())
                    if row["credit_basis"]
                    else "",
                ),
            }
        )
    chart = charts.heat_map(
        cells,
        columns=[_broken(name) for name in sorted(set(channels.values()))],
        lines=[marts.names(KPI, kpi) for kpi in kpis],
        cell=(max(64, min(110, 640 // len(channels))), 27),
        title=marts.names("channel_type", kind),
    )
    return charts.svg(
        chart,
        key=f"{marts.prefix}{key}-{kind}",
        label=say("Key figures by channel, against their goals"),
    )


def _ranking(marts: Marts, weights: list[Record]) -> Table:
    return Table(
        [
            say("Channel"),
            say("Kind"),
            say("Place"),
            say("Weighted score"),
            say("Weight not known"),
        ],
        [
            [
                Cell(row["channel_name"]),
                Cell(marts.names("channel_type", row["channel_type"])),
                *cells_of(
                    whole(row["place"]),
                    MISSING if row["score"] is None else f"{row['score']:.2f}",
                    percent(row["unknown_weight"]),
                ),
            ]
            for row in weights
        ],
        text_columns=2,
        caption=say(
            "Each criterion from 0 for the worst channel of the kind to 1 for the best, weighed "
            "as in seeds/channels/channel_kpis.csv."
        ),
    )


def channel_fit(marts: Marts) -> Section:
    """Which channel fits which segment, and how sales channels are used together."""
    key, title = "channel-fit", say("Channels and segments")
    found = marts.rows(
        "select segment_kind, segment, channel_id, channel_name, channel_type, fit_score, "
        "recommendation, reason, value_score, preference_score, capability_score "
        "from marts.channel_segment_fit where recommendation <> 'not_known' "
        "order by channel_type desc, channel_name, channel_id, segment_kind, segment"
    )
    together = marts.rows(
        "select * from marts.channel_integration order by channel_id <> '(all)', customers desc, "
        "channel_id"
    )
    if not found:
        return no_customers(
            marts,
            key,
            title,
            say("No channel reached or served enough customers to tell whom it fits."),
        )
    kinds = marts.names.values("fit_segment_kind", {row["segment_kind"] for row in found})
    lines: dict[tuple[str, str], str] = {}
    for kind in kinds:
        present = {row["segment"] for row in found if row["segment_kind"] == kind}
        for segment in marts.names.values(kind, present):
            lines[kind, segment] = (
                f"{marts.names('fit_segment_kind', kind)}: {marts.names(kind, segment)}"
            )
    # The name alone fits beside a row, unless two kinds share one.
    short = {place: marts.names(*place) for place in lines}
    rows_named = {
        place: name if list(short.values()).count(name) == 1 else lines[place]
        for place, name in short.items()
    }
    columns = list(dict.fromkeys(_broken(row["channel_name"]) for row in found))
    cells = []
    for row in found:
        shade, look = FITS.get(row["recommendation"], (0.1, ""))
        where = lines[row["segment_kind"], row["segment"]]
        cells.append(
            {
                "column": _broken(row["channel_name"]),
                "line": rows_named[row["segment_kind"], row["segment"]],
                "shade": shade,
                "kind": look,
                "text": f"{row['fit_score']:.2f}",
                "note": say(
                    "{}, {}: fit {:.2f}, {} ({})",
                    where,
                    row["channel_name"],
                    row["fit_score"],
                    marts.names("fit_recommendation", row["recommendation"]).lower(),
                    marts.names("fit_reason", row["reason"]).lower(),
                ),
            }
        )
    chart = charts.heat_map(
        cells,
        columns=columns,
        lines=list(rows_named.values()),
        cell=(max(54, min(110, 640 // len(columns))), 25),
    )
    advised = sum(row["recommendation"] == "recommended" for row in found)
    avoided = sum(row["recommendation"] == "avoided" for row in found)
    whole_base = next((row for row in together if row["channel_id"] == "(all)"), None)
    headline = clauses(
        [
            say(
                "Of {} pairs of a channel and a segment, {} are recommended and {} are to be "
                "avoided",
                len(found),
                advised,
                avoided,
            ),
            say(
                "{} of the customers use more than one sales channel, and {} of the orders that "
                "follow another come through a different one",
                percent(whole_base["multi_channel_share"]),
                percent(whole_base["switch_share"]),
            )
            if whole_base
            and whole_base["multi_channel_customers"]
            and whole_base["switch_share"] is not None
            else "",
        ]
    )
    return Section(
        key,
        title,
        ended(headline),
        say(
            "A score of 0.50 is that of all customers. It is the mean of three: costly channels "
            "for valuable customers, channels that the segment uses, channels that it responds "
            "to. Blue is recommended, orange to be avoided; small segments are drawn towards all "
            "customers."
        ),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("How well channels fit segments"),
            )
        ],
        [_advice(marts, found, lines), *([_together(together)] if len(together) > 2 else [])],
    )


def _advice(marts: Marts, found: list[Record], lines: dict[tuple[str, str], str]) -> Table:
    by_segment: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for row in found:
        by_segment[row["segment_kind"], row["segment"]].append(row)

    def told(rows: list[Record], recommendation: str, sign: int) -> str:
        chosen = sorted(
            (row for row in rows if row["recommendation"] == recommendation),
            key=lambda row: (sign * row["fit_score"], row["channel_name"]),
        )[:2]
        return (
            clauses(
                [
                    f"{row['channel_name']} ({marts.names('fit_reason', row['reason']).lower()})"
                    for row in chosen
                ]
            )
            or MISSING
        )

    return Table(
        [say("Segment"), say("Recommended"), say("To be avoided")],
        [
            cells_of(
                name,
                told(by_segment[place], "recommended", -1),
                told(by_segment[place], "avoided", 1),
            )
            for place, name in lines.items()
        ],
        text_columns=3,
    )


def _together(rows: list[Record]) -> Table:
    return Table(
        [
            say("Sales channel"),
            say("Customers"),
            say("In several channels"),
            say("Switch after an order"),
            say("Likeness of what is bought"),
        ],
        [
            [
                Cell(
                    say("All channels") if row["channel_id"] == "(all)" else row["channel_name"],
                    mark="total" if row["channel_id"] == "(all)" else "",
                ),
                *cells_of(
                    whole(row["customers"]),
                    percent(row["multi_channel_share"]),
                    percent(row["switch_share"]),
                    MISSING
                    if row["profile_similarity"] is None
                    else f"{row['profile_similarity']:.2f}",
                ),
            ]
            for row in rows
        ],
    )


def acquisition(marts: Marts) -> Section:
    """How channels turn people into customers, step by step."""
    key, title = "acquisition", say("From knowing the shop to buying again")
    steps = ("registered", "first_purchase", "second_purchase")
    sums = ", ".join(
        f"sum({step}_due) as {step}_due, sum({step}_reached) as {step}_reached" for step in steps
    )
    found = marts.rows(
        "select channel_id, max(channel_name) as channel_name, sum(aware_customers) as aware, "
        "sum(registered_customers) as registered, sum(first_purchase_customers) as first_purchase, "
        "sum(second_purchase_customers) as second_purchase, sum(prospects) as prospects, "
        f"sum(earlier_prospects) as earlier_prospects, {sums} "
        "from marts.acquisition_funnel group by channel_id "
        "order by aware desc, channel_name, channel_id"
    )
    aware = sum(row["aware"] for row in found)
    if not aware:
        return no_customers(
            marts,
            key,
            title,
            say("Nobody is known who came to the shop within the time of the data."),
        )
    named = [row for row in found if row["aware"]]
    bought = sum(row["first_purchase"] for row in named)
    again = sum(row["second_purchase"] for row in named)
    earlier = sum(row["earlier_prospects"] for row in found)
    looks = {
        say("First purchase"): ("first_purchase", ACCENT),
        say("Second purchase"): ("second_purchase", WARM),
    }
    chart = charts.paired_bars(
        [
            {
                "column": row["channel_name"],
                "kind": name,
                "value": row[f"{step}_reached"] / row[f"{step}_due"],
                "note": say(
                    "{}: {} {} of {}",
                    row["channel_name"],
                    name.lower(),
                    whole(row[f"{step}_reached"]),
                    whole(row[f"{step}_due"]),
                ),
            }
            for row in named
            for name, (step, _) in looks.items()
            if row[f"{step}_due"]
        ],
        columns=[row["channel_name"] for row in named],
        colours={name: colour for name, (_, colour) in looks.items()},
        width=max(240, min(760, 120 * len(named))),
        title=say("Channel that brought the customer"),
    )
    table = Table(
        [
            say("Channel"),
            say("Known"),
            say("Registered"),
            say("Bought"),
            say("Bought again"),
            say("Never bought"),
            say("Of the known, bought"),
        ],
        [
            [
                Cell(row["channel_name"]),
                *cells_of(
                    whole(row["aware"]),
                    whole(row["registered"]),
                    whole(row["first_purchase"]),
                    whole(row["second_purchase"]),
                    whole(row["prospects"]),
                    percent(ratio(row["first_purchase"], row["aware"])),
                ),
            ]
            for row in named
        ],
    )
    return Section(
        key,
        title,
        ended(
            clauses(
                [
                    say(
                        "Of {} people who became known, {} bought and {} bought again on another "
                        "day",
                        whole(aware),
                        whole(bought),
                        whole(again),
                    ),
                    say(
                        "{} more were known before the data begin and never bought in them",
                        whole(earlier),
                    )
                    if earlier
                    else "",
                ]
            )
        ),
        say(
            "A bar is the share of those whose days are over who took the step within "
            "the days that are set for it. Whom advertising reached without a name is not "
            "counted; in the first months of the data many had bought before."
        ),
        [charts.svg(chart, key=marts.prefix + key, label=say("Share who took a step, by channel"))],
        [table],
    )


def _type(marts: Marts, row: Record) -> str:
    return marts.names("channel_type", row["channel_type"]).lower()


def _broken(name: str) -> str:
    """A long name in two lines."""
    head, space, tail = name.rpartition(" ")
    return f"{head}|{tail}" if space and len(name) > LONG_NAME else name


def _bounded(row: Record) -> str:
    """A figure, marked where it is the best that it can be, and where nobody could believe it."""
    if row["goal_status"] == "held":
        return say("held")
    value = _value(row["kpi"], row["kpi_value"])
    if row["credit_basis"] != "descriptive" or row["kpi_value"] is None:
        return value
    return f"{'≤' if row['better'] == 'higher' else '≥'} {value}"


def _value(kpi: str, value: float | None) -> str:
    if value is None:
        return MISSING
    if kpi in MONEY:
        return _short(value)
    if kpi in SMALL_MONEY:
        return amount(value)
    if kpi in TIMES:
        return f"{value:,.0f}×" if abs(value) >= 10 else f"{value:.1f}×"
    if kpi in PLAIN:
        return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"
    return percent(value)


def _short(value: float) -> str:
    """12345.6 as 12.3k."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 10:
            return f"{value / size:,.0f}{letter}"
        if abs(value) >= size:
            return f"{value / size:,.1f}{letter}"
    # Credit comes in parts: a third of a customer is not none.
    return f"{value:,.1f}" if abs(value) < 10 and value % 1 else f"{value:,.0f}"
