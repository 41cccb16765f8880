{#- Of customers who were there at the end of a month (in an active stage), how many bought again
    within the horizon, by what was known of them then. A month whose horizon is not over says nothing yet. -#}
{%- set dimensions = [
    'all', 'cohort', 'rfm_segment', 'lifecycle_stage', 'channel', 'acquisition_channel', 'store',
    'value_tier', 'loyalty_tier'
] -%}
{%- set horizon = var('churn_horizon_days') -%}

with history as (

    select * from {{ ref('customer_lifecycle_history') }}

),

stages as (

    select * from {{ ref('dim_lifecycle_stages') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

rfm_history as (

    select * from {{ ref('customer_rfm_history') }}

),

orders as (

    select
        customer_id,
        order_date,
        store_id,
        channel_id,
        row_number() over (
            partition by customer_id, order_date order by ordered_at desc, order_id desc
        ) as order_number
    from {{ ref('fct_orders') }}
    where
        is_purchase
        and customer_id is not null

),

accounts as (

    select
        customer_id,
        tier,
        enrolled_on,
        row_number() over (
            partition by customer_id
            order by
                case when closed_on is null then 0 else 1 end asc,
                enrolled_on desc,
                account_id asc
        ) as account_number
    from {{ ref('stg_loyalty__accounts') }}

),

purchase_days as (

    select
        customer_id,
        purchase_date,
        max(case when valid_until is null then 1 else 0 end) as is_kept
    from {{ ref('int_customer_purchase_days') }}
    group by
        customer_id,
        purchase_date

),

as_of as (

    select * from {{ ref('as_of') }}

),

next_days as (

    select
        customer_id,
        purchase_date,
        min(case when is_kept = 1 then purchase_date end) over (
            partition by customer_id
            order by purchase_date
            rows between 1 following and unbounded following
        ) as next_purchase_date
    from purchase_days

),

there as (

    select
        history.customer_id,
        history.month_end,
        history.lifecycle_stage,
        history.last_purchase_date,
        history.trailing_12m_revenue,
        rank() over (
            partition by history.month_end order by history.trailing_12m_revenue desc
        ) as revenue_rank,
        count(*) over (partition by history.month_end) as customers_there
    from history
    inner join stages
        on history.lifecycle_stage = stages.lifecycle_stage
    where
        stages.is_active
        and history.last_purchase_date is not null

),

described as (

    select
        there.month_end,
        {{ dbt.dateadd('day', horizon, 'there.month_end') }} < as_of.as_of_date as is_mature,
        case
            when
                next_days.next_purchase_date
                <= {{ dbt.dateadd('day', horizon, 'there.month_end') }}
                then 1
            else 0
        end as is_retained,
        '(all)' as all_value,
        concat(
            cast(date_part('year', customers.first_order_date) as {{ dbt.type_string() }}),
            '-Q',
            cast(date_part('quarter', customers.first_order_date) as {{ dbt.type_string() }})
        ) as cohort_value,
        rfm_history.segment as rfm_segment_value,
        there.lifecycle_stage as lifecycle_stage_value,
        orders.channel_id as channel_value,
        customers.acquisition_channel_id as acquisition_channel_value,
        orders.store_id as store_value,
        case
            {% for percent in [1, 5, 10, 25, 50] %}
                when 100 * there.revenue_rank <= {{ percent }} * there.customers_there
                    then 'top_{{ percent }}_percent'
            {% endfor %}
            else 'rest'
        end as value_tier_value,
        case when accounts.enrolled_on <= there.month_end then accounts.tier end
            as loyalty_tier_value
    from there
    inner join customers
        on there.customer_id = customers.customer_id
    cross join as_of
    left join next_days
        on
            there.customer_id = next_days.customer_id
            and there.last_purchase_date = next_days.purchase_date
    left join rfm_history
        on
            there.customer_id = rfm_history.customer_id
            and there.month_end = rfm_history.month_end
    left join orders
        on
            there.customer_id = orders.customer_id
            and there.last_purchase_date = orders.order_date
            and orders.order_number = 1
    left join accounts
        on
            there.customer_id = accounts.customer_id
            and accounts.account_number = 1

),

counted as (

    {% for dimension in dimensions %}
        select
            '{{ dimension }}' as retention_dimension,
            coalesce({{ dimension }}_value, '(unknown)') as retention_value,
            month_end,
            is_mature,
            count(*) as customers,
            sum(is_retained) as retained_customers
        from described
        group by
            coalesce({{ dimension }}_value, '(unknown)'),
            month_end,
            is_mature
        {{ "union all" if not loop.last }}
    {% endfor %}

),

rates as (

    select
        retention_dimension,
        retention_value,
        month_end,
        is_mature,
        customers,
        case when is_mature then retained_customers end as retained_customers,
        case when is_mature then cast(retained_customers as double) / customers end
            as retention_rate
    from counted

)

select
    rates.retention_dimension,
    rates.retention_value,
    rates.month_end,
    cast({{ horizon }} as bigint) as horizon_days,
    rates.is_mature,
    rates.retention_dimension <> 'loyalty_tier' as is_known_then,
    cast(rates.customers as bigint) as customers,
    cast(rates.retained_customers as bigint) as retained_customers,
    cast(rates.customers - rates.retained_customers as bigint) as churned_customers,
    round(rates.retention_rate, 9) as retention_rate,
    {{ wilson_bound('rates.retention_rate', 'cast(rates.customers as double)', '-') }}
        as retention_rate_low,
    {{ wilson_bound('rates.retention_rate', 'cast(rates.customers as double)', '+') }}
        as retention_rate_high,
    round(1 - rates.retention_rate, 9) as churn_rate,
    1 - {{ wilson_bound('rates.retention_rate', 'cast(rates.customers as double)', '+') }}
        as churn_rate_low,
    1 - {{ wilson_bound('rates.retention_rate', 'cast(rates.customers as double)', '-') }}
        as churn_rate_high
from rates
