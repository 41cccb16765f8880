{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('actions', 'uplifts') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(customer_id as string) as customer_id,
    cast(action as string) as action,
    cast(value_basis as string) as value_basis,
    cast(uplift as double) as uplift,
    cast(uplift_low as double) as uplift_low,
    cast(uplift_high as double) as uplift_high
from source
