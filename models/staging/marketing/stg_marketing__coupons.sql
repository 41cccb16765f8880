{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with campaigns as (

    select * from {{ ref('base_marketing__campaigns') }}
    where row_outcome = 'accepted'

),

{% call visible_rows(
    'marketing', 'coupons',
    starts_on='coalesce(base_rows.issued_on, campaigns.start_date)'
) %}
    left join campaigns
        on base_rows.campaign_id = campaigns.campaign_id
{% endcall %},

cleaned as (

    select
        coupon_id,
        campaign_id,
        customer_id,
        issued_on,
        valid_from,
        valid_to,
        coupon_kind,
        case
            when coupon_value < 0 then null
            when coupon_kind = 'percent' and coupon_value > 100 then null
            else coupon_value
        end as coupon_value,
        case
            when required_amount < 0 then null
            else required_amount
        end as required_amount
    from visible_rows

)

select * from cleaned
