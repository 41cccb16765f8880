{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows(
    'pos', 'sales_weekly',
    starts_on=dbt.dateadd('day', 6, 'base_rows.week_start_date')
) }},

cleaned as (

    select
        store_id,
        week_start_date,
        product_id,
        units,
        net_revenue,
        case
            when visits < 0 then null
            else visits
        end as visits,
        case
            when households < 0 then null
            else households
        end as households
    from visible_rows

)

select * from cleaned
