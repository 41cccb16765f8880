"""How much the model of attribution matters, and which ways lead to an order."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import percent, ratio, whole
from serving.report.marks import (
    ATTRIBUTION_MARKS,
    ATTRIBUTION_NOT_DRAWN,
    CHANNEL_COLOURS,
    MUTED,
)
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers, nothing

PATHS_SHOWN = 12
ALL = "all"


def channel_comparison(marts: Marts) -> Section:
    """Each channel's share by model with its interval, and which model to trust."""
    key, title = "channel-comparison", say("What the model decides")
    found = marts.rows(
        "select * from marts.attribution_comparison "
        "order by trusted_share desc nulls last, share_max desc nulls last, channel_id"
    )
    told = [row for row in found if row["told_models"]]
    if not told:
        reasons = marts.rows(
            "select distinct reason from marts.channel_attribution "
            "where customer_kind = 'all' and reason is not null order by reason"
        )
        if not reasons:
            return no_customers(marts, key, title, _no_touches(marts))
        return nothing(
            key,
            title,
            say(
                "No model tells the share of a channel: {}.",
                marts.names("attribution_reason", reasons[0]["reason"]).lower(),
            ),
        )
    shares = marts.rows(
        "select channel_id, attribution_model as model, share, share_lower, share_upper "
        "from marts.channel_attribution where customer_kind = 'all' and status = 'ok' "
        "order by channel_id, attribution_model"
    )
    models = [
        model
        for model in marts.names.values("attribution_model", {row["model"] for row in shares})
        if model not in ATTRIBUTION_NOT_DRAWN
    ]
    names = {row["channel_id"]: row["channel_name"] for row in found}
    labels = {model: marts.names("attribution_model", model) for model in models}
    chart = charts.shares_by_kind(
        [
            {
                "line": names[row["channel_id"]],
                "kind": labels[row["model"]],
                "value": row["share"],
                "low": row["share_lower"],
                "high": row["share_upper"],
                "note": say(
                    "{}, {}: {} ({} to {})",
                    names[row["channel_id"]],
                    labels[row["model"]],
                    percent(row["share"]),
                    percent(row["share_lower"]),
                    percent(row["share_upper"]),
                ),
            }
            for row in shares
            if row["model"] in labels and row["channel_id"] in names
        ],
        lines=[row["channel_name"] for row in told],
        kinds={
            labels[model]: ATTRIBUTION_MARKS.get(model, (MUTED, "circle"))[0] for model in models
        },
        width=640,
    )
    widest = max(told, key=lambda row: (row["share_range"], row["channel_id"]))
    apart = [row for row in told if not row["intervals_overlap"]]
    return Section(
        key,
        title,
        say(
            "The model matters most for {}: {} of what followed a touch under {}, {} under {}; {}.",
            widest["channel_name"],
            percent(widest["share_min"]),
            marts.names("attribution_model", widest["lowest_model"]),
            percent(widest["share_max"]),
            marts.names("attribution_model", widest["highest_model"]),
            say("for {} of {} channels models contradict each other", len(apart), len(told))
            if apart
            else say("of no channel do models contradict each other"),
        ),
        say(
            "A point is a channel's share under a model, its line the 90% interval between "
            "customers. Lines that do not meet contradict each other: then it is the model that "
            "decides, and not the data. Trust the one that is named, for the reason given."
        ),
        [charts.svg(chart, key=marts.prefix + key, label=say("Shares of channels by model"))],
        [
            Table(
                [
                    say("Channel"),
                    say("Model to trust"),
                    say("Why"),
                    say("Share"),
                    say("90% interval"),
                    say("All models"),
                    say("Ranks"),
                    say("Models apart"),
                ],
                [_compared(marts, row) for row in found],
                text_columns=3,
            )
        ],
    )


def channel_paths(marts: Marts) -> Section:
    """The most frequent ways of touches, with what became of them."""
    key, title = "channel-paths", say("Ways to an order")
    found = marts.rows(
        "select * from marts.channel_journeys where customer_kind = 'all' "
        "order by path_rank nulls last"
    )
    paths = [row for row in found if row["path_rank"]][:PATHS_SHOWN]
    if not paths:
        return no_customers(marts, key, title, _no_touches(marts))
    names = {
        row["channel_id"]: row["channel_name"]
        for row in marts.rows("select channel_id, channel_name from marts.dim_channels")
    }
    ways = {row["path"]: row["path"].split(" > ") for row in paths}
    used = list(dict.fromkeys(channel for way in ways.values() for channel in way))
    palette = {
        names.get(channel, channel): CHANNEL_COLOURS[place % len(CHANNEL_COLOURS)]
        for place, channel in enumerate(used)
    }
    told = {path: " → ".join(names.get(step, step) for step in way) for path, way in ways.items()}
    chart = charts.steps(
        [
            {
                "line": told[row["path"]],
                "step": place,
                "kind": names.get(channel, channel),
                "note": say(
                    "{}, step {}: {}", told[row["path"]], place, names.get(channel, channel)
                ),
            }
            for row in paths
            for place, channel in enumerate(ways[row["path"]], start=1)
        ],
        [
            {
                "line": told[row["path"]],
                "value": row["orders"],
                "text": say("{} · {} of the journeys", whole(row["orders"]), _rate(row)),
                "note": say(
                    "{}: {} orders, {} journeys without",
                    told[row["path"]],
                    row["orders"],
                    row["null_paths"],
                ),
            }
            for row in paths
        ],
        lines=[told[row["path"]] for row in paths],
        colours=palette,
        title=say("Orders"),
        widths=(330, 330),
    )
    orders = sum(row["orders"] for row in found)
    journeys = sum(row["journeys"] for row in found)
    single = sum(row["orders"] for row in found if row["steps"] == 1)
    return Section(
        key,
        title,
        say(
            "{} of the orders that followed a touch had one channel before them; the most "
            "frequent way, {}, led to {} of them ({}).",
            percent(ratio(single, orders)),
            told[paths[0]["path"]],
            whole(paths[0]["orders"]),
            percent(paths[0]["order_share"]),
        ),
        say(
            "A row is a way: a square a channel, from the first touch to the last, several touches "
            "of one in a row as one. The bar is orders, the share beside it how many of the "
            "journeys that went this way ended in one. A journey begins anew at every order; of "
            "{} journeys {} ended without an order within the lookback.",
            whole(journeys),
            whole(journeys - orders),
        ),
        [charts.svg(chart, key=marts.prefix + key, label=say("Most frequent ways to an order"))],
        [
            Table(
                [
                    say("Way"),
                    say("Journeys"),
                    say("Orders"),
                    say("Without"),
                    say("Conversion"),
                    say("95% interval"),
                    say("Net revenue{}", f", {marts.currency}" if marts.currency else ""),
                    say("Days to order"),
                ],
                [
                    [
                        Cell(told.get(row["path"], say("Others"))),
                        *cells_of(
                            whole(row["journeys"]),
                            whole(row["orders"]),
                            whole(row["null_paths"]),
                            percent(row["conversion_rate"]),
                            say(
                                "{} to {}",
                                percent(row["conversion_rate_lower"]),
                                percent(row["conversion_rate_upper"]),
                            ),
                            whole(row["net_revenue"]),
                            _days(row["mean_days_to_order"]),
                        ),
                    ]
                    for row in paths
                ],
            )
        ],
    )


def _no_touches(marts: Marts) -> str:
    return ended(marts.caveats.no_touches or say("No touch came before an order"))


def _compared(marts: Marts, row: Record) -> list[Cell]:
    trusted = row["trusted_model"]
    return [
        Cell(row["channel_name"]),
        Cell(marts.names("attribution_model", trusted) if trusted else "–"),
        Cell(marts.names("trust_reason", row["trust_reason"])),
        *cells_of(
            percent(row["trusted_share"]),
            say(
                "{} to {}", percent(row["trusted_share_lower"]), percent(row["trusted_share_upper"])
            )
            if trusted
            else "–",
            say("{} to {}", percent(row["share_min"]), percent(row["share_max"]))
            if row["told_models"]
            else "–",
            f"{row['best_rank']}–{row['worst_rank']}" if row["told_models"] else "–",
            say("{} of {}", row["models_apart"], row["told_models"]) if row["told_models"] else "–",
        ),
    ]


def _rate(row: Record) -> str:
    return percent(row["conversion_rate"])


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
