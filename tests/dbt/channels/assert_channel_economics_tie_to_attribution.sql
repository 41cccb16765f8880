{#- What a channel brought is counted again from the attribution: all credit, that credit times the
    ratio of the lift tests, or the incremental credit, and sums up over months to what these say in
    all. -#}
with selling as (

    select channel_id
    from {{ ref('fct_orders') }}
    where channel_id is not null
    group by channel_id

),

credits as (

    select
        credits.channel_id,
        sum(
            case
                when credits.attribution_model = '{{ var("channel_scorecard_model") }}'
                    then credits.order_credit
                else 0
            end
        ) as credited_orders,
        sum(
            case
                when credits.attribution_model = '{{ var("channel_scorecard_model") }}'
                    then credits.revenue_credit
                else 0
            end
        ) as credited_revenue,
        sum(
            case when credits.attribution_model = 'incremental' then credits.order_credit else 0 end
        ) as incremental_orders,
        sum(
            case
                when credits.attribution_model = 'incremental' then credits.revenue_credit
                else 0
            end
        ) as incremental_revenue
    from {{ ref('fct_attribution') }} as credits
    inner join {{ ref('dim_channels') }} as channels
        on credits.channel_id = channels.channel_id
    left join selling
        on credits.channel_id = selling.channel_id
    where
        channels.channel_type = 'marketing'
        and selling.channel_id is null
    group by credits.channel_id

),

told as (

    select
        channel_id,
        credit_basis,
        max(calibration_ratio) as calibration_ratio,
        count(*) as months,
        coalesce(sum(brought_orders), 0) as orders,
        coalesce(sum(brought_revenue), 0) as revenue
    from {{ ref('channel_economics') }}
    where
        period_grain = 'month'
        and credit_basis <> 'recorded'
    group by
        channel_id,
        credit_basis

),

expected as (

    select
        credits.channel_id,
        told.credit_basis,
        told.months,
        told.orders,
        told.revenue,
        case told.credit_basis
            when 'calibrated' then cast(credits.credited_orders as double) * told.calibration_ratio
            when 'incremental' then cast(credits.incremental_orders as double)
            else cast(credits.credited_orders as double)
        end as expected_orders,
        case told.credit_basis
            when 'calibrated' then cast(credits.credited_revenue as double) * told.calibration_ratio
            when 'incremental' then cast(credits.incremental_revenue as double)
            else cast(credits.credited_revenue as double)
        end as expected_revenue
    from credits
    left join told
        on credits.channel_id = told.channel_id

)

-- A ratio makes fractions of cents, one rounding a month.
select *
from expected
where
    credit_basis is null
    or abs(cast(orders as double) - expected_orders) > 0.000001 * months
    or abs(cast(revenue as double) - expected_revenue)
    > case when credit_basis = 'calibrated' then 0.006 * months else 0.001 end
