with stability as (

    select * from {{ ref('segment_stability') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- Somebody in a segment, and no run that put them there.
untold as (

    select
        count(*) as customers,
        max(segments.as_of_date) as as_of_date
    from {{ ref('customer_segments') }} as segments
    left join stability
        on segments.as_of_date = stability.as_of_date
    where
        segments.behavioural_segment <> 'none'
        and stability.as_of_date is null

)

select
    stability.as_of_date,
    stability.outcome,
    stability.moved_customers
from stability
where
    stability.moved_customers > stability.compared_customers
    or stability.compared_customers > stability.customers
    or stability.fitted_customers > stability.customers
    or (stability.clusters = 0) <> (stability.fitted_on is null)
    or stability.fitted_on > stability.as_of_date
    or stability.last_as_of_date >= stability.as_of_date
    or stability.jaccard_least > stability.jaccard_mean + 1e-9
    or stability.jaccard_mean > 1 + 1e-9
    or (stability.outcome = 'kept' and stability.fitted_on >= stability.as_of_date)

union all

select
    as_of.as_of_date,
    'no run' as outcome,
    untold.customers as moved_customers
from untold
cross join as_of
where untold.customers > 0
