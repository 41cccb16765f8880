with answers as (

    select * from {{ ref('int_survey_answers') }}

),

weights as (

    select * from {{ ref('int_survey_weights') }}

),

known_from as (

    select * from {{ ref('int_survey_known_from') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

counted as (

    select
        answers.survey_month,
        answers.survey_type,
        answers.dimension,
        answers.scale_max,
        answers.channel_id,
        answers.lifecycle_stage,
        answers.store_id,
        min(
            case when answers.survey_month >= known_from.nonresponse_known_from then 1 else 0 end
        ) = 1 as is_nonresponse_known,
        {{ satisfaction_counts('answers', 'weights') }}
    from answers
    left join weights
        on answers.response_id = weights.response_id
    left join known_from
        on answers.survey_type = known_from.survey_type
    group by
        answers.survey_month,
        answers.survey_type,
        answers.dimension,
        answers.scale_max,
        answers.channel_id,
        answers.lifecycle_stage,
        answers.store_id

)

select
    counted.survey_month,
    counted.survey_type,
    counted.dimension,
    cast(counted.scale_max as double) as scale_max,
    counted.channel_id,
    counted.lifecycle_stage,
    counted.store_id,
    as_of.as_of_date,
    {{ satisfaction_columns() }}
from counted
cross join as_of
