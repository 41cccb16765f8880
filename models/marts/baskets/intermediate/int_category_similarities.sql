{#- How alike the customers of two categories are: the cosine between the logarithms of how often
    each sampled customer bought them. -#}
with customer_categories as (

    select * from {{ ref('int_customer_categories') }}

),

rates as (

    select * from {{ ref('int_category_rates') }}
    where customer_rank <= {{ var('basket_max_categories') }}

),

sampled as (

    select * from {{ ref('int_customers_sampled') }}

),

weights as (

    select
        customer_categories.cut_number,
        customer_categories.customer_id,
        customer_categories.category_number,
        ln(1 + customer_categories.baskets) / rates.weight_norm as weight
    from customer_categories
    inner join sampled
        on customer_categories.customer_id = sampled.customer_id
    inner join rates
        on
            customer_categories.cut_number = rates.cut_number
            and customer_categories.category_number = rates.category_number

),

pairs as (

    select
        one.cut_number,
        one.category_number as category_a_number,
        other.category_number as category_b_number,
        count(*) as customers_both,
        sum(one.weight * other.weight) as cosine
    from weights as one
    inner join weights as other
        on
            one.cut_number = other.cut_number
            and one.customer_id = other.customer_id
            and one.category_number < other.category_number
    group by
        one.cut_number,
        one.category_number,
        other.category_number

),

directions as (

    select true as is_forward

    union all

    select false as is_forward

)

select
    pairs.cut_number,
    case when directions.is_forward then pairs.category_a_number else pairs.category_b_number end
        as own_category_number,
    case when directions.is_forward then pairs.category_b_number else pairs.category_a_number end
        as category_number,
    cast(pairs.customers_both as bigint) as customers_both,
    round(pairs.cosine, 9) as cosine
from pairs
cross join directions
