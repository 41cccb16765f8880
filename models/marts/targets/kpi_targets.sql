{#- A row for the current and the last period of every key figure, and for whatever a target is
    agreed. -#}
{%- set near = var('kpi_target_near_share') -%}
{%- set last_day = dbt.dateadd('day', -1, 'as_of_date') -%}
with kpis as (

    select * from {{ ref('target_kpis') }}

),

agreed as (

    select * from {{ ref('targets_agreed') }}

),

projections as (

    select * from {{ ref('int_target_projections') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

grains as (

    {% for grain, months in [('month', 1), ('quarter', 3), ('year', 12)] %}
        select
            '{{ grain }}' as period_grain,
            cast({{ dbt.date_trunc(grain, last_day) }} as date) as current_start,
            cast(
                {{ dbt.dateadd('month', -1 * months, dbt.date_trunc(grain, last_day)) }} as date
            ) as last_start
        from as_of
        {{ "union all" if not loop.last }}
    {% endfor %}

),

keys as (

    select
        kpis.kpi,
        grains.period_grain,
        grains.current_start as period_start
    from kpis
    cross join grains

    union

    select
        kpis.kpi,
        grains.period_grain,
        grains.last_start as period_start
    from kpis
    cross join grains

    union

    select
        kpi,
        period_grain,
        period_start
    from agreed

),

bounded as (

    select
        keys.kpi,
        keys.period_grain,
        keys.period_start,
        cast(
            case keys.period_grain
                when 'month' then {{ dbt.dateadd('month', 1, 'keys.period_start') }}
                when 'quarter' then {{ dbt.dateadd('month', 3, 'keys.period_start') }}
                else {{ dbt.dateadd('year', 1, 'keys.period_start') }}
            end as date
        ) as next_start
    from keys

),

joined as (

    select
        bounded.kpi,
        kpis.kind,
        kpis.better,
        kpis.unit,
        bounded.period_grain,
        bounded.period_start,
        bounded.next_start,
        as_of.as_of_date,
        bounded.next_start <= as_of.as_of_date as is_over,
        bounded.period_start >= as_of.as_of_date as is_to_come,
        greatest(
            0,
            least(
                {{ dbt.datediff('bounded.period_start', 'as_of.as_of_date', 'day') }},
                {{ dbt.datediff('bounded.period_start', 'bounded.next_start', 'day') }}
            )
        ) as passed_days,
        agreed.owner,
        cast(agreed.target as double) as target,
        projections.kpi is not null as is_measured,
        projections.actual,
        projections.pace,
        projections.pace_basis,
        projections.projected_end,
        projections.past_periods,
        projections.margin
    from bounded
    cross join as_of
    inner join kpis
        on bounded.kpi = kpis.kpi
    left join agreed
        on
            bounded.kpi = agreed.kpi
            and bounded.period_grain = agreed.period_grain
            and bounded.period_start = agreed.period_start
    left join projections
        on
            bounded.kpi = projections.kpi
            and bounded.period_grain = projections.period_grain
            and bounded.period_start = projections.period_start

),

-- A period that is over ends where it ended; a count never ends below what it has reached.
ending as (

    select
        joined.*,
        case
            when is_over then actual
            when passed_days >= {{ var('kpi_target_min_days') }} then projected_end
        end as ends,
        case
            when is_over then actual
            when passed_days < {{ var('kpi_target_min_days') }} then null
            when unit = 'count' then greatest(projected_end - margin, actual)
            else projected_end - margin
        end as ends_low,
        case
            when is_over then actual
            when passed_days >= {{ var('kpi_target_min_days') }} then projected_end + margin
        end as ends_high
    from joined

),

-- Turned so that more is better, to nine decimals, so that what lies at the limit is not missed by
-- rounding.
compared as (

    select
        ending.*,
        round(case better when 'lower' then target - ends else ends - target end, 9) as ahead_by,
        round(
            case better when 'lower' then target - ends_high else ends_low - target end, 9
        ) as worst_ahead_by,
        round(
            case better when 'lower' then target - ends_low else ends_high - target end, 9
        ) as best_ahead_by,
        round({{ near }} * abs(target), 9) as near
    from ending

),

reasoned as (

    select
        compared.*,
        case
            when is_to_come then 'not_begun'
            when not is_measured then 'not_measured'
            when is_over and actual is null and kpi = 'churn_rate' then 'known_later'
            when is_over and actual is null then 'not_measured'
            when is_over then null
            when passed_days < {{ var('kpi_target_min_days') }} then 'begun_lately'
            when kpi = 'churn_rate' and ends is null then 'known_later'
            when ends is null then 'no_pace'
            when ends_low is null then 'few_past_periods'
            when kind = 'sum' and pace_basis = 'earlier_periods' then 'no_last_year'
        end as status_reason
    from compared

)

select
    kpi,
    period_grain,
    period_start,
    cast({{ dbt.dateadd('day', -1, 'next_start') }} as date) as period_end,
    case period_grain
        when 'year' then cast(extract(year from period_start) as string)
        when 'quarter'
            then concat(
                cast(extract(year from period_start) as string), '-Q',
                cast(extract(quarter from period_start) as string)
            )
        else concat(
            cast(extract(year from period_start) as string), '-',
            right(concat('0', cast(extract(month from period_start) as string)), 2)
        )
    end as period,
    as_of_date,
    kind as kpi_kind,
    unit,
    better,
    is_over,
    cast(passed_days as bigint) as passed_days,
    owner,
    cast(target as decimal(18, 4)) as target,
    round(actual, 6) as actual,
    round(actual - target, 6) as gap,
    round(case when is_over and kind = 'sum' and is_measured then 1.0 else pace end, 9) as pace,
    case when not is_over then pace_basis end as pace_basis,
    round(case when is_over then target else target * pace end, 6) as target_to_date,
    round(ends, 6) as projected_end,
    round(ends_low, 6) as projected_lower,
    round(ends_high, 6) as projected_upper,
    cast(past_periods as bigint) as past_periods,
    case
        when target is null then 'no_target'
        when ends is null then 'too_little_data'
        when is_over and ahead_by >= 0 then 'met'
        when is_over then 'missed'
        when worst_ahead_by >= 0 then 'ahead'
        when best_ahead_by < 0 then 'behind'
        when ends_low is not null then 'on_track'
        when ahead_by >= near then 'ahead'
        when ahead_by < -near then 'behind'
        else 'on_track'
    end as target_status,
    status_reason
from reasoned
