"""Who the customers are, how much is known of them, and what they do besides buying."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from serving.language import ended, enumerated, say
from serving.report import charts
from serving.report.formats import MISSING, amount, count, percent, ratio, whole
from serving.report.marks import ACCENT, MUTED
from serving.report.marts import Marts, Record
from serving.report.sections.parts import (
    FEW,
    Cell,
    Section,
    Table,
    cells_of,
    joined,
    no_customers,
    nothing,
)

UNKNOWN, SUPPRESSED, OTHERS = "unknown", "suppressed", "others"
# Of more attributes, and of more values of one, a picture tells nothing.
ATTRIBUTES_SHOWN = 3
VALUES_SHOWN = 12
# A group that spends about as much as all is not worth a headline, however certain it is.
LEAST_APART = 0.1


def base_profile(marts: Marts) -> Section:
    """The base by what is known of most of its customers, and how complete the records are."""
    key, title = "profile", say("Who the customers are")
    found = (
        marts.rows("select * from marts.customer_base_profile order by attribute, value_order")
        if marts.has("customer_base_profile")
        else []
    )
    by_attribute: dict[str, list[Record]] = {}
    for row in found:
        by_attribute.setdefault(row["attribute"], []).append(row)
    if not by_attribute:
        return no_customers(marts, key, title, say("There are no customers to tell apart."))
    records = {
        row["attribute"]: row
        for row in marts.rows("select * from marts.customer_record_completeness")
    }
    order = marts.names.values("profile_attribute", by_attribute)
    # With one value only, nobody is told apart.
    telling = [name for name in order if len(_known(by_attribute[name])) > 1]
    known = {name: _customers(_known(by_attribute[name])) for name in telling}
    # Age before the year of registration, unless hardly anybody's is known.
    well_known = [name for name in telling if known[name] >= max(known.values()) / 2]
    shown = well_known[:ATTRIBUTES_SHOWN]
    if not shown:
        return nothing(
            key,
            title,
            say(
                "Nothing tells the customers apart but what they buy; columns of customers such "
                "as age_band, gender, region and registered_at would fill this part."
            ),
        )
    rows = {name: _shortened(_known(by_attribute[name])) for name in shown}
    window = found[0]["window_days"]
    return Section(
        key,
        title,
        ended(_headline(marts, by_attribute, shown)),
        say("Shares are of the customers of whom the attribute is known.")
        + say(
            " Where the right bar is longer than the left one, a group is worth more than its "
            "number. Spend, purchases and "
            "categories are those of customers who bought within the last {} days; the range holds "
            "the true mean of the group in 99 of 100 cases, and a spend in colour is beyond what "
            "chance explains. A group that spends more need not do so because of its age or "
            "income.",
            window,
        )
        * _has_buyers(rows),
        [_picture(marts, name, rows[name]) for name in shown],
        wide_tables=[_groups(marts, rows), _completeness(marts, records)],
        notes=_notes(marts, found, records),
        caveat=joined(marts.caveats.history, marts.caveats.few, marts.caveats.customers),
    )


def engagement(marts: Marts) -> Section:
    """What customers do besides buying, and whether more or less of it than before."""
    key, title = "engagement", say("What customers do besides buying")
    kinds = {
        "visits": say("Visits"),
        "app_opens": say("App opens"),
        "messages_opened": say("Messages opened"),
        "messages_clicked": say("Messages clicked"),
        "reviews": say("Reviews and survey answers"),
        "service_contacts": say("Contacts with the service"),
        "coupon_redemptions": say("Coupons redeemed"),
        "other_activities": say("Days with other activities"),
        "messages_sent": say("Messages sent to them"),
    }
    columns = ", ".join(
        f"sum({kind}) as {kind}, count(*) filter (where {kind} > 0) as with_{kind}"
        for kind in kinds
    )
    totals = (
        marts.row(
            f"select count(*) as customers, max(window_days) as days, {columns}, "
            "count(*) filter (where actions > 0) as with_actions, "
            "count(recent_actions) as compared, "
            "count(*) filter (where recent_actions > 0) as recent, "
            "count(*) filter (where earlier_actions > 0) as earlier "
            "from marts.customer_engagement"
        )
        if marts.has("customer_engagement")
        else {"customers": 0}
    )
    customers = totals["customers"]
    recorded = {kind: name for kind, name in kinds.items() if customers and totals[kind]}
    if not recorded:
        sentence = say(
            "Nothing is recorded of what customers do besides buying; activity, touchpoints, "
            "coupon_redemptions, surveys or tickets would fill this part."
        )
        if not customers:
            return no_customers(marts, key, title, sentence)
        return nothing(key, title, sentence)
    chart = charts.share_bars(
        [
            {
                "panel": say("Share of customers"),
                "line": name,
                "value": ratio(totals[f"with_{kind}"], customers),
                "text": f"{percent(ratio(totals[f'with_{kind}'], customers))} · "
                f"{whole(totals[f'with_{kind}'])}",
                "note": say(
                    "{}: {} in all, with {}",
                    name,
                    whole(totals[kind]),
                    count(totals[f"with_{kind}"], "customer"),
                ),
            }
            for kind, name in recorded.items()
        ],
        colours={
            name: MUTED if kind == "messages_sent" else ACCENT for kind, name in recorded.items()
        },
        lines=list(recorded.values()),
        panels=[say("Share of customers")],
        width=560,
    )
    table = Table(
        [say("What"), say("Customers"), say("Share"), say("Times"), say("Times per customer")],
        [
            cells_of(
                name,
                whole(totals[f"with_{kind}"]),
                percent(ratio(totals[f"with_{kind}"], customers)),
                whole(totals[kind]),
                amount(ratio(totals[kind], totals[f"with_{kind}"])),
            )
            for kind, name in recorded.items()
        ],
    )
    if totals["compared"]:
        headline = say(
            "{} of the customers did something besides buying in the last {} days, {} in the {} "
            "days before",
            percent(ratio(totals["recent"], customers)),
            totals["days"],
            percent(ratio(totals["earlier"], customers)),
            totals["days"],
        )
    elif recorded.keys() == {"messages_sent"}:
        headline = say(
            "{} of the customers were sent a message; what they did with it is not recorded",
            percent(ratio(totals["with_messages_sent"], customers)),
        )
    else:
        headline = say(
            "{} of the customers ever did something besides buying",
            percent(ratio(totals["with_actions"], customers)),
        )
    missing = [name for kind, name in kinds.items() if kind not in recorded]
    return Section(
        key,
        title,
        ended(headline),
        say(
            "A bar is the share of all customers with at least one, over all time. A kind that "
            "nobody has a record of is unknown, and not shown as zero."
        ),
        [
            charts.svg(
                chart, key=marts.prefix + key, label=say("Customers by what they do besides buying")
            )
        ],
        [table],
        wide_tables=[trend] if (trend := _trend(marts)) else [],
        notes=[say("Not recorded: {}.", enumerated(missing))] if missing else [],
        caveat=marts.caveats.few,
    )


def _known(rows: Sequence[Record]) -> list[Record]:
    return [row for row in rows if row["value"] != UNKNOWN]


def _has_buyers(shown: dict[str, list[Record]]) -> bool:
    return any(row["active_customers"] for rows in shown.values() for row in rows)


def _customers(rows: Sequence[Record]) -> int:
    return sum(row["customers"] for row in rows)


def _shortened(rows: list[Record]) -> list[Record]:
    """The largest groups in their order, the others together."""
    if len(rows) <= VALUES_SHOWN:
        return rows
    told = [row for row in rows if row["value"] != SUPPRESSED]
    largest = sorted(told, key=lambda row: (-row["customers"], row["value_order"]))
    kept = {row["value"] for row in largest[: VALUES_SHOWN - 1]}
    rest = [row for row in rows if row["value"] not in kept]
    pooled = {
        column: sum(row[column] or 0 for row in rest)
        for column in (
            *("customers", "known_share", "active_customers", "recent_orders"),
            "recent_net_revenue",
        )
    }
    return [
        *(row for row in rows if row["value"] in kept),
        {
            **dict.fromkeys(rest[0]),
            **pooled,
            "value": OTHERS,
            "value_name": say("{} others", len(rest)),
            "spend_per_active_customer": ratio(
                pooled["recent_net_revenue"], pooled["active_customers"]
            ),
            "orders_per_active_customer": ratio(
                pooled["recent_orders"], pooled["active_customers"]
            ),
        },
    ]


def _value_name(marts: Marts, row: Record) -> str:
    if row["value"] == SUPPRESSED or row["attribute"] == "marketing_consent":
        return marts.names("profile_value", row["value"])
    return str(row["value_name"])


def _headline(marts: Marts, by_attribute: dict[str, list[Record]], shown: Sequence[str]) -> str:
    first = shown[0]
    known = _known(by_attribute[first])
    told = [row for row in known if row["value"] != SUPPRESSED]
    headline = say(
        "{} is known of {} of the customers",
        marts.names("profile_attribute", first),
        percent(ratio(_customers(known), _customers(known) + _unknown(by_attribute[first]))),
    )
    if told:
        most = max(told, key=lambda row: row["customers"])
        headline += say(
            ", most often {} ({})", _value_name(marts, most), percent(most["known_share"])
        )
    apart = [
        row
        for name in shown
        for row in _known(by_attribute[name])
        if row["value"] != SUPPRESSED
        and row["is_spend_apart"]
        and row["spend_index"] is not None
        and abs(row["spend_index"] - 1) >= LEAST_APART
        and row["active_customers"] >= FEW
    ]
    if apart:
        furthest = max(apart, key=lambda row: (abs(row["spend_index"] - 1), row["customers"]))
        headline += say(
            "; {} {}: {} a customer, {:.1f} times the average of those known",
            marts.names("profile_attribute", furthest["attribute"]),
            _value_name(marts, furthest),
            whole(furthest["spend_per_active_customer"]) + marts.unit,
            furthest["spend_index"],
        )
    return headline


def _unknown(rows: Sequence[Record]) -> int:
    return sum(row["customers"] or 0 for row in rows if row["value"] == UNKNOWN)


def _picture(marts: Marts, attribute: str, rows: Sequence[Record]) -> Markup:
    name = marts.names("profile_attribute", attribute)
    names = [_value_name(marts, row) for row in rows]
    customers = _customers(rows)
    revenue = sum(row["recent_net_revenue"] for row in rows)
    panels = {say("{}: share of customers", name): ("customers", customers)}
    if revenue > 0:
        panels[say("Share of recent revenue")] = ("recent_net_revenue", revenue)
    chart = charts.share_bars(
        [
            {
                "panel": panel,
                "line": line,
                "value": max(ratio(row[column], total) or 0.0, 0.0),
                "text": f"{percent(ratio(row[column], total))} · {whole(row[column])}",
                "note": say(
                    "{} {}: {}, {} of them bought",
                    name,
                    line,
                    count(row["customers"], "customer"),
                    whole(row["active_customers"]),
                ),
            }
            for line, row in zip(names, rows, strict=True)
            for panel, (column, total) in panels.items()
        ],
        colours={
            line: MUTED if row["value"] in (SUPPRESSED, OTHERS) else ACCENT
            for line, row in zip(names, rows, strict=True)
        },
        lines=names,
        panels=list(panels),
        width=355,
    )
    return charts.svg(
        chart,
        key=f"{marts.prefix}profile-{attribute}",
        label=say("Customers and revenue by {}", name),
    )


def _groups(marts: Marts, shown: dict[str, list[Record]]) -> Table:
    def spend(row: Record) -> Cell:
        low, high = row["spend_per_active_customer_low"], row["spend_per_active_customer_high"]
        return Cell(
            whole(row["spend_per_active_customer"]),
            "" if low is None else f"{whole(low)}–{whole(high)}",
            mark=""
            if not row["is_spend_apart"] or row["spend_index"] is None
            else "good"
            if row["spend_index"] > 1
            else "bad",
        )

    has_buyers = _has_buyers(shown)
    has_categories = any(
        row["categories_per_active_customer"] is not None for rows in shown.values() for row in rows
    )

    def bought(row: Record) -> list[Cell]:
        return [
            Cell(percent(ratio(row["active_customers"], row["customers"]))),
            spend(row),
            Cell(_mean(row["orders_per_active_customer"])),
        ]

    spend_name = say("Spend a customer{}", f", {marts.currency}" if marts.currency else "")
    return Table(
        [
            say("Attribute"),
            say("Value"),
            say("Customers"),
            say("Share of those known"),
            *([say("Bought"), spend_name, say("Purchases")] if has_buyers else []),
            *([say("Categories")] if has_categories else []),
        ],
        [
            [
                Cell(marts.names("profile_attribute", name) if first else ""),
                Cell(_value_name(marts, row)),
                *cells_of(
                    whole(row["customers"]),
                    percent(row["known_share"]),
                ),
                *(bought(row) if has_buyers else []),
                *cells_of(
                    *([_mean(row["categories_per_active_customer"])] if has_categories else []),
                ),
            ]
            for name, rows in shown.items()
            for first, row in zip([True, *[False] * len(rows)], rows, strict=False)
        ],
        text_columns=2,
    )


def _completeness(marts: Marts, records: dict[str, Record]) -> Table:
    names = marts.names.values("profile_attribute", records)
    filled = [records[name] for name in names if records[name]["filled_customers"]]
    has_ages = any(row["median_age_days"] is not None for row in filled)
    return Table(
        [
            say("Attribute"),
            say("Filled"),
            say("Usable"),
            say("Filled but unusable"),
            *([say("Days since it changed, median")] if has_ages else []),
        ],
        [
            cells_of(
                marts.names("profile_attribute", row["attribute"]),
                percent(row["filled_share"]),
                percent(row["valid_share"]),
                whole(row["invalid_customers"]) if row["invalid_customers"] else MISSING,
                *([whole(row["median_age_days"])] if has_ages else []),
            )
            for row in filled
        ],
        caption=say("How complete the customer records are"),
    )


def _notes(marts: Marts, found: Sequence[Record], records: dict[str, Record]) -> list[str]:
    names = marts.names.values("profile_attribute", records)
    empty = [
        marts.names("profile_attribute", name)
        for name in names
        if not records[name]["filled_customers"]
    ]
    notes = [say("Not recorded: {}.", enumerated(empty))] if empty else []
    if any(row["value"] == SUPPRESSED for row in found):
        notes.append(
            say(
                "Groups of very few customers are told together with the next larger one, so that "
                "nobody can be recognised."
            )
        )
    return notes


def _mean(value: float | None) -> str:
    return MISSING if value is None else f"{value:.1f}"


def _trend(marts: Marts) -> Table | None:
    found = marts.rows(
        "select engagement_trend as trend, count(*) as customers, "
        "sum(net_revenue_365d) as revenue "
        "from marts.customer_engagement left join marts.customer_value using (customer_id) "
        "where engagement_trend is not null group by 1"
    )
    total = _customers(found)
    by_trend = {row["trend"]: row for row in found}
    if not by_trend:
        return None
    return Table(
        [say("Engagement"), say("Customers"), say("Share"), say("Revenue of 12 months each")],
        [
            cells_of(
                marts.names("engagement_trend", trend),
                whole(by_trend[trend]["customers"]),
                percent(ratio(by_trend[trend]["customers"], total)),
                whole(ratio(by_trend[trend]["revenue"], by_trend[trend]["customers"])),
            )
            for trend in marts.names.values("engagement_trend", by_trend)
        ],
        caption=say("The last window against the one before"),
    )
