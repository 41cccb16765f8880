{#- What somebody recorded as a reason or complained of, with what the seed makes of it. A recorded
    category that the seed knows decides the category; the words decide the rest, the longest that
    are found in the text before shorter ones. -#}
with tickets as (

    select * from {{ ref('stg_service__tickets') }}
    where
        ticket_type in ('cancellation', 'complaint')
        and customer_id is not null

),

subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}
    where
        end_reason is not null
        and ended_on is not null

),

surveys as (

    select * from {{ ref('stg_service__surveys') }}
    where
        customer_id is not null
        and score <= {{ var('churn_reason_low_score_share') }} * scale_max
        and (dimension <> 'overall' or question is not null)

),

reason_map as (

    select * from {{ ref('churn_reason_map') }}

),

records as (

    select
        ticket_id as record_id,
        ticket_type as record_source,
        customer_id,
        order_id,
        cast(opened_at as date) as recorded_on,
        resolved_at,
        cast(null as double) as score_share,
        reason_category as recorded_category,
        coalesce(cancellation_reason, reason) as recorded_reason,
        concat_ws('; ', cancellation_reason, reason) as recorded_text
    from tickets

    union all

    select
        subscription_id as record_id,
        'subscription' as record_source,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        ended_on as recorded_on,
        cast(null as timestamp) as resolved_at,
        cast(null as double) as score_share,
        cast(null as {{ dbt.type_string() }}) as recorded_category,
        end_reason as recorded_reason,
        end_reason as recorded_text
    from subscriptions

    union all

    select
        response_id as record_id,
        'survey' as record_source,
        customer_id,
        order_id,
        cast(responded_at as date) as recorded_on,
        cast(null as timestamp) as resolved_at,
        cast(score / nullif(scale_max, 0) as double) as score_share,
        case when dimension <> 'overall' then dimension end as recorded_category,
        question as recorded_reason,
        question as recorded_text
    from surveys

),

keyed as (

    select
        records.*,
        coalesce(lower(trim(recorded_category)), '') as category_key,
        coalesce(lower(trim(recorded_text)), '') as text_key
    from records

),

distinct_texts as (

    select distinct
        category_key,
        text_key
    from keyed

),

of_category as (

    select
        recorded_category as category_key,
        reason_category,
        sub_reason
    from reason_map
    where recorded_words is null

),

of_words as (

    select
        distinct_texts.category_key,
        distinct_texts.text_key,
        reason_map.reason_category,
        reason_map.sub_reason,
        row_number() over (
            partition by distinct_texts.category_key, distinct_texts.text_key
            order by
                case when reason_map.recorded_category is null then 1 else 0 end,
                length(reason_map.recorded_words) desc,
                reason_map.recorded_words
        ) as match_number
    from distinct_texts
    left join of_category
        on distinct_texts.category_key = of_category.category_key
    inner join reason_map
        on
            distinct_texts.text_key like concat('%', reason_map.recorded_words, '%')
            and coalesce(reason_map.recorded_category, distinct_texts.category_key)
            = distinct_texts.category_key
            and coalesce(of_category.reason_category, reason_map.reason_category)
            = reason_map.reason_category
    where reason_map.recorded_words is not null

)

select
    keyed.record_id,
    keyed.record_source,
    keyed.customer_id,
    keyed.order_id,
    keyed.recorded_on,
    keyed.resolved_at,
    keyed.score_share,
    keyed.recorded_category,
    keyed.recorded_reason,
    keyed.category_key = '' and keyed.text_key = '' as is_blank,
    coalesce(of_words.reason_category, of_category.reason_category, 'other') as reason_category,
    coalesce(of_words.sub_reason, of_category.sub_reason, 'unmapped') as sub_reason
from keyed
left join of_category
    on keyed.category_key = of_category.category_key
left join of_words
    on
        keyed.category_key = of_words.category_key
        and keyed.text_key = of_words.text_key
        and of_words.match_number = 1
