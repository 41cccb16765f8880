{#- By channel that brought them and month in which they were first seen. Who is at a step has
    been at all steps before: who buys is known, also without a registration. Rates are of those
    whose days are over, so that a young month does not look worse than an old one. -#}
{%- set days = var('channel_funnel_days') -%}
{%- set steps = [
    ('registered', 'aware_on', 'registered_on'),
    ('first_purchase', 'registered_on', 'first_order_date'),
    ('second_purchase', 'first_order_date', 'second_order_date')
] -%}
with customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where customer_id is not null

),

channels as (

    select * from {{ ref('dim_channels') }}

),

voices as (

    select * from {{ ref('int_channel_voices') }}
    where period_grain = 'month'

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- A purchase is a day: what else is bought on the first one is no second purchase.
purchases as (

    select
        customer_id,
        min(case when customer_order_number = 1 then order_date end) as first_order_date,
        min(case when days_since_previous_order > 0 then order_date end) as second_order_date
    from orders
    group by customer_id

),

first_touches as (

    select
        customer_id,
        min(touch_date) as first_touch_date
    from touchpoints
    group by customer_id

),

first_sale as (

    select min(order_date) as first_sale_date
    from orders

),

registrations as (

    select count(registered_date) > 0 as is_recorded
    from customers

),

dated as (

    select
        customers.customer_id,
        coalesce(customers.acquisition_channel_id, '(unknown)') as channel_id,
        cast({{ dbt.date_trunc('month', 'customers.first_seen_date') }} as date) as cohort_month,
        registrations.is_recorded,
        customers.has_prior_history,
        case
            when registrations.is_recorded
                then coalesce(
                    least(customers.registered_date, purchases.first_order_date),
                    customers.registered_date,
                    purchases.first_order_date
                )
            else purchases.first_order_date
        end as registered_on,
        first_touches.first_touch_date,
        purchases.first_order_date,
        purchases.second_order_date
    from customers
    cross join registrations
    left join purchases
        on customers.customer_id = purchases.customer_id
    left join first_touches
        on customers.customer_id = first_touches.customer_id
    where
        customers.first_seen_date is not null
        and (not customers.has_prior_history or purchases.customer_id is null)

),

-- Where nobody registers, who was reached goes straight to buying.
stepped as (

    select
        dated.has_prior_history,
        dated.channel_id,
        dated.cohort_month,
        dated.is_recorded,
        dated.first_order_date,
        dated.second_order_date,
        case when dated.is_recorded then dated.registered_on end as registered_on,
        case
            when
                dated.registered_on is null
                or dated.first_touch_date <= dated.registered_on
                then dated.first_touch_date
        end as aware_on
    from dated

),

steps as (

    {% for step, before, reached in steps %}
        select
            '{{ step }}' as step,
            stepped.channel_id,
            stepped.cohort_month,
            {% if step == 'first_purchase' -%}
                case when stepped.is_recorded then stepped.registered_on else stepped.aware_on end
            {%- else -%}
                stepped.{{ before }}
            {%- endif %} as before_on,
            stepped.{{ reached }} as reached_on
        from stepped
        where not stepped.has_prior_history
        {{ "union all" if not loop.last }}
    {% endfor %}

),

due as (

    select
        steps.step,
        steps.channel_id,
        steps.cohort_month,
        case
            when steps.reached_on <= {{ dbt.dateadd('day', days, 'steps.before_on') }}
                then {{ dbt.datediff('steps.before_on', 'steps.reached_on', 'day') }}
        end as days_between
    from steps
    cross join as_of
    where {{ dbt.dateadd('day', days, 'steps.before_on') }} < as_of.as_of_date

),

counted as (

    select
        step,
        channel_id,
        cohort_month,
        count(*) as due_customers,
        count(days_between) as reached_customers
    from due
    group by
        step,
        channel_id,
        cohort_month

),

ranked as (

    select
        due.step,
        due.channel_id,
        due.cohort_month,
        due.days_between,
        row_number() over (
            partition by due.step, due.channel_id, due.cohort_month order by due.days_between
        ) as day_rank,
        counted.reached_customers
    from due
    inner join counted
        on
            due.step = counted.step
            and due.channel_id = counted.channel_id
            and due.cohort_month = counted.cohort_month
    where due.days_between is not null

),

-- The 95% interval of a median: the values as far from the middle as chance puts half of them. Of
-- fewer than six there is none.
medians as (

    select
        step,
        channel_id,
        cohort_month,
        max(
            case when day_rank = floor((reached_customers + 1) / 2.0e0) then days_between end
        ) as days_median,
        max(
            case
                when
                    reached_customers >= 6
                    and day_rank = greatest(
                        floor(reached_customers / 2.0e0 - 0.98 * sqrt(reached_customers)), 1
                    )
                    then days_between
            end
        ) as days_low,
        max(
            case
                when
                    reached_customers >= 6
                    and day_rank = least(
                        ceil(1 + reached_customers / 2.0e0 + 0.98 * sqrt(reached_customers)),
                        reached_customers
                    )
                    then days_between
            end
        ) as days_high
    from ranked
    group by
        step,
        channel_id,
        cohort_month

),

rates as (

    select
        counted.*,
        medians.days_median,
        medians.days_low,
        medians.days_high,
        counted.reached_customers / cast(nullif(counted.due_customers, 0) as double) as rate
    from counted
    left join medians
        on
            counted.step = medians.step
            and counted.channel_id = medians.channel_id
            and counted.cohort_month = medians.cohort_month

),

pivoted as (

    select
        channel_id,
        cohort_month
        {% for step, before, reached in steps %}
            ,
            max(case when step = '{{ step }}' then due_customers end) as {{ step }}_due,
            max(case when step = '{{ step }}' then reached_customers end) as {{ step }}_reached,
            max(case when step = '{{ step }}' then rate end) as {{ step }}_rate,
            max(
                case
                    when step = '{{ step }}'
                        then {{ wilson_bound('rate', 'cast(due_customers as double)', '-') }}
                end
            ) as {{ step }}_rate_low,
            max(
                case
                    when step = '{{ step }}'
                        then {{ wilson_bound('rate', 'cast(due_customers as double)', '+') }}
                end
            ) as {{ step }}_rate_high,
            max(case when step = '{{ step }}' then days_median end) as days_to_{{ step }},
            max(case when step = '{{ step }}' then days_low end) as days_to_{{ step }}_low,
            max(case when step = '{{ step }}' then days_high end) as days_to_{{ step }}_high
        {% endfor %}
    from rates
    group by
        channel_id,
        cohort_month

),

totals as (

    select
        channel_id,
        cohort_month,
        count(case when not has_prior_history then 1 end) as aware_customers,
        count(case when not has_prior_history then aware_on end) as touched_customers,
        case
            when min(case when is_recorded then 1 else 0 end) = 1
                then count(case when not has_prior_history then registered_on end)
        end as registered_customers,
        count(first_order_date) as first_purchase_customers,
        count(second_order_date) as second_purchase_customers,
        count(case when not has_prior_history and first_order_date is null then 1 end)
            as prospects,
        count(case when has_prior_history then 1 end) as earlier_prospects
    from stepped
    group by
        channel_id,
        cohort_month

)

select
    totals.channel_id,
    totals.cohort_month,
    coalesce(channels.channel_name, 'Unknown') as channel_name,
    coalesce(
        totals.cohort_month
        < {{ dbt.dateadd('day', var('left_censored_days'), 'first_sale.first_sale_date') }}
        and {{ var('left_censored_days') }} > 0,
        false
    ) as is_left_censored,
    cast(totals.aware_customers as bigint) as aware_customers,
    cast(totals.touched_customers as bigint) as touched_customers,
    cast(totals.registered_customers as bigint) as registered_customers,
    cast(totals.first_purchase_customers as bigint) as first_purchase_customers,
    cast(totals.second_purchase_customers as bigint) as second_purchase_customers,
    cast(totals.prospects as bigint) as prospects,
    cast(totals.earlier_prospects as bigint) as earlier_prospects,
    {% for step, before, reached in steps %}
        cast(pivoted.{{ step }}_due as bigint) as {{ step }}_due,
        cast(pivoted.{{ step }}_reached as bigint) as {{ step }}_reached,
        round(pivoted.{{ step }}_rate, 9) as {{ step }}_rate,
        pivoted.{{ step }}_rate_low,
        pivoted.{{ step }}_rate_high,
        cast(pivoted.days_to_{{ step }} as bigint) as days_to_{{ step }},
        cast(pivoted.days_to_{{ step }}_low as bigint) as days_to_{{ step }}_low,
        cast(pivoted.days_to_{{ step }}_high as bigint) as days_to_{{ step }}_high,
    {% endfor %}
    voices.awareness_answers,
    voices.awareness,
    voices.awareness_low,
    voices.awareness_high
from totals
cross join first_sale
left join channels
    on totals.channel_id = channels.channel_id
left join pivoted
    on
        totals.channel_id = pivoted.channel_id
        and totals.cohort_month = pivoted.cohort_month
left join voices
    on
        totals.channel_id = voices.channel_id
        and totals.cohort_month = voices.period_start
