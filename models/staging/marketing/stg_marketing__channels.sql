with accepted_rows as (

    select * from {{ ref('base_marketing__channels') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        channel_id,
        channel_name,
        channel_type,
        is_online,
        daily_capacity
    from accepted_rows

)

select * from cleaned
