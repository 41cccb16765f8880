with expected as (

    select
        credits.order_month as activity_month,
        credits.channel_id,
        sum(credits.order_credit) as orders,
        sum(credits.revenue_credit) as net_revenue,
        sum(case when credits.customer_kind = 'new' then credits.order_credit else 0 end)
            as new_customers
    from {{ ref('fct_attribution') }} as credits
    inner join {{ ref('dim_channels') }} as channels
        on credits.channel_id = channels.channel_id
    where
        credits.attribution_model = '{{ var("channel_scorecard_model") }}'
        and channels.channel_type = 'marketing'
    group by
        credits.order_month,
        credits.channel_id

),

-- A channel that orders come through is told by these.
selling as (

    select channel_id
    from {{ ref('fct_orders') }}
    where channel_id is not null
    group by channel_id

),

told as (

    select
        activity_month,
        channel_id,
        orders,
        net_revenue,
        new_customers
    from {{ ref('channel_scorecard') }}
    where sales_basis = 'credited'

)

select
    coalesce(expected.activity_month, told.activity_month) as activity_month,
    coalesce(expected.channel_id, told.channel_id) as channel_id,
    expected.orders,
    told.orders as told_orders
from expected
full outer join told
    on
        expected.activity_month = told.activity_month
        and expected.channel_id = told.channel_id
left join selling
    on coalesce(expected.channel_id, told.channel_id) = selling.channel_id
where
    selling.channel_id is null
    and (
        expected.channel_id is null
        or told.channel_id is null
        or expected.orders <> told.orders
        or expected.net_revenue <> told.net_revenue
        or expected.new_customers <> told.new_customers
    )
