{#- Where customers stood at the end of each month with questions: the stage, and fifths by spend
    and by frequency (5 most, 0 nothing bought in the window). The month that is not over ends for now on
    the last day observed. -#}
with surveys as (

    select * from {{ ref('stg_service__surveys') }}

),

lifecycle_history as (

    select * from {{ ref('customer_lifecycle_history') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

rfm_history as (

    select * from {{ ref('customer_rfm_history') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

months as (

    select distinct
        cast({{ dbt.date_trunc('month', 'responded_at') }} as date) as survey_month,
        cast({{ dbt.last_day('cast(responded_at as date)', 'month') }} as date) as month_end
    from surveys

),

stages as (

    select
        customer_id,
        month_end,
        lifecycle_stage
    from lifecycle_history

    union all

    select
        customer_id,
        cast({{ dbt.last_day(dbt.dateadd('day', -1, 'as_of_date'), 'month') }} as date)
            as month_end,
        lifecycle_stage
    from lifecycle
    where
        cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date)
        < cast({{ dbt.last_day(dbt.dateadd('day', -1, 'as_of_date'), 'month') }} as date)

),

scores as (

    select
        customer_id,
        month_end,
        f_score,
        m_score
    from rfm_history
    where is_in_window

    union all

    select
        customer_id,
        cast({{ dbt.last_day(dbt.dateadd('day', -1, 'as_of_date'), 'month') }} as date)
            as month_end,
        f_score,
        m_score
    from rfm
    where
        is_in_window
        and cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date)
        < cast({{ dbt.last_day(dbt.dateadd('day', -1, 'as_of_date'), 'month') }} as date)

)

select
    stages.customer_id,
    months.survey_month,
    stages.lifecycle_stage,
    cast(coalesce(scores.m_score, 0) as bigint) as value_fifth,
    cast(coalesce(scores.f_score, 0) as bigint) as frequency_fifth,
    stages.lifecycle_stage not in ('prospect', 'lost') as is_in_base
from months
inner join stages
    on months.month_end = stages.month_end
left join scores
    on
        stages.customer_id = scores.customer_id
        and stages.month_end = scores.month_end
