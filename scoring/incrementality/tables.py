"""The tables that the study of incrementality writes."""

from __future__ import annotations

from scoring.study import Column, Table

CHANNEL_INCREMENTS = Table(
    "channel_increments",
    "Orders that would not have been without a channel's touches: of each customer, days on which "
    "a touch may act against the own other days. One row per channel and kind of customer.",
    key=("channel_id", "customer_kind"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("channel_id", "varchar", "Channel."),
        Column(
            "customer_kind",
            "varchar",
            "returning (from the day after the first order on), new (before it) or all. What is "
            "told of all is that of returning customers: nobody has a rhythm before a first order.",
        ),
        Column(
            "touches",
            "bigint",
            "Touches, one a customer, channel and day; opening a message is none.",
        ),
        Column(
            "studied_touches",
            "bigint",
            "Touches of the customers studied all of whose days before and after are known.",
        ),
        Column(
            "incremental_orders",
            "double",
            "Orders that the touches brought until the as-of date; below zero where fewer came. "
            "Null where it is not told.",
        ),
        Column("lower", "double", "Low end of its 90% interval."),
        Column("upper", "double", "High end of its 90% interval."),
        Column(
            "incremental_share",
            "double",
            "Share of the incremental orders of all channels that are ok; null if this one is not.",
        ),
        Column("share_lower", "double", "Low end of its 90% interval."),
        Column("share_upper", "double", "High end of its 90% interval."),
        Column("share_cv", "double", "Standard error of the share over the share."),
        Column(
            "half_life_days",
            "double",
            "Days after a touch within which half of what it brings has come.",
        ),
        Column(
            "saturation",
            "double",
            "What a touch brings that follows another of the channel within two weeks, over what "
            "a first one does: 1, unless the data say otherwise.",
        ),
        Column("orders_per_touch", "double", "Incremental orders a touch, carried over in full."),
        Column(
            "orders_before",
            "double",
            "Placebo: orders more in the seven days before a touch, on which it cannot act.",
        ),
        Column("orders_before_error", "double", "Its standard error."),
        Column(
            "status",
            "varchar",
            "ok, too_little_data, not_identified (touches and orders are bound in another way, "
            "too), or unstable (an effect cannot be told from none).",
        ),
        Column("reason", "varchar", "Why it is not ok; null where it is."),
    ),
)

TOUCH_EFFECTS = Table(
    "touch_effects",
    "What a touch adds to the orders of each day after it, of channels that are ok and kinds of "
    "touches that bring any. One row per channel, by a campaign or not, repeated or not, and day.",
    key=("channel_id", "is_campaign", "is_repeat", "days_after"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("channel_id", "varchar", "Channel."),
        Column("is_campaign", "boolean", "Touch of a campaign."),
        Column("is_repeat", "boolean", "Touch that follows another of the channel soon."),
        Column("days_after", "bigint", "Whole days since the touch."),
        Column("orders_added", "double", "Orders that a touch adds on this day."),
    ),
)

TABLES = (CHANNEL_INCREMENTS, TOUCH_EFFECTS)
