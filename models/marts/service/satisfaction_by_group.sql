{#- The last twelve months by one group at a time, and all months one by one; what does not add up
    (intervals, shares of the base) is told here. -#}
{%- set groups = ['all', 'lifecycle_stage', 'value_fifth', 'channel', 'store', 'month'] -%}

with answers as (

    select * from {{ ref('int_survey_answers') }}

),

weights as (

    select * from {{ ref('int_survey_weights') }}

),

known_from as (

    select * from {{ ref('int_survey_known_from') }}

),

standings as (

    select * from {{ ref('int_survey_standings') }}
    where is_in_base

),

as_of as (

    select * from {{ ref('as_of') }}

),

texts as (

    select
        answers.*,
        coalesce(cast(answers.value_fifth as {{ dbt.type_string() }}), 'unknown')
            as value_fifth_name,
        -- The first ten characters of a date as text are the day, on every engine.
        substring(cast(answers.survey_month as {{ dbt.type_string() }}), 1, 10) as month_name
    from answers

),

grouped as (

    {% for group in groups %}
        select
            '{{ group }}' as group_kind,
            {{ {
                'all': "'all'", 'lifecycle_stage': 'lifecycle_stage',
                'value_fifth': 'value_fifth_name', 'channel': 'channel_id', 'store': 'store_id',
                'month': 'month_name'
            }[group] }} as group_value,
            texts.*
        from texts
        {% if group != 'month' %}
            where texts.survey_year = 0
        {% endif %}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

counted as (

    select
        grouped.group_kind,
        grouped.group_value,
        grouped.survey_type,
        grouped.dimension,
        grouped.scale_max,
        min(
            case when grouped.survey_month >= known_from.nonresponse_known_from then 1 else 0 end
        ) = 1 as is_nonresponse_known,
        count(distinct case when grouped.is_answered then grouped.customer_id end)
            as respondent_count,
        count(case when grouped.is_scored and grouped.is_in_base then 1 end) as base_answers,
        {{ satisfaction_counts('grouped', 'weights') }}
    from grouped
    left join weights
        on grouped.response_id = weights.response_id
    left join known_from
        on grouped.survey_type = known_from.survey_type
    group by
        grouped.group_kind,
        grouped.group_value,
        grouped.survey_type,
        grouped.dimension,
        grouped.scale_max

),

recent_standings as (

    select
        standings.*,
        {{ survey_year('standings.survey_month', 'as_of.as_of_date') }} as survey_year
    from standings
    cross join as_of

),

recent_months as (

    select count(distinct survey_month) as months
    from recent_standings
    where survey_year = 0

),

base as (

    select
        'all' as group_kind,
        'all' as group_value,
        count(*) as customer_months
    from recent_standings
    where survey_year = 0

    union all

    select
        'lifecycle_stage' as group_kind,
        lifecycle_stage as group_value,
        count(*) as customer_months
    from recent_standings
    where survey_year = 0
    group by lifecycle_stage

    union all

    select
        'value_fifth' as group_kind,
        cast(value_fifth as {{ dbt.type_string() }}) as group_value,
        count(*) as customer_months
    from recent_standings
    where survey_year = 0
    group by value_fifth

),

totals as (

    select
        counted.survey_type,
        counted.dimension,
        counted.scale_max,
        counted.base_answers
    from counted
    where counted.group_kind = 'all'

),

whole_base as (

    select customer_months
    from base
    where group_kind = 'all'

),

joined as (

    select
        counted.*,
        base.customer_months / cast(nullif(recent_months.months, 0) as double) as base_customers,
        base.customer_months / cast(nullif(whole_base.customer_months, 0) as double) as base_share,
        case
            when base.customer_months is not null
                then counted.base_answers / cast(nullif(totals.base_answers, 0) as double)
        end as answer_share
    from counted
    cross join recent_months
    cross join whole_base
    left join base
        on
            counted.group_kind = base.group_kind
            and counted.group_value = base.group_value
    left join totals
        on
            counted.survey_type = totals.survey_type
            and counted.dimension = totals.dimension
            and coalesce(counted.scale_max, -1) = coalesce(totals.scale_max, -1)

)

select
    joined.group_kind,
    joined.group_value,
    joined.survey_type,
    joined.dimension,
    cast(joined.scale_max as double) as scale_max,
    as_of.as_of_date,
    cast(joined.respondent_count as bigint) as respondent_count,
    cast(round(joined.base_customers, 6) as double) as base_customers,
    cast(round(joined.base_share, 9) as double) as base_share,
    cast(round(joined.answer_share, 9) as double) as answer_share,
    cast(round(joined.answer_share / nullif(joined.base_share, 0), 9) as double)
        as representation,
    {{ satisfaction_columns() }}
from joined
cross join as_of
