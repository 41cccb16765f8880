{#- The window that segments look at, now and as it lay some time ago, to see who moved. -#}
with as_of as (

    select * from {{ ref('as_of') }}

),

snapshots as (

    select
        'current' as snapshot,
        as_of_date as snapshot_date
    from as_of

    union all

    select
        'earlier' as snapshot,
        {{ dbt.dateadd('day', -1 * var('segment_moved_days'), 'as_of_date') }} as snapshot_date
    from as_of

)

select
    snapshot,
    cast(snapshot_date as date) as snapshot_date,
    cast({{ dbt.dateadd('day', -1 * var('segment_window_days'), 'snapshot_date') }} as date)
        as window_start_date
from snapshots
