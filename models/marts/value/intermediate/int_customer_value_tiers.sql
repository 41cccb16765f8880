{#- A tier is the share of customers whose value is at least as high: equal values share a tier, and
    no tier holds more than its share. Counted in whole customers, so the edges are exact. -#}
with lifetime_values as (

    select * from {{ ref('int_customer_clv') }}

),

ranked as (

    select
        customer_id,
        count(*) over (order by clv_365d desc) as customers_at_least,
        count(*) over () as ranked_customers
    from lifetime_values
    where clv_365d is not null

)

select
    lifetime_values.customer_id,
    case
        when ranked.customer_id is null then 'not_scored'
        {% for percent in [1, 5, 10, 25, 50] %}
            when 100 * ranked.customers_at_least <= {{ percent }} * ranked.ranked_customers
                then 'top_{{ percent }}_percent'
        {% endfor %}
        else 'rest'
    end as value_tier
from lifetime_values
left join ranked
    on lifetime_values.customer_id = ranked.customer_id
