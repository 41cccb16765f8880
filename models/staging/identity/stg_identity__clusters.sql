{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('identity', 'clusters') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(relation as string) as relation,
    cast(customer_id as string) as customer_id,
    cast(cluster_id as string) as cluster_id,
    cast(customers as bigint) as customers
from source
