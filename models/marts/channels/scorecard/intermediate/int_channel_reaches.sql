{#- How many of the customers a channel has, alone or beside others, and how many it could have. -#}
{%- set prior = var('channel_preference_prior_orders') -%}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

credits as (

    select * from {{ ref('int_channel_credits') }}
    where
        is_without_orders
        and order_credit > 0

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

customer_months as (

    select
        customer_id,
        coalesce(channel_id, '(unknown)') as channel_id,
        'recorded' as sales_basis,
        order_month as activity_month,
        cast(count(*) as decimal(18, 6)) as orders
    from orders
    group by
        customer_id,
        coalesce(channel_id, '(unknown)'),
        order_month

    union all

    select
        customer_id,
        channel_id,
        'credited' as sales_basis,
        order_month as activity_month,
        cast(sum(order_credit) as decimal(18, 6)) as orders
    from credits
    group by
        customer_id,
        channel_id,
        order_month

),

customer_periods as (

    select
        periods.period_grain,
        periods.period_start,
        customer_months.customer_id,
        customer_months.channel_id,
        customer_months.sales_basis,
        sum(customer_months.orders) as orders
    from customer_months
    inner join periods
        on customer_months.activity_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        customer_months.customer_id,
        customer_months.channel_id,
        customer_months.sales_basis

),

buyers as (

    select
        period_grain,
        period_start,
        customer_id,
        sum(case when sales_basis = 'recorded' then orders else 0 end) as orders,
        count(case when sales_basis = 'recorded' then 1 end) as sales_channels,
        count(case when sales_basis = 'credited' and channel_id not like '(%' then 1 end)
            as marketing_channels
    from customer_periods
    group by
        period_grain,
        period_start,
        customer_id

),

bases as (

    select
        period_grain,
        period_start,
        count(*) as customers,
        sum(orders) as orders,
        sum(cast({{ prior }} / (cast(orders as double) + {{ prior }}) as decimal(18, 9)))
            as prior_total
    from buyers
    group by
        period_grain,
        period_start

),

used as (

    select
        customer_periods.period_grain,
        customer_periods.period_start,
        customer_periods.channel_id,
        count(*) as customers,
        sum(customer_periods.orders) as orders,
        sum(
            cast(
                cast(customer_periods.orders as double)
                / (cast(buyers.orders as double) + {{ prior }}) as decimal(18, 9)
            )
        ) as share_total,
        count(
            case
                when
                    customer_periods.sales_basis = 'recorded' and buyers.sales_channels > 1
                    or customer_periods.sales_basis = 'credited' and buyers.marketing_channels > 1
                    then 1
            end
        ) as cross_channel_customers
    from customer_periods
    inner join buyers
        on
            customer_periods.period_grain = buyers.period_grain
            and customer_periods.period_start = buyers.period_start
            and customer_periods.customer_id = buyers.customer_id
    where customer_periods.sales_basis = 'recorded' or customer_periods.channel_id not like '(%'
    group by
        customer_periods.period_grain,
        customer_periods.period_start,
        customer_periods.channel_id

)

select
    used.period_grain,
    used.period_start,
    used.channel_id,
    cast(used.customers as bigint) as customers,
    cast(bases.customers as bigint) as buying_customers,
    round(used.customers / cast(nullif(bases.customers, 0) as double), 9) as penetration,
    -- A customer's share, shrunk towards the channel's share of all orders, as a mean of all.
    round(
        (
            cast(used.share_total as double)
            + cast(used.orders as double) / nullif(cast(bases.orders as double), 0)
            * cast(bases.prior_total as double)
        ) / nullif(cast(bases.customers as double), 0), 9
    ) as preference,
    round(used.cross_channel_customers / cast(nullif(used.customers, 0) as double), 9)
        as cross_channel_share
from used
inner join bases
    on
        used.period_grain = bases.period_grain
        and used.period_start = bases.period_start
