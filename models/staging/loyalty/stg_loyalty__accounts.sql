with accepted_rows as (

    select * from {{ ref('base_loyalty__accounts') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        account_id,
        customer_id,
        tier,
        case
            when enrolled_on >= {{ earliest_plausible_date() }} then enrolled_on
        end as enrolled_on,
        closed_on
    from accepted_rows

)

select * from cleaned
