{#- Customers known for the first time move from '(unseen)', so that a month's arrivals and moves
    add up to its stages. -#}
with history as (

    select * from {{ ref('customer_lifecycle_history') }}

),

with_previous_value as (

    select
        month_end,
        customer_id,
        coalesce(previous_stage, '(unseen)') as from_stage,
        lifecycle_stage as to_stage,
        coalesce(
            lag(trailing_12m_revenue) over (partition by customer_id order by month_end), 0
        ) as value_before,
        trailing_12m_revenue as value_after
    from history

),

moves as (

    select
        month_end,
        from_stage,
        to_stage,
        count(*) as customers,
        sum(value_before) as value_before,
        sum(value_after) as value_after
    from with_previous_value
    group by
        month_end,
        from_stage,
        to_stage

)

select
    month_end,
    from_stage,
    to_stage,
    from_stage != to_stage as is_move,
    cast(customers as bigint) as customers,
    cast(sum(customers) over (partition by month_end, from_stage) as bigint) as from_customers,
    cast(
        customers / nullif(sum(customers) over (partition by month_end, from_stage), 0) as double
    ) as transition_rate,
    cast(value_before as decimal(18, 2)) as value_before,
    cast(value_after as decimal(18, 2)) as value_after
from moves
