with days as (

    select * from {{ ref('date_spine') }}

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    days.date_day,
    cast({{ dbt.date_trunc('week', 'days.date_day') }} as date) as week_start_date,
    cast({{ dbt.date_trunc('month', 'days.date_day') }} as date) as month_start_date,
    cast({{ dbt.last_day('days.date_day', 'month') }} as date) as month_end_date,
    cast({{ dbt.date_trunc('quarter', 'days.date_day') }} as date) as quarter_start_date,
    cast({{ dbt.date_trunc('year', 'days.date_day') }} as date) as year_start_date,
    cast(extract(year from days.date_day) as bigint) as calendar_year,
    cast(extract(quarter from days.date_day) as bigint) as calendar_quarter,
    cast(extract(month from days.date_day) as bigint) as calendar_month,
    cast(extract(day from days.date_day) as bigint) as day_of_month,
    cast(
        {{ dbt.datediff(dbt.date_trunc('week', 'days.date_day'), 'days.date_day', 'day') }} + 1
        as bigint
    ) as iso_day_of_week,
    {{ dbt.datediff(dbt.date_trunc('week', 'days.date_day'), 'days.date_day', 'day') }} >= 5
        as is_weekend,
    days.date_day < as_of.as_of_date as is_observed
from days
cross join as_of
