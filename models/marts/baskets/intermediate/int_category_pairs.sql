{#- A full basket holds everything more often, so that any two categories go together across
    baskets. Two categories are compared within baskets that hold the same number of other
    categories: were they chosen independently, they would be independent there. Baskets by size
    say all of it: with m others, those that hold both have m + 2 categories, those that hold one
    m + 1, those that hold neither m. With no others there are no baskets that hold neither, so
    nothing is learnt. -#}
with sampled_baskets as (

    select * from {{ ref('int_sampled_baskets') }}

),

basket_categories as (

    select * from {{ ref('int_basket_categories') }}

),

numbers as (

    select * from {{ ref('numbers') }}

),

items as (

    select
        sampled_baskets.basket_number,
        sampled_baskets.category_count,
        basket_categories.category_number
    from sampled_baskets
    inner join basket_categories
        on sampled_baskets.order_id = basket_categories.order_id

),

basket_sizes as (

    select
        category_count,
        count(*) as baskets
    from sampled_baskets
    group by category_count

),

category_sizes as (

    select
        category_number,
        category_count,
        count(*) as baskets
    from items
    group by
        category_number,
        category_count

),

totals as (

    select
        category_number,
        sum(baskets) as baskets,
        row_number() over (order by sum(baskets) desc, category_number asc) as position
    from category_sizes
    group by category_number

),

categories as (

    select
        category_number,
        baskets
    from totals
    where position <= {{ var('basket_max_categories') }}

),

paired_items as (

    select items.*
    from items
    inner join categories
        on items.category_number = categories.category_number

),

pair_sizes as (

    select
        one.category_number as category_a_number,
        other.category_number as category_b_number,
        one.category_count,
        count(*) as baskets
    from paired_items as one
    inner join paired_items as other
        on
            one.basket_number = other.basket_number
            and one.category_number < other.category_number
    group by
        one.category_number,
        other.category_number,
        one.category_count

),

-- A row for every number of other categories, with the baskets that hold none but others.
strata as (

    select
        numbers.number as others,
        coalesce(basket_sizes.baskets, 0) as baskets
    from numbers
    left join basket_sizes
        on numbers.number = basket_sizes.category_count
    where numbers.number between 1 and {{ var('affinity_max_basket_categories') }}

),

category_strata as (

    select
        categories.category_number,
        categories.baskets as category_baskets,
        strata.others,
        strata.baskets,
        coalesce(same.baskets, 0) as baskets_same,
        coalesce(larger.baskets, 0) as baskets_larger
    from categories
    cross join strata
    left join category_sizes as same
        on
            categories.category_number = same.category_number
            and strata.others = same.category_count
    left join category_sizes as larger
        on
            categories.category_number = larger.category_number
            and strata.others + 1 = larger.category_count
    left join category_sizes as largest
        on
            categories.category_number = largest.category_number
            and strata.others + 2 = largest.category_count
    -- Elsewhere the category stands beside no other.
    where
        larger.baskets is not null
        or largest.baskets is not null

),

tables as (

    select
        one.category_number as category_a_number,
        other.category_number as category_b_number,
        coalesce(two_more.baskets, 0) as n_both,
        one.baskets_larger - coalesce(one_more.baskets, 0) as n_a,
        other.baskets_larger - coalesce(one_more.baskets, 0) as n_b,
        one.baskets - one.baskets_same - other.baskets_same + coalesce(none_more.baskets, 0)
            as n_neither
    from category_strata as one
    inner join category_strata as other
        on
            one.others = other.others
            and one.category_number < other.category_number
    left join pair_sizes as none_more
        on
            one.category_number = none_more.category_a_number
            and other.category_number = none_more.category_b_number
            and one.others = none_more.category_count
    left join pair_sizes as one_more
        on
            one.category_number = one_more.category_a_number
            and other.category_number = one_more.category_b_number
            and one.others + 1 = one_more.category_count
    left join pair_sizes as two_more
        on
            one.category_number = two_more.category_a_number
            and other.category_number = two_more.category_b_number
            and one.others + 2 = two_more.category_count

),

counted as (

    select
        category_a_number,
        category_b_number,
        cast(n_both as double) as n_both,
        cast(n_a as double) as n_a,
        cast(n_b as double) as n_b,
        cast(n_neither as double) as n_neither,
        cast(n_both + n_a + n_b + n_neither as double) as n
    from tables

),

-- Mantel and Haenszel: a common odds ratio, and what is to be expected without any relation.
summed as (

    select
        category_a_number,
        category_b_number,
        sum(n_both) as observed,
        sum((n_both + n_a) * (n_both + n_b) / nullif(n, 0)) as expected,
        sum(
            (n_both + n_a) * (n_both + n_b) * (n_a + n_neither) * (n_b + n_neither)
            / nullif(n * n * (n - 1), 0)
        ) as variance,
        sum(n_both * n_neither / nullif(n, 0)) as together,
        sum(n_a * n_b / nullif(n, 0)) as apart
    from counted
    group by
        category_a_number,
        category_b_number

),

pair_totals as (

    select
        category_a_number,
        category_b_number,
        sum(baskets) as baskets_both
    from pair_sizes
    group by
        category_a_number,
        category_b_number

),

all_baskets as (

    select count(*) as baskets from sampled_baskets

)

select
    summed.category_a_number,
    summed.category_b_number,
    cast(all_baskets.baskets as bigint) as baskets,
    cast(one.baskets as bigint) as baskets_a,
    cast(other.baskets as bigint) as baskets_b,
    cast(coalesce(pair_totals.baskets_both, 0) as bigint) as baskets_both,
    cast(summed.observed as bigint) as observed,
    round(coalesce(summed.expected, 0), 6) as expected,
    round(coalesce(summed.variance, 0), 6) as variance,
    round(coalesce(summed.together, 0), 6) as together,
    round(coalesce(summed.apart, 0), 6) as apart
from summed
cross join all_baskets
inner join categories as one
    on summed.category_a_number = one.category_number
inner join categories as other
    on summed.category_b_number = other.category_number
left join pair_totals
    on
        summed.category_a_number = pair_totals.category_a_number
        and summed.category_b_number = pair_totals.category_b_number
