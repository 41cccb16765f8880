{#- What customers spent of what they could have spent otherwise, over the lines of which each is
    known: a numerator, a denominator and a number of lines for every measure. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and quantity > 0
        and net_revenue > 0
        and customer_id is not null

),

products as (

    select * from {{ ref('dim_products') }}

),

means as (

    select * from {{ ref('int_price_paid_means') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

bought as (

    select
        order_lines.customer_id,
        order_lines.product_id,
        cast({{ dbt.date_trunc('week', 'order_lines.order_date') }} as date) as week_start_date,
        cast({{ dbt.date_trunc('month', 'order_lines.order_date') }} as date) as month_start_date,
        cast(order_lines.quantity as double) as quantity,
        cast(order_lines.net_revenue as double) as net_revenue,
        cast(order_lines.gross_amount as double) as gross_amount,
        -- A till that names no discount tells it by the shelf price.
        cast(
            case
                when
                    order_lines.loyalty_discount is null
                    and order_lines.promotion_discount is null
                    then
                        order_lines.gross_amount
                        - order_lines.net_revenue
                        - coalesce(order_lines.coupon_match_discount, 0)
                else
                    coalesce(order_lines.loyalty_discount, 0)
                    + coalesce(order_lines.promotion_discount, 0)
            end as double
        ) as markdown
    from order_lines
    cross join as_of
    where
        order_lines.order_date
        >= {{ dbt.dateadd('day', -1 * var('price_sensitivity_days'), 'as_of.as_of_date') }}

),

priced as (

    select
        bought.customer_id,
        bought.net_revenue,
        bought.markdown,
        products.brand_type,
        case when bought.markdown is not null then bought.gross_amount end as gross_amount,
        bought.quantity * coalesce(weekly.mean_price, monthly.mean_price) as mean_amount
    from bought
    left join products
        on bought.product_id = products.product_id
    left join means as weekly
        on
            bought.product_id = weekly.product_id
            and bought.week_start_date = weekly.period_start_date
            and weekly.period = 'week'
    left join means as monthly
        on
            bought.product_id = monthly.product_id
            and bought.month_start_date = monthly.period_start_date
            and monthly.period = 'month'

),

-- Far below the mean is a bargain; far above it is another thing under the same number.
compared as (

    select
        customer_id,
        net_revenue,
        markdown,
        brand_type,
        gross_amount,
        case
            when net_revenue <= {{ var('price_index_largest_ratio') }} * mean_amount
                then mean_amount
        end as mean_amount
    from priced

)

-- Sums of floating point numbers differ in their last digits from run to run.
select
    customer_id,
    count(*) as lines,
    round(sum(case when markdown > 0 then net_revenue when markdown is not null then 0 end), 6)
        as markdown_share_part,
    round(sum(case when markdown is not null then net_revenue end), 6) as markdown_share_whole,
    count(markdown) as markdown_share_lines,
    round(sum(case when gross_amount > 0 then greatest(markdown, 0) end), 6) as discount_share_part,
    round(sum(case when gross_amount > 0 then gross_amount end), 6) as discount_share_whole,
    count(case when gross_amount > 0 then gross_amount end) as discount_share_lines,
    round(
        sum(
            case when brand_type = 'private' then net_revenue when brand_type is not null then 0 end
        ),
        6
    )
        as private_label_share_part,
    round(sum(case when brand_type is not null then net_revenue end), 6)
        as private_label_share_whole,
    count(brand_type) as private_label_share_lines,
    round(sum(case when mean_amount is not null then net_revenue end), 6) as price_index_part,
    round(sum(mean_amount), 6) as price_index_whole,
    count(mean_amount) as price_index_lines
from compared
group by customer_id
