with {{ visible_rows('crm', 'customers') }},

cleaned as (

    select
        customer_id,
        household_id,
        case when registered_at >= {{ earliest_plausible_date() }} then registered_at end
            as registered_at,
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
        has_marketing_consent,
        consent_changed_at,
        updated_at
    from visible_rows

)

select * from cleaned
