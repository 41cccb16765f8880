with accepted_rows as (

    select * from {{ ref('base_marketing__campaign_targets') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        campaign_id,
        customer_id,
        targeted_on,
        coalesce(is_control, false) as is_control,
        variant
    from accepted_rows

)

select * from cleaned
