{#- Times in which a register says that the customer has left: no account is open, or there was a
    cancellation that is about no order. A later purchase ends them; a new account ends a closing. -#}
with accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

tickets as (

    select * from {{ ref('stg_service__tickets') }}

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}

),

closings as (

    select
        closed.customer_id,
        closed.closed_on as left_on,
        min(case when others.enrolled_on > closed.closed_on then others.enrolled_on end)
            as joined_again_on
    from accounts as closed
    inner join accounts as others
        on closed.customer_id = others.customer_id
    where closed.closed_on is not null
    group by
        closed.customer_id,
        closed.closed_on
    having
        count(
            case
                when
                    coalesce(others.enrolled_on, closed.closed_on) <= closed.closed_on
                    and (others.closed_on is null or others.closed_on > closed.closed_on)
                    then 1
            end
        ) = 0

),

cancellations as (

    select distinct
        customer_id,
        cast(opened_at as date) as left_on
    from tickets
    where
        ticket_type = 'cancellation'
        and customer_id is not null
        and order_id is null

),

leavings as (

    select
        customer_id,
        left_on,
        joined_again_on,
        'account_closed' as leaving_source
    from closings

    union all

    select
        customer_id,
        left_on,
        cast(null as date) as joined_again_on,
        'cancellation' as leaving_source
    from cancellations

),

returned as (

    select
        leavings.customer_id,
        leavings.left_on,
        leavings.joined_again_on,
        leavings.leaving_source,
        min(purchase_days.purchase_date) as bought_again_on
    from leavings
    left join purchase_days
        on
            leavings.customer_id = purchase_days.customer_id
            and leavings.left_on < purchase_days.purchase_date
    group by
        leavings.customer_id,
        leavings.left_on,
        leavings.joined_again_on,
        leavings.leaving_source

)

select
    customer_id,
    leaving_source,
    left_on,
    bought_again_on,
    least(
        coalesce(bought_again_on, joined_again_on), coalesce(joined_again_on, bought_again_on)
    ) as ended_on
from returned
