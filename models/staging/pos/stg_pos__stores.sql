with accepted_rows as (

    select * from {{ ref('base_pos__stores') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        store_id,
        store_name,
        store_format,
        city,
        city_tier,
        region,
        time_zone,
        opened_on,
        closed_on,
        sales_area_sqm
    from accepted_rows

)

select * from cleaned
