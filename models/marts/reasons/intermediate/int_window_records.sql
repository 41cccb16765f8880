{#- Complaints, tickets that stayed open and low scores of each window: about one of its orders, or
    about none and within as many days before or after the visit. -#}
with windows as (

    select * from {{ ref('int_leaving_windows') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

records as (

    select * from {{ ref('int_recorded_reasons') }}
    where record_source in ('complaint', 'survey')

),

tickets as (

    select * from {{ ref('stg_service__tickets') }}
    where
        customer_id is not null
        and coalesce(ticket_type, 'enquiry') <> 'cancellation'

),

as_of as (

    select * from {{ ref('as_of') }}

),

told as (

    select
        customer_id,
        order_id,
        recorded_on as told_on,
        record_source,
        reason_category
    from records

    union all

    select
        tickets.customer_id,
        tickets.order_id,
        cast(tickets.opened_at as date) as told_on,
        'unresolved' as record_source,
        cast(null as {{ dbt.type_string() }}) as reason_category
    from tickets
    cross join as_of
    where
        {{ dbt.datediff(
            'tickets.opened_at',
            'coalesce(tickets.resolved_at, cast(as_of.as_of_date as timestamp))', 'day'
        ) }} > {{ var('churn_reason_resolve_days') }}

),

dated as (

    select
        told.customer_id,
        told.record_source,
        told.reason_category,
        told.told_on,
        orders.order_date as about_date
    from told
    left join orders
        on told.order_id = orders.order_id

)

select
    windows.customer_id,
    windows.visit_date,
    count(case when dated.record_source = 'unresolved' then 1 end) as unresolved_tickets,
    {% for category in ['product', 'service', 'price', 'competitor'] %}
        count(
            case
                when
                    dated.record_source = 'complaint'
                    and dated.reason_category = '{{ category }}'
                    then 1
            end
        ) as complaints_{{ category }},
    {% endfor %}
{% for category in ['product', 'service', 'price'] %}
    count(
        case
            when
                dated.record_source = 'survey'
                and dated.reason_category = '{{ category }}'
                then 1
        end
    ) as low_scores_{{ category }}{{ "," if not loop.last }}
{% endfor %}
from windows
inner join dated
    on
        windows.customer_id = dated.customer_id
        and (
            dated.about_date between windows.from_date and windows.visit_date
            or (
                dated.about_date is null
                and dated.told_on between windows.told_from_date and windows.told_until_date
            )
        )
group by
    windows.customer_id,
    windows.visit_date
