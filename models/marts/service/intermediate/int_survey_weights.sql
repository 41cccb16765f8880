{#- How many customers of the base an answer stands for: those of its cell (stage, fifth by spend
    and by frequency) over the answers from it, in each year back from the last day. A cell with too few
    answers is joined with its like: first those of any frequency, then of any stage, then all. -#}
{%- set least = var('satisfaction_weight_min_answers') -%}
{%- set question = 'survey_type, dimension, survey_year' -%}

with answers as (

    select * from {{ ref('int_survey_answers') }}
    where
        is_scored
        and is_in_base

),

standings as (

    select * from {{ ref('int_survey_standings') }}
    where is_in_base

),

as_of as (

    select * from {{ ref('as_of') }}

),

standing_years as (

    select
        standings.*,
        {{ survey_year('standings.survey_month', 'as_of.as_of_date') }} as survey_year
    from standings
    cross join as_of

),

years as (

    select
        survey_year,
        count(distinct survey_month) as months
    from standing_years
    group by survey_year

),

base_cells as (

    select
        standing_years.survey_year,
        standing_years.lifecycle_stage,
        standing_years.value_fifth,
        standing_years.frequency_fifth,
        count(*) / cast(nullif(max(years.months), 0) as double) as base_customers
    from standing_years
    inner join years
        on standing_years.survey_year = years.survey_year
    group by
        standing_years.survey_year,
        standing_years.lifecycle_stage,
        standing_years.value_fifth,
        standing_years.frequency_fifth

),

answer_cells as (

    select
        survey_type,
        dimension,
        survey_year,
        lifecycle_stage,
        value_fifth,
        frequency_fifth,
        count(*) as answers
    from answers
    group by
        survey_type,
        dimension,
        survey_year,
        lifecycle_stage,
        value_fifth,
        frequency_fifth

),

questions as (

    select distinct
        survey_type,
        dimension,
        survey_year
    from answer_cells

),

cells as (

    select
        questions.survey_type,
        questions.dimension,
        questions.survey_year,
        base_cells.lifecycle_stage,
        base_cells.value_fifth,
        base_cells.frequency_fifth,
        base_cells.base_customers,
        coalesce(answer_cells.answers, 0) as answers
    from questions
    inner join base_cells
        on questions.survey_year = base_cells.survey_year
    left join answer_cells
        on
            questions.survey_type = answer_cells.survey_type
            and questions.dimension = answer_cells.dimension
            and questions.survey_year = answer_cells.survey_year
            and base_cells.lifecycle_stage = answer_cells.lifecycle_stage
            and base_cells.value_fifth = answer_cells.value_fifth
            and base_cells.frequency_fifth = answer_cells.frequency_fifth

),

of_any_frequency as (

    select
        cells.*,
        sum(case when answers < {{ least }} then answers else 0 end) over (
            partition by {{ question }}, lifecycle_stage, value_fifth
        ) as frequency_answers
    from cells

),

of_any_stage as (

    select
        of_any_frequency.*,
        sum(
            case
                when answers < {{ least }} and frequency_answers < {{ least }} then answers
                else 0
            end
        ) over (partition by {{ question }}, value_fifth) as stage_answers
    from of_any_frequency

),

pooled as (

    select
        of_any_stage.*,
        case
            when answers >= {{ least }}
                then
                    concat(
                        lifecycle_stage, ' ', cast(value_fifth as {{ dbt.type_string() }}), ' ',
                        cast(frequency_fifth as {{ dbt.type_string() }})
                    )
            when frequency_answers >= {{ least }}
                then
                    concat(
                        lifecycle_stage, ' ', cast(value_fifth as {{ dbt.type_string() }})
                    )
            when stage_answers >= {{ least }} then cast(value_fifth as {{ dbt.type_string() }})
            else 'rest'
        end as pool
    from of_any_stage

),

pools as (

    select
        survey_type,
        dimension,
        survey_year,
        pool,
        sum(base_customers) as base_customers,
        sum(answers) as answers
    from pooled
    group by
        survey_type,
        dimension,
        survey_year,
        pool

),

weights as (

    select
        pooled.survey_type,
        pooled.dimension,
        pooled.survey_year,
        pooled.lifecycle_stage,
        pooled.value_fifth,
        pooled.frequency_fifth,
        pools.base_customers / nullif(pools.answers, 0) as weight
    from pooled
    inner join pools
        on
            pooled.survey_type = pools.survey_type
            and pooled.dimension = pools.dimension
            and pooled.survey_year = pools.survey_year
            and pooled.pool = pools.pool

)

select
    answers.response_id,
    round(weights.weight, 9) as weight
from answers
inner join weights
    on
        answers.survey_type = weights.survey_type
        and answers.dimension = weights.dimension
        and answers.survey_year = weights.survey_year
        and answers.lifecycle_stage = weights.lifecycle_stage
        and answers.value_fifth = weights.value_fifth
        and answers.frequency_fifth = weights.frequency_fifth
