with accepted_rows as (

    select * from {{ ref('base_crm__customers') }}
    where row_outcome = 'accepted'

),

manifest as (

    select * from {{ source('landing', 'manifest') }}
    where table_name = 'crm.customers'

),

cleaned as (

    select
        accepted_rows.customer_id,
        accepted_rows.household_id,
        case
            when accepted_rows.registered_at >= {{ earliest_plausible_date() }}
                then accepted_rows.registered_at
        end as registered_at,
        accepted_rows.age_band,
        accepted_rows.gender,
        accepted_rows.income_band,
        accepted_rows.occupation,
        accepted_rows.marital_status,
        accepted_rows.home_ownership,
        accepted_rows.household_size,
        accepted_rows.household_composition,
        accepted_rows.children_count,
        accepted_rows.city,
        accepted_rows.city_tier,
        accepted_rows.region,
        accepted_rows.acquisition_channel_id,
        accepted_rows.preferred_channel_id,
        accepted_rows.referrer_customer_id,
        accepted_rows.has_marketing_consent,
        accepted_rows.consent_changed_at,
        accepted_rows.updated_at,
        coalesce(accepted_rows.updated_at, cast(manifest.landed_on as timestamp)) as observed_at
    from accepted_rows
    cross join manifest

)

select * from cleaned
