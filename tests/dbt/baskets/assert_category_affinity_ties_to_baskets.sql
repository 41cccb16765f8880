{#- Recounted by the steps that name categories, which only the domain may read. -#}
{{ config(group="baskets") }}

with affinity as (

    select * from {{ ref('category_affinity') }}

),

baskets as (

    select * from {{ ref('int_sampled_baskets') }}

),

entries as (

    select distinct
        fct_order_lines.order_id,
        categories.category
    from {{ ref('fct_order_lines') }} as fct_order_lines
    inner join baskets
        on fct_order_lines.order_id = baskets.order_id
    inner join {{ ref('int_product_categories') }} as categories
        on fct_order_lines.product_id = categories.product_id
    where
        fct_order_lines.line_type = 'product'
        and not fct_order_lines.is_return

),

recounted as (

    select
        category,
        count(*) as baskets
    from entries
    group by category

),

sides as (

    select
        category_a as category,
        baskets_a as baskets,
        confidence_a_to_b * baskets_a as baskets_both,
        support * baskets as supported
    from affinity

    union all

    select
        category_b as category,
        baskets_b as baskets,
        confidence_b_to_a * baskets_b as baskets_both,
        support * baskets as supported
    from affinity

),

pair_totals as (

    select
        coalesce(sum(baskets_both), 0) as in_pairs,
        count(case when compared_baskets > baskets_both then 1 end) as impossible
    from affinity

),

basket_totals as (

    select coalesce(sum(category_count * (category_count - 1) / 2), 0) as in_baskets
    from baskets

),

category_totals as (

    select count(*) as categories
    from recounted

)

select sides.category
from sides
left join recounted
    on sides.category = recounted.category
where
    recounted.category is null
    or sides.baskets <> recounted.baskets
    or abs(sides.baskets_both - sides.supported) > 1e-6

union all

select '(all pairs)' as category
from pair_totals
cross join basket_totals
cross join category_totals
where
    pair_totals.impossible > 0
    or pair_totals.in_pairs > basket_totals.in_baskets
    or (
        category_totals.categories <= {{ var('basket_max_categories') }}
        and pair_totals.in_pairs <> basket_totals.in_baskets
    )
