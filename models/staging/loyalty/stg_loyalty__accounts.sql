with {{ visible_rows('loyalty', 'accounts') }},

cleaned as (

    select
        account_id,
        customer_id,
        tier,
        enrolled_on,
        closed_on
    from visible_rows

)

select * from cleaned
