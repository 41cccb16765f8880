with checks as (

    select * from {{ ref('stg_mix__checks') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

)

select
    checks.check_name as mix_check,
    checks.channel_id,
    channels.channel_name,
    checks.as_of_date,
    checks.status as check_status,
    round(checks.value, 4) as check_value,
    checks.review_at,
    checks.fail_at,
    checks.reason as check_reason
from checks
inner join channels
    on checks.channel_id = channels.channel_id
