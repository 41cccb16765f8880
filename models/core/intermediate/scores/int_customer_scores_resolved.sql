{#- Every customer's scores, or the reason why there are none. Scores of another as-of date know too
    much or too little: they count as missing. -#}
with customers as (

    select * from {{ ref('dim_customers') }}

),

scores as (

    select * from {{ ref('stg_scores__customer_scores') }}

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    customers.customer_id,
    as_of.as_of_date,
    customers.last_order_date as last_purchase_date,
    cast({{ dbt.datediff('customers.last_order_date', 'as_of.as_of_date', 'day') }} as bigint)
        as days_since_last_purchase,
    coalesce(scores.score_status, 'not_scored') as score_status,
    case
        when customers.last_order_date is null then 'no_purchase'
        when scores.customer_id is null then 'scoring_not_run'
        else scores.score_reason
    end as score_reason,
    scores.purchase_model,
    scores.spend_model,
    scores.churn_model,
    scores.p_alive,
    scores.p_alive_reason,
    scores.p_no_purchase_30d,
    scores.p_no_purchase_60d,
    scores.p_no_purchase_90d,
    scores.churn_horizon_days,
    scores.p_churn,
    scores.expected_purchases_30d,
    scores.expected_purchases_30d_low,
    scores.expected_purchases_30d_high,
    scores.expected_purchases_90d,
    scores.expected_purchases_90d_low,
    scores.expected_purchases_90d_high,
    scores.expected_purchases_365d,
    scores.expected_purchases_365d_low,
    scores.expected_purchases_365d_high,
    scores.expected_spend_30d,
    scores.expected_spend_30d_low,
    scores.expected_spend_30d_high,
    scores.expected_spend_90d,
    scores.expected_spend_90d_low,
    scores.expected_spend_90d_high,
    scores.expected_spend_365d,
    scores.expected_spend_365d_low,
    scores.expected_spend_365d_high,
    scores.expected_purchase_value,
    scores.discounted_spend_365d,
    scores.discounted_spend_lifetime,
    scores.lifetime_reason,
    scores.expected_next_purchase_date,
    scores.next_purchase_from_date,
    scores.next_purchase_to_date,
    scores.next_purchase_horizon_days,
    scores.churn_driver,
    scores.reason_1,
    scores.reason_2,
    scores.reason_3
from customers
cross join as_of
left join scores
    on
        case when customers.last_order_date is not null then customers.customer_id end
        = scores.customer_id
        and as_of.as_of_date = scores.as_of_date
