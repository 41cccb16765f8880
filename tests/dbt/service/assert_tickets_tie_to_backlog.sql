-- Every ticket is opened in one row; the backlog of the newest month is every ticket that is open.
with tickets as (

    select * from {{ ref('stg_service__tickets') }}

),

summary as (

    select * from {{ ref('service_tickets_summary') }}

),

customers as (

    select * from {{ ref('customer_satisfaction') }}

),

newest as (

    select max(ticket_month) as newest_month
    from summary

),

landed as (

    select
        count(*) as tickets,
        count(case when customer_id is null then 1 end) as of_nobody
    from tickets

),

summed as (

    select
        coalesce(sum(summary.opened_count), 0) as opened,
        coalesce(
            sum(
                case
                    when summary.ticket_month = newest.newest_month then summary.backlog_count
                end
            ), 0
        ) as backlog
    from summary
    cross join newest

),

of_customers as (

    select
        coalesce(sum(ticket_count), 0) as tickets,
        coalesce(sum(open_ticket_count), 0) as open_tickets
    from customers

)

select
    landed.tickets,
    summed.opened,
    summed.backlog
from landed
cross join summed
cross join of_customers
where
    landed.tickets <> summed.opened
    or of_customers.tickets + landed.of_nobody <> landed.tickets
    or of_customers.open_tickets not between summed.backlog - landed.of_nobody and summed.backlog
