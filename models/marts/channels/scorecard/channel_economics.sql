{#- What a channel costs against what it brings, by the best that is known of it: what lift tests
    left of its credit, else what would not have been bought without its touches, else the credit
    itself, which is all that came after a touch and so the most that the channel can have brought.

    New customers have no incremental credit: nobody has a rhythm before a first order. -#}
{%- set largest = var('channel_believable_return') -%}
{%- set least_coverage = var('clv_contribution_min_coverage') -%}
with kpis as (

    select * from {{ ref('int_channel_kpis') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

paybacks as (

    select * from {{ ref('int_channel_paybacks') }}

),

calibrations as (

    select * from {{ ref('channel_calibration') }}
    where
        lift_test_id = '(all)'
        and attribution_model = '{{ var("channel_scorecard_model") }}'

),

increments as (

    select * from {{ ref('channel_increments') }}

),

incremental_credits as (

    select * from {{ ref('fct_attribution') }}
    where attribution_model = 'incremental'

),

channel_increments as (

    select
        channel_id,
        max(case when customer_kind = 'all' then increment_status end) as increment_status,
        max(case when customer_kind = 'all' then increment_reason end) as increment_reason,
        max(case when customer_kind = 'new' then increment_reason end) as new_customer_reason
    from increments
    group by channel_id

),

incremental_months as (

    select
        channel_id,
        order_month,
        sum(order_credit) as orders,
        sum(revenue_credit) as revenue,
        sum(case when contribution_credit is not null then revenue_credit else 0 end)
            as costed_revenue,
        sum(contribution_credit) as contribution
    from incremental_credits
    group by
        channel_id,
        order_month

),

incremental as (

    select
        periods.period_grain,
        periods.period_start,
        incremental_months.channel_id,
        cast(sum(incremental_months.orders) as double) as orders,
        cast(sum(incremental_months.revenue) as double) as revenue,
        -- Contribution of a part says nothing of the whole.
        case
            when
                sum(incremental_months.revenue) > 0
                and sum(incremental_months.costed_revenue)
                >= {{ least_coverage }} * sum(incremental_months.revenue)
                then cast(sum(incremental_months.contribution) as double)
        end as contribution
    from incremental_months
    inner join periods
        on incremental_months.order_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        incremental_months.channel_id

),

based as (

    select
        kpis.*,
        calibrations.status as calibration_status,
        -- A test that found less than nothing leaves nothing.
        case when calibrations.status = 'calibrated' then greatest(calibrations.ratio, 0) end
            as calibration_ratio,
        channel_increments.increment_status,
        case
            when channel_increments.increment_status is null then 'not_studied'
            else channel_increments.increment_reason
        end as increment_reason,
        coalesce(channel_increments.new_customer_reason, 'not_studied') as new_customer_reason,
        case
            when kpis.channel_type = 'sales' then 'recorded'
            when calibrations.status = 'calibrated' then 'calibrated'
            when channel_increments.increment_status = 'ok' then 'incremental'
            else 'descriptive'
        end as credit_basis,
        case
            when kpis.channel_type = 'sales' then 'recorded'
            when calibrations.status = 'calibrated' then 'calibrated'
            else 'descriptive'
        end as cac_basis
    from kpis
    left join calibrations
        on
            case when kpis.channel_type = 'marketing' then kpis.channel_id end
            = calibrations.channel_id
    left join channel_increments
        on
            case when kpis.channel_type = 'marketing' then kpis.channel_id end
            = channel_increments.channel_id

),

brought as (

    select
        based.*,
        case when based.spend > 0 then cast(based.spend as double) end as paid,
        case based.credit_basis
            when 'calibrated' then cast(based.orders as double) * based.calibration_ratio
            when 'incremental' then incremental.orders
            else cast(based.orders as double)
        end as brought_orders,
        case based.credit_basis
            when 'calibrated' then cast(based.net_revenue as double) * based.calibration_ratio
            when 'incremental' then incremental.revenue
            else cast(based.net_revenue as double)
        end as brought_revenue,
        case based.credit_basis
            when 'calibrated' then cast(based.contribution as double) * based.calibration_ratio
            when 'incremental' then incremental.contribution
            else cast(based.contribution as double)
        end as brought_contribution,
        cast(based.new_customers as double)
        * case when based.cac_basis = 'calibrated' then based.calibration_ratio else 1 end
            as brought_new_customers,
        {{ rounded_decimal(
            "cast(based.cac as double) "
            ~ "/ case "
            ~ "when based.cac_basis = 'calibrated' then nullif(based.calibration_ratio, 0) else 1 end"
        ) }} as best_cac
    from based
    left join incremental
        on
            based.period_grain = incremental.period_grain
            and based.period_start = incremental.period_start
            and based.channel_id = incremental.channel_id

),

paid_back as (

    select
        brought.period_grain,
        brought.period_start,
        brought.channel_id,
        min(paybacks.age_month) as payback_months
    from brought
    inner join paybacks
        on
            brought.channel_id = paybacks.channel_id
            and brought.best_cac <= paybacks.contribution_per_customer
    group by
        brought.period_grain,
        brought.period_start,
        brought.channel_id

),

returned as (

    select
        brought.*,
        paid_back.payback_months as best_payback_months,
        brought.brought_contribution / brought.paid as best_roas,
        case when brought.cac_basis = 'calibrated' then brought.calibration_ratio else 1 end
            as acquisition_ratio
    from brought
    left join paid_back
        on
            brought.period_grain = paid_back.period_grain
            and brought.period_start = paid_back.period_start
            and brought.channel_id = paid_back.channel_id

),

checked as (

    select
        returned.*,
        round(returned.ltv_to_cac * returned.acquisition_ratio, 6) as best_ltv_to_cac,
        case
            when returned.best_roas is null then 'not_known'
            when returned.credit_basis <> 'recorded' and returned.best_roas > {{ largest }}
                then 'held'
            when returned.credit_basis = 'descriptive' then 'upper_bound'
            else 'told'
        end as return_status,
        case
            when returned.best_cac is null then 'not_known'
            when
                returned.cac_basis <> 'recorded'
                and returned.ltv_to_cac * returned.acquisition_ratio > {{ largest }}
                then 'held'
            when returned.cac_basis = 'descriptive' then 'upper_bound'
            else 'told'
        end as acquisition_status
    from returned

)

select
    channel_id,
    period_grain,
    period_start,
    channel_name,
    channel_type,
    is_complete,
    credit_basis,
    calibration_status,
    calibration_ratio,
    increment_status,
    case when credit_basis = 'descriptive' then increment_reason end as credit_basis_reason,
    cast(spend as decimal(18, 2)) as spend,
    {{ rounded_decimal("brought_orders", 6) }} as brought_orders,
    {{ rounded_decimal("brought_revenue") }} as brought_revenue,
    {{ rounded_decimal("brought_contribution") }} as brought_contribution,
    return_status,
    case when return_status <> 'held' then round(best_roas, 6) end as roas_margin,
    case when return_status <> 'held' then round(best_roas - 1, 6) end as roi_margin,
    case when return_status = 'held' then round(best_roas, 6) end as roas_margin_held,
    case
        when credit_basis = 'recorded' then cost_per_order
        when spend >= 0
            then {{ rounded_decimal("cast(spend as double) / nullif(brought_orders, 0)") }}
    end as cost_per_order,
    cac_basis,
    case when cac_basis = 'descriptive' then new_customer_reason end as cac_basis_reason,
    cast(acquisition_spend as decimal(18, 2)) as acquisition_spend,
    cast(brought_new_customers as decimal(18, 6)) as brought_new_customers,
    acquisition_status,
    best_cac as cac,
    case when acquisition_status <> 'held' then cast(best_payback_months as bigint) end
        as payback_months,
    case when acquisition_status <> 'held' then round(payback_share * acquisition_ratio, 6) end
        as payback_share,
    case when acquisition_status <> 'held' then best_ltv_to_cac end as ltv_to_cac,
    case
        when acquisition_status <> 'held' then round(ltv_to_cac_low * acquisition_ratio, 6)
    end as ltv_to_cac_low,
    case when acquisition_status = 'held' then best_ltv_to_cac end as ltv_to_cac_held,
    roas_margin as roas_margin_descriptive,
    roi_margin as roi_margin_descriptive,
    cost_per_order as cost_per_order_descriptive,
    cac as cac_descriptive,
    payback_months as payback_months_descriptive,
    payback_share as payback_share_descriptive,
    ltv_to_cac as ltv_to_cac_descriptive,
    ltv_to_cac_low as ltv_to_cac_low_descriptive
from checked
