{#- What the sampled customers say of a category before a cut: the share of baskets and of
    customers that have it, and how long it lasts. -#}
with customer_categories as (

    select * from {{ ref('int_customer_categories') }}

),

customer_baskets as (

    select * from {{ ref('int_customer_baskets') }}

),

sampled as (

    select * from {{ ref('int_customers_sampled') }}

),

all_baskets as (

    select
        customer_baskets.cut_number,
        count(*) as customers,
        sum(customer_baskets.baskets) as baskets
    from customer_baskets
    inner join sampled
        on customer_baskets.customer_id = sampled.customer_id
    group by customer_baskets.cut_number

),

by_category as (

    select
        customer_categories.cut_number,
        customer_categories.category_number,
        count(*) as customers,
        sum(customer_categories.baskets) as baskets,
        sum(customer_categories.gaps) as gaps,
        sum(customer_categories.gap_days) as gap_days,
        sum(ln(1 + customer_categories.baskets) * ln(1 + customer_categories.baskets))
            as squared_weight
    from customer_categories
    inner join sampled
        on customer_categories.customer_id = sampled.customer_id
    group by
        customer_categories.cut_number,
        customer_categories.category_number

),

all_gaps as (

    select
        cut_number,
        sum(gap_days) / nullif(cast(sum(gaps) as double), 0) as mean_gap_days
    from by_category
    group by cut_number

)

select
    by_category.cut_number,
    by_category.category_number,
    cast(by_category.customers as bigint) as customers,
    cast(by_category.baskets as bigint) as baskets,
    cast(by_category.baskets as double) / all_baskets.baskets as basket_share,
    cast(by_category.customers as double) / all_baskets.customers as customer_share,
    -- A category that nobody bought twice lasts as long as any.
    coalesce(
        by_category.gap_days / nullif(cast(by_category.gaps as double), 0),
        all_gaps.mean_gap_days
    ) as mean_gap_days,
    round(sqrt(by_category.squared_weight), 9) as weight_norm,
    cast(
        row_number() over (
            partition by by_category.cut_number
            order by by_category.customers desc, by_category.category_number asc
        ) as bigint
    ) as customer_rank,
    cast(
        row_number() over (
            partition by by_category.cut_number
            order by by_category.baskets desc, by_category.category_number asc
        ) as bigint
    ) as basket_rank
from by_category
inner join all_baskets
    on by_category.cut_number = all_baskets.cut_number
inner join all_gaps
    on by_category.cut_number = all_gaps.cut_number
