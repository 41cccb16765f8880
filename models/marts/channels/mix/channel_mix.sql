with mixes as (

    select * from {{ ref('stg_mix__mixes') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

)

select
    mixes.scenario,
    mixes.segment,
    mixes.channel_id,
    coalesce(channels.channel_name, mixes.channel_id) as channel_name,
    mixes.as_of_date,
    mixes.starts_on,
    mixes.ends_on,
    mixes.action as mix_action,
    mixes.reason as mix_reason,
    cast(mixes.spend_today as decimal(18, 2)) as spend_today,
    cast(mixes.recommended_spend as decimal(18, 2)) as recommended_spend,
    cast(mixes.spend_change as decimal(18, 2)) as spend_change,
    round(mixes.spend_change / nullif(mixes.spend_today, 0), 4) as spend_change_share,
    cast(mixes.lower_bound as decimal(18, 2)) as lower_bound,
    cast(mixes.upper_bound as decimal(18, 2)) as upper_bound,
    mixes.binding_bound,
    cast(mixes.expected_margin as decimal(18, 2)) as expected_margin,
    cast(mixes.margin_change as decimal(18, 2)) as margin_change,
    cast(mixes.expected_gain as decimal(18, 2)) as expected_gain,
    cast(mixes.gain_low as decimal(18, 2)) as expected_gain_low,
    cast(mixes.gain_high as decimal(18, 2)) as expected_gain_high,
    round(mixes.marginal_return, 4) as marginal_return,
    round(mixes.marginal_return_low, 4) as marginal_return_low,
    round(mixes.marginal_return_high, 4) as marginal_return_high,
    round(mixes.mix_marginal_return, 4) as mix_marginal_return,
    cast(mixes.unallocated as decimal(18, 2)) as unallocated_budget,
    mixes.is_extrapolated,
    round(mixes.season_index, 4) as season_index,
    round(mixes.price_factor, 4) as price_factor
from mixes
left join channels
    on mixes.channel_id = channels.channel_id
