{#- What each question says, and of whom. An order's channel and store stand for those that the
    question does not name. -#}
with surveys as (

    select * from {{ ref('stg_service__surveys') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

standings as (

    select * from {{ ref('int_survey_standings') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

dated as (

    select
        response_id,
        coalesce(sheet_id, response_id) as sheet_id,
        customer_id,
        cast(responded_at as date) as responded_on,
        cast({{ dbt.date_trunc('month', 'responded_at') }} as date) as survey_month,
        survey_type,
        coalesce(dimension, 'overall') as dimension,
        score,
        -- A question without an answer need not name the scale that it would have had.
        coalesce(
            scale_max,
            case
                when survey_type = 'nps' then 10
                when score is null
                    then max(scale_max) over (
                        partition by survey_type, coalesce(dimension, 'overall')
                    )
            end
        ) as scale_max,
        channel_id,
        order_id
    from surveys

),

classified as (

    select
        dated.*,
        score is not null as is_answered,
        score is not null
        and scale_max is not null
        and (survey_type <> 'nps' or scale_max = 10) as is_scored
    from dated

)

select
    classified.response_id,
    classified.sheet_id,
    classified.customer_id,
    classified.responded_on,
    classified.survey_month,
    classified.survey_type,
    classified.dimension,
    classified.score,
    classified.scale_max,
    coalesce(classified.channel_id, orders.channel_id, 'unknown') as channel_id,
    coalesce(orders.store_id, 'unknown') as store_id,
    classified.order_id,
    coalesce(standings.lifecycle_stage, 'unknown') as lifecycle_stage,
    standings.value_fifth,
    standings.frequency_fifth,
    coalesce(standings.is_in_base, false) as is_in_base,
    classified.is_answered,
    classified.is_scored,
    classified.is_scored
    and classified.survey_type = 'csat'
    and {{ is_top_box('classified.score', 'classified.scale_max') }} as is_top_box,
    classified.is_scored
    and classified.survey_type = 'nps'
    and {{ nps_group('classified.score') }} = 'promoter' as is_promoter,
    classified.is_scored
    and classified.survey_type = 'nps'
    and {{ nps_group('classified.score') }} = 'detractor' as is_detractor,
    {{ survey_year('classified.survey_month', 'as_of.as_of_date') }} as survey_year
from classified
cross join as_of
left join orders
    on classified.order_id = orders.order_id
left join standings
    on
        classified.customer_id = standings.customer_id
        and classified.survey_month = standings.survey_month
