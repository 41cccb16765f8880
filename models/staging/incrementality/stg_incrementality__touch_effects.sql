{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('incrementality', 'touch_effects') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(channel_id as string) as channel_id,
    cast(is_campaign as boolean) as is_campaign,
    cast(is_repeat as boolean) as is_repeat,
    cast(days_after as bigint) as days_after,
    cast(orders_added as double) as orders_added
from source
