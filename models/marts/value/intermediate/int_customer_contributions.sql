{#- From gross sales to what remains, to date and over the last 365 days. Where the cost of goods is
    known for enough of the base's revenue, what was sold without a known cost is left out, because its
    contribution is not known; else nobody's goods have a cost, so that customers stay comparable. -#}
{%- set kinds = [
    'channel_cost', 'contact_cost', 'fulfilment_cost', 'service_cost', 'acquisition_cost'
] -%}
{%- set windows = ['', '_365d'] -%}
{%- set inside = {'': '', '_365d': 'is_365d and '} -%}

with customers as (

    select * from {{ ref('dim_customers') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where customer_id is not null

),

margins as (

    select * from {{ ref('int_customer_margins') }}

),

costs as (

    select * from {{ ref('int_customer_costs') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

base as (

    select coalesce(max(clv_basis) = 'contribution', false) as is_cost_known
    from margins

),

-- A line's gross amount is its discounts above what was received, where it says nothing else.
lines as (

    select
        order_lines.customer_id,
        order_lines.is_return,
        order_lines.net_revenue,
        order_lines.cost_amount,
        order_lines.order_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }} as is_365d,
        coalesce(
            order_lines.gross_amount,
            case
                when
                    coalesce(
                        order_lines.loyalty_discount,
                        order_lines.promotion_discount,
                        order_lines.coupon_match_discount
                    ) is not null
                    then
                        order_lines.net_revenue
                        + coalesce(order_lines.loyalty_discount, 0)
                        + coalesce(order_lines.promotion_discount, 0)
                        + coalesce(order_lines.coupon_match_discount, 0)
            end
        ) as gross_amount
    from order_lines
    cross join as_of

),

sales as (

    select
        customer_id,
        {% for window in windows %}
            case
                when
                    count(
                        case
                            when {{ inside[window] }}not is_return and gross_amount is null then 1
                        end
                    ) = 0
                    then
                        sum(
                            case when {{ inside[window] }}not is_return then gross_amount else 0 end
                        )
            end as gross_sales{{ window }},
            sum(case when {{ inside[window] }}not is_return then net_revenue else 0 end)
                as sales_revenue{{ window }},
            sum(case when {{ inside[window] }}is_return then -net_revenue else 0 end)
                as returned_amount{{ window }},
            sum(case when {{ inside[window] }}cost_amount is null then net_revenue else 0 end)
                as uncosted_net_revenue{{ window }},
            count(case when {{ inside[window] }}cost_amount is null then 1 end)
                as uncosted_lines{{ window }},
            count(case when {{ inside[window] }}cost_amount is not null then 1 end)
                as costed_lines{{ window }},
            sum(case when {{ inside[window] }}cost_amount <> 0 then cost_amount else 0 end)
                as cost_amount{{ window }},
        {% endfor %}
        count(*) as line_count
    from lines
    group by customer_id

),

costs_by_kind as (

    select
        customer_id,
        {% for window in windows %}
            {% for kind in kinds %}
                max(case when cost_kind = '{{ kind }}' then amount{{ window }} end)
                    as {{ kind }}{{ window }},
                coalesce(
                    max(case when cost_kind = '{{ kind }}' then unknown_events{{ window }} end) > 0,
                    true
                ) as misses_{{ kind }}{{ window }},
            {% endfor %}
        {% endfor %}
        count(*) as kinds
    from costs
    group by customer_id

),

ladder as (

    select
        customers.customer_id,
        {% for window in windows %}
            case when sales.customer_id is null then 0 else sales.gross_sales{{ window }} end
                as gross_sales{{ window }},
            coalesce(sales.sales_revenue{{ window }}, 0) as sales_revenue{{ window }},
            coalesce(sales.returned_amount{{ window }}, 0) as returned_amount{{ window }},
            case
                when base.is_cost_known then coalesce(sales.uncosted_net_revenue{{ window }}, 0)
            end as uncosted_net_revenue{{ window }},
            case
                when not base.is_cost_known then null
                when coalesce(sales.costed_lines{{ window }}, 0) > 0
                    then sales.cost_amount{{ window }}
                when coalesce(sales.uncosted_lines{{ window }}, 0) = 0 then 0
            end as cost_of_goods{{ window }},
            not base.is_cost_known or coalesce(sales.uncosted_lines{{ window }}, 0) > 0
                as misses_cost_of_goods{{ window }},
            {% for kind in kinds %}
                costs_by_kind.{{ kind }}{{ window }},
                coalesce(costs_by_kind.misses_{{ kind }}{{ window }}, true)
                    as misses_{{ kind }}{{ window }},
            {% endfor %}
        {% endfor %}
        base.is_cost_known
    from customers
    cross join base
    left join sales
        on customers.customer_id = sales.customer_id
    left join costs_by_kind
        on customers.customer_id = costs_by_kind.customer_id

),

told as (

    select
        {% for window in windows %}
            substring(
                {% for kind in ['cost_of_goods'] + kinds %}
                    case when misses_{{ kind }}{{ window }} then ', {{ kind }}' else '' end
                    {{- " ||" if not loop.last }}
                {% endfor %},
                3
            ) as missing_costs{{ window }},
        {% endfor %}
        ladder.*
    from ladder

)

select
    customer_id,
    {% for window in windows %}
        cast(gross_sales{{ window }} as decimal(18, 2)) as gross_sales{{ window }},
        cast(gross_sales{{ window }} - sales_revenue{{ window }} as decimal(18, 2))
            as own_discount{{ window }},
        cast(sales_revenue{{ window }} as decimal(18, 2)) as sales_revenue{{ window }},
        cast(returned_amount{{ window }} as decimal(18, 2)) as returned_amount{{ window }},
        cast(sales_revenue{{ window }} - returned_amount{{ window }} as decimal(18, 2))
            as net_revenue{{ window }},
        cast(uncosted_net_revenue{{ window }} as decimal(18, 2))
            as uncosted_net_revenue{{ window }},
        cast(cost_of_goods{{ window }} as decimal(18, 2)) as cost_of_goods{{ window }},
        {% for kind in kinds %}
            {{ kind }}{{ window }},
        {% endfor %}
        cast(
            sales_revenue{{ window }} - returned_amount{{ window }}
            - coalesce(uncosted_net_revenue{{ window }}, 0)
            - coalesce(cost_of_goods{{ window }}, 0)
            {% for kind in kinds %}
                - coalesce({{ kind }}{{ window }}, 0)
            {% endfor %}
            as decimal(18, 2)
        ) as contribution_value{{ window }},
        case
            when not is_cost_known then 'revenue'
            when misses_cost_of_goods{{ window }} then 'part_of_revenue'
            when missing_costs{{ window }} <> '' then 'some_costs'
            else 'all_costs'
        end as contribution_basis{{ window }},
        nullif(missing_costs{{ window }}, '') as missing_costs{{ window }},
    {% endfor %}
    is_cost_known
from told
