{#- What each window had of everything that may be a reason. -#}
with windows as (

    select * from {{ ref('int_leaving_windows') }}

),

orders as (

    select * from {{ ref('int_window_orders') }}

),

records as (

    select * from {{ ref('int_window_records') }}

),

products as (

    select * from {{ ref('int_window_products') }}

)

select
    windows.customer_id,
    windows.window_of,
    windows.visit_date,
    windows.quarter_start_date,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.promised_orders, 0) as promised_orders,
    coalesce(orders.late_orders, 0) as late_orders,
    coalesce(orders.returned_orders, 0) as returned_orders,
    orders.competitor_period,
    coalesce(records.unresolved_tickets, 0) as unresolved_tickets,
    {% for category in ['product', 'service', 'price', 'competitor'] %}
        coalesce(records.complaints_{{ category }}, 0) as complaints_{{ category }},
    {% endfor %}
    {% for category in ['product', 'service', 'price'] %}
        coalesce(records.low_scores_{{ category }}, 0) as low_scores_{{ category }},
    {% endfor %}
    products.price_change,
    products.delisted_share
from windows
left join orders
    on
        windows.customer_id = orders.customer_id
        and windows.visit_date = orders.visit_date
left join records
    on
        windows.customer_id = records.customer_id
        and windows.visit_date = records.visit_date
left join products
    on
        windows.customer_id = products.customer_id
        and windows.visit_date = products.visit_date
