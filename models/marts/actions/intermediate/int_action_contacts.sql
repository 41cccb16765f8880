{#- Days on which a customer was contacted: messages and calls that landed, and actions that the
    log says were done or are on a list to be done. What a customer does by themselves, such as
    opening a message, is no contact. -#}
with touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        customer_id is not null
        and touch_type in ('sent', 'call')

),

logged as (

    select * from {{ ref('int_action_log') }}
    where
        is_contact
        and (
            outcome = 'taken'
            or (outcome = 'shown' and arm = 'treated')
        )

),

as_of as (

    select * from {{ ref('as_of') }}

),

contacts as (

    select
        customer_id,
        touch_date as contact_date
    from touchpoints

    union

    select
        customer_id,
        decided_on as contact_date
    from logged

)

select
    contacts.customer_id,
    max(contacts.contact_date) as last_contact_date,
    count(
        case
            when
                {{ dbt.datediff('contacts.contact_date', 'as_of.as_of_date', 'day') }}
                <= {{ var('action_contact_cap_days') }}
                then 1
        end
    ) as recent_contact_days
from contacts
cross join as_of
group by contacts.customer_id
