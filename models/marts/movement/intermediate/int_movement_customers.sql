{#- What every customer bought and gave back by period. -#}
with store_customers as (

    select * from {{ ref('int_movement_store_customers') }}
    where customer_id is not null

)

select
    period_grain,
    period_start,
    period_end,
    customer_id,
    sum(orders) as orders,
    sum(units) as units,
    sum(case when branch = 'identified' then net_revenue else 0 end) as purchase_revenue,
    sum(case when branch = 'given_back' then net_revenue else 0 end) as given_back_revenue
from store_customers
group by
    period_grain,
    period_start,
    period_end,
    customer_id
