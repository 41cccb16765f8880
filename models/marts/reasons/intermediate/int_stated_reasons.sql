{#- The one reason that was recorded for a customer's leaving. A cancellation counts from shortly
    before the last visit on, the end of a subscription near the day of leaving where no other goes
    on, an answer to a survey if the customer had gone when it was given: an order that went wrong is
    no leaving. A reason that says something goes before one that says nothing. -#}
{%- set days = var('churn_reason_stated_days') -%}

with lapsed as (

    select * from {{ ref('int_lapsed_customers') }}

),

records as (

    select * from {{ ref('int_recorded_reasons') }}
    where
        record_source in ('cancellation', 'subscription', 'survey')
        and not is_blank

),

subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}

),

last_subscriptions as (

    select
        customer_id,
        case when count(ended_on) = count(*) then max(ended_on) end as last_ended_on
    from subscriptions
    group by customer_id

),

ranked as (

    select
        lapsed.customer_id,
        case records.record_source when 'survey' then 'exit_survey' else records.record_source end
            as reason_source,
        records.recorded_on,
        records.recorded_category,
        records.recorded_reason,
        records.reason_category,
        records.sub_reason,
        row_number() over (
            partition by lapsed.customer_id
            order by
                case when records.sub_reason in ('unmapped', 'not_told') then 1 else 0 end,
                case records.record_source
                    when 'cancellation' then 1
                    when 'survey' then 2
                    else 3
                end,
                records.recorded_on desc,
                records.score_share asc,
                records.record_id asc
        ) as record_number
    from lapsed
    inner join records
        on lapsed.customer_id = records.customer_id
    left join last_subscriptions
        on lapsed.customer_id = last_subscriptions.customer_id
    where
        (
            records.record_source = 'cancellation'
            and records.recorded_on
            >= {{ dbt.dateadd(
                'day', -1 * days,
                'coalesce(lapsed.last_purchase_date, lapsed.departed_on)'
            ) }}
        )
        or (
            records.record_source = 'subscription'
            and records.recorded_on = last_subscriptions.last_ended_on
            and records.recorded_on
            between {{ dbt.dateadd('day', -1 * days, 'lapsed.departed_on') }}
            and {{ dbt.dateadd('day', days, 'lapsed.departed_on') }}
        )
        or (
            records.record_source = 'survey'
            and records.order_id is null
            and records.recorded_on
            >= case
                when lapsed.lost_source in ('account_closed', 'cancellation')
                    then lapsed.departed_on
                else
                    {{ dbt.dateadd(
                        'day', 'cast(lapsed.dormant_after_days as integer)',
                        'lapsed.last_purchase_date'
                    ) }}
            end
        )

)

select
    customer_id,
    reason_source,
    recorded_on,
    recorded_category,
    recorded_reason,
    reason_category,
    sub_reason
from ranked
where record_number = 1
