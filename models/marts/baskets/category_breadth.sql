with customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_purchase
        and is_identified

),

as_of as (

    select * from {{ ref('as_of') }}

),

categories as (

    select * from {{ ref('int_categories') }}

),

breadths as (

    select * from {{ ref('int_customer_breadths') }}

),

window_categories as (

    select * from {{ ref('int_window_categories') }}

),

buyers as (

    select distinct orders.customer_id
    from orders
    cross join as_of
    where
        orders.order_date
        >= {{ dbt.dateadd('day', -1 * var('basket_window_days'), 'as_of.as_of_date') }}

),

levels as (

    select max(category_level) as category_level
    from categories

),

reference_groups as (

    select
        reference_group,
        count(*) as customers,
        {{ percentile('categories', 0.5) }} as median_categories
    from breadths
    group by reference_group

),

ranked as (

    select
        customer_id,
        rank() over (partition by reference_group order by categories) as position,
        count(*) over (partition by reference_group, categories) as equals
    from breadths

),

group_categories as (

    select
        breadths.reference_group,
        window_categories.category_number,
        count(*) as buyers,
        sum(window_categories.net_revenue) as net_revenue
    from window_categories
    inner join breadths
        on window_categories.customer_id = breadths.customer_id
    group by
        breadths.reference_group,
        window_categories.category_number

),

common_categories as (

    select
        group_categories.reference_group,
        categories.category,
        categories.category_number,
        {{ rounded_decimal(
            "cast(group_categories.net_revenue as double) "
            ~ "/ reference_groups.customers"
        ) }} as expected_spend
    from group_categories
    inner join reference_groups
        on group_categories.reference_group = reference_groups.reference_group
    inner join categories
        on group_categories.category_number = categories.category_number
    where
        reference_groups.customers >= {{ var('breadth_min_customers') }}
        and group_categories.buyers
        >= {{ var('breadth_common_share') }} * reference_groups.customers

),

not_bought as (

    select
        breadths.customer_id,
        common_categories.category,
        common_categories.expected_spend,
        row_number() over (
            partition by breadths.customer_id
            order by common_categories.expected_spend desc, common_categories.category asc
        ) as place
    from breadths
    inner join common_categories
        on breadths.reference_group = common_categories.reference_group
    left join window_categories
        on
            breadths.customer_id = window_categories.customer_id
            and common_categories.category_number = window_categories.category_number
    where window_categories.customer_id is null

),

white_spaces as (

    select
        customer_id,
        count(*) as categories,
        sum(expected_spend) as expected_spend
        {% for place in [1, 2, 3] %}
            ,
            max(case when place = {{ place }} then category end) as category_{{ place }},
            max(case when place = {{ place }} then expected_spend end) as spend_{{ place }}
        {% endfor %}
    from not_bought
    group by customer_id

)

select
    customers.customer_id,
    as_of.as_of_date,
    levels.category_level,
    coalesce(breadths.baskets, 0) as baskets,
    case when levels.category_level is not null then coalesce(breadths.categories, 0) end
        as categories,
    breadths.reference_group,
    cast(reference_groups.customers as bigint) as reference_customers,
    cast(reference_groups.median_categories as bigint) as reference_median_categories,
    case
        when reference_groups.customers >= {{ var('breadth_min_customers') }}
            then
                round(
                    cast(ranked.position - 1 + 0.5 * ranked.equals as double)
                    / reference_groups.customers, 6
                )
    end as breadth_pctile,
    case
        when reference_groups.customers >= {{ var('breadth_min_customers') }}
            then cast(coalesce(white_spaces.categories, 0) as bigint)
    end as white_space_categories,
    case
        when reference_groups.customers >= {{ var('breadth_min_customers') }}
            then cast(coalesce(white_spaces.expected_spend, 0) as decimal(18, 2))
    end as white_space_spend,
    {% for place in [1, 2, 3] %}
        white_spaces.category_{{ place }} as white_space_{{ place }},
        cast(white_spaces.spend_{{ place }} as decimal(18, 2)) as white_space_{{ place }}_spend,
    {% endfor %}
    case
        when levels.category_level is null then 'no_category_known'
        when buyers.customer_id is null then 'no_purchase_in_window'
        when breadths.customer_id is null then 'no_category_bought'
        when reference_groups.customers < {{ var('breadth_min_customers') }}
            then 'few_like_customers'
    end as breadth_reason
from customers
cross join as_of
cross join levels
left join buyers
    on customers.customer_id = buyers.customer_id
left join breadths
    on customers.customer_id = breadths.customer_id
left join reference_groups
    on breadths.reference_group = reference_groups.reference_group
left join ranked
    on customers.customer_id = ranked.customer_id
left join white_spaces
    on customers.customer_id = white_spaces.customer_id
