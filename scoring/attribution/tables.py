"""The table that the study of attribution writes."""

from __future__ import annotations

from scoring.study import Column, Table

ATTRIBUTION_SHARES = Table(
    "attribution_shares",
    "Each channel's share of the orders that followed a touch, by models of the paths: removal "
    "effects in Markov chains, and Shapley values. They describe what was seen on the way to an "
    "order, and not what a channel caused. One row per attribution model, kind of customer and "
    "channel.",
    key=("attribution_model", "customer_kind", "channel_key"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column(
            "attribution_model",
            "varchar",
            "markov_1 to markov_4 (a chain whose states are the last touches, as many), or "
            "shapley_subset (the value of a set of channels is the conversions of the journeys "
            "that have no other channel).",
        ),
        Column("customer_kind", "varchar", "new, returning, or all of them."),
        Column("channel_key", "bigint", "Key of the channel."),
        Column(
            "removal_strategy",
            "varchar",
            "redirect_to_null: without a channel, a journey that would have met it ends without "
            "an order. Null for Shapley values, which remove nothing.",
        ),
        Column("journeys", "bigint", "Journeys that met the channel."),
        Column("converting_journeys", "bigint", "Those of them that ended in an order."),
        Column(
            "groups",
            "bigint",
            "Groups of customers, of 100, with a converting journey that met the channel.",
        ),
        Column(
            "removal_effect",
            "double",
            "Share of conversions that would be lost without the channel, by the chain; for "
            "Shapley values the share of conversions whose journeys met it. Null if not ok.",
        ),
        Column(
            "share",
            "double",
            "Channel's part of the sum over all channels of removal effects or of Shapley values. "
            "Null if not ok; the others are not scaled up to one then.",
        ),
        Column("share_lower", "double", "Low end of its 90% interval, customers drawn anew."),
        Column("share_upper", "double", "High end of its 90% interval."),
        Column(
            "share_cv",
            "double",
            "Standard error of the share over the share; there also where that is why the share "
            "is not told.",
        ),
        Column("conversions", "double", "Share of all conversions of the kind of customer."),
        Column("value", "double", "Share of the net revenue of all these."),
        Column(
            "status",
            "varchar",
            "ok, too_little_data, not_identified (the data cannot tell it, however many), or "
            "unstable (other customers would have given another share).",
        ),
        Column("reason", "varchar", "Why it is not ok; null where it is."),
    ),
)

TABLES = (ATTRIBUTION_SHARES,)
