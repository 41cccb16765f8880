with points as (

    select * from {{ ref('stg_mix__response_points') }}

)

select
    channel_id,
    step as curve_step,
    as_of_date,
    cast(spend_per_month as decimal(18, 2)) as spend_per_month,
    cast(margin_per_month as decimal(18, 2)) as margin_per_month,
    cast(margin_low as decimal(18, 2)) as margin_per_month_low,
    cast(margin_high as decimal(18, 2)) as margin_per_month_high,
    is_extrapolated
from points
