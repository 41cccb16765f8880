with expected as (

    select case when is_current then 'current' else 'holdout' end as snapshot
    from {{ ref('int_snapshot_dates') }}
    where
        is_current
        or is_holdout

),

snapshots as (

    select
        snapshot,
        count(*) as cells,
        sum(customers) as customers,
        sum(net_revenue) as net_revenue
    from {{ ref('rfm_heatmap') }}
    group by snapshot

),

scored as (

    select
        count(r_score) as customers,
        coalesce(sum(monetary_value), 0) as net_revenue
    from {{ ref('customer_rfm') }}

)

select
    expected.snapshot,
    snapshots.cells,
    snapshots.customers,
    scored.customers as scored_customers,
    snapshots.net_revenue,
    scored.net_revenue as scored_net_revenue
from expected
cross join scored
left join snapshots
    on expected.snapshot = snapshots.snapshot
where
    coalesce(snapshots.cells, 0) <> 25
    or (
        expected.snapshot = 'current'
        and (
            snapshots.customers <> scored.customers
            or snapshots.net_revenue <> scored.net_revenue
        )
    )
