{#- The day of last year that a day is compared with: a holiday with the same holiday; every other
    with the same weekday 52 weeks before, or the week after or before that where it was a
    holiday. -#}
with dates as (

    select * from {{ ref('dim_dates') }}

),

holidays as (

    select
        holiday,
        holiday_date,
        extract(year from holiday_date) as holiday_year
    from {{ ref('holidays') }}

),

holiday_days as (

    select
        now_days.holiday_date as date_day,
        min(last_year.holiday_date) as comparison_date
    from holidays as now_days
    inner join holidays as last_year
        on
            now_days.holiday = last_year.holiday
            and now_days.holiday_year = last_year.holiday_year + 1
    group by now_days.holiday_date

),

any_holidays as (

    select distinct holiday_date
    from holidays

),

weekdays as (

    select
        date_day,
        cast({{ dbt.dateadd('day', -364, 'date_day') }} as date) as same_weekday,
        cast({{ dbt.dateadd('day', -357, 'date_day') }} as date) as week_after,
        cast({{ dbt.dateadd('day', -371, 'date_day') }} as date) as week_before
    from dates

)

select
    weekdays.date_day,
    coalesce(
        holiday_days.comparison_date,
        case when at_weekday.holiday_date is null then weekdays.same_weekday end,
        case when after_weekday.holiday_date is null then weekdays.week_after end,
        weekdays.week_before
    ) as comparison_date,
    cast({{ dbt.dateadd('year', -1, 'weekdays.date_day') }} as date) as same_date
from weekdays
left join holiday_days
    on weekdays.date_day = holiday_days.date_day
left join any_holidays as at_weekday
    on weekdays.same_weekday = at_weekday.holiday_date
left join any_holidays as after_weekday
    on weekdays.week_after = after_weekday.holiday_date
