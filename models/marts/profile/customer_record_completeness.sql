{#- A value is filled where something stands, and valid where it says something: what stands for
    "unknown" does not, nor does what cannot be. Where customers are told apart by an attribute, the
    valid values are those that customer_base_profile knows. -#}
with customers as (

    select * from {{ ref('int_profile_customers') }}

),

profile_groups as (

    select * from {{ ref('int_profile_groups') }}

),

value_ages as (

    select * from {{ ref('int_profile_value_ages') }}

),

base as (

    select
        count(*) as customers,
        sum(case when is_known then 1 else 0 end) as profiles
    from customers

),

counted as (

    select
        attribute,
        sum(filled_customers) as filled_customers,
        sum(case when value is not null then customers else 0 end) as valid_customers
    from profile_groups
    group by attribute

    union all

    select
        'household_id' as attribute,
        count(household_id) as filled_customers,
        count(household_id) as valid_customers
    from customers

    union all

    -- Nobody refers themselves.
    select
        'referrer' as attribute,
        count(referrer_customer_id) as filled_customers,
        count(case when referrer_customer_id <> customer_id then 1 end) as valid_customers
    from customers

    {% for attribute in record_only_attributes() if attribute not in ['household_id', 'referrer'] %}
        union all

        select
            '{{ attribute }}' as attribute,
            sum(case when is_{{ attribute }}_filled then 1 else 0 end) as filled_customers,
            sum(case when is_{{ attribute }}_valid then 1 else 0 end) as valid_customers
        from customers
    {% endfor %}

)

select
    counted.attribute,
    cast(base.customers as bigint) as customers,
    cast(base.profiles as bigint) as profiles,
    cast(counted.filled_customers as bigint) as filled_customers,
    cast(counted.valid_customers as bigint) as valid_customers,
    cast(counted.filled_customers - counted.valid_customers as bigint) as invalid_customers,
    cast(counted.filled_customers as double) / base.customers as filled_share,
    cast(counted.valid_customers as double) / base.customers as valid_share,
    cast(coalesce(value_ages.dated_customers, 0) as bigint) as dated_customers,
    value_ages.median_age_days
from counted
cross join base
left join value_ages
    on counted.attribute = value_ages.attribute
where base.customers > 0
