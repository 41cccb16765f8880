{#- What a customer last said and what is open between them and the shop. -#}
{%- set window_start = dbt.dateadd(
    'day', -1 * var('satisfaction_customer_days'), 'as_of.as_of_date'
) -%}

with answers as (

    select * from {{ ref('int_survey_answers') }}
    where
        is_scored
        and customer_id is not null

),

tickets as (

    select * from {{ ref('int_service_tickets') }}
    where customer_id is not null

),

deliveries as (

    select * from {{ ref('int_order_deliveries') }}
    where customer_id is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

numbered as (

    select
        customer_id,
        survey_type,
        dimension,
        score,
        scale_max,
        responded_on,
        sheet_id,
        is_top_box,
        row_number() over (
            partition by customer_id, survey_type, dimension
            order by responded_on desc, response_id desc
        ) as answer_number
    from answers

),

last_csat as (

    select * from numbered
    where
        survey_type = 'csat'
        and dimension = 'overall'
        and answer_number = 1

),

last_nps as (

    select * from numbered
    where
        survey_type = 'nps'
        and dimension = 'overall'
        and answer_number = 1

),

worst as (

    select
        customer_id,
        dimension,
        row_number() over (
            partition by customer_id
            order by score / nullif(scale_max, 0) asc, responded_on desc, dimension asc
        ) as worst_number
    from numbered
    where
        survey_type = 'csat'
        and dimension <> 'overall'
        and answer_number = 1
        and not is_top_box

),

answered as (

    select
        customer_id,
        count(*) as answers,
        max(responded_on) as last_answer_on
    from answers
    group by customer_id

),

ticketed as (

    select
        tickets.customer_id,
        count(*) as tickets,
        max(tickets.opened_on) as last_ticket_on,
        count(case when tickets.is_open then 1 end) as open_tickets,
        count(case when tickets.is_open and tickets.ticket_type = 'complaint' then 1 end)
            as open_complaints,
        min(case when tickets.is_open then tickets.opened_on end) as open_since,
        count(
            case
                when tickets.ticket_type = 'complaint' and tickets.opened_on >= {{ window_start }}
                    then 1
            end
        ) as recent_complaints
    from tickets
    cross join as_of
    group by tickets.customer_id

),

delivered as (

    select
        deliveries.customer_id,
        count(case when deliveries.is_late_by_day or deliveries.is_overdue then 1 end)
            as late_orders
    from deliveries
    cross join as_of
    where
        deliveries.is_promised
        and deliveries.order_date >= {{ window_start }}
    group by deliveries.customer_id

),

customers as (

    select customer_id from answered
    union
    select customer_id from ticketed
    union
    select customer_id from delivered

)

select
    customers.customer_id,
    as_of.as_of_date,
    cast(coalesce(answered.answers, 0) as bigint) as answer_count,
    answered.last_answer_on,
    cast({{ dbt.datediff('answered.last_answer_on', 'as_of.as_of_date', 'day') }} as bigint)
        as days_since_last_answer,
    cast(last_csat.score as double) as last_csat_score,
    cast(last_csat.scale_max as double) as last_csat_scale_max,
    last_csat.responded_on as last_csat_on,
    last_csat.is_top_box as is_satisfied,
    cast(last_nps.score as double) as last_nps_score,
    last_nps.responded_on as last_nps_on,
    {{ nps_group('last_nps.score') }} as nps_group,
    {{ nps_group('last_nps.score') }} = 'detractor' as is_detractor,
    worst.dimension as worst_dimension,
    cast(coalesce(ticketed.tickets, 0) as bigint) as ticket_count,
    ticketed.last_ticket_on,
    cast(coalesce(ticketed.recent_complaints, 0) as bigint) as recent_complaint_count,
    cast(coalesce(ticketed.open_tickets, 0) as bigint) as open_ticket_count,
    cast(coalesce(ticketed.open_complaints, 0) as bigint) as open_complaint_count,
    ticketed.open_since,
    cast(delivered.late_orders as bigint) as late_order_count,
    coalesce({{ nps_group('last_nps.score') }} = 'detractor', false)
    or coalesce(not last_csat.is_top_box, false)
    or coalesce(ticketed.open_complaints, 0) > 0 as is_to_be_called
from customers
cross join as_of
left join answered
    on customers.customer_id = answered.customer_id
left join last_csat
    on customers.customer_id = last_csat.customer_id
left join last_nps
    on customers.customer_id = last_nps.customer_id
left join worst
    on
        customers.customer_id = worst.customer_id
        and worst.worst_number = 1
left join ticketed
    on customers.customer_id = ticketed.customer_id
left join delivered
    on customers.customer_id = delivered.customer_id
