{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('segments', 'segment_runs') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(last_as_of_date as date) as last_as_of_date,
    cast(fitted_on as date) as fitted_on,
    cast(outcome as string) as outcome,
    cast(customers as bigint) as customers,
    cast(fitted_customers as bigint) as fitted_customers,
    cast(clusters as bigint) as clusters,
    cast(jaccard_mean as double) as jaccard_mean,
    cast(jaccard_least as double) as jaccard_least,
    cast(last_overlap_least as double) as last_overlap_least,
    cast(compared_customers as bigint) as compared_customers,
    cast(moved_customers as bigint) as moved_customers,
    cast(features as string) as features,
    cast(features_unknown as string) as features_unknown,
    cast(features_alike as string) as features_alike,
    cast(tried as string) as tried
from source
