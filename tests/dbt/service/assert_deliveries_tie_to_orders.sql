-- Every sale that was promised for a time, and is not void, is counted once.
with orders as (

    select * from {{ ref('stg_pos__orders') }}

),

facts as (

    select * from {{ ref('fct_orders') }}

),

performance as (

    select * from {{ ref('delivery_performance') }}

),

promised as (

    select
        count(*) as promised,
        count(orders.fulfilled_at) as delivered
    from orders
    inner join facts
        on orders.order_id = facts.order_id
    where
        orders.promised_at is not null
        and facts.order_type = 'sale'
        and facts.order_status not in {{ void_order_statuses() }}

),

counted as (

    select
        coalesce(sum(promised_count), 0) as promised,
        coalesce(sum(delivered_count), 0) as delivered
    from performance

)

select
    promised.promised,
    counted.promised as counted
from promised
cross join counted
where
    promised.promised <> counted.promised
    or promised.delivered <> counted.delivered
