with customer_totals as (

    select
        customer_id,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_after_returns) as net_revenue_after_returns
    from {{ ref('fct_orders') }}
    where is_identified
    group by customer_id

),

crossed as (

    select matched_customer_id as customer_id
    from {{ ref('int_return_matches') }}
    where
        matched_amount > 0
        and matched_customer_id is not null
        and coalesce(customer_id <> matched_customer_id, true)

    union

    select customer_id
    from {{ ref('int_return_matches') }}
    where
        matched_amount > 0
        and customer_id is not null
        and coalesce(customer_id <> matched_customer_id, true)

)

select
    customer_totals.customer_id,
    customer_totals.net_revenue,
    customer_totals.net_revenue_after_returns
from customer_totals
left join crossed
    on customer_totals.customer_id = crossed.customer_id
where
    crossed.customer_id is null
    and customer_totals.net_revenue <> customer_totals.net_revenue_after_returns
