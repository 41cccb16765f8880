with tests as (

    select * from {{ ref('stg_mix__next_tests') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

)

select
    tests.channel_id,
    channels.channel_name,
    tests.as_of_date,
    tests.test_rank,
    cast(tests.information_value as decimal(18, 2)) as information_value,
    cast(tests.spend as decimal(18, 2)) as spend,
    round(tests.return_width, 4) as return_width,
    round(tests.change_chance, 4) as change_chance,
    tests.design as test_design,
    tests.holdout_share,
    tests.weeks as test_weeks,
    cast(tests.expected_effect as decimal(18, 2)) as expected_effect,
    cast(tests.detectable_effect as decimal(18, 2)) as detectable_effect,
    tests.is_detectable,
    tests.reason as test_reason
from tests
inner join channels
    on tests.channel_id = channels.channel_id
