"""What each channel brought, by attribution model."""

from __future__ import annotations

from collections import defaultdict

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import percent, ratio, whole
from serving.report.marks import ATTRIBUTION_MARKS, ATTRIBUTION_NOT_DRAWN, MUTED
from serving.report.marts import Marts, Record
from serving.report.names import BASELINE, DIRECT, UNATTRIBUTED
from serving.report.sections.parts import Cell, Section, Table, cells_of, nothing

UNCREDITED = "uncredited_channel"


def channels(marts: Marts) -> Section:
    """Revenue credited to each channel by attribution model, and what no touch explains."""
    key, title = "channels", say("Channel contribution")
    found = marts.rows(
        "select channel_id, max(channel_name) as channel_name, attribution_model as model, "
        "sum(attributed_orders) as orders, sum(net_revenue) as revenue "
        "from marts.channel_contribution group by channel_id, attribution_model "
        "order by channel_id, attribution_model"
    )
    first = min((row["model"] for row in found), default="")
    revenue = sum(row["revenue"] for row in found if row["model"] == first)
    touched = [row for row in found if row["channel_id"] not in (DIRECT, UNATTRIBUTED, BASELINE)]
    if not found or not revenue:
        missing = (
            "" if marts.caveats.sales_days else say("the files orders and order_lines are missing")
        )
        return nothing(
            key,
            title,
            say("There is no revenue to share among channels")
            + ended(f": {missing}" if missing else ""),
        )
    attributed = sum(row["revenue"] for row in touched if row["model"] == first)
    if not touched or not attributed:
        return nothing(
            key,
            title,
            say(
                "No order followed a touch of a channel, so all revenue ({}{}) is without "
                "attribution{}.",
                whole(revenue),
                marts.unit,
                f"; {marts.caveats.no_touches}" if marts.caveats.no_touches else "",
            ),
        )
    models = [
        model
        for model in marts.names.values("attribution_model", {row["model"] for row in found})
        if model not in ATTRIBUTION_NOT_DRAWN
    ]
    main = "linear" if "linear" in models else models[0]
    by_channel: dict[str, dict[str, Record]] = defaultdict(dict)
    for row in touched:
        by_channel[row["channel_id"]][row["model"]] = row
    ranked = sorted(
        by_channel, key=lambda channel: (-_revenue(by_channel[channel].get(main)), channel)
    )
    names = {
        channel: next(iter(by_channel[channel].values()))["channel_name"] for channel in ranked
    }
    looks = {model: _model_look(marts, model) for model in models}
    chart = charts.ranges(
        [
            {
                "line": names[row["channel_id"]],
                "kind": looks[row["model"]][0],
                "value": float(row["revenue"]),
                "note": say(
                    "{}, {}: revenue {} ({} of the attributed), {} orders",
                    names[row["channel_id"]],
                    looks[row["model"]][0].lower(),
                    whole(row["revenue"]),
                    percent(ratio(row["revenue"], attributed)),
                    whole(row["orders"]),
                ),
            }
            for channel in ranked
            for model in models
            for row in [by_channel[channel].get(model)]
            if row
        ],
        lines=[names[channel] for channel in ranked],
        kinds={name: (colour, shape) for name, colour, shape in looks.values()},
        width=780,
    )

    def line(name: str, rows: dict[str, Record], **style: str) -> list[Cell]:
        amounts = [_revenue(rows.get(model)) for model in models]
        return [
            Cell(name, **style),
            *cells_of(*(whole(amount) for amount in amounts)),
            Cell(percent(ratio(_revenue(rows.get(main)), revenue))),
        ]

    rest: dict[str, dict[str, Record]] = {DIRECT: {}, UNATTRIBUTED: {}, BASELINE: {}}
    for row in found:
        if row["channel_id"] in rest:
            rest[row["channel_id"]][row["model"]] = row
    table = Table(
        [
            say("Net revenue{}", f", {marts.currency}" if marts.currency else ""),
            *(looks[model][0] for model in models),
            say("Share of all, {}", looks[main][0].lower()),
        ],
        [
            *(line(names[channel], by_channel[channel]) for channel in ranked),
            *(
                line(marts.names(UNCREDITED, channel), rows)
                for channel, rows in rest.items()
                if any(row["revenue"] for row in rows.values())
            ),
            line(
                say("Total"),
                {
                    model: {
                        "revenue": sum(row["revenue"] for row in found if row["model"] == model)
                    }
                    for model in models
                },
                mark="total",
            ),
        ],
    )
    top = [_revenue(row) / float(attributed) for row in by_channel[ranked[0]].values()]
    low, high = percent(min(top)), percent(max(top))
    share = (
        say("{} under every attribution model", low)
        if low == high
        else say("{} to {} depending on the attribution model", low, high)
    )
    return Section(
        key,
        title,
        say(
            "{} of the revenue followed a marketing touch; the largest part of that, {}, goes to "
            "{}.",
            percent(ratio(attributed, revenue)),
            share,
            names[ranked[0]],
        ),
        say(
            "Each mark is the revenue that one attribution model credits to the channel: marks "
            "close together mean that the rule hardly matters. Credit says that a touch came "
            "before the order, not that it caused it. {} is revenue that only visits to a "
            "shop preceded, {} revenue without a touch before it; every column adds up to all "
            "revenue. Other rules and longer chains are in channel_contribution.",
            marts.names(UNCREDITED, DIRECT),
            marts.names(UNCREDITED, UNATTRIBUTED),
        ),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Revenue credited to channels by attribution model"),
            )
        ],
        [table],
    )


def _revenue(row: Record | None) -> float:
    return float(row["revenue"]) if row else 0.0


def _model_look(marts: Marts, model: str) -> tuple[str, str, str]:
    colour, shape = ATTRIBUTION_MARKS.get(model, (MUTED, "circle"))
    return marts.names("attribution_model", model), colour, shape
