{%- set units = {"customer": "customer_id", "person": "person_id", "household": "household_id"} -%}
with identities as (

    select * from {{ ref('customer_identity') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where customer_id is not null

),

edges as (

    select * from {{ ref('int_identity_edges') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- Days and not orders: two numbers of one person used on a day are one purchase.
days as (

    select
        customer_id,
        order_date,
        max(case when is_valid_order then 1 else 0 end) as is_purchase_day,
        sum(net_revenue) as net_revenue
    from orders
    group by
        customer_id,
        order_date

),

{% for unit, column in units.items() %}
    {{ unit }}_days as (

        select
            identities.{{ column }} as unit_id,
            days.order_date,
            max(days.is_purchase_day) as is_purchase_day,
            sum(days.net_revenue) as net_revenue
        from days
        inner join identities
            on days.customer_id = identities.customer_id
        group by
            identities.{{ column }},
            days.order_date

    ),

    {{ unit }}_purchases as (

        select
            unit_id,
            sum(is_purchase_day) as purchase_days,
            max(case when is_purchase_day = 1 then order_date end) as last_purchase_date,
            sum(net_revenue) as net_revenue
        from {{ unit }}_days
        group by unit_id

    ),

    {{ unit }}_sizes as (

        select
            {{ column }} as unit_id,
            count(*) as customers
        from identities
        group by {{ column }}

    ),

{% endfor %}
measured as (

    {% for unit in units %}
        select
            '{{ unit }}' as identity_unit,
            {{ loop.index }} as unit_order,
            count({{ unit }}_sizes.unit_id) as units,
            sum({{ unit }}_sizes.customers) as customers,
            sum(case when {{ unit }}_sizes.customers > 1 then 1 else 0 end) as merged_units,
            sum(
                case
                    when {{ unit }}_sizes.customers > 1 then {{ unit }}_sizes.customers else 0
                end
            ) as merged_customers,
            max({{ unit }}_sizes.customers) as largest_unit_customers,
            sum(case when {{ unit }}_purchases.purchase_days > 0 then 1 else 0 end) as buyers,
            sum(case when {{ unit }}_purchases.purchase_days > 1 then 1 else 0 end)
                as repeat_buyers,
            sum({{ unit }}_purchases.purchase_days) as purchase_days,
            sum({{ unit }}_purchases.net_revenue) as net_revenue,
            sum(
                case
                    when
                        {{ unit }}_purchases.last_purchase_date >= {{
                            dbt.dateadd('day', -1 * var('churn_horizon_days'), 'as_of.as_of_date')
                        }}
                        then 1
                    else 0
                end
            ) as active_units
        from as_of
        left join {{ unit }}_sizes
            on true
        left join {{ unit }}_purchases
            on {{ unit }}_sizes.unit_id = {{ unit }}_purchases.unit_id
        {{ "union all" if not loop.last }}
    {% endfor %}

),

identified as (

    select
        sum(case when relation = 'person' then 1 else 0 end) as person_edges,
        sum(case when relation = 'household' then 1 else 0 end) as household_edges
    from edges

),

rated as (

    select
        measured.*,
        cast(repeat_buyers as double) / nullif(buyers, 0) as repeat_rate,
        cast(net_revenue as double) / nullif(buyers, 0) as net_revenue_per_buyer,
        cast(purchase_days as double) / nullif(buyers, 0) as purchase_days_per_buyer
    from measured

),

by_customer as (

    select * from rated
    where identity_unit = 'customer'

)

select
    rated.identity_unit,
    as_of.as_of_date,
    case
        when rated.units = 0 then 'no_customers'
        when rated.identity_unit = 'customer' then 'landed'
        when
            coalesce(identified.person_edges, 0) = 0
            and (
                rated.identity_unit = 'person' or coalesce(identified.household_edges, 0) = 0
            )
            then 'nothing_shared'
        when rated.merged_units = 0 then 'nothing_merged'
        else 'merged'
    end as identity_status,
    cast(rated.units as bigint) as units,
    cast(coalesce(rated.merged_units, 0) as bigint) as merged_units,
    cast(coalesce(rated.merged_customers, 0) as bigint) as merged_customers,
    cast(rated.largest_unit_customers as bigint) as largest_unit_customers,
    cast(coalesce(rated.buyers, 0) as bigint) as buyers,
    cast(coalesce(rated.repeat_buyers, 0) as bigint) as repeat_buyers,
    rated.repeat_rate,
    cast(coalesce(rated.purchase_days, 0) as bigint) as purchase_days,
    rated.purchase_days_per_buyer,
    cast(coalesce(rated.net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(rated.net_revenue_per_buyer as decimal(18, 2)) as net_revenue_per_buyer,
    cast(coalesce(rated.active_units, 0) as bigint) as active_units,
    cast(rated.active_units as double) / nullif(rated.units, 0) as active_share,
    cast(rated.units - by_customer.units as bigint) as units_change,
    rated.repeat_rate - by_customer.repeat_rate as repeat_rate_change,
    cast(rated.net_revenue_per_buyer - by_customer.net_revenue_per_buyer as decimal(18, 2))
        as net_revenue_per_buyer_change,
    cast(coalesce(rated.active_units, 0) - coalesce(by_customer.active_units, 0) as bigint)
        as active_units_change
from rated
cross join by_customer
cross join identified
cross join as_of
