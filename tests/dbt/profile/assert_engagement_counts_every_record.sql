with engagement as (

    select
        {% for kind in engagement_kinds() %}
            coalesce(sum({{ kind }}), 0) as {{ kind }},
            count({{ kind }}) as known_{{ kind }},
        {% endfor %}
        count(*) as customers
    from {{ ref('customer_engagement') }}

),

customers as (

    select customer_id from {{ ref('dim_customers') }}

),

records as (

    select
        'service_contacts' as kind,
        customer_id
    from {{ ref('stg_service__tickets') }}

    union all

    select
        'coupon_redemptions' as kind,
        customer_id
    from {{ ref('stg_marketing__coupon_redemptions') }}

    union all

    select
        'messages_sent' as kind,
        customer_id
    from {{ ref('fct_touchpoints') }}
    where touch_type = 'sent'

    union all

    select
        'messages_clicked' as kind,
        customer_id
    from {{ ref('fct_touchpoints') }}
    where touch_type = 'click'

),

counted as (

    select
        records.kind,
        count(customers.customer_id) as times
    from records
    left join customers
        on records.customer_id = customers.customer_id
    where records.customer_id is not null
    group by records.kind

)

-- An activity may record the same kind, and more of it.
select counted.kind
from counted
cross join engagement
where
    case counted.kind
        when 'service_contacts' then engagement.service_contacts
        when 'coupon_redemptions' then engagement.coupon_redemptions
        when 'messages_sent' then engagement.messages_sent
        when 'messages_clicked' then engagement.messages_clicked
    end < counted.times

union all

select 'null for some' as kind
from engagement
where
    false
    {% for kind in engagement_kinds() %}
        or known_{{ kind }} not in (0, customers)
    {% endfor %}
