{#- What customers who joined bought by month, before and after: those who had bought in the first
    months of the data, so that nobody joins who is only beginning, and who joined within the months
    looked at, so that those who joined later can be compared with those who did before. -#}
{%- set run_in = var('join_effect_run_in_months') -%}

with members as (

    select * from {{ ref('int_tier_members') }}

),

months as (

    select * from {{ ref('int_tier_months') }}
    where is_complete

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

bounds as (

    select
        max(month_number) as last_month,
        greatest(
            {{ run_in }}, max(month_number) - {{ var('join_effect_history_months') }}
        ) + 1 as first_month
    from months

),

panel_months as (

    select
        months.month_start,
        months.next_month_start,
        months.month_number - bounds.first_month + 1 as month_number
    from months
    cross join bounds
    where months.month_number between bounds.first_month and bounds.last_month

),

panel_start as (

    select min(month_start) as start_date
    from panel_months

),

first_orders as (

    select
        customer_id,
        min(order_date) as first_order_date
    from orders
    group by customer_id

),

joined as (

    select
        members.customer_id,
        panel_months.month_number as joined_number,
        row_number() over (order by {{ dbt.hash('members.customer_id') }}, members.customer_id)
            as sample_rank
    from members
    cross join panel_start
    inner join panel_months
        on
            members.enrolled_on >= panel_months.month_start
            and members.enrolled_on < panel_months.next_month_start
    inner join first_orders
        on members.customer_id = first_orders.customer_id
    where
        first_orders.first_order_date < panel_start.start_date
        and panel_months.month_number > 1

),

sampled as (

    select
        customer_id,
        joined_number
    from joined
    where sample_rank <= {{ var('join_effect_max_customers') }}

),

bought as (

    select
        orders.customer_id,
        orders.order_month as month_start,
        sum(orders.net_revenue_after_returns) as net_revenue,
        count(*) as orders
    from orders
    inner join sampled
        on orders.customer_id = sampled.customer_id
    group by
        orders.customer_id,
        orders.order_month

)

select
    sampled.customer_id,
    cast(panel_months.month_number as bigint) as month_number,
    cast(sampled.joined_number as bigint) as joined_number,
    cast(coalesce(bought.net_revenue, 0) as double) as net_revenue,
    cast(coalesce(bought.orders, 0) as double) as orders
from sampled
cross join panel_months
left join bought
    on
        sampled.customer_id = bought.customer_id
        and panel_months.month_start = bought.month_start
