with reasons as (

    select * from {{ ref('leaving_experience_reasons') }}

),

reason_map as (

    select * from {{ ref('churn_reason_map') }}

),

actions as (

    select * from {{ ref('win_back_actions') }}

),

conditions as (

    {% for name in leaving_experiences() %}
        select '{{ name }}' as experience
        {{ "union all" if not loop.last }}
    {% endfor %}

),

possible as (

    select
        reason_category,
        sub_reason
    from reasons

    union distinct

    select
        reason_category,
        sub_reason
    from reason_map

)

select coalesce(reasons.experience, conditions.experience) as missing
from reasons
full outer join conditions
    on reasons.experience = conditions.experience
where
    reasons.experience is null
    or conditions.experience is null

union all

select concat(possible.reason_category, ': ', possible.sub_reason) as missing
from possible
left join actions
    on
        possible.reason_category = actions.reason_category
        and possible.sub_reason = actions.sub_reason
where actions.reason_category is null
