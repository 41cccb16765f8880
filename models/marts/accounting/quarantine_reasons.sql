with outcomes as (

    select * from {{ ref('int_landing_outcomes') }}
    where row_outcome = 'quarantined'

)

select
    table_name,
    rejection_reasons,
    cast(sum(row_count) as bigint) as row_count
from outcomes
group by
    table_name,
    rejection_reasons
