{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'campaigns') }},

cleaned as (

    select
        campaign_id,
        campaign_name,
        campaign_type,
        channel_id,
        start_date,
        end_date,
        objective,
        budget_amount,
        case
            when control_share < 0 or control_share > 1 then null
            else control_share
        end as control_share
    from visible_rows

)

select * from cleaned
