{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}

{% macro landing_contract() -%}
    {{ return({
    "pos.orders": {
        "system": "pos",
        "table": "orders",
        "key": [
            "order_id"
        ],
        "event_column": "ordered_at",
        "start_column": "ordered_at",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id) or min(store_id) <> max(store_id) or (min(cast(ordered_at as date)) <> max(cast(ordered_at as date)) and not (count(customer_id) = count(*) and count(distinct updated_at) = count(*))) or (min(ordered_at) <> max(ordered_at) and count(customer_id) < count(*) and not count(distinct updated_at) = count(*))",
        "reuse_reason": "order_number_reused",
        "columns": [
            "order_id",
            "customer_id",
            "ordered_at",
            "store_id",
            "channel_id",
            "order_status",
            "order_type",
            "currency",
            "original_order_id",
            "fulfilled_at",
            "shipping_amount",
            "fulfilment_cost",
            "updated_at"
        ],
        "not_null": [
            "order_id",
            "ordered_at"
        ],
        "accepted_values": {
            "order_status": [
                "pending",
                "shipped",
                "delivered",
                "completed",
                "returned",
                "cancelled",
                "unavailable",
                "test",
                "exchange"
            ],
            "order_type": [
                "sale",
                "return",
                "exchange"
            ]
        },
        "personal": [],
        "known_from": {
            "fulfilled_at": "fulfilled_at"
        }
    },
    "pos.order_lines": {
        "system": "pos",
        "table": "order_lines",
        "key": [
            "order_line_id"
        ],
        "event_column": "",
        "start_column": "",
        "version_column": "updated_at",
        "reused": "min(order_id) <> max(order_id)",
        "reuse_reason": "order_line_number_reused",
        "columns": [
            "order_line_id",
            "order_id",
            "product_id",
            "line_type",
            "quantity",
            "net_revenue",
            "gross_amount",
            "loyalty_discount",
            "promotion_discount",
            "coupon_match_discount",
            "manufacturer_coupon_discount",
            "amount_paid",
            "tax_amount",
            "cost_amount",
            "updated_at"
        ],
        "not_null": [
            "order_line_id",
            "order_id",
            "quantity",
            "net_revenue"
        ],
        "accepted_values": {
            "line_type": [
                "product",
                "discount",
                "voucher",
                "gift_card",
                "deposit",
                "shipping",
                "fee",
                "adjustment"
            ]
        },
        "personal": [],
        "known_from": {}
    },
    "pos.products": {
        "system": "pos",
        "table": "products",
        "key": [
            "product_id"
        ],
        "event_column": "",
        "start_column": "",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "product_number_reused",
        "columns": [
            "product_id",
            "product_name",
            "brand",
            "brand_type",
            "manufacturer_id",
            "department",
            "category",
            "subcategory",
            "package_size",
            "unit_cost",
            "list_price",
            "updated_at"
        ],
        "not_null": [
            "product_id"
        ],
        "accepted_values": {
            "brand_type": [
                "national",
                "private"
            ]
        },
        "personal": [],
        "known_from": {}
    },
    "pos.stores": {
        "system": "pos",
        "table": "stores",
        "key": [
            "store_id"
        ],
        "event_column": "",
        "start_column": "opened_on",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "store_number_reused",
        "columns": [
            "store_id",
            "store_name",
            "store_format",
            "city",
            "city_tier",
            "region",
            "time_zone",
            "opened_on",
            "closed_on",
            "sales_area_sqm",
            "updated_at"
        ],
        "not_null": [
            "store_id"
        ],
        "accepted_values": {},
        "personal": [],
        "known_from": {
            "closed_on": "closed_on"
        }
    },
    "crm.customers": {
        "system": "crm",
        "table": "customers",
        "key": [
            "customer_id"
        ],
        "event_column": "",
        "start_column": "registered_at",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "customer_number_reused",
        "columns": [
            "customer_id",
            "household_id",
            "registered_at",
            "full_name",
            "email",
            "phone",
            "postal_code",
            "birth_date",
            "age_band",
            "gender",
            "income_band",
            "occupation",
            "marital_status",
            "home_ownership",
            "household_size",
            "household_composition",
            "children_count",
            "city",
            "city_tier",
            "region",
            "acquisition_channel_id",
            "preferred_channel_id",
            "referrer_customer_id",
            "has_marketing_consent",
            "consent_changed_at",
            "updated_at"
        ],
        "not_null": [
            "customer_id"
        ],
        "accepted_values": {},
        "personal": [
            "full_name",
            "email",
            "phone",
            "postal_code",
            "birth_date"
        ],
        "known_from": {
            "has_marketing_consent": "consent_changed_at",
            "consent_changed_at": "consent_changed_at"
        }
    },
    "marketing.channels": {
        "system": "marketing",
        "table": "channels",
        "key": [
            "channel_id"
        ],
        "event_column": "",
        "start_column": "",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "channel_number_reused",
        "columns": [
            "channel_id",
            "channel_name",
            "channel_type",
            "is_online",
            "daily_capacity",
            "updated_at"
        ],
        "not_null": [
            "channel_id",
            "channel_type"
        ],
        "accepted_values": {
            "channel_type": [
                "sales",
                "marketing",
                "service"
            ]
        },
        "personal": [],
        "known_from": {}
    },
    "marketing.campaigns": {
        "system": "marketing",
        "table": "campaigns",
        "key": [
            "campaign_id"
        ],
        "event_column": "",
        "start_column": "start_date",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "campaign_number_reused",
        "columns": [
            "campaign_id",
            "campaign_name",
            "campaign_type",
            "channel_id",
            "start_date",
            "end_date",
            "objective",
            "budget_amount",
            "updated_at"
        ],
        "not_null": [
            "campaign_id",
            "start_date"
        ],
        "accepted_values": {},
        "personal": [],
        "known_from": {}
    },
    "marketing.campaign_targets": {
        "system": "marketing",
        "table": "campaign_targets",
        "key": [
            "campaign_id",
            "customer_id"
        ],
        "event_column": "",
        "start_column": "targeted_on",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "campaign_number_reused",
        "columns": [
            "campaign_id",
            "customer_id",
            "targeted_on",
            "is_control",
            "variant",
            "updated_at"
        ],
        "not_null": [
            "campaign_id",
            "customer_id"
        ],
        "accepted_values": {},
        "personal": [],
        "known_from": {}
    },
    "marketing.touchpoints": {
        "system": "marketing",
        "table": "touchpoints",
        "key": [
            "touchpoint_id"
        ],
        "event_column": "touched_at",
        "start_column": "touched_at",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id) or (min(cast(touched_at as date)) <> max(cast(touched_at as date)) and not (count(customer_id) = count(*) and count(distinct updated_at) = count(*))) or (min(touched_at) <> max(touched_at) and count(customer_id) < count(*) and not count(distinct updated_at) = count(*))",
        "reuse_reason": "touchpoint_number_reused",
        "columns": [
            "touchpoint_id",
            "customer_id",
            "channel_id",
            "touched_at",
            "touch_type",
            "campaign_id",
            "session_id",
            "cost_amount",
            "updated_at"
        ],
        "not_null": [
            "touchpoint_id",
            "channel_id",
            "touched_at"
        ],
        "accepted_values": {
            "touch_type": [
                "sent",
                "impression",
                "open",
                "click",
                "visit",
                "call",
                "referral"
            ]
        },
        "personal": [],
        "known_from": {}
    },
    "marketing.coupon_redemptions": {
        "system": "marketing",
        "table": "coupon_redemptions",
        "key": [
            "redemption_id"
        ],
        "event_column": "redeemed_on",
        "start_column": "redeemed_on",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id) or (min(cast(redeemed_on as date)) <> max(cast(redeemed_on as date)) and not (count(customer_id) = count(*) and count(distinct updated_at) = count(*))) or (min(redeemed_on) <> max(redeemed_on) and count(customer_id) < count(*) and not count(distinct updated_at) = count(*))",
        "reuse_reason": "redemption_number_reused",
        "columns": [
            "redemption_id",
            "customer_id",
            "coupon_id",
            "campaign_id",
            "channel_id",
            "redeemed_on",
            "order_id",
            "discount_amount",
            "updated_at"
        ],
        "not_null": [
            "redemption_id",
            "customer_id",
            "coupon_id",
            "redeemed_on"
        ],
        "accepted_values": {},
        "personal": [],
        "known_from": {}
    },
    "marketing.promotions": {
        "system": "marketing",
        "table": "promotions",
        "key": [
            "product_id",
            "store_id",
            "week_start_date",
            "display_location",
            "mailer_location"
        ],
        "event_column": "",
        "start_column": "week_start_date",
        "version_column": "",
        "reused": "",
        "reuse_reason": "product_number_reused",
        "columns": [
            "product_id",
            "store_id",
            "week_start_date",
            "display_location",
            "mailer_location"
        ],
        "not_null": [
            "product_id",
            "store_id",
            "week_start_date"
        ],
        "accepted_values": {},
        "personal": [],
        "known_from": {}
    },
    "marketing.channel_costs": {
        "system": "marketing",
        "table": "channel_costs",
        "key": [
            "channel_id",
            "cost_date",
            "cost_type"
        ],
        "event_column": "cost_date",
        "start_column": "cost_date",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "channel_number_reused",
        "columns": [
            "channel_id",
            "cost_date",
            "cost_type",
            "cost_amount",
            "updated_at"
        ],
        "not_null": [
            "channel_id",
            "cost_date",
            "cost_type",
            "cost_amount"
        ],
        "accepted_values": {},
        "personal": [],
        "known_from": {}
    },
    "loyalty.accounts": {
        "system": "loyalty",
        "table": "accounts",
        "key": [
            "account_id"
        ],
        "event_column": "",
        "start_column": "enrolled_on",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id)",
        "reuse_reason": "account_number_reused",
        "columns": [
            "account_id",
            "customer_id",
            "tier",
            "enrolled_on",
            "closed_on",
            "updated_at"
        ],
        "not_null": [
            "account_id",
            "customer_id"
        ],
        "accepted_values": {},
        "personal": [],
        "known_from": {
            "closed_on": "closed_on"
        }
    },
    "loyalty.points": {
        "system": "loyalty",
        "table": "points",
        "key": [
            "entry_id"
        ],
        "event_column": "entered_at",
        "start_column": "entered_at",
        "version_column": "updated_at",
        "reused": "min(account_id) <> max(account_id) or (min(cast(entered_at as date)) <> max(cast(entered_at as date)) and not (count(account_id) = count(*) and count(distinct updated_at) = count(*))) or (min(entered_at) <> max(entered_at) and count(account_id) < count(*) and not count(distinct updated_at) = count(*))",
        "reuse_reason": "entry_number_reused",
        "columns": [
            "entry_id",
            "account_id",
            "entry_type",
            "points",
            "entered_at",
            "order_id",
            "expires_on",
            "updated_at"
        ],
        "not_null": [
            "entry_id",
            "account_id",
            "entry_type",
            "points",
            "entered_at"
        ],
        "accepted_values": {
            "entry_type": [
                "earn",
                "redeem",
                "expire",
                "adjust"
            ]
        },
        "personal": [],
        "known_from": {}
    },
    "service.surveys": {
        "system": "service",
        "table": "surveys",
        "key": [
            "response_id"
        ],
        "event_column": "responded_at",
        "start_column": "responded_at",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id) or (min(cast(responded_at as date)) <> max(cast(responded_at as date)) and not (count(customer_id) = count(*) and count(distinct updated_at) = count(*))) or (min(responded_at) <> max(responded_at) and count(customer_id) < count(*) and not count(distinct updated_at) = count(*))",
        "reuse_reason": "response_number_reused",
        "columns": [
            "response_id",
            "customer_id",
            "responded_at",
            "survey_type",
            "dimension",
            "score",
            "scale_max",
            "channel_id",
            "order_id",
            "comment",
            "updated_at"
        ],
        "not_null": [
            "response_id",
            "responded_at",
            "survey_type",
            "score"
        ],
        "accepted_values": {
            "survey_type": [
                "csat",
                "nps",
                "ces",
                "awareness"
            ],
            "dimension": [
                "overall",
                "product",
                "service",
                "price",
                "brand"
            ]
        },
        "personal": [
            "comment"
        ],
        "known_from": {}
    },
    "service.tickets": {
        "system": "service",
        "table": "tickets",
        "key": [
            "ticket_id"
        ],
        "event_column": "opened_at",
        "start_column": "opened_at",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id) or (min(cast(opened_at as date)) <> max(cast(opened_at as date)) and not (count(customer_id) = count(*) and count(distinct updated_at) = count(*))) or (min(opened_at) <> max(opened_at) and count(customer_id) < count(*) and not count(distinct updated_at) = count(*))",
        "reuse_reason": "ticket_number_reused",
        "columns": [
            "ticket_id",
            "customer_id",
            "opened_at",
            "resolved_at",
            "channel_id",
            "ticket_type",
            "reason_category",
            "reason",
            "handling_seconds",
            "order_id",
            "updated_at"
        ],
        "not_null": [
            "ticket_id",
            "opened_at"
        ],
        "accepted_values": {
            "ticket_type": [
                "enquiry",
                "complaint",
                "cancellation"
            ]
        },
        "personal": [],
        "known_from": {
            "resolved_at": "resolved_at",
            "handling_seconds": "resolved_at"
        }
    }
}) }}
{%- endmacro %}

{#- States of an order that never becomes a sale, as a list for `in`. -#}
{% macro void_order_statuses() -%}
    ('cancelled', 'unavailable', 'test')
{%- endmacro %}
