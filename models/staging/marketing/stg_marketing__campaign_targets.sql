{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with campaigns as (

    select * from {{ ref('base_marketing__campaigns') }}
    where row_outcome = 'accepted'

),

{% call visible_rows(
    'marketing', 'campaign_targets',
    starts_on='coalesce(base_rows.targeted_on, campaigns.start_date)'
) %}
    left join campaigns
        on base_rows.campaign_id = campaigns.campaign_id
{% endcall %},

cleaned as (

    select
        campaign_id,
        customer_id,
        targeted_on,
        coalesce(is_control, false) as is_control,
        variant
    from visible_rows

)

select * from cleaned
