{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('loyalty', 'accounts') }},

cleaned as (

    select
        account_id,
        customer_id,
        tier,
        case
            when enrolled_on < {{ earliest_plausible_date() }} then null
            else enrolled_on
        end as enrolled_on,
        enrolment_type,
        enrolment_campaign_id,
        closed_on
    from visible_rows

)

select * from cleaned
