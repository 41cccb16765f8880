{#- What was answered on one sheet, what the customer bought in the year before it, and whether they
    came back after it. What happens on the day of the answer or before is no outcome; who had cancelled by
    then knew the outcome when they answered. -#}
{%- set dimensions = survey_dimensions() -%}

with answers as (

    select * from {{ ref('int_survey_answers') }}
    where
        survey_type = 'csat'
        and is_scored

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_purchase
        and is_identified

),

tickets as (

    select * from {{ ref('int_service_tickets') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- Scales differ: all scores are of five.
sheets as (

    select
        sheet_id,
        min(customer_id) as customer_id,
        min(responded_on) as responded_on,
        {% for dimension in dimensions %}
            avg(case when dimension = '{{ dimension }}' then score * 5 / nullif(scale_max, 0) end)
                as {{ dimension }}_score,
        {% endfor %}
        avg(case when dimension = 'overall' then score * 5 / nullif(scale_max, 0) end)
            as overall_score
    from answers
    group by sheet_id

),

numbered as (

    select
        sheets.*,
        row_number() over (order by {{ dbt.hash('sheet_id') }}, sheet_id) as sample_number
    from sheets

),

sampled as (

    select *
    from numbered
    where sample_number <= {{ var('satisfaction_max_sheets') }}

),

leavings as (

    select
        customer_id,
        min(opened_on) as left_on
    from tickets
    where ticket_type = 'cancellation'
    group by customer_id

),

purchases as (

    select
        sampled.sheet_id,
        count(case when orders.order_date < sampled.responded_on then 1 end) as orders_before,
        sum(case when orders.order_date < sampled.responded_on then orders.net_revenue end)
            as revenue_before,
        min(case when orders.order_date < sampled.responded_on then orders.order_date end)
            as first_before,
        max(case when orders.order_date < sampled.responded_on then orders.order_date end)
            as last_before,
        count(case when orders.order_date > sampled.responded_on then 1 end) as orders_after
    from sampled
    inner join orders
        on
            sampled.customer_id = orders.customer_id
            and orders.order_date >= {{ dbt.dateadd('day', -365, 'sampled.responded_on') }}
            and orders.order_date
            <= {{ dbt.dateadd('day', var('churn_horizon_days'), 'sampled.responded_on') }}
    group by sampled.sheet_id

)

select
    sampled.sheet_id,
    sampled.customer_id,
    cast(sampled.responded_on as date) as responded_on,
    cast(sampled.overall_score as double) as overall_score,
    {% for dimension in dimensions %}
        cast(sampled.{{ dimension }}_score as double) as {{ dimension }}_score,
    {% endfor %}
    cast(coalesce(purchases.orders_before, 0) as bigint) as orders_before,
    cast(coalesce(purchases.revenue_before, 0) as double) as revenue_before,
    cast(
        {{ dbt.datediff('purchases.last_before', 'sampled.responded_on', 'day') }} as bigint
    ) as days_since_last,
    cast(
        case
            when purchases.orders_before > 1
                then
                    {{ dbt.datediff('purchases.first_before', 'purchases.last_before', 'day') }}
                    / cast(nullif(purchases.orders_before - 1, 0) as double)
        end as double
    ) as mean_gap_days,
    coalesce(leavings.left_on <= sampled.responded_on, false) as is_after_leaving,
    case
        when
            sampled.customer_id is not null
            and {{ dbt.dateadd('day', var('churn_horizon_days'), 'sampled.responded_on') }}
            < as_of.as_of_date
            then coalesce(purchases.orders_after, 0) > 0
    end as has_returned
from sampled
cross join as_of
left join purchases
    on sampled.sheet_id = purchases.sheet_id
left join leavings
    on sampled.customer_id = leavings.customer_id
