{#- What customers say of a channel. An answer is of the channel that it names, else of that of
    its order, else of that of the customer's last order in the year before it. -#}
{%- set least = var('satisfaction_min_answers') -%}
with surveys as (

    select * from {{ ref('stg_service__surveys') }}
    where score is not null

),

orders as (

    select * from {{ ref('fct_orders') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

answers as (

    select
        surveys.response_id,
        surveys.customer_id,
        surveys.survey_type,
        coalesce(surveys.dimension, 'overall') as dimension,
        surveys.score,
        coalesce(surveys.scale_max, case when surveys.survey_type = 'nps' then 10 end)
            as scale_max,
        surveys.responded_at,
        cast({{ dbt.date_trunc('month', 'surveys.responded_at') }} as date) as activity_month,
        coalesce(surveys.channel_id, orders.channel_id) as named_channel_id
    from surveys
    left join orders
        on surveys.order_id = orders.order_id

),

last_orders as (

    select
        answers.response_id,
        orders.channel_id,
        row_number() over (
            partition by answers.response_id order by orders.ordered_at desc, orders.order_id desc
        ) as order_rank
    from answers
    inner join orders
        on
            answers.customer_id = orders.customer_id
            and answers.responded_at >= orders.ordered_at
            and {{ dbt.dateadd('day', -365, 'answers.responded_at') }} <= orders.ordered_at
    where
        answers.named_channel_id is null
        and answers.survey_type = 'nps'
        and orders.is_valid_order

),

placed as (

    select
        answers.*,
        coalesce(answers.named_channel_id, last_orders.channel_id) as channel_id
    from answers
    left join last_orders
        on
            answers.response_id = last_orders.response_id
            and last_orders.order_rank = 1

),

counted as (

    select
        periods.period_grain,
        periods.period_start,
        placed.channel_id,
        count(
            case
                when
                    placed.survey_type = 'csat' and placed.dimension = 'overall'
                    and placed.scale_max is not null
                    then 1
            end
        ) as csat_answers,
        count(
            case
                when
                    placed.survey_type = 'csat' and placed.dimension = 'overall'
                    and {{ is_top_box('placed.score', 'placed.scale_max') }}
                    then 1
            end
        ) as content_answers,
        count(case when placed.survey_type = 'nps' and placed.scale_max = 10 then 1 end)
            as nps_answers,
        count(
            case
                when
                    placed.survey_type = 'nps' and placed.scale_max = 10
                    and {{ nps_group('placed.score') }} = 'promoter'
                    then 1
            end
        ) as promoters,
        count(
            case
                when
                    placed.survey_type = 'nps' and placed.scale_max = 10
                    and {{ nps_group('placed.score') }} = 'detractor'
                    then 1
            end
        ) as detractors,
        count(
            case when placed.survey_type = 'awareness' and placed.scale_max is not null then 1 end
        ) as awareness_answers,
        sum(
            case
                when placed.survey_type = 'awareness' and placed.scale_max is not null
                    then placed.score / nullif(placed.scale_max, 0)
            end
        ) as aware_total
    from placed
    inner join periods
        on placed.activity_month = periods.activity_month
    where placed.channel_id is not null
    group by
        periods.period_grain,
        periods.period_start,
        placed.channel_id

),

shared as (

    select
        counted.*,
        case
            when csat_answers >= {{ least }}
                then content_answers / cast(csat_answers as double)
        end as csat,
        case when nps_answers >= {{ least }} then promoters / cast(nps_answers as double) end
            as promoter_share,
        case when nps_answers >= {{ least }} then detractors / cast(nps_answers as double) end
            as detractor_share,
        case
            when awareness_answers >= {{ least }}
                then least(1.0, cast(aware_total as double) / cast(awareness_answers as double))
        end as awareness
    from counted

)

select
    period_grain,
    period_start,
    channel_id,
    cast(csat_answers as bigint) as csat_answers,
    round(csat, 9) as csat,
    {{ wilson_bound('csat', 'cast(csat_answers as double)', '-') }} as csat_low,
    {{ wilson_bound('csat', 'cast(csat_answers as double)', '+') }} as csat_high,
    cast(nps_answers as bigint) as nps_answers,
    {{ nps('promoter_share', 'detractor_share') }} as nps,
    case
        when promoter_share is not null
            then {{ nps_bound(
                'promoter_share', 'detractor_share', 'cast(nps_answers as double)', '-'
            ) }}
    end as nps_low,
    case
        when promoter_share is not null
            then {{ nps_bound(
                'promoter_share', 'detractor_share', 'cast(nps_answers as double)', '+'
            ) }}
    end as nps_high,
    cast(awareness_answers as bigint) as awareness_answers,
    round(awareness, 9) as awareness,
    {{ wilson_bound('awareness', 'cast(awareness_answers as double)', '-') }} as awareness_low,
    {{ wilson_bound('awareness', 'cast(awareness_answers as double)', '+') }} as awareness_high
from shared
