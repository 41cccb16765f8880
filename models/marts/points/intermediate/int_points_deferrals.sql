{#- What a sale's points are worth of its price is deferred until they are redeemed: as much of it
    is released as is redeemed of what will be redeemed in the end, by the estimate of the
    month. -#}
with movements as (

    select * from {{ ref('int_points_movements') }}
    where lot_type = 'earned'

),

orders as (

    select * from {{ ref('fct_orders') }}

),

cohorts as (

    select * from {{ ref('stg_points__cohorts') }}

),

months as (

    select * from {{ ref('int_points_months') }}

),

lots as (

    select
        lot_entry_id,
        lot_order_id,
        cast({{ dbt.date_trunc('month', 'lot_date') }} as date) as cohort_month,
        lot_points
    from movements
    group by
        lot_entry_id,
        lot_order_id,
        cast({{ dbt.date_trunc('month', 'lot_date') }} as date),
        lot_points

),

-- One order may earn points more than once, and has its price once.
points_of_orders as (

    select
        cohort_month,
        lot_order_id,
        sum(lot_points) as points
    from lots
    where lot_order_id is not null
    group by
        cohort_month,
        lot_order_id

),

sold as (

    select
        points_of_orders.cohort_month,
        sum(points_of_orders.points) as points,
        sum(orders.net_revenue) as price
    from points_of_orders
    inner join orders
        on points_of_orders.lot_order_id = orders.order_id
    where orders.net_revenue > 0
    group by points_of_orders.cohort_month

),

-- The rate and the value of the month of the sale, or the first that could be told.
first_known as (

    select
        sold.cohort_month,
        min(months.month_start) as known_month
    from sold
    inner join months
        on sold.cohort_month <= months.month_start
    where
        months.redemption_rate is not null
        and months.value_per_point is not null
    group by sold.cohort_month

),

allocated as (

    select
        sold.cohort_month,
        sold.price,
        cast(sold.price * round(
            months.redemption_rate * months.value_per_point * sold.points
            / nullif(
                sold.price + months.redemption_rate * months.value_per_point * sold.points, 0
            ),
            {{ var('points_deferral_share_decimals') }}
        ) as decimal(18, 2)) as deferred_amount
    from sold
    inner join first_known
        on sold.cohort_month = first_known.cohort_month
    inner join months
        on first_known.known_month = months.month_start

),

expected as (

    select
        evaluated_month,
        cohort_month,
        redeemed_points,
        outstanding_points,
        {% if var('points_redemption_rate') is none %}
            ultimate_points as expected_points
        {% else %}
            earned_points * {{ var('points_redemption_rate') }} as expected_points
        {% endif %}
    from cohorts

)

select
    expected.evaluated_month as month_start,
    expected.cohort_month,
    cast(allocated.price as decimal(18, 2)) as price,
    allocated.deferred_amount,
    cast(
        case
            when expected.outstanding_points <= 0 then allocated.deferred_amount
            when expected.expected_points > 0
                then
                    allocated.deferred_amount
                    * least(1, expected.redeemed_points / expected.expected_points)
            when expected.expected_points = 0 or expected.redeemed_points = 0 then 0
        end as decimal(18, 2)
    ) as released_amount
from expected
inner join allocated
    on expected.cohort_month = allocated.cohort_month
