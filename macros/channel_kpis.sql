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

{#- Those of them that depend on what a channel is credited with: the column of channel_economics
    that has the best that is known, the one that says what that rests on, and the one that says
    whether it can be believed. -#}
{% macro channel_credit_kpis() -%}
    {{ return({
        'net_revenue': ('brought_revenue', 'credit_basis', 'return_status'),
        'orders': ('brought_orders', 'credit_basis', 'return_status'),
        'roi_margin': ('roi_margin', 'credit_basis', 'return_status'),
        'cost_per_order': ('cost_per_order', 'credit_basis', 'return_status'),
        'new_customers': ('brought_new_customers', 'cac_basis', 'acquisition_status'),
        'cac': ('cac', 'cac_basis', 'acquisition_status'),
        'payback_months': ('payback_months', 'cac_basis', 'acquisition_status'),
        'ltv_to_cac': ('ltv_to_cac', 'cac_basis', 'acquisition_status')
    }) }}
{%- endmacro %}
