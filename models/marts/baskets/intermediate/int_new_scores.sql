{#- What a customer has never bought and might: of the categories most customers buy, those whose
    buyers buy what this customer buys. Bounded: so many of the most popular categories that at
    least as many as are candidates are none of the customer's own, compared with the customer's
    most frequent. -#}
{% set candidates = var('next_category_candidates') -%}
{% set popularity_weight = var('next_category_popularity_weight') -%}

with customer_categories as (

    select * from {{ ref('int_customer_categories') }}

),

own as (

    select * from {{ ref('int_customer_main_categories') }}

),

rates as (

    select * from {{ ref('int_category_rates') }}
    where customer_rank <= {{ var('basket_max_categories') }}

),

similarities as (

    select * from {{ ref('int_category_similarities') }}

),

breadths as (

    select
        cut_number,
        customer_id,
        count(*) as categories
    from customer_categories
    group by
        cut_number,
        customer_id

),

unbought as (

    select
        breadths.cut_number,
        breadths.customer_id,
        rates.category_number,
        rates.customer_share,
        rates.customer_rank,
        row_number() over (
            partition by breadths.cut_number, breadths.customer_id
            order by rates.customer_rank
        ) as position
    from breadths
    inner join rates
        on
            breadths.cut_number = rates.cut_number
            and breadths.categories + {{ candidates }} >= rates.customer_rank
    left join customer_categories
        on
            breadths.cut_number = customer_categories.cut_number
            and breadths.customer_id = customer_categories.customer_id
            and rates.category_number = customer_categories.category_number
    where customer_categories.customer_id is null

),

candidates as (

    select * from unbought
    where position <= {{ candidates }}

),

alike as (

    select
        candidates.cut_number,
        candidates.customer_id,
        candidates.category_number,
        sum(own.weight * similarities.cosine) as similarity
    from candidates
    inner join own
        on
            candidates.cut_number = own.cut_number
            and candidates.customer_id = own.customer_id
    inner join similarities
        on
            candidates.cut_number = similarities.cut_number
            and own.category_number = similarities.own_category_number
            and candidates.category_number = similarities.category_number
    group by
        candidates.cut_number,
        candidates.customer_id,
        candidates.category_number

),

scored as (

    select
        candidates.cut_number,
        candidates.customer_id,
        candidates.category_number,
        candidates.customer_share,
        -- Where nothing is alike, what is popular comes first.
        round(coalesce(alike.similarity, 0) + 1e-6 * candidates.customer_share, 9) as item_cosine
    from candidates
    left join alike
        on
            candidates.cut_number = alike.cut_number
            and candidates.customer_id = alike.customer_id
            and candidates.category_number = alike.category_number

)

select
    cut_number,
    customer_id,
    category_number,
    round(customer_share, 9) as popularity,
    item_cosine,
    round(
        (1 - {{ popularity_weight }}) * item_cosine
        / nullif(max(item_cosine) over (partition by cut_number, customer_id), 0)
        + {{ popularity_weight }} * customer_share
        / nullif(max(customer_share) over (partition by cut_number, customer_id), 0),
        9
    ) as cosine_and_popularity
from scored
