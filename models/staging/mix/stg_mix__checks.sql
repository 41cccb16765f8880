{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('mix', 'checks') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(check_name as string) as check_name,
    cast(channel_id as string) as channel_id,
    cast(status as string) as status,
    cast(value as double) as value,
    cast(review_at as double) as review_at,
    cast(fail_at as double) as fail_at,
    cast(reason as string) as reason
from source
