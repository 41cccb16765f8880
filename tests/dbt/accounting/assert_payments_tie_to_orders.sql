{# The steps are private to their domain, its tests included. -#}
{{ config(group='accounting', severity='warn') }}

select
    order_id,
    paid_amount,
    due_amount,
    difference
from {{ ref('int_order_payments') }}
where not is_settled
