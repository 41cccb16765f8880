{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('crm', 'activity') }},

cleaned as (

    select
        customer_id,
        activity_date,
        activity_kind,
        case
            when activity_count < 0 then null
            else activity_count
        end as activity_count
    from visible_rows

)

select * from cleaned
