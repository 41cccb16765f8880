{#- How often a customer came before a cut, late visits counting more. At cuts of the past the
    sampled customers only. -#}
with basket_categories as (

    select * from {{ ref('int_basket_categories') }}
    where customer_id is not null

),

cuts as (

    select * from {{ ref('int_next_category_cuts') }}

),

sampled as (

    select * from {{ ref('int_customers_sampled') }}

),

baskets as (

    select distinct
        customer_id,
        order_id,
        order_date
    from basket_categories

)

select
    cuts.cut_number,
    baskets.customer_id,
    cast(count(*) as bigint) as baskets,
    round(
        sum({{ halved_by_age('baskets.order_date', 'cuts.cut_date') }}), 9
    ) as weighted_baskets
from baskets
inner join cuts
    on baskets.order_date < cuts.cut_date
left join sampled
    on baskets.customer_id = sampled.customer_id
where
    cuts.cut_number = 0
    or sampled.customer_id is not null
group by
    cuts.cut_number,
    baskets.customer_id
