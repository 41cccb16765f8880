with calibrated as (

    select
        attribution_model,
        sum(uncalibrated_orders) as uncalibrated_orders,
        sum(calibrated_orders) as calibrated_orders,
        sum(case when status = 'calibrated' then 0 else uncalibrated_orders end) as other_orders,
        min(calibrated_orders) as least_orders
    from {{ ref('channel_calibration') }}
    where lift_test_id = '(all)'
    group by attribution_model

),

attributed as (

    select
        attribution_model,
        sum(order_credit) as attributed_orders
    from {{ ref('fct_attribution') }}
    group by attribution_model

)

select
    attributed.attribution_model,
    attributed.attributed_orders,
    calibrated.uncalibrated_orders,
    calibrated.calibrated_orders
from attributed
left join calibrated
    on attributed.attribution_model = calibrated.attribution_model
where
    calibrated.attribution_model is null
    or abs(attributed.attributed_orders - calibrated.uncalibrated_orders) > 0.001
    or (
        calibrated.other_orders > 0
        and abs(calibrated.uncalibrated_orders - calibrated.calibrated_orders) > 0.001
    )
    or calibrated.least_orders < -0.000001
