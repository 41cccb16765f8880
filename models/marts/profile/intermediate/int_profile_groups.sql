{#- Customers by attribute and value, none left out and none pooled. Spellings that differ in case
    or in spaces around them are one value, under the commonest; what says nothing is no value. Read
    by spelling and not by customer, because there are few of them. -#}
{%- set types = {
    'customers': 'bigint',
    'filled_customers': 'bigint',
    'active_customers': 'bigint',
    'orders': 'bigint',
    'net_revenue': 'decimal(18, 2)',
    'recent_orders': 'bigint',
    'recent_net_revenue': 'decimal(18, 2)',
    'recent_categories': 'bigint',
    'active_spend': 'double',
    'active_spend_squared': 'double',
} -%}
{%- set sums = types | list -%}
{%- set is_number = "translate(spellings.spelling, '0123456789., ', '') = ''" -%}

with customers as (

    select * from {{ ref('int_profile_customers') }}

),

unknown_values as (

    {{ texts_without_value() }}

),

spellings as (

    {% for attribute, column in base_profile_attributes().items() %}
        select
            '{{ attribute }}' as attribute,
            {{ column }} as spelling,
            count(*) as customers,
            count({{ 'registered_date' if attribute == 'registration_year' else column }})
                as filled_customers,
            sum(case when is_active then 1 else 0 end) as active_customers,
            sum(orders) as orders,
            sum(net_revenue) as net_revenue,
            sum(recent_orders) as recent_orders,
            sum(recent_net_revenue) as recent_net_revenue,
            sum(recent_categories) as recent_categories,
            sum(case when is_active then cast(recent_net_revenue as double) end) as active_spend,
            sum(
                case
                    when is_active
                        then cast(recent_net_revenue as double) * cast(recent_net_revenue as double)
                end
            ) as active_spend_squared
        from customers
        group by {{ column }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

read as (

    select
        spellings.*,
        case
            when unknown_values.value is not null or trim(spellings.spelling) = '' then null
            when spellings.attribute = 'age_band' and {{ is_number }}
                then {{ age_band(leading_number('spellings.spelling')) }}
            when spellings.attribute = 'income_band' and {{ is_number }}
                then {{ income_band(leading_number('spellings.spelling')) }}
            else trim(spellings.spelling)
        end as value
    from spellings
    left join unknown_values
        on
            lower(trim(spellings.spelling)) = unknown_values.value
            and concat(' ', coalesce(unknown_values.except_for, ''), ' ')
            not like concat('% ', spellings.attribute, ' %')

),

-- A row for those of whom nothing is known, also where there are none.
completed as (

    select
        attribute,
        value,
        {% for column in sums %}
            {{ column }},
        {% endfor %}
        value is null as is_unknown
    from read

    union all

    select distinct
        attribute,
        cast(null as {{ dbt.type_string() }}) as value,
        {% for column in sums %}
            cast(null as {{ types[column] }}) as {{ column }},
        {% endfor %}
        true as is_unknown
    from spellings

),

named as (

    select
        completed.*,
        first_value(value) over (
            partition by attribute, lower(value)
            order by customers desc nulls last, value asc
        ) as common_value
    from completed

)

select
    attribute,
    common_value as value,
    {% for column in sums if column != 'recent_categories' %}
        cast(coalesce(sum({{ column }}), 0) as {{ types[column] }}) as {{ column }},
    {% endfor %}
    cast(sum(recent_categories) as bigint) as recent_categories
from named
group by
    attribute,
    common_value
