{#- clv_365d holds p_churn already, as what is not expected: probability times clv_365d would count
    it twice. At stake is what the customer brings in a year if the purchase is made. For those who
    are nearly given up, clv_365d over a tiny chance would be a fortune: no more is at stake than
    the customer's own purchases of a year. -#}
with scores as (

    select * from {{ ref('int_customer_scores_resolved') }}

),

lifetime_values as (

    select * from {{ ref('customer_value') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}
    where valid_until is null

),

yearly_purchases as (

    select
        customer_id,
        cast(count(*) as double)
        * 365
        / greatest(
            {{ dbt.datediff('min(purchase_date)', 'max(purchase_date)', 'day') }} + 1, 365
        ) as purchases_a_year
    from purchase_days
    group by customer_id

),

returning_customers as (

    select
        scores.customer_id,
        scores.p_churn,
        cast(
            least(
                scores.discounted_spend_365d / nullif(1 - scores.p_churn, 0),
                greatest(
                    scores.discounted_spend_365d,
                    scores.expected_purchase_value * yearly_purchases.purchases_a_year
                )
            )
            * coalesce(lifetime_values.contribution_margin, 1)
            as decimal(18, 2)
        ) as value_if_returning
    from scores
    inner join lifetime_values
        on scores.customer_id = lifetime_values.customer_id
    inner join yearly_purchases
        on scores.customer_id = yearly_purchases.customer_id
    where scores.p_churn is not null

),

at_risk as (

    select
        customer_id,
        value_if_returning,
        cast(p_churn * value_if_returning as decimal(18, 2)) as value_at_risk
    from returning_customers

),

ranked as (

    select
        customer_id,
        value_if_returning,
        value_at_risk,
        rank() over (order by value_at_risk desc) as risk_rank,
        count(*) over (order by value_at_risk desc) as customers_at_least,
        count(*) over () as ranked_customers
    from at_risk

)

select
    scores.customer_id,
    scores.as_of_date,
    scores.last_purchase_date,
    scores.days_since_last_purchase,
    lifecycle.expected_gap_days,
    round(scores.days_since_last_purchase / nullif(lifecycle.expected_gap_days, 0), 6)
        as gap_multiple,
    scores.score_status,
    scores.score_reason,
    scores.purchase_model,
    scores.churn_model,
    scores.p_no_purchase_30d,
    scores.p_no_purchase_60d,
    scores.p_no_purchase_90d,
    scores.churn_horizon_days,
    scores.p_churn,
    case
        when scores.p_churn is null then 'not_scored'
        when scores.p_churn < {{ var('churn_band_medium') }} then 'low'
        when scores.p_churn <= {{ var('churn_band_high') }} then 'medium'
        else 'high'
    end as churn_band,
    scores.expected_next_purchase_date,
    scores.next_purchase_from_date,
    scores.next_purchase_to_date,
    scores.next_purchase_horizon_days,
    scores.churn_driver,
    scores.reason_1,
    scores.reason_2,
    scores.reason_3,
    lifetime_values.clv_365d,
    ranked.value_if_returning,
    ranked.value_at_risk,
    cast(ranked.risk_rank as bigint) as risk_rank,
    case
        when ranked.customer_id is null then 'not_scored'
        {% for percent in [1, 5, 10, 25] %}
            when 100 * ranked.customers_at_least <= {{ percent }} * ranked.ranked_customers
                then 'top_{{ percent }}_percent'
        {% endfor %}
        else 'rest'
    end as stake_band
from scores
inner join lifetime_values
    on scores.customer_id = lifetime_values.customer_id
left join lifecycle
    on scores.customer_id = lifecycle.customer_id
left join ranked
    on scores.customer_id = ranked.customer_id
