with accepted_rows as (

    select * from {{ ref('base_service__surveys') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        response_id,
        customer_id,
        responded_at,
        survey_type,
        dimension,
        score,
        scale_max,
        channel_id,
        order_id
    from accepted_rows

)

select * from cleaned
