{%- set shares = [
    'customer_share', 'p_churn', 'top_channel_share', 'online_order_share', 'jaccard'
] -%}

select *
from {{ ref('segment_profiles') }}
where
    customers < 1
    or (apart_feature is null) <> (apart_reason is not null)
    or apart_difference < apart_difference_low
    or apart_difference > apart_difference_high
    or apart_difference_low * apart_difference_high < 0
    or (leaning_category is null) <> (leaning_index is null)
    or leaning_index <= 1
    {% for share in shares -%}
        or {{ share }} < 0
        or {{ share }} > 1
    {% endfor %}
