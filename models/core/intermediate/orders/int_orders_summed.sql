{#- Lines added up per order. Costs are known for an order only when every line's cost is. -#}
with order_lines as (

    select * from {{ ref('int_order_lines_signed') }}

)

select
    order_id,
    count(*) as line_count,
    sum(gross_amount) as gross_amount,
    sum(loyalty_discount) as loyalty_discount,
    sum(promotion_discount) as promotion_discount,
    sum(coupon_match_discount) as coupon_match_discount,
    sum(manufacturer_coupon_discount) as manufacturer_coupon_discount,
    sum(net_revenue) as net_revenue,
    sum(amount_paid) as amount_paid,
    -sum(case when is_return then net_revenue else 0 end) as returned_amount,
    case when count(cost_amount) = count(*) then sum(cost_amount) end as cost_amount
from order_lines
group by order_id
