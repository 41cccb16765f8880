{#- Last visits of those who left silently, against all visits that could have been one: visits
    so long ago that their customer, silent since, would be called lost by now. A holiday takes
    the days before it, of two the nearer one. Who left by a register's word did so on a day of
    their own and is left out. Each list of values is judged as one. -#}
{%- set dimensions = ['season', 'weekday', 'holiday'] -%}

with lifecycle as (

    select * from {{ ref('customer_lifecycle') }}
    where coalesce(lost_source, 'silence') = 'silence'

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}
    where valid_until is null

),

dates as (

    select * from {{ ref('dim_dates') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

labels as (

    select * from {{ ref('churn_labels') }}
    where
        vocabulary in (
            {% for dimension in dimensions %}
                '{{ dimension }}'{{ "," if not loop.last }}
            {% endfor %}
        )

),

as_of as (

    select * from {{ ref('as_of') }}

),

calendar_span as (

    select
        min(holiday_date) as first_date,
        max(holiday_date) as last_date
    from holidays

),

visits as (

    select
        purchase_days.purchase_date,
        count(*) as visits,
        count(
            case
                when
                    lifecycle.lifecycle_stage = 'lost'
                    and purchase_days.purchase_date = lifecycle.last_purchase_date
                    then 1
            end
        ) as last_visits
    from purchase_days
    inner join lifecycle
        on purchase_days.customer_id = lifecycle.customer_id
    cross join as_of
    where
        {{ dbt.datediff('purchase_days.purchase_date', 'as_of.as_of_date', 'day') }}
        > lifecycle.lost_after_days
    group by purchase_days.purchase_date

),

near_holidays as (

    select
        dates.date_day,
        holidays.holiday,
        row_number() over (
            partition by dates.date_day
            order by
                abs({{ dbt.datediff('dates.date_day', 'holidays.holiday_date', 'day') }}),
                holidays.holiday_date,
                holidays.holiday
        ) as holiday_number
    from dates
    inner join holidays
        on
            dates.date_day <= holidays.holiday_date
            and holidays.holiday_date
            <= {{ dbt.dateadd('day', var('churn_timing_holiday_days'), 'dates.date_day') }}

),

described as (

    select
        visits.visits,
        visits.last_visits,
        case
            {% for season in ['spring', 'summer', 'autumn', 'winter'] %}
                when
                    dates.calendar_month in ({{ var('churn_timing_seasons')[season] | join(', ') }})
                    then '{{ season }}'
            {% endfor %}
        end as season,
        case dates.iso_day_of_week
            {% for weekday in [
                'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'
            ] %}
                when {{ loop.index }} then '{{ weekday }}'
            {% endfor %}
        end as weekday,
        case
            when visits.purchase_date between calendar_span.first_date and calendar_span.last_date
                then coalesce(near_holidays.holiday, 'no_holiday')
        end as holiday
    from visits
    inner join dates
        on visits.purchase_date = dates.date_day
    cross join calendar_span
    left join near_holidays
        on
            visits.purchase_date = near_holidays.date_day
            and near_holidays.holiday_number = 1

),

counted as (

    {% for dimension in dimensions %}
        select
            '{{ dimension }}' as timing_dimension,
            {{ dimension }} as timing_value,
            sum(last_visits) as last_visits,
            sum(visits) as visits
        from described
        where {{ dimension }} is not null
        group by {{ dimension }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

summed as (

    select
        counted.*,
        cast(last_visits as double)
        / nullif(
            cast(sum(last_visits) over (partition by timing_dimension) as double), 0
        ) as last_visit_share,
        cast(visits as double)
        / nullif(cast(sum(visits) over (partition by timing_dimension) as double), 0)
            as visit_share,
        cast(sum(last_visits) over (partition by timing_dimension) as double) as all_last_visits,
        cast(sum(visits) over (partition by timing_dimension) as double) as all_visits,
        count(*) over (partition by timing_dimension) as values_compared
    from counted

),

tested as (

    select
        summed.*,
        (last_visit_share - visit_share)
        / nullif(
            sqrt(
                visit_share * (1 - visit_share) * (1 / nullif(all_last_visits, 0) + 1 / all_visits)
            ),
            0
        ) as z
    from summed

),

judged as (

    select
        tested.*,
        round(least(1.0, values_compared * {{ two_sided_p('z') }}), 9) as p_value
    from tested

)

select
    judged.timing_dimension,
    judged.timing_value,
    as_of.as_of_date,
    cast(labels.sort_order as bigint) as sort_order,
    cast(judged.last_visits as bigint) as last_visits,
    cast(judged.visits as bigint) as visits,
    round(judged.last_visit_share, 9) as last_visit_share,
    case
        when judged.all_last_visits > 0
            then {{ wilson_bound('judged.last_visit_share', 'judged.all_last_visits', '-') }}
    end as last_visit_share_low,
    case
        when judged.all_last_visits > 0
            then {{ wilson_bound('judged.last_visit_share', 'judged.all_last_visits', '+') }}
    end as last_visit_share_high,
    round(judged.visit_share, 9) as visit_share,
    round(judged.last_visit_share / nullif(judged.visit_share, 0), 6) as timing_ratio,
    judged.p_value,
    case
        when judged.p_value is null then null
        when judged.p_value >= {{ var('churn_timing_p_value') }} then 'as_usual'
        when judged.z > 0 then 'more_often'
        else 'less_often'
    end as timing_finding
from judged
left join labels
    on
        judged.timing_dimension = labels.vocabulary
        and judged.timing_value = labels.value
cross join as_of
