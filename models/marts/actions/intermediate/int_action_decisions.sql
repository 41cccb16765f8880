{{ config(contract={'enforced': true}) }}

{#- What the study of actions reads: decisions whose window is over, with what the customer did
    in it (_y) and before (_x), and what was known of the customer on the day; and every
    customer as of today, to say of whom an action would change most. Nothing after the day of a
    decision tells of the customer. -#}
{%- set of_days = {'before': var('action_before_days'), 'year': 365} -%}
with logged as (

    select * from {{ ref('int_action_log') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

base as (

    select
        sum(contribution_amount)
        / nullif(sum(case when contribution_amount is not null then net_revenue end), 0) as margin,
        coalesce(
            sum(case when contribution_amount is not null then net_revenue end)
            >= {{ var('clv_contribution_min_coverage') }} * sum(net_revenue), false
        ) as is_cost_known
    from orders

),

sales as (

    select
        orders.customer_id,
        orders.order_date,
        count(*) as orders,
        cast(sum(orders.net_revenue_after_returns) as double) as revenue,
        cast(
            sum(
                case
                    when base.is_cost_known
                        then coalesce(
                            orders.contribution_amount, orders.net_revenue * base.margin
                        )
                end
            ) as double
        ) as contribution
    from orders
    cross join base
    group by
        orders.customer_id,
        orders.order_date

),

told as (

    select decision_id
    from logged
    where
        arm <> 'none'
        and is_over

),

moments as (

    select
        'decision' as kind,
        decision_id,
        action,
        customer_id,
        decided_on as moment_date,
        window_ends_on,
        as_of_date,
        arm = 'treated' as is_treated,
        outcome = 'taken' as is_taken,
        control_share,
        cost_amount
    from logged
    where
        arm <> 'none'
        and is_over
        and {{ dbt.datediff('decided_on', 'as_of_date', 'day') }} <= {{ var('action_log_days') }}

    union all

    select
        'customer' as kind,
        customer_id as decision_id,
        cast(null as string) as action,
        customer_id,
        as_of_date as moment_date,
        as_of_date as window_ends_on,
        as_of_date,
        cast(null as boolean) as is_treated,
        cast(null as boolean) as is_taken,
        cast(null as double) as control_share,
        cast(null as decimal(18, 2)) as cost_amount
    from lifecycle
    -- Nobody needs to be told apart where nothing was tried.
    where exists (select 1 from told)

),

bounded as (

    select
        moments.*,
    {% for name, days in of_days.items() %}
        cast({{ dbt.dateadd('day', -1 * days, 'moment_date') }} as date)
            as {{ name }}_date{{ "," if not loop.last }}
    {% endfor %}
    from moments

),

bought as (

    select
        bounded.kind,
        bounded.decision_id,
        {% for outcome in action_outcomes() %}
            sum(
                case when sales.order_date >= bounded.moment_date then sales.{{ outcome }} end
            ) as {{ outcome }}_y,
            sum(
                case
                    when
                        sales.order_date < bounded.moment_date
                        and sales.order_date >= bounded.before_date
                        then sales.{{ outcome }}
                end
            ) as {{ outcome }}_x,
        {% endfor %}
        count(case when sales.order_date < bounded.moment_date then 1 end) as purchase_days,
        sum(case when sales.order_date < bounded.moment_date then sales.revenue end)
            as revenue_year,
        max(case when sales.order_date < bounded.moment_date then sales.order_date end)
            as last_date,
        min(case when sales.order_date < bounded.moment_date then sales.order_date end)
            as first_date
    from bounded
    inner join sales
        on
            bounded.customer_id = sales.customer_id
            and bounded.year_date <= sales.order_date
            and bounded.window_ends_on > sales.order_date
    group by
        bounded.kind,
        bounded.decision_id

),

gaps as (

    select
        kind,
        decision_id,
        {{ dbt.datediff('first_date', 'last_date', 'day') }}
        / nullif(1.0e0 * (purchase_days - 1), 0) as gap_days
    from bought

)

select
    bounded.kind,
    bounded.decision_id,
    bounded.action,
    bounded.customer_id,
    bounded.is_treated,
    bounded.is_taken,
    cast(bounded.control_share as double) as control_share,
    cast(bounded.cost_amount as double) as cost,
    {% for outcome in action_outcomes() %}
        {% for side in ['y', 'x'] %}
            {% if outcome == 'contribution' %}
                case
                    when base.is_cost_known
                        then coalesce(cast(bought.contribution_{{ side }} as double), 0)
                end as contribution_{{ side }},
            {% else %}
                coalesce(cast(bought.{{ outcome }}_{{ side }} as double), 0)
                    as {{ outcome }}_{{ side }},
            {% endif %}
        {% endfor %}
    {% endfor %}
    coalesce(cast(bought.purchase_days as double), 0) as purchase_days,
    coalesce(cast(bought.revenue_year / nullif(bought.purchase_days, 0) as double), 0)
        as revenue_a_purchase,
    cast(
        coalesce({{ dbt.datediff('bought.last_date', 'bounded.moment_date', 'day') }}, 365)
        as double
    ) as silence_days,
    cast(coalesce(gaps.gap_days, 365) as double) as gap_days
from bounded
cross join base
left join bought
    on
        bounded.kind = bought.kind
        and bounded.decision_id = bought.decision_id
left join gaps
    on
        bounded.kind = gaps.kind
        and bounded.decision_id = gaps.decision_id
