{#- Recounted by the steps that name categories, which only the domain may read. -#}
{{ config(group="baskets") }}

with breadth as (

    select * from {{ ref('category_breadth') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

bought as (

    select distinct
        orders.customer_id,
        categories.category
    from {{ ref('fct_order_lines') }} as order_lines
    inner join {{ ref('fct_orders') }} as orders
        on order_lines.order_id = orders.order_id
    inner join {{ ref('int_product_categories') }} as categories
        on order_lines.product_id = categories.product_id
    cross join as_of
    where
        orders.is_purchase
        and orders.customer_id is not null
        and order_lines.line_type = 'product'
        and not order_lines.is_return
        and orders.order_date
        >= {{ dbt.dateadd('day', -1 * var('basket_window_days'), 'as_of.as_of_date') }}

),

recounted as (

    select
        customer_id,
        count(*) as categories
    from bought
    group by customer_id

),

white_spaces as (

    {% for place in [1, 2, 3] %}
        select
            customer_id,
            white_space_{{ place }} as category
        from breadth
        where white_space_{{ place }} is not null
        {{ "union all" if not loop.last }}
    {% endfor %}

),

wrong_white_spaces as (

    select distinct white_spaces.customer_id
    from white_spaces
    inner join bought
        on
            white_spaces.customer_id = bought.customer_id
            and white_spaces.category = bought.category

),

reference_groups as (

    select
        reference_group,
        count(*) as customers,
        avg(breadth_pctile) as mean_pctile
    from breadth
    where reference_group is not null
    group by reference_group

)

select coalesce(breadth.customer_id, recounted.customer_id) as customer_id
from breadth
full outer join recounted
    on breadth.customer_id = recounted.customer_id
left join reference_groups
    on breadth.reference_group = reference_groups.reference_group
left join wrong_white_spaces
    on breadth.customer_id = wrong_white_spaces.customer_id
where
    breadth.customer_id is null
    or breadth.categories <> coalesce(recounted.categories, 0)
    or breadth.reference_customers <> reference_groups.customers
    or abs(reference_groups.mean_pctile - 0.5) > 1e-6
    or wrong_white_spaces.customer_id is not null
    or (breadth.breadth_pctile is null) <> (breadth.breadth_reason is not null)
    or (breadth.white_space_spend is null) <> (breadth.breadth_reason is not null)
    or coalesce(breadth.white_space_1_spend, 0) + coalesce(breadth.white_space_2_spend, 0)
    + coalesce(breadth.white_space_3_spend, 0) > breadth.white_space_spend
