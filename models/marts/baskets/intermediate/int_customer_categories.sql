{#- How often a customer bought a category before a cut, late purchases counting more, and the gaps
    between the days of it. At cuts of the past the sampled customers only. -#}
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

days as (

    select
        customer_id,
        category_number,
        order_date,
        count(*) as baskets
    from basket_categories
    group by
        customer_id,
        category_number,
        order_date

),

counted as (

    select
        cuts.cut_number,
        cuts.cut_date,
        days.customer_id,
        days.category_number,
        sum(days.baskets) as baskets,
        count(*) as purchase_days,
        min(days.order_date) as first_date,
        max(days.order_date) as last_date,
        sum(days.baskets * {{ halved_by_age('days.order_date', 'cuts.cut_date') }})
            as weighted_baskets
    from days
    inner join cuts
        on days.order_date < cuts.cut_date
    left join sampled
        on days.customer_id = sampled.customer_id
    where
        cuts.cut_number = 0
        or sampled.customer_id is not null
    group by
        cuts.cut_number,
        cuts.cut_date,
        days.customer_id,
        days.category_number

)

select
    cut_number,
    cut_date,
    customer_id,
    category_number,
    cast(baskets as bigint) as baskets,
    round(weighted_baskets, 9) as weighted_baskets,
    cast(purchase_days - 1 as bigint) as gaps,
    cast({{ dbt.datediff('first_date', 'last_date', 'day') }} as bigint) as gap_days,
    cast({{ dbt.datediff('last_date', 'cut_date', 'day') }} as bigint) as days_since
from counted
