{#- Customers by attribute and value, none left out and none pooled. Spellings that differ in case or
    in spaces around them are one value, under the commonest; what says nothing is no value. Told by
    spelling and not by customer, because there are few of them. -#}
{%- set sums = [
    'customers', 'filled_customers', 'active_customers', 'orders', 'net_revenue', 'recent_orders',
    'recent_net_revenue', 'recent_categories', 'active_spend', 'active_spend_squared'
] -%}
{%- set is_number = "translate(spellings.spelling, '0123456789. ', '') = ''" -%}

with customers as (

    select * from {{ ref('int_profile_customers') }}

),

unknown_values as (

    select * from {{ ref('unknown_values') }}

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
unknowns as (

    select distinct attribute
    from spellings

),

completed as (

    select
        attribute,
        value,
        {{ sums | join(",\n        ") }}
    from read

    union all

    select
        attribute,
        cast(null as {{ dbt.type_string() }}) as value,
        {% for column in sums -%}
            cast({{ 'null' if column == 'recent_categories' else 0 }} as {{ 'double' if 'spend' in column else 'decimal(18, 2)' if 'revenue' in column
                else 'bigint' }}) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from unknowns

),

named as (

    select
        completed.*,
        first_value(value) over (
            partition by attribute, lower(value)
            order by customers desc, value
        ) as common_value
    from completed

)

select
    attribute,
    common_value as value,
    {% for column in sums -%}
        cast(
            {{ 'coalesce(sum(' ~ column ~ '), 0)' if column != 'recent_categories'
                else 'sum(' ~ column ~ ')' }}
            as {{ 'double' if 'spend' in column else 'decimal(18, 2)' if 'revenue' in column
                else 'bigint' }}
        ) as {{ column }}{{ "," if not loop.last }}
    {% endfor %}
from named
group by
    attribute,
    common_value
