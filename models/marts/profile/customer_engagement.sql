{#- Nothing recorded is unknown and not zero: a kind counts from the first record that anybody has
    of it. Two windows are compared by the kinds that were recorded through both, or a kind that
    begins to be recorded would look like customers who wake up. -#}
{%- set kinds = engagement_kinds() -%}
{%- set actions = kinds | reject('equalto', 'messages_sent') | list -%}

with customers as (

    select * from {{ ref('dim_customers') }}

),

records as (

    select * from {{ ref('int_customer_engagement_records') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

windows as (

    select
        as_of_date,
        cast({{ dbt.dateadd('day', -1 * var('engagement_window_days'), 'as_of_date') }} as date)
            as recent_start_date,
        cast({{ dbt.dateadd('day', -2 * var('engagement_window_days'), 'as_of_date') }} as date)
            as earlier_start_date
    from as_of

),

spans as (

    select
        engagement,
        min(first_date) as first_date,
        max(last_date) as last_date
    from records
    group by engagement

),

compared_kinds as (

    select spans.engagement
    from spans
    cross join windows
    where
        spans.engagement <> 'messages_sent'
        and spans.first_date <= windows.earlier_start_date
        and spans.last_date >= windows.recent_start_date

),

recorded as (

    select
        {% for kind in kinds %}
            count(case when spans.engagement = '{{ kind }}' then 1 end) > 0 as has_{{ kind }},
        {% endfor %}
        count(case when spans.engagement <> 'messages_sent' then 1 end) > 0 as has_actions,
        count(compared_kinds.engagement) > 0 as is_compared
    from spans
    left join compared_kinds
        on spans.engagement = compared_kinds.engagement

),

counted as (

    select
        records.customer_id,
        {% for kind in kinds %}
            sum(case when records.engagement = '{{ kind }}' then records.times else 0 end)
                as {{ kind }},
        {% endfor %}
        sum(case when records.engagement <> 'messages_sent' then records.times else 0 end)
            as actions,
        max(case when records.engagement <> 'messages_sent' then records.last_date end)
            as last_action_date,
        sum(case when compared_kinds.engagement is null then 0 else records.recent_times end)
            as recent_actions,
        sum(case when compared_kinds.engagement is null then 0 else records.earlier_times end)
            as earlier_actions
    from records
    left join compared_kinds
        on records.engagement = compared_kinds.engagement
    group by records.customer_id

),

joined as (

    select
        customers.customer_id,
        windows.as_of_date,
        {% for kind in kinds + ['actions'] %}
            case when recorded.has_{{ kind }} then coalesce(counted.{{ kind }}, 0) end
                as {{ kind }},
        {% endfor %}
        counted.last_action_date,
        case
            when not recorded.has_actions then 'nothing_recorded'
            when not recorded.is_compared then 'window_not_covered'
            when customers.first_seen_date > windows.earlier_start_date then 'too_new'
            else 'compared'
        end as engagement_trend_status,
        case when recorded.is_compared then coalesce(counted.recent_actions, 0) end
            as recent_actions,
        case when recorded.is_compared then coalesce(counted.earlier_actions, 0) end
            as earlier_actions
    from customers
    cross join windows
    cross join recorded
    left join counted
        on customers.customer_id = counted.customer_id

)

select
    customer_id,
    as_of_date,
    {% for kind in kinds + ['actions'] %}
        cast({{ kind }} as bigint) as {{ kind }},
    {% endfor %}
    cast(last_action_date as date) as last_action_date,
    cast({{ dbt.datediff('last_action_date', 'as_of_date', 'day') }} as bigint)
        as days_since_last_action,
    cast({{ var('engagement_window_days') }} as bigint) as window_days,
    cast(recent_actions as bigint) as recent_actions,
    cast(earlier_actions as bigint) as earlier_actions,
    case
        when engagement_trend_status <> 'compared' then null
        when recent_actions = 0 and earlier_actions = 0 then 'none'
        when earlier_actions = 0 then 'started'
        when recent_actions = 0 then 'stopped'
        when recent_actions >= {{ var('engagement_rising_ratio') }} * earlier_actions then 'rising'
        when recent_actions <= {{ var('engagement_falling_ratio') }} * earlier_actions
            then 'falling'
        else 'steady'
    end as engagement_trend,
    engagement_trend_status
from joined
