with {{ visible_rows('loyalty', 'accounts') }},

cleaned as (

    select
        account_id,
        customer_id,
        tier,
        case
            when enrolled_on >= {{ earliest_plausible_date() }} then enrolled_on
        end as enrolled_on,
        closed_on
    from visible_rows

)

select * from cleaned
