with engagement as (

    select
        {% for kind in engagement_kinds() %}
            sum({{ kind }}) as {{ kind }},
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

select counted.kind
from counted
cross join engagement
where
    {% for kind in ['service_contacts', 'coupon_redemptions', 'messages_sent', 'messages_clicked'] %}
        -- An activity may record the same kind, and more of it.
        (counted.kind = '{{ kind }}' and coalesce(engagement.{{ kind }}, -1) < counted.times)
        or
    {% endfor %}
    false

union all

select 'null for some' as kind
from engagement
where
    {% for kind in engagement_kinds() %}
        known_{{ kind }} not in (0, customers) {{ "or" if not loop.last }}
    {% endfor %}
