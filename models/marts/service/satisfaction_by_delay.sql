with answers as (

    select * from {{ ref('int_survey_answers') }}
    where
        survey_type = 'csat'
        and is_scored

),

deliveries as (

    select * from {{ ref('int_order_deliveries') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

counted as (

    select
        deliveries.delay_band,
        answers.dimension,
        answers.scale_max,
        count(*) as answer_count,
        count(distinct answers.order_id) as order_count,
        sum(answers.score) as score_total,
        sum(answers.score * answers.score) as score_squared_total,
        count(case when answers.is_top_box then 1 end) as top_box_count
    from answers
    inner join deliveries
        on answers.order_id = deliveries.order_id
    group by
        deliveries.delay_band,
        answers.dimension,
        answers.scale_max

),

measured as (

    select
        counted.*,
        score_total / cast(nullif(answer_count, 0) as double) as mean_score,
        top_box_count / cast(nullif(answer_count, 0) as double) as csat,
        sqrt(
            greatest(
                0.0,
                score_squared_total
                - score_total * score_total / cast(nullif(answer_count, 0) as double)
            ) / nullif(answer_count - 1, 0) / nullif(answer_count, 0)
        ) as standard_error
    from counted

)

select
    measured.delay_band,
    measured.dimension,
    cast(measured.scale_max as double) as scale_max,
    as_of.as_of_date,
    measured.delay_band in ('early_8_days_or_more', 'early_0_to_7_days') as is_on_time_by_clock,
    measured.delay_band in ('early_8_days_or_more', 'early_0_to_7_days', 'late_within_the_day')
        as is_on_time_by_day,
    cast(measured.answer_count as bigint) as answer_count,
    cast(measured.order_count as bigint) as order_count,
    cast(measured.score_total as double) as score_total,
    cast(measured.score_squared_total as double) as score_squared_total,
    cast(measured.top_box_count as bigint) as top_box_count,
    {% set told = "measured.answer_count >= " ~ var('satisfaction_min_answers') -%}
    cast(case when {{ told }} then round(measured.mean_score, 9) end as double) as mean_score,
    cast(
        case
            when {{ told }}
                then round(measured.mean_score - 1.959963984540054 * measured.standard_error, 9)
        end as double
    ) as mean_score_low,
    cast(
        case
            when {{ told }}
                then round(measured.mean_score + 1.959963984540054 * measured.standard_error, 9)
        end as double
    ) as mean_score_high,
    cast(case when {{ told }} then measured.csat end as double) as csat,
    cast(
        case
            when {{ told }}
                then {{ wilson_bound('measured.csat', 'measured.answer_count', '-') }}
        end as double
    ) as csat_low,
    cast(
        case
            when {{ told }}
                then {{ wilson_bound('measured.csat', 'measured.answer_count', '+') }}
        end as double
    ) as csat_high,
    case when not {{ told }} then 'too_few_answers' end as satisfaction_reason
from measured
cross join as_of
