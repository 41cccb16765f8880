{#- ISO weeks belong to the year of their Thursday. In the 4-5-4 calendar of retailers a year has 52
    or 53 weeks. A year of 53 is compared with the next one by its restated weeks, moved up by one, so
    that weeks of about the same dates meet; its first week is then nobody's. -#}
with days as (

    select * from {{ ref('date_spine') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

weeks as (

    select
        date_day,
        cast({{ dbt.dateadd('day', 3, dbt.date_trunc('week', 'date_day')) }} as date)
            as iso_thursday,
        {{ sunday_before('date_day') }} as retail_week_start_date,
        {{ retail_year_start('date_day', -1) }} as retail_year_before,
        {{ retail_year_start('date_day') }} as retail_year_same,
        {{ retail_year_start('date_day', 1) }} as retail_year_after
    from days

),

retail_years as (

    select
        date_day,
        iso_thursday,
        retail_week_start_date,
        case when date_day >= retail_year_same then retail_year_same else retail_year_before end
            as retail_year_start_date,
        case when date_day >= retail_year_same then retail_year_after else retail_year_same end
            as next_retail_year_start_date
    from weeks

),

retail_weeks as (

    select
        date_day,
        iso_thursday,
        retail_week_start_date,
        retail_year_start_date,
        next_retail_year_start_date,
        extract(year from retail_year_start_date) as retail_year,
        cast(
            {{ dbt.datediff('retail_year_start_date', 'retail_week_start_date', 'day') }} / 7 + 1
            as bigint
        ) as retail_week,
        cast(
            {{ dbt.datediff('retail_year_start_date', 'next_retail_year_start_date', 'day') }} / 7
            as bigint
        ) as retail_weeks_in_year
    from retail_years

),

retail_months as (

    select
        retail_weeks.*,
        {{ retail_month('retail_week') }} as retail_month,
        {{ retail_weeks_before_month('retail_week') }} as weeks_before_month,
        case when retail_weeks_in_year = 53 then nullif(retail_week - 1, 0) else retail_week end
            as restated_retail_week
    from retail_weeks

),

retail_month_bounds as (

    select
        retail_months.*,
        cast({{ dbt.dateadd('day', '7 * weeks_before_month', 'retail_year_start_date') }} as date)
            as retail_month_start_date,
        case
            when retail_month = 12 then retail_weeks_in_year - weeks_before_month
            when retail_month in (2, 5, 8, 11) then 5
            else 4
        end as weeks_in_month
    from retail_months

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
    days.date_day < as_of.as_of_date as is_observed,
    cast(extract(year from days.iso_thursday) as bigint) as iso_year,
    cast(
        floor({{ dbt.datediff(
            dbt.date_trunc('year', 'days.iso_thursday'), 'days.iso_thursday', 'day'
        ) }} / 7) + 1 as bigint
    ) as iso_week,
    cast(days.retail_year as bigint) as retail_year,
    cast(floor((days.retail_month - 1) / 3) + 1 as bigint) as retail_quarter,
    cast(days.retail_month as bigint) as retail_month,
    days.retail_week,
    days.retail_weeks_in_year,
    days.retail_year_start_date,
    days.retail_month_start_date,
    cast(
        {{ dbt.dateadd('day', '7 * days.weeks_in_month - 1', 'days.retail_month_start_date') }}
        as date
    ) as retail_month_end_date,
    days.retail_week_start_date,
    cast(case when days.restated_retail_week is not null then days.retail_year end as bigint)
        as restated_retail_year,
    cast({{ retail_month('days.restated_retail_week') }} as bigint) as restated_retail_month,
    days.restated_retail_week,
    cast({{ dbt.dateadd('day', -364, 'days.date_day') }} as date) as retail_comparison_date
from retail_month_bounds as days
cross join as_of
