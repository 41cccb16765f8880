{%- set kinds = [
    'cost_of_goods', 'channel_cost', 'contact_cost', 'fulfilment_cost', 'service_cost',
    'acquisition_cost'
] -%}

with contributions as (

    select * from {{ ref('customer_contribution') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

)

select
    customers.customer_id,
    contributions.contribution_value,
    contributions.missing_costs,
    contributions.missing_costs_365d
from customers
left join contributions
    on customers.customer_id = contributions.customer_id
left join customer_values
    on customers.customer_id = customer_values.customer_id
where
    contributions.customer_id is null
    or contributions.contribution_value is distinct from customer_values.contribution_value
    or contributions.contribution_value_365d
    is distinct from customer_values.contribution_value_365d
    or contributions.net_revenue <> customer_values.net_revenue
    or contributions.net_revenue_365d <> customer_values.net_revenue_365d
    {% for window in ['', '_365d'] %}
        or contributions.gross_sales{{ window }} - contributions.own_discount{{ window }}
        <> contributions.sales_revenue{{ window }}
        or contributions.sales_revenue{{ window }} - contributions.returned_amount{{ window }}
        <> contributions.net_revenue{{ window }}
        or contributions.contribution_value{{ window }}
        <> contributions.net_revenue{{ window }}
        - coalesce(contributions.uncosted_net_revenue{{ window }}, 0)
        {% for kind in kinds %}
            - coalesce(contributions.{{ kind }}{{ window }}, 0)
        {% endfor %}
        -- What is not known is named, and by a name that there is.
        {% for kind in kinds %}
            or (
                contributions.{{ kind }}{{ window }} is null
                and coalesce(contributions.missing_costs{{ window }}, '') not like '%{{ kind }}%'
            )
        {% endfor %}
        or (contributions.missing_costs{{ window }} is null)
        <> (contributions.contribution_basis{{ window }} = 'all_costs')
        or coalesce(contributions.missing_costs{{ window }} like '%cost_of_goods%', false)
        <> (contributions.contribution_basis{{ window }} in ('revenue', 'part_of_revenue'))
        or (contributions.uncosted_net_revenue{{ window }} is null)
        <> (contributions.contribution_basis{{ window }} = 'revenue')
    {% endfor %}
