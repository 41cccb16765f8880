with {{ visible_rows('service', 'surveys') }},

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
    from visible_rows

)

select * from cleaned
