with responses as (

    select * from {{ ref('stg_mix__responses') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

)

select
    responses.channel_id,
    channels.channel_name,
    responses.as_of_date,
    responses.response_basis,
    responses.reason as response_reason,
    responses.period_kind,
    responses.periods,
    cast(responses.spend_per_month as decimal(18, 2)) as spend_per_month,
    cast(responses.margin_per_month as decimal(18, 2)) as margin_per_month,
    cast(responses.margin_low as decimal(18, 2)) as margin_per_month_low,
    cast(responses.margin_high as decimal(18, 2)) as margin_per_month_high,
    round(responses.average_return, 4) as average_return,
    round(responses.average_return_low, 4) as average_return_low,
    round(responses.average_return_high, 4) as average_return_high,
    round(responses.marginal_return, 4) as marginal_return,
    round(responses.marginal_return_low, 4) as marginal_return_low,
    round(responses.marginal_return_high, 4) as marginal_return_high,
    round(responses.saturation, 4) as saturation,
    round(responses.bend, 4) as bend,
    round(responses.carry_over, 4) as carry_over,
    round(responses.touches_per_month, 2) as touches_per_month,
    round(responses.margin_per_touch, 4) as margin_per_touch,
    cast(responses.spend_seen_least as decimal(18, 2)) as spend_seen_least,
    cast(responses.spend_seen_most as decimal(18, 2)) as spend_seen_most
from responses
inner join channels
    on responses.channel_id = channels.channel_id
