with accepted_rows as (

    select * from {{ ref('base_marketing__channel_costs') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        channel_id,
        cost_date,
        cost_type,
        cost_amount
    from accepted_rows

)

select * from cleaned
