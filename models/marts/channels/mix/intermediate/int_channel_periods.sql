{{ config(contract={'enforced': true}) }}

{#- What each marketing channel cost, reached and brought, by week; by month where a channel's costs
    land on first days of months only. Whole periods. Spend is what channel costs say; where a channel has
    none, what its touches cost. Between the first and the last period with a cost, one without
    cost nothing; before and after, spend is not known. -#}
{%- set period = "case when kinds.period_kind = 'month' then "
    ~ dbt.date_trunc('month', '{day}') ~ " else " ~ dbt.date_trunc('week', '{day}') ~ " end" -%}

with channels as (

    select channel_id
    from {{ ref('dim_channels') }}
    where channel_type = 'marketing'

),

channel_costs as (

    select * from {{ ref('stg_marketing__channel_costs') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where touch_source <> 'coupon_redemption'

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

credits as (

    select * from {{ ref('int_incremental_credits') }}
    where touchpoint_id is not null

),

increments as (

    select * from {{ ref('stg_incrementality__channel_increments') }}
    where customer_kind = 'all'

),

customer_values as (

    select * from {{ ref('customer_value') }}

),

bounds as (

    select * from {{ ref('channel_bounds') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

recorded_costs as (

    select
        channel_costs.channel_id,
        channel_costs.cost_date,
        channel_costs.cost_amount
    from channel_costs
    inner join channels
        on channel_costs.channel_id = channels.channel_id

),

dated_kinds as (

    select
        channel_id,
        min(case when extract(day from cost_date) = 1 then 1 else 0 end) as is_monthly
    from recorded_costs
    group by channel_id

),

kinds as (

    select case when max(is_monthly) = 1 then 'month' else 'week' end as period_kind
    from dated_kinds

),

costs as (

    select
        channel_id,
        cost_date,
        cost_amount
    from recorded_costs

    union all

    select
        touchpoints.channel_id,
        touchpoints.touch_date as cost_date,
        touchpoints.cost_amount
    from touchpoints
    left join dated_kinds
        on touchpoints.channel_id = dated_kinds.channel_id
    where
        dated_kinds.channel_id is null
        and touchpoints.cost_amount is not null

),

observed_days as (

    select
        cast({{ period.format(day='dates.date_day') }} as date) as period_start,
        kinds.period_kind,
        dates.is_observed
    from dates
    cross join kinds

),

periods as (

    select
        period_start,
        period_kind
    from observed_days
    group by
        period_start,
        period_kind
    having
        min(case when is_observed then 1 else 0 end) = 1
        and (period_kind = 'month' or count(*) = 7)

),

period_costs as (

    select
        costs.channel_id,
        cast({{ period.format(day='costs.cost_date') }} as date) as period_start,
        sum(costs.cost_amount) as spend
    from costs
    cross join kinds
    group by
        costs.channel_id,
        cast({{ period.format(day='costs.cost_date') }} as date)

),

cost_spans as (

    select
        channel_id,
        min(period_start) as first_period,
        max(period_start) as last_period
    from period_costs
    group by channel_id

),

-- What a channel sends or shows, not what follows from it: the kind of contact that it has most of.
ranked_touch_types as (

    select
        channel_id,
        coalesce(touch_type, '') as touch_type,
        row_number() over (
            partition by channel_id
            order by count(*) desc, coalesce(touch_type, '')
        ) as type_rank
    from touchpoints
    group by
        channel_id,
        coalesce(touch_type, '')

),

touches as (

    select
        touchpoints.channel_id,
        touchpoints.customer_id,
        touchpoints.campaign_id,
        cast({{ period.format(day='touchpoints.touch_date') }} as date) as period_start
    from touchpoints
    inner join ranked_touch_types
        on
            touchpoints.channel_id = ranked_touch_types.channel_id
            and coalesce(touchpoints.touch_type, '') = ranked_touch_types.touch_type
            and ranked_touch_types.type_rank = 1
    cross join kinds

),

period_touches as (

    select
        channel_id,
        period_start,
        count(*) as touches,
        count(campaign_id) as campaign_touches
    from touches
    group by
        channel_id,
        period_start

),

margin_rate as (

    select
        sum(contribution_amount)
        / nullif(sum(case when contribution_amount is not null then net_revenue end), 0)
            as known_rate
    from orders

),

-- Where no cost of goods is known, revenue stands for the margin.
order_margins as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        cast(
            coalesce(
                orders.contribution_amount * orders.net_revenue_after_returns
                / nullif(orders.net_revenue, 0),
                orders.net_revenue_after_returns * coalesce(margin_rate.known_rate, 1)
            ) as double
        ) as margin
    from orders
    cross join margin_rate

),

period_margins as (

    select
        cast({{ period.format(day='order_margins.order_date') }} as date) as period_start,
        sum(order_margins.margin) as all_margin
    from order_margins
    cross join kinds
    group by cast({{ period.format(day='order_margins.order_date') }} as date)

),

touch_margins as (

    select
        touchpoints.channel_id,
        touchpoints.customer_id,
        touchpoints.campaign_id,
        cast({{ period.format(day='touchpoints.touch_date') }} as date) as period_start,
        cast(credits.order_credit as double) * order_margins.margin as margin
    from credits
    inner join touchpoints
        on credits.touchpoint_id = touchpoints.touchpoint_id
    inner join order_margins
        on credits.order_id = order_margins.order_id
    cross join kinds

),

period_credits as (

    select
        channel_id,
        period_start,
        sum(margin) as incremental_margin,
        sum(case when campaign_id is not null then margin else 0 end) as campaign_margin
    from touch_margins
    group by
        channel_id,
        period_start

),

-- Half of a 90% interval is 1.645 standard errors.
known_increments as (

    select
        channel_id,
        (upper - lower) / (2 * 1.645) / incremental_orders as incremental_error
    from increments
    where
        status = 'ok'
        and incremental_orders > 0

),

last_period as (

    select max(period_start) as period_start
    from periods

),

base as (

    select order_margins.customer_id
    from order_margins
    cross join as_of
    where
        order_margins.customer_id is not null
        and order_margins.order_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
    group by order_margins.customer_id

),

base_size as (

    select count(*) as customers
    from base

),

last_margins as (

    select
        order_margins.customer_id,
        last_period.period_start,
        sum(order_margins.margin) as margin
    from order_margins
    cross join kinds
    inner join last_period
        on
            cast({{ period.format(day='order_margins.order_date') }} as date)
            = last_period.period_start
    where order_margins.customer_id is not null
    group by
        order_margins.customer_id,
        last_period.period_start

),

-- Who bought nothing in the period counts as zero.
spreads as (

    select
        last_margins.period_start,
        base_size.customers,
        sqrt(
            greatest(
                sum(last_margins.margin * last_margins.margin) / base_size.customers
                - (sum(last_margins.margin) / base_size.customers)
                * (sum(last_margins.margin) / base_size.customers),
                0
            )
        ) as customer_margin_spread
    from last_margins
    cross join base_size
    where base_size.customers > 0
    group by
        last_margins.period_start,
        base_size.customers

),

by_period as (

    select
        channels.channel_id,
        'all' as segment,
        periods.period_kind,
        periods.period_start,
        case
            when periods.period_start between cost_spans.first_period and cost_spans.last_period
                then coalesce(period_costs.spend, 0)
        end as spend,
        coalesce(period_touches.touches, 0) as touches,
        coalesce(period_touches.campaign_touches, 0) as campaign_touches,
        case
            when known_increments.channel_id is not null
                then coalesce(period_credits.incremental_margin, 0)
        end as incremental_margin,
        case
            when known_increments.channel_id is not null
                then coalesce(period_credits.campaign_margin, 0)
        end as campaign_margin,
        known_increments.incremental_error,
        period_margins.all_margin,
        spreads.customers,
        spreads.customer_margin_spread
    from channels
    cross join periods
    left join cost_spans
        on channels.channel_id = cost_spans.channel_id
    left join period_costs
        on
            channels.channel_id = period_costs.channel_id
            and periods.period_start = period_costs.period_start
    left join period_touches
        on
            channels.channel_id = period_touches.channel_id
            and periods.period_start = period_touches.period_start
    left join period_credits
        on
            channels.channel_id = period_credits.channel_id
            and periods.period_start = period_credits.period_start
    left join known_increments
        on channels.channel_id = known_increments.channel_id
    left join period_margins
        on periods.period_start = period_margins.period_start
    left join spreads
        on periods.period_start = spreads.period_start

),

segment_touches as (

    select
        touches.channel_id,
        customer_values.value_tier,
        count(*) as touches,
        count(touches.campaign_id) as campaign_touches
    from touches
    inner join customer_values
        on touches.customer_id = customer_values.customer_id
    group by
        touches.channel_id,
        customer_values.value_tier

),

segment_credits as (

    select
        touch_margins.channel_id,
        customer_values.value_tier,
        sum(touch_margins.margin) as incremental_margin
    from touch_margins
    inner join customer_values
        on touch_margins.customer_id = customer_values.customer_id
    group by
        touch_margins.channel_id,
        customer_values.value_tier

),

by_segment as (

    select
        segment_touches.channel_id,
        segment_touches.value_tier as segment,
        cast(null as string) as period_kind,
        cast(null as date) as period_start,
        cast(null as double) as spend,
        segment_touches.touches,
        segment_touches.campaign_touches,
        coalesce(segment_credits.incremental_margin, 0) as incremental_margin,
        cast(null as double) as campaign_margin,
        known_increments.incremental_error,
        cast(null as double) as all_margin,
        cast(null as bigint) as customers,
        cast(null as double) as customer_margin_spread
    from segment_touches
    inner join channels
        on segment_touches.channel_id = channels.channel_id
    inner join known_increments
        on segment_touches.channel_id = known_increments.channel_id
    left join segment_credits
        on
            segment_touches.channel_id = segment_credits.channel_id
            and segment_touches.value_tier = segment_credits.value_tier

),

-- A channel has a row even where no period is whole.
bare as (

    select
        channels.channel_id,
        'all' as segment,
        cast(null as string) as period_kind,
        cast(null as date) as period_start,
        cast(null as double) as spend,
        0 as touches,
        0 as campaign_touches,
        cast(null as double) as incremental_margin,
        cast(null as double) as campaign_margin,
        cast(null as double) as incremental_error,
        cast(null as double) as all_margin,
        cast(null as bigint) as customers,
        cast(null as double) as customer_margin_spread
    from channels
    cross join last_period
    where last_period.period_start is null

),

unioned as (

    select * from by_period

    union all

    select * from by_segment

    union all

    select * from bare

)

select
    unioned.channel_id,
    unioned.segment,
    unioned.period_kind,
    unioned.period_start,
    cast(unioned.spend as double) as spend,
    cast(unioned.touches as bigint) as touches,
    cast(unioned.campaign_touches as bigint) as campaign_touches,
    round(cast(unioned.incremental_margin as double), 6) as incremental_margin,
    round(cast(unioned.campaign_margin as double), 6) as campaign_margin,
    cast(unioned.incremental_error as double) as incremental_error,
    round(cast(unioned.all_margin as double), 6) as all_margin,
    cast(unioned.customers as bigint) as customers,
    round(cast(unioned.customer_margin_spread as double), 6) as customer_margin_spread,
    cast(bounds.minimum_spend as double) as minimum_spend,
    cast(bounds.maximum_spend as double) as maximum_spend,
    cast(bounds.price_change as double) as price_change
from unioned
left join bounds
    on unioned.channel_id = bounds.channel_id
