{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('service', 'surveys') }},

cleaned as (

    select
        response_id,
        sheet_id,
        customer_id,
        responded_at,
        survey_type,
        dimension,
        question,
        score,
        case
            when scale_max <= 0 then null
            else scale_max
        end as scale_max,
        channel_id,
        order_id
    from visible_rows

)

select * from cleaned
