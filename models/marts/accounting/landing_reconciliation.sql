{#- The count of landed rows comes from the landing itself, the outcomes from the models: they agree
    only when no row was lost or made up on the way. -#}
with manifest as (

    select * from {{ source('landing', 'manifest') }}

),

outcomes as (

    select * from {{ ref('int_landing_outcomes') }}

),

counted as (

    select
        table_name,
        sum(case when row_outcome = 'accepted' then row_count else 0 end) as accepted_rows,
        sum(case when row_outcome = 'duplicate' then row_count else 0 end) as duplicate_rows,
        sum(case when row_outcome = 'quarantined' then row_count else 0 end) as quarantined_rows
    from outcomes
    group by table_name

)

select
    manifest.table_name,
    manifest.source as landed_from,
    manifest.landed_on,
    cast(manifest.row_count as bigint) as landed_rows,
    cast(coalesce(counted.accepted_rows, 0) as bigint) as accepted_rows,
    cast(coalesce(counted.duplicate_rows, 0) as bigint) as duplicate_rows,
    cast(coalesce(counted.quarantined_rows, 0) as bigint) as quarantined_rows,
    cast(
        manifest.row_count
        - coalesce(counted.accepted_rows, 0)
        - coalesce(counted.duplicate_rows, 0)
        - coalesce(counted.quarantined_rows, 0) as bigint
    ) as unexplained_rows
from manifest
left join counted
    on manifest.table_name = counted.table_name
