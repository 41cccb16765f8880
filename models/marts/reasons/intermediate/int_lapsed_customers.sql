{#- Who has left, or is silent for so long that they may have. The day of leaving is that of the
    register where one tells, else that of the last visit: when silence is long enough to be called
    lost says nothing of when the customer went. -#}
with lifecycle as (

    select * from {{ ref('customer_lifecycle') }}
    where lifecycle_stage in ('dormant', 'lost')

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

tickets as (

    select * from {{ ref('stg_service__tickets') }}

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}
    where valid_until is null

),

closings as (

    select
        customer_id,
        max(closed_on) as closed_on
    from accounts
    where closed_on is not null
    group by customer_id

),

cancellations as (

    select
        lifecycle.customer_id,
        min(cast(tickets.opened_at as date)) as cancelled_on
    from lifecycle
    inner join tickets
        on
            lifecycle.customer_id = tickets.customer_id
            and cast(tickets.opened_at as date)
            >= coalesce(lifecycle.last_purchase_date, cast(tickets.opened_at as date))
    where
        tickets.ticket_type = 'cancellation'
        and tickets.order_id is null
    group by lifecycle.customer_id

),

last_years as (

    select
        lifecycle.customer_id,
        sum(purchase_days.net_revenue) as revenue_lost
    from lifecycle
    inner join purchase_days
        on
            lifecycle.customer_id = purchase_days.customer_id
            and purchase_days.purchase_date
            > {{ dbt.dateadd('day', -365, 'lifecycle.last_purchase_date') }}
    group by lifecycle.customer_id

)

select
    lifecycle.customer_id,
    lifecycle.as_of_date,
    lifecycle.lifecycle_stage,
    lifecycle.lost_source,
    lifecycle.last_purchase_date,
    lifecycle.dormant_after_days,
    coalesce(
        case
            when lifecycle.lost_source = 'account_closed' then closings.closed_on
            when lifecycle.lost_source = 'cancellation' then cancellations.cancelled_on
        end,
        lifecycle.last_purchase_date,
        lifecycle.stage_since
    ) as departed_on,
    cast(last_years.revenue_lost as decimal(18, 2)) as revenue_lost
from lifecycle
left join closings
    on lifecycle.customer_id = closings.customer_id
left join cancellations
    on lifecycle.customer_id = cancellations.customer_id
left join last_years
    on lifecycle.customer_id = last_years.customer_id
