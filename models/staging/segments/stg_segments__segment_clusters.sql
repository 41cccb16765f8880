{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('segments', 'segment_clusters') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cluster as bigint) as cluster,
    cast(segment as string) as segment,
    cast(weight as double) as weight,
    cast(jaccard as double) as jaccard,
    cast(last_overlap as double) as last_overlap,
    cast(driver_1 as string) as driver_1,
    cast(driver_2 as string) as driver_2,
    cast(driver_3 as string) as driver_3
from source
