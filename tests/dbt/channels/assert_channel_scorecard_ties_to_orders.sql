with expected as (

    select
        orders.order_month as activity_month,
        coalesce(orders.channel_id, '(unknown)') as channel_id,
        sum(orders.net_revenue_after_returns) as net_revenue,
        count(case when orders.is_valid_order then 1 end) as orders,
        count(case when orders.is_first_order and not customers.has_prior_history then 1 end)
            as new_customers
    from {{ ref('fct_orders') }} as orders
    left join {{ ref('dim_customers') }} as customers
        on orders.customer_id = customers.customer_id
    group by
        orders.order_month,
        coalesce(orders.channel_id, '(unknown)')

),

told as (

    select
        activity_month,
        channel_id,
        net_revenue,
        orders,
        new_customers
    from {{ ref('channel_scorecard') }}
    where sales_basis = 'recorded'

)

select
    coalesce(expected.activity_month, told.activity_month) as activity_month,
    coalesce(expected.channel_id, told.channel_id) as channel_id,
    expected.net_revenue,
    told.net_revenue as told_net_revenue
from expected
full outer join told
    on
        expected.activity_month = told.activity_month
        and expected.channel_id = told.channel_id
where
    expected.channel_id is null
    or told.channel_id is null
    or expected.net_revenue <> told.net_revenue
    or expected.orders <> told.orders
    or expected.new_customers <> told.new_customers
