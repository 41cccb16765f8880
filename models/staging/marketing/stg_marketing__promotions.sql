with accepted_rows as (

    select * from {{ ref('base_marketing__promotions') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        product_id,
        store_id,
        week_start_date,
        display_location,
        mailer_location
    from accepted_rows

)

select * from cleaned
