with outcomes as (

    select * from {{ ref('int_landing_outcomes') }}
    where row_outcome = 'quarantined'

)

select
    table_name,
    rejection_reasons,
    cast(sum(row_count) as bigint) as row_count,
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
    min(first_event_date) as first_event_date,
    max(last_event_date) as last_event_date,
    min(example_key) as example_key
from outcomes
group by
    table_name,
    rejection_reasons
