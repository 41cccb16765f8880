with contributions as (

    select * from {{ ref('int_customer_contributions') }}

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    contributions.customer_id,
    as_of.as_of_date,
    {% for window in ['', '_365d'] %}
        {% for column in [
            'gross_sales', 'own_discount', 'sales_revenue', 'returned_amount', 'net_revenue',
            'uncosted_net_revenue', 'cost_of_goods', 'channel_cost', 'contact_cost',
            'fulfilment_cost', 'service_cost', 'acquisition_cost', 'contribution_value',
            'contribution_basis', 'missing_costs'
        ] %}
            contributions.{{ column }}{{ window }},
        {% endfor %}
    {% endfor %}
    round(
        cast(contributions.contribution_value as double)
        / nullif(
            cast(
                greatest(
                    contributions.net_revenue - coalesce(contributions.uncosted_net_revenue, 0), 0
                ) as double
            ),
            0
        ),
        6
    ) as contribution_share
from contributions
cross join as_of
