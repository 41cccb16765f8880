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
            "promised_at",
            "approved_at",
            "shipped_at",
            "fulfilled_at",
            "cancelled_at",
            "cancel_reason",
            "ship_country",
            "shipping_amount",
            "fulfilment_cost",
            "updated_at"
        ],
        "types": {
            "order_id": "varchar",
            "customer_id": "varchar",
            "ordered_at": "timestamp",
            "store_id": "varchar",
            "channel_id": "varchar",
            "order_status": "varchar",
            "order_type": "varchar",
            "currency": "varchar",
            "original_order_id": "varchar",
            "promised_at": "timestamp",
            "approved_at": "timestamp",
            "shipped_at": "timestamp",
            "fulfilled_at": "timestamp",
            "cancelled_at": "timestamp",
            "cancel_reason": "varchar",
            "ship_country": "varchar",
            "shipping_amount": "decimal(18,2)",
            "fulfilment_cost": "decimal(18,2)",
            "updated_at": "timestamp"
        },
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
        "rules": {},
        "history": [],
        "known_from": {
            "approved_at": "approved_at",
            "shipped_at": "shipped_at",
            "fulfilled_at": "fulfilled_at",
            "cancelled_at": "cancelled_at",
            "cancel_reason": "cancelled_at"
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
            "store_id",
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
            "shipping_amount",
            "cost_amount",
            "updated_at"
        ],
        "types": {
            "order_line_id": "varchar",
            "order_id": "varchar",
            "product_id": "varchar",
            "store_id": "varchar",
            "line_type": "varchar",
            "quantity": "decimal(18,3)",
            "net_revenue": "decimal(18,2)",
            "gross_amount": "decimal(18,2)",
            "loyalty_discount": "decimal(18,2)",
            "promotion_discount": "decimal(18,2)",
            "coupon_match_discount": "decimal(18,2)",
            "manufacturer_coupon_discount": "decimal(18,2)",
            "amount_paid": "decimal(18,2)",
            "tax_amount": "decimal(18,2)",
            "shipping_amount": "decimal(18,2)",
            "cost_amount": "decimal(18,2)",
            "updated_at": "timestamp"
        },
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
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "pos.payments": {
        "system": "pos",
        "table": "payments",
        "key": [
            "order_id",
            "payment_sequence"
        ],
        "event_column": "",
        "start_column": "",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "order_number_reused",
        "columns": [
            "order_id",
            "payment_sequence",
            "payment_method",
            "instalments",
            "paid_amount",
            "updated_at"
        ],
        "types": {
            "order_id": "varchar",
            "payment_sequence": "bigint",
            "payment_method": "varchar",
            "instalments": "bigint",
            "paid_amount": "decimal(18,2)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "order_id",
            "payment_sequence",
            "paid_amount"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "pos.sales_weekly": {
        "system": "pos",
        "table": "sales_weekly",
        "key": [
            "store_id",
            "week_start_date",
            "product_id"
        ],
        "event_column": "week_start_date",
        "start_column": "week_start_date",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "store_number_reused",
        "columns": [
            "store_id",
            "week_start_date",
            "product_id",
            "units",
            "net_revenue",
            "visits",
            "households",
            "updated_at"
        ],
        "types": {
            "store_id": "varchar",
            "week_start_date": "date",
            "product_id": "varchar",
            "units": "decimal(18,3)",
            "net_revenue": "decimal(18,2)",
            "visits": "bigint",
            "households": "bigint",
            "updated_at": "timestamp"
        },
        "not_null": [
            "store_id",
            "week_start_date",
            "product_id",
            "net_revenue"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "pos.inventory": {
        "system": "pos",
        "table": "inventory",
        "key": [
            "store_id",
            "product_id",
            "inventory_date"
        ],
        "event_column": "inventory_date",
        "start_column": "inventory_date",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "store_number_reused",
        "columns": [
            "store_id",
            "product_id",
            "inventory_date",
            "units_on_hand",
            "units_on_order",
            "stock_value",
            "updated_at"
        ],
        "types": {
            "store_id": "varchar",
            "product_id": "varchar",
            "inventory_date": "date",
            "units_on_hand": "decimal(18,3)",
            "units_on_order": "decimal(18,3)",
            "stock_value": "decimal(18,2)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "store_id",
            "product_id",
            "inventory_date",
            "units_on_hand"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
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
        "types": {
            "product_id": "varchar",
            "product_name": "varchar",
            "brand": "varchar",
            "brand_type": "varchar",
            "manufacturer_id": "varchar",
            "department": "varchar",
            "category": "varchar",
            "subcategory": "varchar",
            "package_size": "varchar",
            "unit_cost": "decimal(18,2)",
            "list_price": "decimal(18,2)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "product_id"
        ],
        "accepted_values": {
            "brand_type": [
                "national",
                "private"
            ]
        },
        "rules": {},
        "history": [],
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
        "types": {
            "store_id": "varchar",
            "store_name": "varchar",
            "store_format": "varchar",
            "city": "varchar",
            "city_tier": "varchar",
            "region": "varchar",
            "time_zone": "varchar",
            "opened_on": "date",
            "closed_on": "date",
            "sales_area_sqm": "decimal(18,3)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "store_id"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
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
            "address",
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
            "country",
            "education",
            "referral_count",
            "main_sales_channel_id",
            "first_order_date",
            "prior_orders",
            "prior_revenue",
            "prior_last_order_date",
            "has_marketing_consent",
            "consent_changed_at",
            "updated_at"
        ],
        "types": {
            "customer_id": "varchar",
            "household_id": "varchar",
            "registered_at": "timestamp",
            "full_name": "varchar",
            "email": "varchar",
            "phone": "varchar",
            "address": "varchar",
            "postal_code": "varchar",
            "birth_date": "date",
            "age_band": "varchar",
            "gender": "varchar",
            "income_band": "varchar",
            "occupation": "varchar",
            "marital_status": "varchar",
            "home_ownership": "varchar",
            "household_size": "varchar",
            "household_composition": "varchar",
            "children_count": "varchar",
            "city": "varchar",
            "city_tier": "varchar",
            "region": "varchar",
            "acquisition_channel_id": "varchar",
            "preferred_channel_id": "varchar",
            "referrer_customer_id": "varchar",
            "country": "varchar",
            "education": "varchar",
            "referral_count": "bigint",
            "main_sales_channel_id": "varchar",
            "first_order_date": "date",
            "prior_orders": "bigint",
            "prior_revenue": "decimal(18,2)",
            "prior_last_order_date": "date",
            "has_marketing_consent": "boolean",
            "consent_changed_at": "timestamp",
            "updated_at": "timestamp"
        },
        "not_null": [
            "customer_id"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [
            "household_id",
            "registered_at",
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
            "has_marketing_consent"
        ],
        "known_from": {
            "first_order_date": "first_order_date",
            "has_marketing_consent": "consent_changed_at",
            "consent_changed_at": "consent_changed_at"
        }
    },
    "crm.customer_ids": {
        "system": "crm",
        "table": "customer_ids",
        "key": [
            "source_id",
            "source_system"
        ],
        "event_column": "",
        "start_column": "linked_on",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "source_number_reused",
        "columns": [
            "source_id",
            "source_system",
            "customer_id",
            "linked_on",
            "updated_at"
        ],
        "types": {
            "source_id": "varchar",
            "source_system": "varchar",
            "customer_id": "varchar",
            "linked_on": "date",
            "updated_at": "timestamp"
        },
        "not_null": [
            "source_id",
            "customer_id"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "crm.subscriptions": {
        "system": "crm",
        "table": "subscriptions",
        "key": [
            "subscription_id"
        ],
        "event_column": "",
        "start_column": "started_on",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id)",
        "reuse_reason": "subscription_number_reused",
        "columns": [
            "subscription_id",
            "customer_id",
            "product_id",
            "started_on",
            "ended_on",
            "billing_interval",
            "interval_amount",
            "end_reason",
            "updated_at"
        ],
        "types": {
            "subscription_id": "varchar",
            "customer_id": "varchar",
            "product_id": "varchar",
            "started_on": "date",
            "ended_on": "date",
            "billing_interval": "varchar",
            "interval_amount": "decimal(18,2)",
            "end_reason": "varchar",
            "updated_at": "timestamp"
        },
        "not_null": [
            "subscription_id",
            "customer_id",
            "started_on"
        ],
        "accepted_values": {
            "billing_interval": [
                "day",
                "week",
                "month",
                "quarter",
                "half_year",
                "year"
            ]
        },
        "rules": {
            "ends_before_start": "rows_landed.ended_on < rows_landed.started_on"
        },
        "history": [],
        "known_from": {
            "ended_on": "ended_on",
            "end_reason": "ended_on"
        }
    },
    "crm.activity": {
        "system": "crm",
        "table": "activity",
        "key": [
            "customer_id",
            "activity_date",
            "activity_kind"
        ],
        "event_column": "activity_date",
        "start_column": "activity_date",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "customer_number_reused",
        "columns": [
            "customer_id",
            "activity_date",
            "activity_kind",
            "activity_count",
            "updated_at"
        ],
        "types": {
            "customer_id": "varchar",
            "activity_date": "date",
            "activity_kind": "varchar",
            "activity_count": "decimal(18,3)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "customer_id",
            "activity_date",
            "activity_kind"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
        "known_from": {}
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
        "types": {
            "channel_id": "varchar",
            "channel_name": "varchar",
            "channel_type": "varchar",
            "is_online": "boolean",
            "daily_capacity": "decimal(18,3)",
            "updated_at": "timestamp"
        },
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
        "rules": {},
        "history": [],
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
            "control_share",
            "updated_at"
        ],
        "types": {
            "campaign_id": "varchar",
            "campaign_name": "varchar",
            "campaign_type": "varchar",
            "channel_id": "varchar",
            "start_date": "date",
            "end_date": "date",
            "objective": "varchar",
            "budget_amount": "decimal(18,2)",
            "control_share": "decimal(18,3)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "campaign_id",
            "start_date"
        ],
        "accepted_values": {},
        "rules": {
            "ends_before_start": "rows_landed.end_date < rows_landed.start_date"
        },
        "history": [],
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
        "types": {
            "campaign_id": "varchar",
            "customer_id": "varchar",
            "targeted_on": "date",
            "is_control": "boolean",
            "variant": "varchar",
            "updated_at": "timestamp"
        },
        "not_null": [
            "campaign_id",
            "customer_id"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "marketing.campaign_variants": {
        "system": "marketing",
        "table": "campaign_variants",
        "key": [
            "campaign_id",
            "variant"
        ],
        "event_column": "",
        "start_column": "valid_from",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "campaign_number_reused",
        "columns": [
            "campaign_id",
            "variant",
            "offer_type",
            "channels",
            "terms",
            "required_amount",
            "reward",
            "reward_amount",
            "valid_from",
            "valid_to",
            "valid_days",
            "updated_at"
        ],
        "types": {
            "campaign_id": "varchar",
            "variant": "varchar",
            "offer_type": "varchar",
            "channels": "varchar",
            "terms": "varchar",
            "required_amount": "decimal(18,2)",
            "reward": "varchar",
            "reward_amount": "decimal(18,2)",
            "valid_from": "date",
            "valid_to": "date",
            "valid_days": "bigint",
            "updated_at": "timestamp"
        },
        "not_null": [
            "campaign_id",
            "variant"
        ],
        "accepted_values": {},
        "rules": {
            "ends_before_start": "rows_landed.valid_to < rows_landed.valid_from"
        },
        "history": [],
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
        "types": {
            "touchpoint_id": "varchar",
            "customer_id": "varchar",
            "channel_id": "varchar",
            "touched_at": "timestamp",
            "touch_type": "varchar",
            "campaign_id": "varchar",
            "session_id": "varchar",
            "cost_amount": "decimal(18,2)",
            "updated_at": "timestamp"
        },
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
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "marketing.coupons": {
        "system": "marketing",
        "table": "coupons",
        "key": [
            "coupon_id",
            "campaign_id"
        ],
        "event_column": "",
        "start_column": "issued_on",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "coupon_number_reused",
        "columns": [
            "coupon_id",
            "campaign_id",
            "customer_id",
            "issued_on",
            "valid_from",
            "valid_to",
            "coupon_kind",
            "coupon_value",
            "required_amount",
            "updated_at"
        ],
        "types": {
            "coupon_id": "varchar",
            "campaign_id": "varchar",
            "customer_id": "varchar",
            "issued_on": "date",
            "valid_from": "date",
            "valid_to": "date",
            "coupon_kind": "varchar",
            "coupon_value": "decimal(18,3)",
            "required_amount": "decimal(18,2)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "coupon_id"
        ],
        "accepted_values": {
            "coupon_kind": [
                "amount",
                "percent",
                "free_item",
                "free_shipping",
                "points"
            ]
        },
        "rules": {
            "ends_before_start": "rows_landed.valid_to < rows_landed.valid_from"
        },
        "history": [],
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
            "redeemed_at",
            "order_id",
            "discount_amount",
            "updated_at"
        ],
        "types": {
            "redemption_id": "varchar",
            "customer_id": "varchar",
            "coupon_id": "varchar",
            "campaign_id": "varchar",
            "channel_id": "varchar",
            "redeemed_on": "date",
            "redeemed_at": "timestamp",
            "order_id": "varchar",
            "discount_amount": "decimal(18,2)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "redemption_id",
            "customer_id",
            "coupon_id",
            "redeemed_on"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
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
        "types": {
            "product_id": "varchar",
            "store_id": "varchar",
            "week_start_date": "date",
            "display_location": "varchar",
            "mailer_location": "varchar"
        },
        "not_null": [
            "product_id",
            "store_id",
            "week_start_date"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "marketing.prices": {
        "system": "marketing",
        "table": "prices",
        "key": [
            "product_id",
            "store_id",
            "valid_from"
        ],
        "event_column": "",
        "start_column": "valid_from",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "product_number_reused",
        "columns": [
            "product_id",
            "store_id",
            "valid_from",
            "valid_to",
            "regular_price",
            "price",
            "is_reduced",
            "updated_at"
        ],
        "types": {
            "product_id": "varchar",
            "store_id": "varchar",
            "valid_from": "date",
            "valid_to": "date",
            "regular_price": "decimal(18,2)",
            "price": "decimal(18,2)",
            "is_reduced": "boolean",
            "updated_at": "timestamp"
        },
        "not_null": [
            "product_id",
            "valid_from",
            "price"
        ],
        "accepted_values": {},
        "rules": {
            "ends_before_start": "rows_landed.valid_to < rows_landed.valid_from",
            "negative_price": "rows_landed.price < 0"
        },
        "history": [],
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
        "types": {
            "channel_id": "varchar",
            "cost_date": "date",
            "cost_type": "varchar",
            "cost_amount": "decimal(18,2)",
            "updated_at": "timestamp"
        },
        "not_null": [
            "channel_id",
            "cost_date",
            "cost_type",
            "cost_amount"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
        "known_from": {}
    },
    "marketing.channel_lift_tests": {
        "system": "marketing",
        "table": "channel_lift_tests",
        "key": [
            "lift_test_id"
        ],
        "event_column": "",
        "start_column": "started_on",
        "version_column": "updated_at",
        "reused": "",
        "reuse_reason": "lift_test_number_reused",
        "columns": [
            "lift_test_id",
            "channel_id",
            "test_group",
            "started_on",
            "ended_on",
            "outcome",
            "spend_amount",
            "treated_units",
            "control_units",
            "treated_outcome",
            "control_outcome",
            "incremental_outcome",
            "standard_error",
            "updated_at"
        ],
        "types": {
            "lift_test_id": "varchar",
            "channel_id": "varchar",
            "test_group": "varchar",
            "started_on": "date",
            "ended_on": "date",
            "outcome": "varchar",
            "spend_amount": "decimal(18,2)",
            "treated_units": "bigint",
            "control_units": "bigint",
            "treated_outcome": "double",
            "control_outcome": "double",
            "incremental_outcome": "double",
            "standard_error": "double",
            "updated_at": "timestamp"
        },
        "not_null": [
            "lift_test_id",
            "channel_id",
            "started_on",
            "ended_on"
        ],
        "accepted_values": {},
        "rules": {
            "ends_before_start": "rows_landed.ended_on < rows_landed.started_on"
        },
        "history": [],
        "known_from": {
            "spend_amount": "ended_on",
            "treated_outcome": "ended_on",
            "control_outcome": "ended_on",
            "incremental_outcome": "ended_on",
            "standard_error": "ended_on"
        }
    },
    "marketing.action_log": {
        "system": "marketing",
        "table": "action_log",
        "key": [
            "decision_id"
        ],
        "event_column": "decided_at",
        "start_column": "decided_at",
        "version_column": "updated_at",
        "reused": "min(customer_id) <> max(customer_id) or (min(cast(decided_at as date)) <> max(cast(decided_at as date)) and not (count(customer_id) = count(*) and count(distinct updated_at) = count(*))) or (min(decided_at) <> max(decided_at) and count(customer_id) < count(*) and not count(distinct updated_at) = count(*))",
        "reuse_reason": "decision_number_reused",
        "columns": [
            "decision_id",
            "action",
            "customer_id",
            "decided_at",
            "outcome",
            "is_control",
            "control_share",
            "reason",
            "action_owner",
            "channel_id",
            "cost_amount",
            "window_days",
            "updated_at"
        ],
        "types": {
            "decision_id": "varchar",
            "action": "varchar",
            "customer_id": "varchar",
            "decided_at": "timestamp",
            "outcome": "varchar",
            "is_control": "boolean",
            "control_share": "decimal(18,3)",
            "reason": "varchar",
            "action_owner": "varchar",
            "channel_id": "varchar",
            "cost_amount": "decimal(18,2)",
            "window_days": "bigint",
            "updated_at": "timestamp"
        },
        "not_null": [
            "decision_id",
            "action",
            "customer_id",
            "decided_at",
            "outcome"
        ],
        "accepted_values": {
            "outcome": [
                "shown",
                "taken",
                "not_taken",
                "suppressed"
            ]
        },
        "rules": {},
        "history": [],
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
            "card_number",
            "tier",
            "enrolled_on",
            "enrolment_type",
            "enrolment_campaign_id",
            "closed_on",
            "updated_at"
        ],
        "types": {
            "account_id": "varchar",
            "customer_id": "varchar",
            "card_number": "varchar",
            "tier": "varchar",
            "enrolled_on": "date",
            "enrolment_type": "varchar",
            "enrolment_campaign_id": "varchar",
            "closed_on": "date",
            "updated_at": "timestamp"
        },
        "not_null": [
            "account_id",
            "customer_id"
        ],
        "accepted_values": {},
        "rules": {},
        "history": [],
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
            "available_on",
            "expires_on",
            "lot_entry_id",
            "cost_amount",
            "external_id",
            "updated_at"
        ],
        "types": {
            "entry_id": "varchar",
            "account_id": "varchar",
            "entry_type": "varchar",
            "points": "decimal(18,2)",
            "entered_at": "timestamp",
            "order_id": "varchar",
            "available_on": "date",
            "expires_on": "date",
            "lot_entry_id": "varchar",
            "cost_amount": "decimal(18,2)",
            "external_id": "varchar",
            "updated_at": "timestamp"
        },
        "not_null": [
            "entry_id",
            "account_id",
            "entry_type",
            "points",
            "entered_at"
        ],
        "accepted_values": {
            "entry_type": [
                "opening",
                "earn",
                "redeem",
                "expire",
                "adjust"
            ]
        },
        "rules": {},
        "history": [],
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
            "sheet_id",
            "customer_id",
            "responded_at",
            "survey_type",
            "dimension",
            "question",
            "score",
            "scale_max",
            "channel_id",
            "order_id",
            "comment",
            "updated_at"
        ],
        "types": {
            "response_id": "varchar",
            "sheet_id": "varchar",
            "customer_id": "varchar",
            "responded_at": "timestamp",
            "survey_type": "varchar",
            "dimension": "varchar",
            "question": "varchar",
            "score": "decimal(18,3)",
            "scale_max": "decimal(18,3)",
            "channel_id": "varchar",
            "order_id": "varchar",
            "comment": "varchar",
            "updated_at": "timestamp"
        },
        "not_null": [
            "response_id",
            "responded_at",
            "survey_type"
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
                "brand",
                "delivery",
                "store",
                "online"
            ]
        },
        "rules": {
            "outside_the_scale": "rows_landed.score < 0 or rows_landed.score > coalesce(rows_landed.scale_max, case when rows_landed.survey_type = 'nps' then 10 end)"
        },
        "history": [],
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
            "first_answered_at",
            "resolved_at",
            "closed_at",
            "reopened_at",
            "channel_id",
            "ticket_type",
            "reason_category",
            "reason",
            "cancellation_reason",
            "handling_seconds",
            "order_id",
            "updated_at"
        ],
        "types": {
            "ticket_id": "varchar",
            "customer_id": "varchar",
            "opened_at": "timestamp",
            "first_answered_at": "timestamp",
            "resolved_at": "timestamp",
            "closed_at": "timestamp",
            "reopened_at": "timestamp",
            "channel_id": "varchar",
            "ticket_type": "varchar",
            "reason_category": "varchar",
            "reason": "varchar",
            "cancellation_reason": "varchar",
            "handling_seconds": "bigint",
            "order_id": "varchar",
            "updated_at": "timestamp"
        },
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
        "rules": {
            "ends_before_start": "cast(rows_landed.resolved_at as date) < cast(rows_landed.opened_at as date) or cast(rows_landed.closed_at as date) < cast(rows_landed.opened_at as date)"
        },
        "history": [],
        "known_from": {
            "first_answered_at": "first_answered_at",
            "resolved_at": "resolved_at",
            "closed_at": "closed_at",
            "reopened_at": "reopened_at",
            "handling_seconds": "resolved_at"
        }
    }
}) }}
{%- endmacro %}

{#- States of an order that never becomes a sale, as a list for `in`. -#}
{% macro void_order_statuses() -%}
    ('cancelled', 'unavailable', 'test')
{%- endmacro %}
