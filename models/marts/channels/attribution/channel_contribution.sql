with credits as (

    select * from {{ ref('fct_attribution') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

attributed as (

    select
        channel_id,
        order_month,
        attribution_model,
        kind,
        sum(order_credit) as attributed_orders,
        sum(revenue_credit) as net_revenue,
        sum(contribution_credit) as contribution
    from credits
    group by
        channel_id,
        order_month,
        attribution_model,
        kind

),

model_months as (

    select distinct
        order_month,
        attribution_model,
        kind
    from attributed

),

-- The row is there even where every order of the month has a touch.
completed as (

    select
        channel_id,
        order_month,
        attribution_model,
        kind,
        attributed_orders,
        net_revenue,
        contribution
    from attributed

    union all

    select
        '(unattributed)' as channel_id,
        model_months.order_month,
        model_months.attribution_model,
        model_months.kind,
        0 as attributed_orders,
        0 as net_revenue,
        null as contribution
    from model_months
    left join attributed
        on
            model_months.order_month = attributed.order_month
            and model_months.attribution_model = attributed.attribution_model
            and attributed.channel_id = '(unattributed)'
    where attributed.channel_id is null

),

totalled as (

    select
        completed.*,
        sum(completed.attributed_orders) over (
            partition by completed.order_month, completed.attribution_model
        ) as month_orders,
        sum(completed.net_revenue) over (
            partition by completed.order_month, completed.attribution_model
        ) as month_revenue
    from completed

)

select
    totalled.channel_id,
    totalled.order_month,
    totalled.attribution_model,
    totalled.kind,
    case totalled.channel_id
        when '(direct)' then 'Direct'
        when '(unattributed)' then 'Unattributed'
        when '(baseline)' then 'Baseline'
        else channels.channel_name
    end as channel_name,
    cast(totalled.attributed_orders as decimal(18, 6)) as attributed_orders,
    cast(totalled.net_revenue as decimal(18, 2)) as net_revenue,
    cast(totalled.contribution as decimal(18, 2)) as contribution,
    round(
        cast(totalled.attributed_orders as double)
        / nullif(cast(totalled.month_orders as double), 0),
        6
    ) as order_share,
    round(
        cast(totalled.net_revenue as double)
        / nullif(cast(totalled.month_revenue as double), 0),
        6
    ) as revenue_share
from totalled
left join channels
    on totalled.channel_id = channels.channel_id
