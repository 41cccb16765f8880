{#- What came in: through a sales channel as it was sold, through a marketing channel as it is
    credited. -#}
{%- set least_coverage = var('clv_contribution_min_coverage') -%}
with orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

credits as (

    select * from {{ ref('int_channel_credits') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

recorded as (

    select
        coalesce(orders.channel_id, '(unknown)') as channel_id,
        'recorded' as sales_basis,
        orders.order_month as activity_month,
        sum(orders.net_revenue_after_returns) as net_revenue,
        count(case when orders.is_valid_order then 1 end) as orders,
        sum(case when orders.is_valid_order then orders.net_revenue_after_returns else 0 end)
            as order_revenue,
        count(case when orders.is_first_order and not customers.has_prior_history then 1 end)
            as new_customers,
        sum(orders.net_revenue) as sold_revenue,
        sum(case when orders.contribution_amount is not null then orders.net_revenue else 0 end)
            as costed_revenue,
        sum(orders.contribution_amount) as contribution,
        sum(case when orders.is_purchase then orders.fulfilment_cost end) as fulfilment_cost
    from orders
    left join customers
        on orders.customer_id = customers.customer_id
    group by
        coalesce(orders.channel_id, '(unknown)'),
        orders.order_month

),

credited as (

    select
        channel_id,
        'credited' as sales_basis,
        order_month as activity_month,
        sum(revenue_credit) as net_revenue,
        sum(order_credit) as orders,
        sum(revenue_credit) as order_revenue,
        sum(case when is_new_customer then order_credit else 0 end) as new_customers,
        sum(revenue_credit) as sold_revenue,
        sum(case when contribution_credit is not null then revenue_credit else 0 end)
            as costed_revenue,
        sum(contribution_credit) as contribution,
        cast(null as decimal(18, 2)) as fulfilment_cost
    from credits
    where is_without_orders
    group by
        channel_id,
        order_month

),

months as (

    select * from recorded

    union all

    select * from credited

),

summed as (

    select
        periods.period_grain,
        periods.period_start,
        months.channel_id,
        months.sales_basis,
        periods.is_complete,
        sum(months.net_revenue) as net_revenue,
        sum(months.orders) as orders,
        sum(months.order_revenue) as order_revenue,
        sum(months.new_customers) as new_customers,
        sum(months.sold_revenue) as sold_revenue,
        sum(months.costed_revenue) as costed_revenue,
        sum(months.contribution) as contribution,
        sum(months.fulfilment_cost) as fulfilment_cost
    from months
    inner join periods
        on months.activity_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        months.channel_id,
        months.sales_basis,
        periods.is_complete

)

select
    summed.period_grain,
    summed.period_start,
    summed.channel_id,
    summed.sales_basis,
    cast(summed.net_revenue as decimal(18, 2)) as net_revenue,
    cast(summed.orders as decimal(18, 6)) as orders,
    {{ rounded_decimal(
        "cast(summed.order_revenue as double) "
        ~ "/ nullif(cast(summed.orders as double), 0)"
    ) }} as average_order_value,
    cast(summed.new_customers as decimal(18, 6)) as new_customers,
    -- Contribution of a part says nothing of the whole.
    case
        when
            summed.sold_revenue > 0
            and summed.costed_revenue >= {{ least_coverage }} * summed.sold_revenue
            then cast(summed.contribution as decimal(18, 2))
    end as contribution,
    cast(summed.fulfilment_cost as decimal(18, 2)) as fulfilment_cost,
    case
        when summed.is_complete and before.is_complete and before.net_revenue > 0
            then cast(summed.net_revenue as double) / cast(before.net_revenue as double) - 1
    end as growth_previous,
    case
        when summed.is_complete and year_ago.is_complete and year_ago.net_revenue > 0
            then cast(summed.net_revenue as double) / cast(year_ago.net_revenue as double) - 1
    end as growth_year_ago
from summed
left join summed as before
    on
        summed.channel_id = before.channel_id
        and summed.sales_basis = before.sales_basis
        and summed.period_grain = before.period_grain
        and before.period_grain = 'month'
        and before.period_start = {{ dbt.dateadd('month', -1, 'summed.period_start') }}
left join summed as year_ago
    on
        summed.channel_id = year_ago.channel_id
        and summed.sales_basis = year_ago.sales_basis
        and summed.period_grain = year_ago.period_grain
        and year_ago.period_start = {{ dbt.dateadd('year', -1, 'summed.period_start') }}
