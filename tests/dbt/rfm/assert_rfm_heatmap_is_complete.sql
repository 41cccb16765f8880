with snapshots as (

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
    snapshots.snapshot,
    snapshots.cells,
    snapshots.customers,
    scored.customers as scored_customers,
    snapshots.net_revenue,
    scored.net_revenue as scored_net_revenue
from snapshots
cross join scored
where
    snapshots.cells <> 25
    or (
        snapshots.snapshot = 'current'
        and (
            snapshots.customers <> scored.customers
            or snapshots.net_revenue <> scored.net_revenue
        )
    )
