{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('segments', 'segment_centres') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cluster as bigint) as cluster,
    cast(feature as string) as feature,
    cast(segment as string) as segment,
    cast(fitted_on as date) as fitted_on,
    cast(weight as double) as weight,
    cast(centre as double) as centre,
    cast(variance as double) as variance
from source
