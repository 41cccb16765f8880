with customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_identified

),

scores as (

    select * from {{ ref('int_customer_scores_resolved') }}

),

lifetime_values as (

    select * from {{ ref('int_customer_clv') }}

),

value_tiers as (

    select * from {{ ref('int_customer_value_tiers') }}

),

contributions as (

    select * from {{ ref('int_customer_contributions') }}

),

potentials as (

    select * from {{ ref('customer_potential') }}

),

referrals as (

    select * from {{ ref('int_customer_referrals') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

customer_orders as (

    select
        orders.customer_id,
        count(*) as order_count,
        sum(case when orders.is_valid_order then 1 else 0 end) as valid_order_count,
        min(case when orders.is_valid_order then orders.order_date end) as first_valid_date,
        sum(orders.gross_amount) as gross_amount,
        sum(orders.loyalty_discount) as loyalty_discount,
        sum(orders.promotion_discount) as promotion_discount,
        sum(orders.coupon_match_discount) as coupon_match_discount,
        sum(orders.manufacturer_coupon_discount) as manufacturer_coupon_discount,
        sum(orders.net_revenue) as net_revenue,
        sum(orders.net_revenue_after_returns) as net_revenue_after_returns,
        sum(case when orders.is_valid_order then orders.net_revenue end) as valid_net_revenue,
        sum(case when orders.is_valid_order then orders.net_revenue_after_returns end)
            as kept_net_revenue,
        sum(
            case
                when
                    orders.order_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
                    then orders.net_revenue
                else 0
            end
        ) as net_revenue_365d,
        sum(orders.amount_paid) as amount_paid,
        sum(orders.contribution_amount) as contribution_amount,
        sum(
            case
                when orders.is_valid_order and orders.contribution_amount is not null
                    then orders.net_revenue
                else 0
            end
        ) as costed_net_revenue
    from orders
    cross join as_of
    group by orders.customer_id

)

select
    customers.customer_id,
    as_of.as_of_date,
    customers.first_order_date,
    customers.last_order_date,
    cast(coalesce(customer_orders.order_count, 0) as bigint) as order_count,
    cast(coalesce(customer_orders.valid_order_count, 0) as bigint) as valid_order_count,
    {% for amount in [
        'gross_amount', 'loyalty_discount', 'promotion_discount', 'coupon_match_discount',
        'manufacturer_coupon_discount', 'net_revenue', 'net_revenue_after_returns', 'net_revenue_365d',
        'amount_paid'
    ] %}
        cast(
            case
                when customer_orders.customer_id is null then 0
                else customer_orders.{{ amount }}
            end as decimal(18, 2)
        ) as {{ amount }},
    {% endfor %}
    cast(customer_orders.contribution_amount as decimal(18, 2)) as contribution_amount,
    round(
        cast(customer_orders.costed_net_revenue as double)
        / nullif(cast(customer_orders.valid_net_revenue as double), 0),
        6
    ) as cost_coverage,
    {{ rounded_decimal(
        "cast(customer_orders.kept_net_revenue as double) "
        ~ "/ nullif(customer_orders.valid_order_count, 0)"
    ) }} as average_order_value,
    round(
        30 * cast(customer_orders.valid_order_count as double)
        / nullif(
            {{ dbt.datediff('customer_orders.first_valid_date', 'as_of.as_of_date', 'day') }}, 0
        ),
        6
    ) as orders_per_30_days,
    scores.score_status,
    scores.score_reason,
    scores.purchase_model,
    scores.spend_model,
    scores.p_alive,
    scores.p_alive_reason,
    {% for days in [30, 90, 365] %}
        scores.expected_purchases_{{ days }}d,
        scores.expected_purchases_{{ days }}d_low,
        scores.expected_purchases_{{ days }}d_high,
    {% endfor %}
    cast(scores.expected_purchase_value as decimal(18, 2)) as expected_purchase_value,
    {% for days in [30, 90, 365] %}
        {% for end in ['', '_low', '_high'] %}
            cast(scores.expected_spend_{{ days }}d{{ end }} as decimal(18, 2))
                as expected_spend_{{ days }}d{{ end }},
        {% endfor %}
    {% endfor %}
    lifetime_values.clv_basis,
    lifetime_values.contribution_margin,
    lifetime_values.clv_365d,
    lifetime_values.clv_lifetime,
    scores.lifetime_reason,
    cast({{ var('lifetime_years') }} as double) as lifetime_years,
    value_tiers.value_tier,
    contributions.contribution_value,
    contributions.contribution_value_365d,
    contributions.contribution_basis,
    potentials.potential_value,
    referrals.referred_customers,
    referrals.referral_value,
    referrals.referral_clv_365d
from customers
cross join as_of
inner join scores
    on customers.customer_id = scores.customer_id
inner join lifetime_values
    on customers.customer_id = lifetime_values.customer_id
inner join value_tiers
    on customers.customer_id = value_tiers.customer_id
inner join contributions
    on customers.customer_id = contributions.customer_id
inner join potentials
    on customers.customer_id = potentials.customer_id
inner join referrals
    on customers.customer_id = referrals.customer_id
left join customer_orders
    on customers.customer_id = customer_orders.customer_id
