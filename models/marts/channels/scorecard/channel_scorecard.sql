with kpis as (

    select * from {{ ref('int_channel_kpis') }}
    where period_grain = 'month'

),

calibrations as (

    select * from {{ ref('channel_calibration') }}
    where
        lift_test_id = '(all)'
        and attribution_model = '{{ var("channel_scorecard_model") }}'

),

paybacks as (

    select * from {{ ref('int_channel_paybacks') }}

),

responses as (

    select * from {{ ref('channel_response') }}

),

-- A response is told at what is spent now.
newest as (

    select max(period_start) as period_start
    from kpis
    where is_complete

),

-- Tests that found nothing or less leave nothing to divide by.
calibrated as (

    select
        channel_id,
        status as calibration_status,
        case when status = 'calibrated' and ratio > 0 then ratio end as ratio
    from calibrations

),

paid_back as (

    select
        kpis.channel_id,
        kpis.period_start,
        min(paybacks.age_month) as payback_months
    from kpis
    inner join calibrated
        on kpis.channel_id = calibrated.channel_id
    inner join paybacks
        on
            kpis.channel_id = paybacks.channel_id
            and paybacks.contribution_per_customer * calibrated.ratio >= kpis.cac
    group by
        kpis.channel_id,
        kpis.period_start

)

select
    kpis.channel_id,
    kpis.period_start as activity_month,
    kpis.is_complete,
    kpis.channel_name,
    kpis.channel_type,
    kpis.is_online,
    kpis.sales_basis,
    case when kpis.sales_basis = 'credited' then '{{ var("channel_scorecard_model") }}' end
        as attribution_model,
    kpis.net_revenue,
    kpis.growth_previous,
    kpis.growth_year_ago,
    kpis.orders,
    kpis.average_order_value,
    kpis.contribution,
    kpis.contacted_customers,
    kpis.converted_customers,
    kpis.conversion_rate,
    kpis.conversion_rate_low,
    kpis.conversion_rate_high,
    kpis.new_customers,
    kpis.contacts,
    kpis.spend,
    kpis.spend_basis,
    kpis.acquisition_spend,
    kpis.cac,
    kpis.payback_months,
    kpis.payback_share,
    kpis.roi_margin,
    kpis.roas_margin,
    responses.marginal_return as marginal_roas,
    case
        when responses.marginal_return is not null then null
        when kpis.period_start = newest.period_start then 'no_response_curve'
        else 'told_of_the_newest_month'
    end as marginal_roas_reason,
    kpis.clv_basis,
    kpis.clv_365d_acquired,
    kpis.lifetime_value_acquired,
    kpis.lifetime_value_acquired_low,
    kpis.ltv_to_cac,
    kpis.ltv_to_cac_low,
    calibrated.calibration_status,
    calibrated.ratio as calibration_ratio,
    cast(cast(kpis.cac as double) / nullif(calibrated.ratio, 0) as decimal(18, 2))
        as cac_calibrated,
    cast(paid_back.payback_months as bigint) as payback_months_calibrated,
    round(kpis.payback_share * calibrated.ratio, 6) as payback_share_calibrated,
    round(kpis.roas_margin * calibrated.ratio - 1, 6) as roi_margin_calibrated,
    round(kpis.ltv_to_cac * calibrated.ratio, 6) as ltv_to_cac_calibrated,
    round(kpis.ltv_to_cac_low * calibrated.ratio, 6) as ltv_to_cac_low_calibrated,
    kpis.csat_answers,
    kpis.csat,
    kpis.csat_low,
    kpis.csat_high,
    kpis.nps_answers,
    kpis.nps,
    kpis.nps_low,
    kpis.nps_high,
    kpis.retention_customers,
    kpis.retention_rate,
    kpis.churn_rate,
    kpis.churn_rate_low,
    kpis.churn_rate_high,
    kpis.processing_hours,
    kpis.promised_orders,
    kpis.on_time_share,
    kpis.cost_per_order,
    kpis.handled_tickets,
    kpis.handling_minutes,
    kpis.inventory_units,
    kpis.inventory_value,
    kpis.coverage,
    kpis.reached_share,
    kpis.customers,
    kpis.penetration,
    kpis.awareness_answers,
    kpis.awareness,
    kpis.awareness_low,
    kpis.awareness_high,
    kpis.order_attempts,
    kpis.abandoned_orders,
    kpis.failed_orders,
    kpis.cancelled_orders,
    kpis.returned_orders,
    kpis.friction_rate,
    kpis.preference,
    kpis.cross_channel_share
from kpis
cross join newest
left join responses
    on
        kpis.channel_id = responses.channel_id
        and kpis.period_start = newest.period_start
left join calibrated
    on
        kpis.channel_id = calibrated.channel_id
        and kpis.channel_type = 'marketing'
left join paid_back
    on
        kpis.channel_id = paid_back.channel_id
        and kpis.period_start = paid_back.period_start
        and kpis.channel_type = 'marketing'
