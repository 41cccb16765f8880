{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('crm', 'customers') }},

cleaned as (

    select
        customer_id,
        household_id,
        case
            when registered_at < {{ earliest_plausible_date() }} then null
            else registered_at
        end as registered_at,
        age_band,
        gender,
        income_band,
        occupation,
        marital_status,
        home_ownership,
        household_size,
        household_composition,
        children_count,
        city,
        city_tier,
        region,
        acquisition_channel_id,
        preferred_channel_id,
        referrer_customer_id,
        country,
        education,
        case
            when referral_count < 0 then null
            else referral_count
        end as referral_count,
        main_sales_channel_id,
        case
            when first_order_date < {{ earliest_plausible_date() }} then null
            else first_order_date
        end as first_order_date,
        case
            when prior_orders < 0 then null
            else prior_orders
        end as prior_orders,
        prior_revenue,
        case
            when prior_last_order_date < {{ earliest_plausible_date() }} then null
            when cast(prior_last_order_date as date) < cast(first_order_date as date) then null
            else prior_last_order_date
        end as prior_last_order_date,
        has_marketing_consent,
        consent_changed_at,
        updated_at
    from visible_rows

)

select * from cleaned
