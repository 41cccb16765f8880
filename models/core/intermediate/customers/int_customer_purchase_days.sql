{#- Two baskets on one day are one purchase: the unit of rhythm, lifecycle and scores. What a return
    takes off a day is known from the return on, so a day has a version for every span in which the
    same was known of it. -#}
with orders as (

    select * from {{ ref('int_orders_classified') }}

),

order_versions as (

    select * from {{ ref('int_order_versions') }}

),

returning_customers as (

    select distinct customer_id
    from order_versions

),

untouched_days as (

    select
        orders.customer_id,
        orders.order_date as purchase_date,
        orders.order_date as valid_from,
        cast(null as date) as valid_until,
        count(*) as order_count,
        sum(orders.net_revenue_after_returns) as net_revenue
    from orders
    left join returning_customers
        on orders.customer_id = returning_customers.customer_id
    where
        orders.invalid_reason is null
        and orders.customer_id is not null
        and returning_customers.customer_id is null
    group by
        orders.customer_id,
        orders.order_date

),

changes as (

    select distinct
        customer_id,
        order_date,
        valid_from
    from order_versions

),

spans as (

    select
        customer_id,
        order_date,
        valid_from,
        lead(valid_from) over (partition by customer_id, order_date order by valid_from)
            as valid_until
    from changes

),

touched_days as (

    select
        spans.customer_id,
        spans.order_date as purchase_date,
        spans.valid_from,
        spans.valid_until,
        count(*) as order_count,
        sum(order_versions.kept_amount) as net_revenue
    from spans
    inner join order_versions
        on
            spans.customer_id = order_versions.customer_id
            and spans.order_date = order_versions.order_date
            and spans.valid_from >= order_versions.valid_from
            and (
                order_versions.valid_until is null
                or spans.valid_from < order_versions.valid_until
            )
    where order_versions.kept_amount > 0
    group by
        spans.customer_id,
        spans.order_date,
        spans.valid_from,
        spans.valid_until

),

compared as (

    select
        touched_days.*,
        case
            when
                lag(valid_until) over (
                    partition by customer_id, purchase_date order by valid_from
                ) = valid_from
                and lag(order_count) over (
                    partition by customer_id, purchase_date order by valid_from
                ) = order_count
                and lag(net_revenue) over (
                    partition by customer_id, purchase_date order by valid_from
                ) = net_revenue
                then 0
            else 1
        end as is_change
    from touched_days

),

numbered as (

    select
        compared.*,
        sum(is_change) over (
            partition by customer_id, purchase_date
            order by valid_from
            rows between unbounded preceding and current row
        ) as version_number
    from compared

),

merged as (

    select
        customer_id,
        purchase_date,
        min(valid_from) as valid_from,
        case when count(valid_until) = count(*) then max(valid_until) end as valid_until,
        order_count,
        net_revenue
    from numbered
    group by
        customer_id,
        purchase_date,
        version_number,
        order_count,
        net_revenue

),

all_days as (

    select * from untouched_days

    union all

    select * from merged

)

select
    customer_id,
    purchase_date,
    valid_from,
    valid_until,
    cast(order_count as bigint) as order_count,
    cast(net_revenue as decimal(18, 2)) as net_revenue
from all_days
