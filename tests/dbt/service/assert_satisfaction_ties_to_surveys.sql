-- Every answer that can be seen is in one row of the summary, and of the last twelve months in one
-- group of each kind, whose weights are those of all.
with surveys as (

    select * from {{ ref('stg_service__surveys') }}

),

summary as (

    select * from {{ ref('satisfaction_summary') }}

),

by_group as (

    select * from {{ ref('satisfaction_by_group') }}

),

landed as (

    select
        survey_type,
        count(score) as answers
    from surveys
    group by survey_type

),

summed as (

    select
        survey_type,
        sum(answer_count) as answers,
        sum(scored_count) as scored
    from summary
    group by survey_type

),

groups as (

    select
        survey_type,
        group_kind,
        sum(answer_count) as answers,
        sum(weight_total) as weights
    from by_group
    where group_kind <> 'month'
    group by
        survey_type,
        group_kind

),

whole as (

    select
        survey_type,
        answers,
        weights
    from groups
    where group_kind = 'all'

)

select
    landed.survey_type,
    'summary' as part
from landed
left join summed
    on landed.survey_type = summed.survey_type
where
    summed.answers is null
    or summed.answers <> landed.answers

union all

select
    groups.survey_type,
    groups.group_kind as part
from groups
left join whole
    on groups.survey_type = whole.survey_type
where
    whole.answers is null
    or groups.answers <> whole.answers
    or abs(groups.weights - whole.weights) > 0.001 * (1 + whole.weights)
