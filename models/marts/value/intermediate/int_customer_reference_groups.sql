{#- Whom a customer is compared with: those of the finest group that has enough customers with
    revenue. Demographics come first, because they tell what a household needs and not what it buys
    here; without any, customers of the same rhythm. Who has not been here for the whole window is
    taken as if they had, so that a late start is no gap. -#}
{%- set levels = {
    'household_income_region': ['household_size', 'income_band', 'region'],
    'household_income': ['household_size', 'income_band'],
    'household': ['household_size'],
    'income': ['income_band'],
    'age_region': ['age_band', 'region'],
    'age': ['age_band'],
    'rhythm': ['rhythm_class'],
    'everyone': [],
} -%}

with customers as (

    select * from {{ ref('dim_customers') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

contributions as (

    select * from {{ ref('int_customer_contributions') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

first_sale as (

    select min(first_order_date) as first_sale_date
    from customers

),

windows as (

    select
        customers.customer_id,
        customers.household_size,
        customers.income_band,
        customers.region,
        customers.age_band,
        lifecycle.rhythm_class,
        customers.first_order_date,
        contributions.net_revenue_365d,
        least(
            {{ dbt.datediff('first_sale.first_sale_date', 'as_of.as_of_date', 'day') }}, 365
        ) as window_days,
        case
            when customers.has_prior_history
                then {{ dbt.datediff('first_sale.first_sale_date', 'as_of.as_of_date', 'day') }}
            else {{ dbt.datediff('customers.first_order_date', 'as_of.as_of_date', 'day') }}
        end as days_here
    from customers
    inner join contributions
        on customers.customer_id = contributions.customer_id
    left join lifecycle
        on customers.customer_id = lifecycle.customer_id
    cross join first_sale
    cross join as_of

),

compared as (

    select
        windows.*,
        case
            when first_order_date is null then 'no_purchase'
            when days_here < {{ var('potential_min_days') }} then 'too_new'
        end as potential_reason,
        {{ rounded_decimal(
            "cast(greatest(net_revenue_365d, 0) as double) * window_days "
            ~ "/ nullif(least(days_here, window_days), 0)"
        ) }} as comparable_revenue
    from windows

),

candidates as (

    {% for level, columns in levels.items() %}
        select
            customer_id,
            comparable_revenue,
            {{ loop.index }} as level_rank,
            '{{ level }}' as reference_level,
            {% if columns %}
                {% for column in columns %}
                    '{{ column }} ' || {{ column }}{{ " || ', ' ||" if not loop.last }}
                {% endfor %}
            {% else %}
                'everyone'
            {% endif %} as reference_group
        from compared
        where
            potential_reason is null
            {% for column in columns %}
                and {{ column }} is not null
            {% endfor %}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

groups as (

    select
        reference_level,
        reference_group,
        count(*) as reference_customers,
        {{ percentile('comparable_revenue', 0.75) }} as reference_revenue
    from candidates
    where comparable_revenue > 0
    group by
        reference_level,
        reference_group
    having count(*) >= {{ var('potential_min_customers') }}

),

ranked as (

    select
        candidates.customer_id,
        candidates.reference_level,
        candidates.reference_group,
        groups.reference_customers,
        groups.reference_revenue,
        row_number() over (partition by candidates.customer_id order by candidates.level_rank)
            as choice
    from candidates
    inner join groups
        on
            candidates.reference_level = groups.reference_level
            and candidates.reference_group = groups.reference_group

)

select
    compared.customer_id,
    coalesce(
        compared.potential_reason,
        case when ranked.customer_id is null then 'too_few_customers' end
    ) as potential_reason,
    compared.net_revenue_365d,
    case when compared.potential_reason is null then compared.comparable_revenue end
        as comparable_revenue,
    ranked.reference_level,
    ranked.reference_group,
    cast(ranked.reference_customers as bigint) as reference_customers,
    cast(ranked.reference_revenue as decimal(18, 2)) as reference_revenue
from compared
left join ranked
    on
        compared.customer_id = ranked.customer_id
        and ranked.choice = 1
