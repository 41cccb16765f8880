{#- The date of birth is read here and goes no further: what comes out is the Monday of the week
    of the next birthday, which tells neither day nor year. -#}
with {{ visible_rows('crm', 'customers') }},

born as (

    select
        visible_rows.customer_id,
        visible_rows.birth_date,
        as_of.as_of_date
    from visible_rows
    cross join as_of
    where visible_rows.birth_date < as_of.as_of_date

),

aged as (

    select
        customer_id,
        birth_date,
        as_of_date,
        cast(extract(year from as_of_date) - extract(year from birth_date) as integer) as years
    from born

),

-- Who was born on a 29 February has a birthday on the 28th in other years.
celebrated as (

    select
        customer_id,
        as_of_date,
        cast({{ dbt.dateadd('year', 'years', 'birth_date') }} as date) as this_year,
        cast({{ dbt.dateadd('year', 'years + 1', 'birth_date') }} as date) as next_year
    from aged
    where years <= {{ var('profile_max_age') }}

),

dated as (

    select
        customer_id,
        as_of_date,
        case when this_year >= as_of_date then this_year else next_year end as birthday
    from celebrated

)

select
    customer_id,
    greatest(
        cast({{ dbt.date_trunc('week', 'birthday') }} as date), as_of_date
    ) as care_date
from dated
where {{ dbt.datediff('as_of_date', 'birthday', 'day') }} < {{ var('action_care_days') }}
