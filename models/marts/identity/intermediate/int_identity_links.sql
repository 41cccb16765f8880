{#- What the study joins: edges that are not refused, with when their customers were
    first seen, and by which e-mail address and telephone number each is told. -#}
with edges as (

    select * from {{ ref('int_identity_edges') }}
    where refusal_reason is null

),

customers as (

    select * from {{ ref('dim_customers') }}

),

identifiers as (

    select * from {{ ref('int_identity_identifiers') }}
    where
        identifier_kind in ('email', 'phone')
        and not is_blocked

),

contacts as (

    select
        customer_id,
        cast(max(case when identifier_kind = 'email' then identifier_number end) as bigint)
            as email_number,
        cast(max(case when identifier_kind = 'phone' then identifier_number end) as bigint)
            as phone_number
    from identifiers
    group by customer_id

)

select
    edges.relation,
    edges.rule,
    edges.customer_id,
    edges.earlier_customer_id,
    edges.since_date,
    later_ones.first_seen_date,
    earlier_ones.first_seen_date as earlier_first_seen_date,
    later_contacts.email_number,
    earlier_contacts.email_number as earlier_email_number,
    later_contacts.phone_number,
    earlier_contacts.phone_number as earlier_phone_number
from edges
inner join customers as later_ones
    on edges.customer_id = later_ones.customer_id
inner join customers as earlier_ones
    on edges.earlier_customer_id = earlier_ones.customer_id
left join contacts as later_contacts
    on edges.customer_id = later_contacts.customer_id
left join contacts as earlier_contacts
    on edges.earlier_customer_id = earlier_contacts.customer_id
