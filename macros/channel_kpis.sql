{#- Key figures of a channel that have a better and a worse: the columns that goals are set for and
    channels are weighed by. The seed channel_kpis says which is better. -#}
{% macro channel_kpis() -%}
    {{ return([
        'net_revenue', 'growth_year_ago', 'orders', 'average_order_value', 'conversion_rate',
        'new_customers', 'cac', 'payback_months', 'roi_margin', 'lifetime_value_acquired',
        'ltv_to_cac', 'csat', 'nps', 'churn_rate', 'processing_hours', 'on_time_share',
        'cost_per_order', 'handling_minutes', 'coverage', 'reached_share', 'penetration',
        'awareness', 'friction_rate', 'preference', 'cross_channel_share'
    ]) }}
{%- endmacro %}
