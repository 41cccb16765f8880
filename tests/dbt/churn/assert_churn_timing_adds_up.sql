{#- Every dimension has the same visits, but for days beyond the calendar of holidays. -#}
with dimensions as (

    select
        timing_dimension,
        sum(visits) as visits,
        sum(last_visits) as last_visits,
        sum(visit_share) as visit_share,
        sum(last_visit_share) as last_visit_share,
        max(last_visits - visits) as last_above_all
    from {{ ref('churn_timing') }}
    group by timing_dimension

),

seasons as (

    select * from dimensions
    where timing_dimension = 'season'

)

select dimensions.timing_dimension
from dimensions
cross join seasons
where
    abs(dimensions.visit_share - 1) > 1e-6
    or abs(dimensions.last_visit_share - 1) > 1e-6
    or dimensions.last_above_all > 0
    or dimensions.visits > seasons.visits
    or (dimensions.timing_dimension = 'weekday' and dimensions.visits <> seasons.visits)
    or (dimensions.timing_dimension = 'weekday' and dimensions.last_visits <> seasons.last_visits)
