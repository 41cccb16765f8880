{#- What a customer buys again: the share of the customer's baskets that have the category,
    shrunk towards that of all baskets, and how due it is. -#}
with customer_categories as (

    select * from {{ ref('int_customer_categories') }}

),

customer_baskets as (

    select * from {{ ref('int_customer_baskets') }}

),

rates as (

    select * from {{ ref('int_category_rates') }}

),

measured as (

    select
        customer_categories.cut_number,
        customer_categories.customer_id,
        customer_categories.category_number,
        customer_categories.baskets,
        customer_categories.days_since,
        coalesce(rates.basket_share, 0) as basket_share,
        (
            customer_categories.weighted_baskets
            + {{ var('next_category_prior_baskets') }} * coalesce(rates.basket_share, 0)
        ) / (customer_baskets.weighted_baskets + {{ var('next_category_prior_baskets') }})
            as recent_share,
        coalesce(
            (
                customer_categories.gap_days
                + {{ var('next_category_prior_gaps') }} * rates.mean_gap_days
            ) / (customer_categories.gaps + {{ var('next_category_prior_gaps') }}),
            customer_categories.gap_days / nullif(cast(customer_categories.gaps as double), 0)
        ) as own_gap_days
    from customer_categories
    inner join customer_baskets
        on
            customer_categories.cut_number = customer_baskets.cut_number
            and customer_categories.customer_id = customer_baskets.customer_id
    -- Few customers may buy what none of the sampled ones does.
    left join rates
        on
            customer_categories.cut_number = rates.cut_number
            and customer_categories.category_number = rates.category_number

),

timed as (

    select
        measured.*,
        days_since / nullif(own_gap_days, 0) as due_ratio
    from measured

)

select
    cut_number,
    customer_id,
    category_number,
    days_since,
    round(own_gap_days, 6) as own_gap_days,
    round(due_ratio, 6) as due_ratio,
    -- Of equal counts the more popular category is first.
    round(baskets + basket_share, 9) as personal_frequency,
    round(recent_share, 9) as recent_frequency,
    round(recent_share * {{ due_factor('due_ratio') }}, 9) as due_rhythm
from timed
