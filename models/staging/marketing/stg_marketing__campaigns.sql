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
        budget_amount
    from visible_rows

)

select * from cleaned
