{#- Every segment follows the elasticity of its category, as its own cannot be told: units by
    constant elasticity, revenue by units and price, cost by units. Both ends of the interval are
    those of the elasticity. -#}
with sales as (

    select * from {{ ref('int_segment_category_sales') }}

),

sensitivities as (

    select * from {{ ref('customer_price_sensitivity') }}

),

elasticities as (

    select * from {{ ref('price_elasticity') }}
    where item_level = 'category'

),

as_of as (

    select * from {{ ref('as_of') }}

),

numbers as (

    select * from {{ ref('numbers') }}
    where number <= 20 / {{ var('price_what_if_step_percent') }}

),

segment_sales as (

    select
        coalesce(sensitivities.price_sensitivity_band, 'unknown') as segment,
        sales.category,
        cast(sum(sales.units) as double) as units,
        cast(sum(sales.net_revenue) as double) as net_revenue,
        cast(sum(sales.cost_amount) as double) as cost_amount,
        cast(sum(sales.costed_net_revenue) as double) as costed_net_revenue
    from sales
    left join sensitivities
        on sales.customer_id = sensitivities.customer_id
    group by
        coalesce(sensitivities.price_sensitivity_band, 'unknown'),
        sales.category

),

steps as (

    select
        number,
        cast(-10 + number * {{ var('price_what_if_step_percent') }} as double) / 100 as price_change
    from numbers

),

asked as (

    select
        segment_sales.segment,
        segment_sales.category,
        steps.price_change,
        segment_sales.units,
        segment_sales.net_revenue,
        case
            when
                segment_sales.costed_net_revenue
                >= {{ var('price_what_if_min_cost_coverage') }} * segment_sales.net_revenue
                then
                    segment_sales.cost_amount
                    * segment_sales.net_revenue
                    / nullif(segment_sales.costed_net_revenue, 0)
        end as cost_amount,
        elasticities.price_elasticity,
        elasticities.price_elasticity_low,
        elasticities.price_elasticity_high,
        elasticities.lowest_change_seen,
        elasticities.highest_change_seen,
        case
            when not elasticities.is_price_elasticity_published
                then elasticities.price_elasticity_reason
            when
                steps.price_change < elasticities.lowest_change_seen
                or steps.price_change > elasticities.highest_change_seen
                then 'beyond_prices_seen'
        end as reason
    from segment_sales
    inner join elasticities
        on segment_sales.category = elasticities.item
    cross join steps

),

answered as (

    select
        *,
    {% for end in ['', '_low', '_high'] %}
        case
            when reason is null then power(1 + price_change, price_elasticity{{ end }})
        end as response{{ end }}{{ "," if not loop.last }}
    {% endfor %}
    from asked

)

select
    answered.segment,
    answered.category,
    answered.price_change,
    as_of.as_of_date,
    answered.price_elasticity,
    'all_segments' as price_elasticity_scope,
    answered.units as base_units,
    cast(answered.net_revenue as decimal(18, 2)) as base_net_revenue,
    cast(answered.net_revenue - answered.cost_amount as decimal(18, 2)) as base_margin,
    answered.units * answered.response as expected_units,
    answered.units * least(answered.response_low, answered.response_high) as expected_units_low,
    answered.units * greatest(answered.response_low, answered.response_high)
        as expected_units_high,
    {% set revenue = 'answered.net_revenue * (1 + answered.price_change)' %}
    cast({{ revenue }} * answered.response as decimal(18, 2)) as expected_net_revenue,
    cast(
        {{ revenue }} * least(answered.response_low, answered.response_high) as decimal(18, 2)
    ) as expected_net_revenue_low,
    cast(
        {{ revenue }} * greatest(answered.response_low, answered.response_high) as decimal(18, 2)
    ) as expected_net_revenue_high,
    {% set margin = '(' ~ revenue ~ ' - answered.cost_amount)' %}
    cast({{ margin }} * answered.response as decimal(18, 2)) as expected_margin,
    cast(
        least({{ margin }} * answered.response_low, {{ margin }} * answered.response_high)
        as decimal(18, 2)
    ) as expected_margin_low,
    cast(
        greatest({{ margin }} * answered.response_low, {{ margin }} * answered.response_high)
        as decimal(18, 2)
    ) as expected_margin_high,
    answered.lowest_change_seen,
    answered.highest_change_seen,
    answered.reason,
    case
        when answered.reason is null and answered.cost_amount is null then 'cost_unknown'
    end as margin_reason
from answered
cross join as_of
