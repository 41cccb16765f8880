{% set measures = [
    ('price', 'price_elasticity', 'price_changes'),
    ('regular_price', 'regular_price_elasticity', 'regular_price_changes'),
    ('promotion', 'promotion_elasticity', 'price_changes')
] -%}
{% set placements = ['display', 'mailer', 'after_promotion'] -%}

with items as (

    select * from {{ ref('int_price_counts') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

elasticities as (

    select * from {{ ref('stg_price__elasticities') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

of_items as (

    select
        level,
        category,
        item,
        {% for measure, name, _ in measures %}
            max(case when measure = '{{ measure }}' then estimate end) as {{ name }},
            max(case when measure = '{{ measure }}' then standard_error end)
                as {{ name }}_standard_error,
            max(case when measure = '{{ measure }}' then interval_low end) as {{ name }}_low,
            max(case when measure = '{{ measure }}' then interval_high end) as {{ name }}_high,
            max(case when measure = '{{ measure }}' then own_estimate end) as {{ name }}_own,
            max(case when measure = '{{ measure }}' then own_weight end) as {{ name }}_own_weight,
            max(case when measure = '{{ measure }}' then reason end) as {{ name }}_reason,
        {% endfor %}
        max(case when measure = 'price' then stores end) as stores,
        max(case when measure = 'price' then weeks end) as weeks,
        max(case when measure = 'price' then observations end) as observations
    from elasticities
    where measure in ('price', 'regular_price', 'promotion')
    group by
        level,
        category,
        item

),

of_placements as (

    select
        level,
        category,
    {% for placement in placements %}
        max(case when measure = '{{ placement }}' then exp(estimate) - 1 end)
            as {{ placement }}_lift,
        max(case when measure = '{{ placement }}' then exp(interval_low) - 1 end)
            as {{ placement }}_lift_low,
        max(case when measure = '{{ placement }}' then exp(interval_high) - 1 end)
            as {{ placement }}_lift_high{{ "," if not loop.last }}
    {% endfor %}
    from elasticities
    where measure in ('display', 'mailer', 'after_promotion')
    group by
        level,
        category

),

graded as (

    select
        items.level,
        items.category,
        items.item,
        products.product_name,
        items.net_revenue,
        items.index_coverage,
        {% for measure, name, changes in measures %}
            of_items.{{ name }},
            of_items.{{ name }}_standard_error,
            of_items.{{ name }}_low,
            of_items.{{ name }}_high,
            of_items.{{ name }}_own,
            of_items.{{ name }}_own_weight,
            {{ price_evidence(
                'items.' ~ changes,
                'of_items.' ~ name,
                'of_items.' ~ name ~ '_standard_error',
                'of_items.' ~ name ~ '_high',
                'of_items.' ~ name ~ '_own_weight'
            ) }} as {{ name }}_evidence,
            case
                when items.{{ changes }} < {{ var('price_min_changes') }} then 'few_price_changes'
                when of_items.{{ name }}_reason is not null then of_items.{{ name }}_reason
                when of_items.item is null and items.level = 'product' then 'one_product'
                when
                    of_items.item is null
                    and items.index_coverage < {{ var('price_index_min_coverage') }}
                    then 'few_products'
                when of_items.{{ name }} is null then 'not_estimated'
                when of_items.{{ name }}_low > 0 then 'above_zero'
                when of_items.{{ name }}_high >= 0 then 'includes_zero'
                when
                    1.645 * of_items.{{ name }}_standard_error
                    > {{ var('price_largest_error') }} * abs(of_items.{{ name }})
                    then 'wide_interval'
            end as {{ name }}_reason,
        {% endfor %}
        {% for placement in placements %}
            of_placements.{{ placement }}_lift,
            of_placements.{{ placement }}_lift_low,
            of_placements.{{ placement }}_lift_high,
        {% endfor %}
        items.price_changes,
        items.regular_price_changes,
        coalesce(of_items.stores, 0) as stores,
        coalesce(of_items.weeks, 0) as weeks,
        coalesce(of_items.observations, 0) as observations,
        items.lowest_change_seen,
        items.highest_change_seen
    from items
    left join products
        on
            case when items.level = 'product' then items.item end = products.product_id
    left join of_items
        on
            items.level = of_items.level
            and items.category = of_items.category
            and items.item = of_items.item
    left join of_placements
        on
            items.level = of_placements.level
            and items.category = of_placements.category

)

select
    graded.level as item_level,
    graded.item,
    graded.category,
    graded.product_name,
    as_of.as_of_date,
    graded.net_revenue,
    graded.index_coverage,
    {% for measure, name, _ in measures %}
        graded.{{ name }},
        graded.{{ name }}_standard_error,
        graded.{{ name }}_low,
        graded.{{ name }}_high,
        graded.{{ name }}_own,
        graded.{{ name }}_own_weight,
        graded.{{ name }}_evidence,
        graded.{{ name }}_evidence in ('strong', 'borrowed') as is_{{ name }}_published,
        graded.{{ name }}_reason,
    {% endfor %}
    -- A price ten per cent higher.
    {% for end in ['', '_low', '_high'] %}
        power(1.1, graded.price_elasticity{{ end }}) - 1 as units_change_dearer{{ end }},
    {% endfor %}
    {% for placement in placements %}
        graded.{{ placement }}_lift,
        graded.{{ placement }}_lift_low,
        graded.{{ placement }}_lift_high,
    {% endfor %}
    graded.price_changes,
    graded.regular_price_changes,
    cast(graded.stores as bigint) as stores,
    cast(graded.weeks as bigint) as weeks,
    cast(graded.observations as bigint) as observations,
    graded.lowest_change_seen,
    graded.highest_change_seen
from graded
cross join as_of
