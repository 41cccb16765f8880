{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('scores', 'score_distributions') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cutoff_date as date) as cutoff_date,
    cast(kind as string) as kind,
    cast(variable as string) as variable,
    cast(bin as bigint) as bin,
    cast(lower_bound as double) as lower_bound,
    cast(upper_bound as double) as upper_bound,
    cast(customers as bigint) as customers
from source
