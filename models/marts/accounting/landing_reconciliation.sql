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
        sum(case when row_outcome = 'superseded' then row_count else 0 end) as superseded_rows,
        sum(case when row_outcome = 'quarantined' then row_count else 0 end) as quarantined_rows
    from outcomes
    group by table_name

),

-- Copies and older versions are the same money again.
money as (

    select
        table_name,
        sum(
            case when row_outcome = 'quarantined' then net_revenue else 0 end
        ) as quarantined_net_revenue,
        sum(
            case when row_outcome = 'quarantined' then absolute_revenue else 0 end
        ) as quarantined_absolute_revenue,
        sum(absolute_revenue) as absolute_revenue
    from outcomes
    where
        table_name = 'pos.order_lines'
        and row_outcome in ('accepted', 'quarantined')
    group by table_name

)

select
    manifest.table_name,
    manifest.source as landed_from,
    manifest.landed_on,
    manifest.currency,
    cast(manifest.row_count as bigint) as landed_rows,
    cast(coalesce(counted.accepted_rows, 0) as bigint) as accepted_rows,
    cast(coalesce(counted.duplicate_rows, 0) as bigint) as duplicate_rows,
    cast(coalesce(counted.superseded_rows, 0) as bigint) as superseded_rows,
    cast(coalesce(counted.quarantined_rows, 0) as bigint) as quarantined_rows,
    cast(
        manifest.row_count
        - coalesce(counted.accepted_rows, 0)
        - coalesce(counted.duplicate_rows, 0)
        - coalesce(counted.superseded_rows, 0)
        - coalesce(counted.quarantined_rows, 0) as bigint
    ) as unexplained_rows,
    cast(coalesce(manifest.erased_rows, 0) as bigint) as erased_rows,
    cast(coalesce(manifest.anonymised_rows, 0) as bigint) as anonymised_rows,
    cast(money.quarantined_net_revenue as decimal(18, 2)) as quarantined_net_revenue,
    cast(money.quarantined_absolute_revenue as decimal(18, 2)) as quarantined_absolute_revenue,
    cast(money.quarantined_absolute_revenue as double)
    / nullif(cast(money.absolute_revenue as double), 0) as quarantined_revenue_share,
    case
        when money.table_name is not null
            then cast({{ var('quarantine_max_revenue_share') }} as double)
    end as max_quarantined_revenue_share
from manifest
left join counted
    on manifest.table_name = counted.table_name
left join money
    on manifest.table_name = money.table_name
