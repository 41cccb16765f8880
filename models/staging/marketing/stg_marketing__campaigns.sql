with accepted_rows as (

    select * from {{ ref('base_marketing__campaigns') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        campaign_id,
        campaign_name,
        campaign_type,
        channel_id,
        start_date,
        end_date,
        objective,
        budget_amount
    from accepted_rows

)

select * from cleaned
