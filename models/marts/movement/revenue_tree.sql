{#- Factors of a branch multiply to its revenue. The share of each in the change is its Shapley
    value, rounded to the cent; the last one, the price, takes what is left. A factor that a period
    does not have, because nobody bought, is taken from the other, so that all of the change is one of
    customers (anonymous: of orders). Where one of the periods has no units, price is revenue per
    order. -#}
{%- set factors = ['buyers', 'frequency', 'basket', 'price'] -%}
{%- set sides = ['', '_base'] -%}
{%- set drivers = [
    {'branch': 'identified', 'driver': 'customers', 'factor': 'buyers'},
    {'branch': 'identified', 'driver': 'orders_per_customer', 'factor': 'frequency'},
    {'branch': 'identified', 'driver': 'units_per_order', 'factor': 'basket'},
    {'branch': 'identified', 'driver': 'price_per_unit', 'factor': 'price'},
    {'branch': 'anonymous', 'driver': 'orders', 'factor': 'frequency'},
    {'branch': 'anonymous', 'driver': 'units_per_order', 'factor': 'basket'},
    {'branch': 'anonymous', 'driver': 'price_per_unit', 'factor': 'price'},
    {'branch': 'given_back', 'driver': 'given_back', 'factor': none},
] -%}
with pairs as (

    select * from {{ ref('int_movement_pairs') }}

),

measures as (

    select * from {{ ref('int_movement_measures') }}

),

scope_totals as (

    select
        pair_number,
        scope,
        scope_value,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_base) as net_revenue_base,
        sum(orders) as orders,
        sum(orders_base) as orders_base
    from measures
    group by
        pair_number,
        scope,
        scope_value

),

-- An anonymous sale is of nobody who could be counted; its branch begins with the orders.
levels as (

    select
        measures.*,
        {% for side in sides %}
            case when branch = 'identified' then cast(customers{{ side }} as double) else 1 end
                as buyers_level{{ side }},
            case
                when branch = 'identified'
                    then cast(orders{{ side }} as double) / nullif(customers{{ side }}, 0)
                else cast(orders{{ side }} as double)
            end as frequency_level{{ side }},
            case
                when units{{ side }} > 0
                    then cast(units{{ side }} as double) / nullif(orders{{ side }}, 0)
            end as basket_level{{ side }},
            case
                when units{{ side }} > 0
                    then cast(net_revenue{{ side }} as double) / cast(units{{ side }} as double)
            end as price_level{{ side }},
            cast(net_revenue{{ side }} as double) / nullif(orders{{ side }}, 0)
                as order_value{{ side }},
        {% endfor %}
        units > 0 and units_base > 0 as is_counted_in_both
    from measures

),

multiplied as (

    select
        {% for side, other in [('', '_base'), ('_base', '')] %}
            buyers_level{{ side }} as buyers{{ side }},
            coalesce(frequency_level{{ side }}, frequency_level{{ other }}) as frequency{{ side }},
            case
                when is_counted_in_both or orders{{ side }} = 0 or orders{{ other }} = 0
                    then coalesce(basket_level{{ side }}, basket_level{{ other }}, 1)
                else 1
            end as basket{{ side }},
            case
                when is_counted_in_both or orders{{ side }} = 0 or orders{{ other }} = 0
                    then
                        coalesce(
                            price_level{{ side }},
                            price_level{{ other }},
                            order_value{{ side }},
                            order_value{{ other }}
                        )
                else order_value{{ side }}
            end as price{{ side }},
        {% endfor %}
        levels.*
    from levels
    where branch <> 'given_back'

),

shared as (

    select
        {% for factor in factors[:-1] %}
            cast(round({{ shapley_share(factors, factor) }}, 2) as decimal(18, 2))
                as {{ factor }}_share,
        {% endfor %}
        multiplied.*
    from multiplied

),

contributions as (

    {% for driver in drivers %}
        select
            pair_number,
            scope,
            scope_value,
            branch,
            '{{ driver.driver }}' as driver,
            {{ loop.index }} as driver_rank,
            {% if driver.factor %}
                {{ driver.factor }}_level as level,
                {{ driver.factor }}_level_base as level_base,
            {% else %}
                cast(net_revenue as double) as level,
                cast(net_revenue_base as double) as level_base,
            {% endif %}
            {% if not driver.factor %}
                net_revenue - net_revenue_base as contribution,
            {% elif driver.factor == factors[-1] %}
                net_revenue - net_revenue_base
                - buyers_share - frequency_share - basket_share as contribution,
            {% else %}
                {{ driver.factor }}_share as contribution,
            {% endif %}
            net_revenue as branch_revenue,
            net_revenue_base as branch_revenue_base
        from {{ 'shared' if driver.factor else 'measures' }}
        where branch = '{{ driver.branch }}'
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    pairs.period_grain,
    pairs.comparison,
    pairs.period_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.period_end') }} as date) as period_last_day,
    pairs.base_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.base_end') }} as date) as base_last_day,
    contributions.scope,
    contributions.scope_value,
    contributions.branch,
    contributions.driver,
    cast(contributions.driver_rank as bigint) as driver_rank,
    case
        when scope_totals.orders > 0 and scope_totals.orders_base > 0 then 'both'
        when scope_totals.orders > 0 then 'only_period'
        when scope_totals.orders_base > 0 then 'only_base'
        else 'neither'
    end as sold_in,
    contributions.level,
    contributions.level_base,
    cast(contributions.contribution as decimal(18, 2)) as contribution,
    case
        when scope_totals.net_revenue_base > 0
            then
                round(
                    cast(contributions.contribution as double)
                    / cast(scope_totals.net_revenue_base as double), 9
                )
    end as contribution_to_growth,
    contributions.branch_revenue,
    contributions.branch_revenue_base,
    cast(scope_totals.net_revenue as decimal(18, 2)) as scope_revenue,
    cast(scope_totals.net_revenue_base as decimal(18, 2)) as scope_revenue_base
from contributions
inner join pairs
    on contributions.pair_number = pairs.pair_number
inner join scope_totals
    on
        contributions.pair_number = scope_totals.pair_number
        and contributions.scope = scope_totals.scope
        and contributions.scope_value = scope_totals.scope_value
