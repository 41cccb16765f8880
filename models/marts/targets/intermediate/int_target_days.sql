{#- Key figures day by day, within their month, quarter and year: a customer is active in a period
    on the day of the first order in it, so that counts of customers add up over its days. -#}
with orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

surveys as (

    select * from {{ ref('stg_service__surveys') }}
    where
        survey_type = 'nps'
        and coalesce(scale_max, 10) = 10
        and score is not null

),

retention as (

    select * from {{ ref('retention_rates') }}
    where
        retention_dimension = 'all'
        and is_mature

),

dates as (

    select * from {{ ref('dim_dates') }}

),

grains as (

    {% for grain in ['month', 'quarter', 'year'] %}
        select
            '{{ grain }}' as period_grain,
            date_day,
            {{ grain }}_start_date as period_start
        from dates
        {{ "union all" if not loop.last }}
    {% endfor %}

),

day_sums as (

    select
        orders.order_date as date_day,
        sum(orders.net_revenue) as net_revenue,
        sum(case when orders.contribution_amount is not null then orders.net_revenue else 0 end)
            as costed_revenue,
        sum(orders.contribution_amount) as contribution,
        sum(case when orders.is_valid_order then 1 else 0 end) as valid_orders,
        sum(case when orders.is_valid_order then orders.net_revenue_after_returns else 0 end)
            as order_revenue,
        sum(
            case when orders.is_first_order and not customers.has_prior_history then 1 else 0 end
        ) as new_customers
    from orders
    left join customers
        on orders.customer_id = customers.customer_id
    group by orders.order_date

),

-- Contribution of a part says nothing of the whole.
costed as (

    select
        sum(costed_revenue) >= {{ var('clv_contribution_min_coverage') }} * sum(net_revenue)
            as is_costed
    from day_sums

),

answers as (

    select
        cast(responded_at as date) as date_day,
        count(*) as nps_answers,
        sum(
            case {{ nps_group('score') }}
                when 'promoter' then 100
                when 'detractor' then -100
                else 0
            end
        ) as nps_points
    from surveys
    group by cast(responded_at as date)

),

any_grain as (

    select
        date_day,
        'net_revenue' as kpi,
        cast(net_revenue as double) as numerator,
        cast(null as double) as denominator
    from day_sums

    union all

    select
        day_sums.date_day,
        'contribution' as kpi,
        cast(coalesce(day_sums.contribution, 0) as double) as numerator,
        cast(null as double) as denominator
    from day_sums
    inner join costed
        on costed.is_costed

    union all

    select
        date_day,
        'orders' as kpi,
        cast(valid_orders as double) as numerator,
        cast(null as double) as denominator
    from day_sums

    union all

    select
        date_day,
        'new_customers' as kpi,
        cast(new_customers as double) as numerator,
        cast(null as double) as denominator
    from day_sums

    union all

    select
        date_day,
        'average_order_value' as kpi,
        cast(order_revenue as double) as numerator,
        cast(valid_orders as double) as denominator
    from day_sums

    union all

    select
        date_day,
        'nps' as kpi,
        cast(nps_points as double) as numerator,
        cast(nps_answers as double) as denominator
    from answers

    union all

    select
        month_end as date_day,
        'churn_rate' as kpi,
        cast(customers - retained_customers as double) as numerator,
        cast(customers as double) as denominator
    from retention

),

first_orders as (

    select
        grains.period_grain,
        grains.period_start,
        orders.customer_id,
        min(orders.order_date) as date_day
    from orders
    inner join grains
        on orders.order_date = grains.date_day
    where
        orders.is_valid_order
        and orders.is_identified
    group by
        grains.period_grain,
        grains.period_start,
        orders.customer_id

),

active as (

    select
        first_orders.period_grain,
        first_orders.period_start,
        first_orders.date_day,
        cast(count(*) as double) as customers,
        cast(
            count(
                case
                    when
                        customers.has_prior_history
                        or customers.first_order_date < first_orders.period_start
                        then 1
                end
            ) as double
        ) as returning_customers
    from first_orders
    left join customers
        on first_orders.customer_id = customers.customer_id
    group by
        first_orders.period_grain,
        first_orders.period_start,
        first_orders.date_day

)

select
    grains.period_grain,
    grains.period_start,
    any_grain.date_day,
    any_grain.kpi,
    any_grain.numerator,
    any_grain.denominator
from any_grain
inner join grains
    on any_grain.date_day = grains.date_day

union all

select
    period_grain,
    period_start,
    date_day,
    'active_customers' as kpi,
    customers as numerator,
    cast(null as double) as denominator
from active

union all

select
    period_grain,
    period_start,
    date_day,
    'repeat_rate' as kpi,
    returning_customers as numerator,
    customers as denominator
from active
