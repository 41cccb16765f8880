with customers as (

    select * from {{ ref('dim_customers') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

),

churn as (

    select * from {{ ref('customer_churn') }}

),

touchpoints as (

    select
        customer_id,
        channel_id,
        touch_date,
        row_number() over (partition by customer_id order by touched_at desc, touchpoint_id desc)
            as touch_rank
    from {{ ref('fct_touchpoints') }}
    where customer_id is not null

),

last_touches as (

    select * from touchpoints
    where touch_rank = 1

)

select
    customers.customer_id,
    customer_values.as_of_date,
    customers.is_known,
    customers.first_seen_date,
    customers.has_prior_history,
    customers.household_id,
    customers.registered_date,
    customers.age_band,
    customers.gender,
    customers.income_band,
    customers.occupation,
    customers.marital_status,
    customers.home_ownership,
    customers.household_size,
    customers.household_composition,
    customers.children_count,
    customers.city,
    customers.city_tier,
    customers.region,
    customers.acquisition_channel_id,
    customers.preferred_channel_id,
    customers.referrer_customer_id,
    customers.has_marketing_consent,
    lifecycle.lifecycle_stage,
    lifecycle.lost_source,
    lifecycle.stage_since,
    lifecycle.rhythm_class,
    lifecycle.expected_gap_days,
    churn.days_since_last_purchase,
    rfm.frequency as rfm_frequency,
    rfm.monetary_value as rfm_monetary_value,
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    rfm.fm_score,
    rfm.segment as rfm_segment,
    rfm.segment_label_en as rfm_segment_label_en,
    rfm.segment_label_zh as rfm_segment_label_zh,
    customer_values.first_order_date,
    customer_values.last_order_date,
    customer_values.order_count,
    customer_values.valid_order_count,
    customer_values.net_revenue,
    customer_values.net_revenue_365d,
    customer_values.contribution_amount,
    customer_values.average_order_value,
    customer_values.orders_per_30_days,
    customer_values.score_status,
    customer_values.score_reason,
    customer_values.p_alive,
    customer_values.expected_purchases_365d,
    customer_values.expected_spend_365d,
    customer_values.clv_basis,
    customer_values.clv_365d,
    customer_values.clv_lifetime,
    customer_values.value_tier,
    churn.p_no_purchase_30d,
    churn.p_no_purchase_60d,
    churn.p_no_purchase_90d,
    churn.p_churn,
    churn.churn_band,
    churn.value_at_risk,
    churn.expected_next_purchase_date,
    churn.churn_driver,
    churn.reason_1,
    last_touches.channel_id as last_touch_channel_id,
    last_touches.touch_date as last_touch_date
from customers
inner join customer_values
    on customers.customer_id = customer_values.customer_id
inner join churn
    on customers.customer_id = churn.customer_id
inner join rfm
    on customers.customer_id = rfm.customer_id
left join lifecycle
    on customers.customer_id = lifecycle.customer_id
left join last_touches
    on customers.customer_id = last_touches.customer_id
