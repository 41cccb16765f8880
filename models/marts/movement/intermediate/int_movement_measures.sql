{#- Customers, orders, units and revenue of both periods of a pair, by scope and branch. Stores and
    the whole are counted by period, segments by pair, because a customer's segment is that of the
    pair. What was sold without a customer is in no segment. -#}
{%- set sums = ['customers', 'orders', 'units', 'net_revenue'] -%}
with pairs as (

    select * from {{ ref('int_movement_pairs') }}
    where is_complete

),

store_customers as (

    select * from {{ ref('int_movement_store_customers') }}

),

period_customers as (

    select * from {{ ref('int_movement_customers') }}
    where orders > 0

),

pair_customers as (

    select * from {{ ref('int_movement_pair_customers') }}

),

store_periods as (

    select
        period_grain,
        period_start,
        period_end,
        store_id,
        branch,
        count(case when branch = 'identified' then 1 end) as customers,
        sum(orders) as orders,
        sum(units) as units,
        sum(net_revenue) as net_revenue
    from store_customers
    group by
        period_grain,
        period_start,
        period_end,
        store_id,
        branch

),

scopes as (

    select
        period_grain,
        period_start,
        period_end,
        'store' as scope,
        store_id as scope_value,
        branch,
        customers,
        orders,
        units,
        net_revenue
    from store_periods

    union all

    select
        period_grain,
        period_start,
        period_end,
        'all' as scope,
        '(all)' as scope_value,
        branch,
        0 as customers,
        sum(orders) as orders,
        sum(units) as units,
        sum(net_revenue) as net_revenue
    from store_periods
    group by
        period_grain,
        period_start,
        period_end,
        branch

    union all

    -- A customer of two stores is one.
    select
        period_grain,
        period_start,
        period_end,
        'all' as scope,
        '(all)' as scope_value,
        'identified' as branch,
        count(*) as customers,
        0 as orders,
        0 as units,
        0 as net_revenue
    from period_customers
    group by
        period_grain,
        period_start,
        period_end

),

sides as (

    select
        {% for sum in sums %}
            scopes.{{ sum }},
            0 as {{ sum }}_base,
        {% endfor %}
        pairs.pair_number,
        scopes.scope,
        scopes.scope_value,
        scopes.branch
    from pairs
    inner join scopes
        on
            pairs.period_grain = scopes.period_grain
            and pairs.period_start = scopes.period_start
            and pairs.period_end = scopes.period_end

    union all

    select
        {% for sum in sums %}
            0 as {{ sum }},
            scopes.{{ sum }} as {{ sum }}_base,
        {% endfor %}
        pairs.pair_number,
        scopes.scope,
        scopes.scope_value,
        scopes.branch
    from pairs
    inner join scopes
        on
            pairs.period_grain = scopes.period_grain
            and pairs.base_start = scopes.period_start
            and pairs.base_end = scopes.period_end

    {% for scope in ['rfm_segment', 'value_tier'] %}
        union all

        select
            count(case when orders > 0 then 1 end) as customers,
            count(case when base_orders > 0 then 1 end) as customers_base,
            sum(orders) as orders,
            sum(base_orders) as orders_base,
            sum(units) as units,
            sum(base_units) as units_base,
            sum(purchase_revenue) as net_revenue,
            sum(base_purchase_revenue) as net_revenue_base,
            pair_number,
            '{{ scope }}' as scope,
            {{ scope }} as scope_value,
            'identified' as branch
        from pair_customers
        group by
            pair_number,
            {{ scope }}

        union all

        select
            0 as customers,
            0 as customers_base,
            0 as orders,
            0 as orders_base,
            0 as units,
            0 as units_base,
            sum(given_back_revenue) as net_revenue,
            sum(base_given_back_revenue) as net_revenue_base,
            pair_number,
            '{{ scope }}' as scope,
            {{ scope }} as scope_value,
            'given_back' as branch
        from pair_customers
        group by
            pair_number,
            {{ scope }}
    {% endfor %}

)

select
    pair_number,
    scope,
    scope_value,
    branch,
    {% for sum in ['customers', 'orders'] %}
        cast(sum({{ sum }}) as bigint) as {{ sum }},
        cast(sum({{ sum }}_base) as bigint) as {{ sum }}_base,
    {% endfor %}
    cast(sum(units) as decimal(18, 3)) as units,
    cast(sum(units_base) as decimal(18, 3)) as units_base,
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
    cast(sum(net_revenue_base) as decimal(18, 2)) as net_revenue_base
from sides
group by
    pair_number,
    scope,
    scope_value,
    branch
having
    sum(orders) > 0
    or sum(orders_base) > 0
    or sum(net_revenue) <> 0
    or sum(net_revenue_base) <> 0
