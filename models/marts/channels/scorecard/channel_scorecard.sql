with kpis as (

    select * from {{ ref('int_channel_kpis') }}
    where period_grain = 'month'

),

economics as (

    select * from {{ ref('channel_economics') }}
    where period_grain = 'month'

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

paid_back as (

    select
        kpis.channel_id,
        kpis.period_start,
        min(paybacks.age_month) as payback_months
    from kpis
    inner join economics
        on
            kpis.channel_id = economics.channel_id
            and kpis.period_start = economics.period_start
    inner join paybacks
        on
            kpis.channel_id = paybacks.channel_id
            and paybacks.contribution_per_customer * economics.calibration_ratio >= kpis.cac
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
    economics.credit_basis,
    economics.credit_basis_reason,
    economics.brought_orders,
    economics.brought_revenue,
    economics.brought_contribution,
    economics.cac_basis,
    economics.cac_basis_reason,
    economics.brought_new_customers,
    economics.acquisition_status,
    economics.cac,
    economics.payback_months,
    economics.payback_share,
    economics.return_status,
    economics.roi_margin,
    economics.roas_margin,
    economics.roas_margin_held,
    responses.response_basis as marginal_roas_basis,
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
    economics.ltv_to_cac,
    economics.ltv_to_cac_low,
    economics.ltv_to_cac_held,
    economics.cac_descriptive,
    economics.payback_months_descriptive,
    economics.payback_share_descriptive,
    economics.roi_margin_descriptive,
    economics.roas_margin_descriptive,
    economics.ltv_to_cac_descriptive,
    economics.ltv_to_cac_low_descriptive,
    economics.cost_per_order_descriptive,
    economics.calibration_status,
    economics.calibration_ratio,
    {{ rounded_decimal("cast(kpis.cac as double) / nullif(economics.calibration_ratio, 0)") }}
        as cac_calibrated,
    cast(paid_back.payback_months as bigint) as payback_months_calibrated,
    round(kpis.payback_share * economics.calibration_ratio, 6) as payback_share_calibrated,
    round(kpis.roas_margin * economics.calibration_ratio - 1, 6) as roi_margin_calibrated,
    round(kpis.ltv_to_cac * economics.calibration_ratio, 6) as ltv_to_cac_calibrated,
    round(kpis.ltv_to_cac_low * economics.calibration_ratio, 6) as ltv_to_cac_low_calibrated,
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
    economics.cost_per_order,
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
        case when kpis.period_start = newest.period_start then kpis.channel_id end
        = responses.channel_id
left join economics
    on
        kpis.channel_id = economics.channel_id
        and kpis.period_start = economics.period_start
left join paid_back
    on
        case when kpis.channel_type = 'marketing' then kpis.channel_id end = paid_back.channel_id
        and kpis.period_start = paid_back.period_start
