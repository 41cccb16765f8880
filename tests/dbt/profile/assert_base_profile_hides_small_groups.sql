{{ config(group='profile') }}
{%- set least = var('profile_min_customers') -%}

with profiled as (

    select * from {{ ref('customer_base_profile') }}

),

group_counts as (

    select
        attribute,
        count(value) as known_groups,
        sum(customers) as customers
    from {{ ref('int_profile_groups') }}
    group by attribute

),

told as (

    select
        attribute,
        count(case when value not in ('unknown', 'suppressed') then 1 end) as told_groups,
        min(case when value not in ('unknown', 'suppressed') then customers end) as least_told,
        count(case when value = 'suppressed' then 1 end) as suppressed_rows,
        max(case when value = 'suppressed' then customers end) as suppressed_customers,
        count(case when value = 'unknown' then 1 end) as unknown_rows,
        count(case when value = 'unknown' and customers is null then 1 end) as hidden_unknowns
    from profiled
    group by attribute

)

select
    group_counts.attribute,
    group_counts.known_groups,
    told.told_groups,
    told.least_told,
    told.suppressed_customers,
    told.unknown_rows
from group_counts
left join told
    on group_counts.attribute = told.attribute
where
    told.attribute is null
    or told.unknown_rows <> 1
    or told.least_told < {{ least }}
    or (told.suppressed_rows = 0) <> (told.told_groups = group_counts.known_groups)
    or (
        told.suppressed_rows = 1
        and (
            group_counts.known_groups - told.told_groups + told.hidden_unknowns < 2
            or (
                told.suppressed_customers < {{ least }}
                and told.suppressed_customers < group_counts.customers
            )
        )
    )
