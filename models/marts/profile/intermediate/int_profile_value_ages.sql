{#- The day on which a value was last seen to change, where the history has a change of it. The
    first version of a profile holds from the beginning, so that a value which never changed has no
    age. -#}
{%- set columns = dated_attributes() -%}

with versions as (

    select * from {{ ref('dim_customers_history') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

changed_customers as (

    select distinct customer_id
    from versions
    where version_number > 1

),

compared as (

    select
        versions.customer_id,
        versions.version_number,
        versions.valid_from,
        {% for column in columns.values() %}
            versions.{{ column }},
            lag(versions.{{ column }})
                over (partition by versions.customer_id order by versions.version_number)
                as previous_{{ column }},
        {% endfor %}
        versions.is_current
    from versions
    inner join changed_customers
        on versions.customer_id = changed_customers.customer_id

),

changes as (

    {% for attribute, column in columns.items() %}
        select
            '{{ attribute }}' as attribute,
            customer_id,
            max(
                case
                    when version_number > 1 and {{ column }} is distinct from previous_{{ column }}
                        then valid_from
                end
            ) as changed_on
        from compared
        group by customer_id
        -- What was taken out again has no age.
        having count(case when is_current then {{ column }} end) > 0
        {{ "union all" if not loop.last }}
    {% endfor %}

),

aged as (

    select
        changes.attribute,
        cast({{ dbt.datediff('changes.changed_on', 'as_of.as_of_date', 'day') }} as bigint)
            as age_days
    from changes
    cross join as_of
    where changes.changed_on is not null

)

select
    attribute,
    cast(count(*) as bigint) as dated_customers,
    cast({{ percentile('age_days', 0.5) }} as bigint) as median_age_days
from aged
group by attribute
