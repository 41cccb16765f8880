{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('identity', 'refusals') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(relation as string) as relation,
    cast(rule as string) as rule,
    cast(customer_id as string) as customer_id,
    cast(earlier_customer_id as string) as earlier_customer_id,
    cast(refusal_reason as string) as refusal_reason
from source
