{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with campaigns as (

    select * from {{ ref('base_marketing__campaigns') }}
    where row_outcome = 'accepted'

),

{% call visible_rows(
    'marketing', 'campaign_variants',
    starts_on='coalesce(base_rows.valid_from, campaigns.start_date)'
) %}
    left join campaigns
        on base_rows.campaign_id = campaigns.campaign_id
{% endcall %},

cleaned as (

    select
        campaign_id,
        variant,
        offer_type,
        channels,
        terms,
        case
            when required_amount < 0 then null
            else required_amount
        end as required_amount,
        reward,
        case
            when reward_amount < 0 then null
            else reward_amount
        end as reward_amount,
        valid_from,
        valid_to,
        case
            when valid_days < 0 then null
            else valid_days
        end as valid_days
    from visible_rows

)

select * from cleaned
