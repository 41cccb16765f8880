{%- set shares = [
    'discount_share', 'private_label_share', 'fresh_share', 'weekend_share', 'evening_share',
    'online_share', 'behavioural_strength'
] -%}

select *
from {{ ref('customer_segments') }}
where
    (behavioural_segment = 'none') <> (behavioural_reason is not null)
    or (behavioural_segment = 'none') <> (behavioural_strength is null)
    or (order_count = 0) <> coalesce(behavioural_reason = 'no_purchases', false)
    or (behavioural_segment = 'none' and has_moved is not null)
    or (order_count = 0 and benefit_segment <> 'none')
    {% for share in shares -%}
        or {{ share }} < 0
        or {{ share }} > 1
    {% endfor -%}
    or item_value <= 0
    or basket_size <= 0
    or breadth <= 0
    or service_contacts < 0
