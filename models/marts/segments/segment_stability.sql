{#- Of runs as of later dates, which are there after a replay, nothing is shown. -#}
with runs as (

    select * from {{ ref('stg_segments__segment_runs') }}

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    runs.as_of_date,
    runs.last_as_of_date,
    runs.fitted_on,
    runs.outcome,
    runs.outcome = 'refitted' as is_refitted,
    runs.customers,
    runs.fitted_customers,
    runs.clusters,
    runs.jaccard_mean,
    runs.jaccard_least,
    runs.last_overlap_least,
    runs.compared_customers,
    runs.moved_customers,
    cast(
        {{ dbt.dateadd('day', -1 * var('segment_moved_days'), 'runs.as_of_date') }} as date
    ) as moved_since_date,
    cast(runs.moved_customers as double) / nullif(runs.compared_customers, 0) as moved_share,
    runs.features,
    runs.features_unknown,
    runs.features_alike,
    runs.tried
from runs
cross join as_of
where runs.as_of_date <= as_of.as_of_date
