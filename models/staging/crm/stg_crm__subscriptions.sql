{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('crm', 'subscriptions') }},

cleaned as (

    select
        subscription_id,
        customer_id,
        product_id,
        started_on,
        ended_on,
        billing_interval,
        interval_amount,
        end_reason
    from visible_rows

)

select * from cleaned
