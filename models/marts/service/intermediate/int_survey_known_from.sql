{#- Since when it is known of a kind of question who did not answer: before the first question
    without an answer, silence was not written down. -#}
with answers as (

    select * from {{ ref('int_survey_answers') }}

)

select
    survey_type,
    min(survey_month) as nonresponse_known_from
from answers
where not is_answered
group by survey_type
