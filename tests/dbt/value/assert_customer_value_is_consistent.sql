with scores as (

    select * from {{ ref('int_customer_scores_resolved') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

)

select
    scores.customer_id,
    customer_values.score_status,
    customer_values.score_reason,
    customer_values.clv_basis,
    customer_values.contribution_margin,
    customer_values.clv_365d,
    customer_values.clv_lifetime,
    scores.discounted_spend_365d,
    scores.discounted_spend_lifetime
from scores
left join customer_values
    on scores.customer_id = customer_values.customer_id
where
    customer_values.customer_id is null
    {% for forecast in ['expected_purchases', 'expected_spend'] %}
        {% for days in [30, 90, 365] %}
            {% set mean = 'customer_values.' ~ forecast ~ '_' ~ days ~ 'd' %}
            or {{ mean }} < 0
            or {{ mean }}_low < 0
            or {{ mean }}_low > {{ mean }}
            or {{ mean }}_high < {{ mean }}
            or ({{ mean }}_low is null) <> ({{ mean }}_high is null)
            or ({{ mean }} is null) <> (customer_values.score_status = 'not_scored')
        {% endfor %}
        or customer_values.{{ forecast }}_30d > customer_values.{{ forecast }}_90d
        or customer_values.{{ forecast }}_90d > customer_values.{{ forecast }}_365d
    {% endfor %}
    -- Before rounding: a cent of a purchase's value is many cents of a frequent buyer's spend.
    or abs(
        scores.expected_purchases_365d * scores.expected_purchase_value
        - scores.expected_spend_365d
    ) > 0.005
    or scores.discounted_spend_365d > scores.expected_spend_365d + 1e-9
    or scores.discounted_spend_365d > scores.discounted_spend_lifetime + 1e-9
    -- No later year brings more than the first.
    or scores.discounted_spend_lifetime > (1 + 1e-9)
    * scores.discounted_spend_365d
    * (1 - power(1 + {{ var('annual_discount_rate') }}, -{{ var('lifetime_years') }}))
    / nullif(1 - power(1 + {{ var('annual_discount_rate') }}, -1), 0)
    or (customer_values.clv_365d is null) <> (customer_values.score_status = 'not_scored')
    -- Whoever is scored is told why there is no lifetime, or no p_alive.
    or (customer_values.clv_lifetime is not null and customer_values.clv_365d is null)
    or (
        customer_values.clv_365d is not null
        and customer_values.clv_lifetime is null
        and customer_values.lifetime_reason is null
    )
    or (
        customer_values.clv_365d is not null
        and (customer_values.p_alive is null) <> (customer_values.p_alive_reason is not null)
    )
    {% for years in ['365d', 'lifetime'] %}
        or abs(
            cast(customer_values.clv_{{ years }} as double)
            - scores.discounted_spend_{{ years }}
            * coalesce(customer_values.contribution_margin, 1)
        ) > 0.005001
    {% endfor %}
    or (customer_values.clv_basis is null) <> (customer_values.clv_365d is null)
    or (customer_values.clv_basis = 'contribution')
    <> (customer_values.contribution_margin is not null)
    or (customer_values.clv_365d is null and customer_values.score_reason is null)
