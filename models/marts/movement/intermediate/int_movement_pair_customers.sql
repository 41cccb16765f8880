{#- Every customer with something in one of the two periods of a pair, and whether they came, stayed
    or left. The segment is that of the month end before both periods, so that nothing that happened
    in them decides it; the tier is today's. -#}
with pairs as (

    select * from {{ ref('int_movement_pairs') }}
    where is_complete

),

period_customers as (

    select * from {{ ref('int_movement_customers') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

segments as (

    select * from {{ ref('customer_rfm_history') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

),

sides as (

    select
        pairs.pair_number,
        period_customers.customer_id,
        period_customers.orders,
        period_customers.units,
        period_customers.purchase_revenue,
        period_customers.given_back_revenue,
        0 as base_orders,
        0 as base_units,
        0 as base_purchase_revenue,
        0 as base_given_back_revenue
    from pairs
    inner join period_customers
        on
            pairs.period_grain = period_customers.period_grain
            and pairs.period_start = period_customers.period_start
            and pairs.period_end = period_customers.period_end

    union all

    select
        pairs.pair_number,
        period_customers.customer_id,
        0 as orders,
        0 as units,
        0 as purchase_revenue,
        0 as given_back_revenue,
        period_customers.orders as base_orders,
        period_customers.units as base_units,
        period_customers.purchase_revenue as base_purchase_revenue,
        period_customers.given_back_revenue as base_given_back_revenue
    from pairs
    inner join period_customers
        on
            pairs.period_grain = period_customers.period_grain
            and pairs.base_start = period_customers.period_start
            and pairs.base_end = period_customers.period_end

),

summed as (

    select
        pair_number,
        customer_id,
        sum(orders) as orders,
        sum(units) as units,
        sum(purchase_revenue) as purchase_revenue,
        sum(given_back_revenue) as given_back_revenue,
        sum(base_orders) as base_orders,
        sum(base_units) as base_units,
        sum(base_purchase_revenue) as base_purchase_revenue,
        sum(base_given_back_revenue) as base_given_back_revenue
    from sides
    group by
        pair_number,
        customer_id

)

select
    summed.pair_number,
    summed.customer_id,
    case
        when summed.orders > 0 and summed.base_orders > 0 then 'stayed'
        when summed.base_orders > 0 then 'lost'
        when summed.orders = 0 then 'gave_back'
        when
            customers.first_order_date >= pairs.period_start
            and not coalesce(customers.has_prior_history, false)
            then 'new'
        else 'returned'
    end as customer_status,
    coalesce(segments.segment, 'prospects') as rfm_segment,
    coalesce(customer_values.value_tier, 'not_scored') as value_tier,
    cast(summed.orders as bigint) as orders,
    cast(summed.units as decimal(18, 3)) as units,
    cast(summed.purchase_revenue as decimal(18, 2)) as purchase_revenue,
    cast(summed.given_back_revenue as decimal(18, 2)) as given_back_revenue,
    cast(summed.base_orders as bigint) as base_orders,
    cast(summed.base_units as decimal(18, 3)) as base_units,
    cast(summed.base_purchase_revenue as decimal(18, 2)) as base_purchase_revenue,
    cast(summed.base_given_back_revenue as decimal(18, 2)) as base_given_back_revenue
from summed
inner join pairs
    on summed.pair_number = pairs.pair_number
left join customers
    on summed.customer_id = customers.customer_id
left join segments
    on
        summed.customer_id = segments.customer_id
        and pairs.segmented_on = segments.month_end
left join customer_values
    on summed.customer_id = customer_values.customer_id
