{#- Where each whole period would have ended, told from the same part of it as has passed of the
    current one, by one rule: of a sum what has come over the share that came in this time of last
    year, or where that is not in the data of the three periods before; of a rate what it is so
    far. What the rule missed past periods by is the interval of the current one. -#}
{%- set confidence = var('kpi_target_confidence') -%}
with days as (

    select * from {{ ref('int_target_days') }}

),

comparisons as (

    select * from {{ ref('int_target_comparisons') }}

),

kpis as (

    select * from {{ ref('target_kpis') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

bounds as (

    select
        as_of.as_of_date,
        min(orders.order_date) as first_order_date,
        cast({{ dbt.dateadd('day', var('left_censored_days'), 'min(orders.order_date)') }} as date)
            as known_customers_date
    from as_of
    cross join orders
    group by as_of.as_of_date

),

grains as (

    {% for grain in ['month', 'quarter', 'year'] %}
        select
            '{{ grain }}' as period_grain,
            {{ grain }}_start_date as period_start,
            count(*) as period_days,
            count(case when is_observed then 1 end) as observed_days
        from dates
        group by {{ grain }}_start_date
        {{ "union all" if not loop.last }}
    {% endfor %}

),

current_periods as (

    select
        period_grain,
        max(period_start) as period_start
    from grains
    where observed_days > 0
    group by period_grain

),

points as (

    select
        grains.period_grain,
        grains.period_days as current_days,
        grains.observed_days as passed_days
    from grains
    inner join current_periods
        on
            grains.period_grain = current_periods.period_grain
            and grains.period_start = current_periods.period_start

),

periods as (

    select
        grains.period_grain,
        grains.period_start,
        grains.period_days,
        grains.observed_days,
        grains.observed_days = grains.period_days as is_over,
        least(
            grains.period_days,
            greatest(
                1,
                round(points.passed_days * grains.period_days / cast(points.current_days as double))
            )
        ) as cut_days
    from grains
    inner join points
        on grains.period_grain = points.period_grain
    cross join bounds
    where
        grains.observed_days > 0
        and grains.period_start >= bounds.first_order_date

),

measured as (

    select distinct
        days.kpi,
        kpis.kind
    from days
    inner join kpis
        on days.kpi = kpis.kpi

),

cells as (

    select
        measured.kpi,
        measured.kind,
        periods.*
    from measured
    cross join periods

),

sums as (

    select
        cells.period_grain,
        cells.period_start,
        cells.kpi,
        sum(days.numerator) as numerator,
        sum(days.denominator) as denominator,
        max(days.date_day) as last_date,
        sum(
            case
                when
                    {{ dbt.datediff('cells.period_start', 'days.date_day', 'day') }}
                    < cells.cut_days
                    then days.numerator
            end
        ) as cut_numerator,
        sum(
            case
                when
                    {{ dbt.datediff('cells.period_start', 'days.date_day', 'day') }}
                    < cells.cut_days
                    then days.denominator
            end
        ) as cut_denominator
    from cells
    inner join days
        on
            cells.period_grain = days.period_grain
            and cells.period_start = days.period_start
            and cells.kpi = days.kpi
    group by
        cells.period_grain,
        cells.period_start,
        cells.kpi

),

-- A customer's first day in a period depends on the place in it, not on the weekday.
period_days as (

    select
        cells.period_grain,
        cells.period_start,
        cells.kpi,
        dates.date_day,
        {{ dbt.datediff('cells.period_start', 'dates.date_day', 'day') }} < cells.cut_days
            as is_before_cut,
        case
            when cells.kpi = 'active_customers' then comparisons.same_date
            else comparisons.comparison_date
        end as comparison_date
    from cells
    inner join dates
        on
            cells.period_start <= dates.date_day
            and {{ dbt.datediff('cells.period_start', 'dates.date_day', 'day') }}
            < cells.period_days
    inner join comparisons
        on dates.date_day = comparisons.date_day
    where cells.kind = 'sum'

),

last_years as (

    select
        period_days.period_grain,
        period_days.period_start,
        period_days.kpi,
        min(period_days.comparison_date) as first_comparison_date,
        sum(days.numerator) as last_year_total,
        sum(case when period_days.is_before_cut then days.numerator else 0 end)
            as last_year_to_cut
    from period_days
    left join days
        on
            period_days.period_grain = days.period_grain
            and period_days.kpi = days.kpi
            and period_days.comparison_date = days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        period_days.kpi

),

joined as (

    select
        cells.*,
        case
            when cells.kind = 'sum' then coalesce(sums.numerator, 0)
            -- Of a period that is over the churn of all its months is known, or none is told.
            when
                cells.kpi = 'churn_rate'
                and cells.is_over
                and {{ dbt.datediff('cells.period_start', 'sums.last_date', 'day') }} + 1
                < cells.period_days
                then null
            else sums.numerator / nullif(sums.denominator, 0)
        end as actual,
        case
            when cells.kind = 'sum' then coalesce(sums.cut_numerator, 0)
            else sums.cut_numerator / nullif(sums.cut_denominator, 0)
        end as to_cut,
        case
            when
                last_years.first_comparison_date
                >= case
                    when cells.kpi = 'new_customers' then bounds.known_customers_date
                    else bounds.first_order_date
                end
                and last_years.last_year_total > 0
                and last_years.last_year_to_cut > 0
                then last_years.last_year_to_cut / last_years.last_year_total
        end as last_year_pace
    from cells
    cross join bounds
    left join sums
        on
            cells.period_grain = sums.period_grain
            and cells.period_start = sums.period_start
            and cells.kpi = sums.kpi
    left join last_years
        on
            cells.period_grain = last_years.period_grain
            and cells.period_start = last_years.period_start
            and cells.kpi = last_years.kpi

),

with_earlier as (

    select
        joined.*,
        count(*) over earlier as earlier_periods,
        sum(joined.to_cut) over earlier as earlier_to_cut,
        sum(joined.actual) over earlier as earlier_total
    from joined
    window earlier as (
        partition by joined.period_grain, joined.kpi
        order by joined.period_start
        rows between 3 preceding and 1 preceding
    )

),

paced as (

    select
        with_earlier.*,
        case
            when kind = 'rate' then null
            when last_year_pace is not null then 'last_year'
            when earlier_periods = 3 and earlier_total > 0 and earlier_to_cut > 0
                then 'earlier_periods'
        end as pace_basis,
        case
            when kind = 'rate' then null
            when last_year_pace is not null then last_year_pace
            when earlier_periods = 3 and earlier_total > 0 and earlier_to_cut > 0
                then earlier_to_cut / earlier_total
        end as pace
    from with_earlier

),

projected as (

    select
        paced.*,
        case when kind = 'rate' then to_cut else to_cut / pace end as projected_end
    from paced

),

missed_by as (

    select
        period_grain,
        kpi,
        pace_basis,
        case
            when kind = 'rate' then abs(actual - projected_end)
            else abs(actual - projected_end) / nullif(abs(projected_end), 0)
        end as missed_by
    from projected
    where is_over

),

-- Of n errors and one to come, each place is as likely for the one to come: at most so many times
-- in a hundred it is beyond the one of this rank.
ranked as (

    select
        period_grain,
        kpi,
        pace_basis,
        missed_by,
        row_number() over (
            partition by period_grain, kpi, pace_basis order by missed_by
        ) as error_rank,
        count(*) over (partition by period_grain, kpi, pace_basis) as past_periods
    from missed_by
    where missed_by is not null

),

errors as (

    select
        period_grain,
        kpi,
        pace_basis,
        max(past_periods) as past_periods,
        max(
            case
                when error_rank = ceil(round((past_periods + 1) * {{ confidence }}, 6))
                    then missed_by
            end
        ) as missed_by
    from ranked
    group by
        period_grain,
        kpi,
        pace_basis

)

select
    projected.period_grain,
    projected.period_start,
    projected.kpi,
    projected.kind,
    projected.is_over,
    projected.observed_days,
    projected.actual,
    projected.pace,
    projected.pace_basis,
    projected.projected_end,
    coalesce(errors.past_periods, 0) as past_periods,
    errors.missed_by
    * case when projected.kind = 'rate' then 1 else abs(projected.projected_end) end
        as margin
from projected
left join errors
    on
        projected.period_grain = errors.period_grain
        and projected.kpi = errors.kpi
        and coalesce(projected.pace_basis, '-') = coalesce(errors.pace_basis, '-')
