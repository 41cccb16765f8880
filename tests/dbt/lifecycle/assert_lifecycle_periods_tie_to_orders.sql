with grains as (

    {% for period in period_grains() %}
        select '{{ period.grain }}' as period_grain
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

periods as (

    select
        period_grain,
        sum(net_revenue) as net_revenue
    from {{ ref('lifecycle_periods') }}
    group by period_grain

),

orders as (

    select coalesce(sum(net_revenue_after_returns), 0) as net_revenue
    from {{ ref('fct_orders') }}
    where
        is_purchase
        and is_identified

)

select
    grains.period_grain,
    periods.net_revenue,
    orders.net_revenue as order_revenue
from grains
cross join orders
left join periods
    on grains.period_grain = periods.period_grain
where coalesce(periods.net_revenue, 0) != orders.net_revenue
