{#- A store is comparable if, by its dates where they are known, it was open from before the base to
    the end of the period, and sold something in every month that the two touch; a customer, who bought
    in both. -#}
with pairs as (

    select * from {{ ref('int_movement_pairs') }}
    where is_complete

),

measures as (

    select * from {{ ref('int_movement_measures') }}

),

pair_customers as (

    select * from {{ ref('int_movement_pair_customers') }}

),

stores as (

    select * from {{ ref('dim_stores') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_purchase
        and store_id is not null

),

dates as (

    select distinct month_start_date
    from {{ ref('dim_dates') }}

),

store_months as (

    select distinct
        store_id,
        order_month
    from orders

),

pair_months as (

    select
        pairs.pair_number,
        pairs.base_start,
        pairs.period_end,
        dates.month_start_date,
        count(*) over (partition by pairs.pair_number) as months
    from pairs
    inner join dates
        on
            (
                pairs.period_end > dates.month_start_date
                and pairs.period_start < {{ dbt.dateadd('month', 1, 'dates.month_start_date') }}
            )
            or (
                pairs.base_end > dates.month_start_date
                and pairs.base_start < {{ dbt.dateadd('month', 1, 'dates.month_start_date') }}
            )

),

comparable_stores as (

    select
        pair_months.pair_number,
        store_months.store_id
    from pair_months
    inner join store_months
        on pair_months.month_start_date = store_months.order_month
    inner join stores
        on store_months.store_id = stores.store_id
    where
        coalesce(stores.opened_on, pair_months.base_start) <= pair_months.base_start
        and coalesce(stores.closed_on, pair_months.period_end) >= pair_months.period_end
    group by
        pair_months.pair_number,
        store_months.store_id
    having count(*) = min(pair_months.months)

),

store_revenue as (

    select
        pair_number,
        scope_value as store_id,
        sum(orders) as orders,
        sum(orders_base) as orders_base,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_base) as net_revenue_base
    from measures
    where
        scope = 'store'
        and scope_value <> '(unknown)'
    group by
        pair_number,
        scope_value

),

totals as (

    select
        pair_number,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_base) as net_revenue_base
    from measures
    where scope = 'all'
    group by pair_number

),

bases as (

    select
        pair_number,
        'all' as basis,
        cast(null as bigint) as members,
        cast(null as bigint) as members_period,
        cast(null as bigint) as members_base,
        net_revenue,
        net_revenue_base
    from totals

    union all

    select
        store_revenue.pair_number,
        'stores' as basis,
        count(comparable_stores.store_id) as members,
        count(case when store_revenue.orders > 0 then 1 end) as members_period,
        count(case when store_revenue.orders_base > 0 then 1 end) as members_base,
        sum(
            case when comparable_stores.store_id is not null then store_revenue.net_revenue end
        ) as net_revenue,
        sum(
            case when comparable_stores.store_id is not null then store_revenue.net_revenue_base end
        ) as net_revenue_base
    from store_revenue
    left join comparable_stores
        on
            store_revenue.pair_number = comparable_stores.pair_number
            and store_revenue.store_id = comparable_stores.store_id
    group by store_revenue.pair_number

    union all

    select
        pair_number,
        'customers' as basis,
        count(case when customer_status = 'stayed' then 1 end) as members,
        count(case when orders > 0 then 1 end) as members_period,
        count(case when base_orders > 0 then 1 end) as members_base,
        sum(
            case when customer_status = 'stayed' then purchase_revenue + given_back_revenue end
        ) as net_revenue,
        sum(
            case
                when customer_status = 'stayed'
                    then base_purchase_revenue + base_given_back_revenue
            end
        ) as net_revenue_base
    from pair_customers
    group by pair_number

)

select
    pairs.period_grain,
    pairs.comparison,
    pairs.period_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.period_end') }} as date) as period_last_day,
    pairs.base_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.base_end') }} as date) as base_last_day,
    bases.basis,
    bases.members,
    bases.members_period,
    bases.members_base,
    cast(bases.net_revenue as decimal(18, 2)) as net_revenue,
    cast(bases.net_revenue_base as decimal(18, 2)) as net_revenue_base,
    case
        when bases.net_revenue_base > 0
            then
                round(
                    cast(bases.net_revenue as double) / cast(bases.net_revenue_base as double) - 1,
                    9
                )
    end as growth,
    case
        when totals.net_revenue > 0
            then
                round(
                    cast(bases.net_revenue as double)
                    / cast(totals.net_revenue as double), 9
                )
    end as revenue_share,
    case
        when totals.net_revenue_base > 0
            then
                round(
                    cast(bases.net_revenue_base as double)
                    / cast(totals.net_revenue_base as double), 9
                )
    end as revenue_share_base
from bases
inner join pairs
    on bases.pair_number = pairs.pair_number
inner join totals
    on bases.pair_number = totals.pair_number
