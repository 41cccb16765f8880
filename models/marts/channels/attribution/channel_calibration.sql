{#- What a test found is set against what a model credits to the channel in its days, as much of it
    as the test was about: by its share of what the channel cost then, else by the share of units
    that were treated. A credit varies like a count: by the sum of the squares of its parts. -#}
{%- set z = 1.644853627 -%}

with lift_tests as (

    select * from {{ ref('stg_marketing__channel_lift_tests') }}

),

credits as (

    select * from {{ ref('fct_attribution') }}

),

channels as (

    select * from {{ ref('int_channel_keys') }}

),

costs as (

    select * from {{ ref('stg_marketing__channel_costs') }}

),

increments as (

    select * from {{ ref('channel_increments') }}
    where
        customer_kind = 'all'
        and increment_status = 'ok'

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- What came out is known when the last day has passed.
over_tests as (

    select lift_tests.*
    from lift_tests
    cross join as_of
    where lift_tests.ended_on < as_of.as_of_date

),

test_costs as (

    select
        over_tests.lift_test_id,
        sum(costs.cost_amount) as cost_amount
    from over_tests
    inner join costs
        on
            over_tests.channel_id = costs.channel_id
            and costs.cost_date between over_tests.started_on and over_tests.ended_on
    group by over_tests.lift_test_id

),

spent as (

    select
        over_tests.*,
        cast(abs(over_tests.spend_amount) as double)
        / nullif(cast(test_costs.cost_amount as double), 0) as spend_share
    from over_tests
    left join test_costs
        on over_tests.lift_test_id = test_costs.lift_test_id

),

matched_tests as (

    select
        spent.*,
        case
            when spend_share > 1 + {{ var('channel_lift_spend_tolerance') }} then null
            when spend_share > 0 then 'spend'
            when treated_units > 0 and control_units is not null then 'units'
            else 'whole'
        end as match_basis,
        case
            when spend_share > 1 + {{ var('channel_lift_spend_tolerance') }} then null
            when spend_share > 0 then least(spend_share, 1.0)
            when treated_units > 0 and control_units is not null
                then treated_units / cast(treated_units + control_units as double)
            else 1.0
        end as matched_share,
        case when spend_amount < 0 then -1.0 else 1.0 end as direction
    from spent

),

daily as (

    select
        channel_id,
        attribution_model,
        kind,
        order_date,
        cast(sum(order_credit) as double) as orders,
        sum(power(cast(order_credit as double), 2)) as orders_variance,
        cast(sum(revenue_credit) as double) as revenue,
        sum(power(cast(revenue_credit as double), 2)) as revenue_variance
    from credits
    group by
        channel_id,
        attribution_model,
        kind,
        order_date

),

totals as (

    select
        channel_id,
        attribution_model,
        kind,
        sum(orders) as orders,
        sum(revenue) as revenue
    from daily
    group by
        channel_id,
        attribution_model,
        kind

),

models as (

    select distinct
        attribution_model,
        kind
    from totals

),

in_window as (

    select
        matched_tests.lift_test_id,
        daily.attribution_model,
        sum(case when matched_tests.outcome = 'revenue' then daily.revenue else daily.orders end)
            as credited,
        sum(
            case
                when matched_tests.outcome = 'revenue' then daily.revenue_variance
                else daily.orders_variance
            end
        ) as credited_variance
    from matched_tests
    inner join daily
        on
            matched_tests.channel_id = daily.channel_id
            and daily.order_date between matched_tests.started_on and matched_tests.ended_on
    group by
        matched_tests.lift_test_id,
        daily.attribution_model

),

tested as (

    select
        matched_tests.lift_test_id,
        matched_tests.channel_id,
        matched_tests.test_group,
        matched_tests.started_on,
        matched_tests.ended_on,
        matched_tests.outcome,
        matched_tests.match_basis,
        matched_tests.matched_share,
        matched_tests.standard_error,
        models.attribution_model,
        models.kind,
        matched_tests.direction * matched_tests.incremental_outcome as lift,
        coalesce(in_window.credited, 0) * matched_tests.matched_share as attributed,
        coalesce(in_window.credited_variance, 0) * power(matched_tests.matched_share, 2)
            as attributed_variance
    from matched_tests
    cross join models
    left join in_window
        on
            matched_tests.lift_test_id = in_window.lift_test_id
            and models.attribution_model = in_window.attribution_model

),

ratios as (

    select
        tested.*,
        lift / nullif(attributed, 0) as ratio,
        sqrt(
            power(standard_error, 2) / nullif(power(attributed, 2), 0)
            + power(lift, 2) * attributed_variance / nullif(power(attributed, 4), 0)
        ) as ratio_error
    from tested

),

judged as (

    select
        ratios.*,
        case
            when outcome is null or outcome not in ('orders', 'revenue') then 'outcome_not_credited'
            when lift is null then 'no_lift'
            when coalesce(standard_error, 0) = 0 then 'no_standard_error'
            when match_basis is null then 'spend_above_cost'
            when attributed <= 0 then 'nothing_credited'
            when ratio_error > {{ var('channel_calibration_largest_error') }} then 'too_imprecise'
            else 'calibrated'
        end as status
    from ratios

),

-- Tests of a channel together, each the more the more precise it is; several imprecise ones may say
-- something.
weighted as (

    select
        judged.*,
        case when status in ('calibrated', 'too_imprecise') then 1 / power(ratio_error, 2) end
            as precision_weight
    from judged

),

pooled as (

    select
        channel_id,
        attribution_model,
        count(*) as tests,
        sum(ratio * precision_weight) / nullif(sum(precision_weight), 0) as ratio,
        1 / sqrt(nullif(sum(precision_weight), 0)) as ratio_error,
        min(status) as first_status
    from weighted
    group by
        channel_id,
        attribution_model

),

credited_channels as (

    select channel_id
    from totals
    union distinct
    select channel_id
    from channels
    where channel_type = 'marketing'
    union distinct
    select channel_id
    from over_tests

),

of_channels as (

    select
        credited_channels.channel_id,
        models.attribution_model,
        models.kind,
        coalesce(totals.orders, 0) as orders,
        coalesce(totals.revenue, 0) as revenue,
        coalesce(pooled.tests, 0) as tests,
        pooled.ratio,
        pooled.ratio_error,
        case
            when models.kind = 'incremental'
                then
                    (increments.incremental_orders_upper - increments.incremental_orders_lower)
                    / {{ 2 * z }} / nullif(increments.incremental_orders, 0)
        end as own_error,
        case
            when credited_channels.channel_id like '(%' then 'not_a_channel'
            when pooled.tests is null then 'untested'
            when pooled.ratio is null then pooled.first_status
            when pooled.ratio_error > {{ var('channel_calibration_largest_error') }}
                then 'too_imprecise'
            else 'calibrated'
        end as status
    from credited_channels
    cross join models
    left join totals
        on
            credited_channels.channel_id = totals.channel_id
            and models.attribution_model = totals.attribution_model
    left join pooled
        on
            credited_channels.channel_id = pooled.channel_id
            and models.attribution_model = pooled.attribution_model
    left join increments
        on credited_channels.channel_id = increments.channel_id

),

-- What the incremental model says is an estimate of the same as what tests find: each counts the
-- more the more precise it is. What other models say estimates nothing of it.
combined as (

    select
        of_channels.*,
        case
            when own_error > 0
                then
                    (1 / power(own_error, 2) + ratio / power(ratio_error, 2))
                    / (1 / power(own_error, 2) + 1 / power(ratio_error, 2))
            else ratio
        end as applied_ratio,
        case
            when own_error > 0
                then 1 / sqrt(1 / power(own_error, 2) + 1 / power(ratio_error, 2))
            else ratio_error
        end as applied_error
    from of_channels

),

own_adjustments as (

    select
        combined.*,
        case when status = 'calibrated' then orders * (greatest(applied_ratio, 0) - 1) else 0 end
            as wanted_orders,
        case when status = 'calibrated' then revenue * (greatest(applied_ratio, 0) - 1) else 0 end
            as wanted_revenue,
        case when status = 'calibrated' then 0 else orders end as other_orders,
        case when status = 'calibrated' then 0 else revenue end as other_revenue
    from combined

),

balanced as (

    select
        own_adjustments.*,
        sum(wanted_orders) over (partition by attribution_model) as all_wanted_orders,
        sum(wanted_revenue) over (partition by attribution_model) as all_wanted_revenue,
        sum(other_orders) over (partition by attribution_model) as all_other_orders,
        sum(other_revenue) over (partition by attribution_model) as all_other_revenue
    from own_adjustments

),

-- Nobody has less than nothing: what tests want beyond what others have is not given.
given as (

    select
        balanced.*,
        case
            when all_wanted_orders > all_other_orders then all_other_orders / all_wanted_orders
            else 1.0
        end as orders_factor,
        case
            when all_wanted_revenue > all_other_revenue then all_other_revenue / all_wanted_revenue
            else 1.0
        end as revenue_factor
    from balanced

),

adjusted as (

    select
        given.*,
        wanted_orders * orders_factor as adjustment_orders,
        wanted_revenue * revenue_factor as adjustment_revenue,
        -1 * all_wanted_orders * orders_factor
        * other_orders / nullif(all_other_orders, 0) as taken_orders,
        -1 * all_wanted_revenue * revenue_factor
        * other_revenue / nullif(all_other_revenue, 0) as taken_revenue
    from given

),

calibrated as (

    select
        adjusted.*,
        orders + adjustment_orders + coalesce(taken_orders, 0) as calibrated_orders,
        revenue + adjustment_revenue + coalesce(taken_revenue, 0) as calibrated_revenue
    from adjusted

),

unioned as (

    select
        channel_id,
        attribution_model,
        kind,
        '(all)' as lift_test_id,
        tests,
        cast(null as string) as test_group,
        cast(null as date) as started_on,
        cast(null as date) as ended_on,
        cast(null as string) as outcome,
        cast(null as string) as match_basis,
        cast(null as double) as matched_share,
        cast(null as double) as lift,
        cast(null as double) as lift_error,
        cast(null as double) as attributed,
        ratio,
        ratio_error,
        case when status = 'calibrated' then applied_ratio end as applied_ratio,
        status,
        orders as uncalibrated_orders,
        adjustment_orders,
        coalesce(taken_orders, 0) as taken_orders,
        calibrated_orders,
        case
            when status = 'calibrated'
                then orders * greatest(applied_ratio - {{ z }} * applied_error, 0)
        end as calibrated_orders_lower,
        case
            when status = 'calibrated'
                then orders * greatest(applied_ratio + {{ z }} * applied_error, 0)
        end as calibrated_orders_upper,
        revenue as uncalibrated_revenue,
        adjustment_revenue,
        coalesce(taken_revenue, 0) as taken_revenue,
        calibrated_revenue
    from calibrated

    union all

    select
        channel_id,
        attribution_model,
        kind,
        lift_test_id,
        1 as tests,
        test_group,
        started_on,
        ended_on,
        outcome,
        match_basis,
        matched_share,
        lift,
        standard_error as lift_error,
        attributed,
        ratio,
        ratio_error,
        cast(null as double) as applied_ratio,
        status,
        cast(null as double) as uncalibrated_orders,
        cast(null as double) as adjustment_orders,
        cast(null as double) as taken_orders,
        cast(null as double) as calibrated_orders,
        cast(null as double) as calibrated_orders_lower,
        cast(null as double) as calibrated_orders_upper,
        cast(null as double) as uncalibrated_revenue,
        cast(null as double) as adjustment_revenue,
        cast(null as double) as taken_revenue,
        cast(null as double) as calibrated_revenue
    from judged

),

shares as (

    select
        unioned.*,
        sum(case when channel_id not like '(%' then uncalibrated_orders end) over (
            partition by attribution_model, lift_test_id
        ) as channels_uncalibrated,
        sum(case when channel_id not like '(%' then calibrated_orders end) over (
            partition by attribution_model, lift_test_id
        ) as channels_calibrated
    from unioned

)

select
    shares.channel_id,
    shares.attribution_model,
    shares.lift_test_id,
    shares.kind,
    case shares.channel_id
        when '(direct)' then 'Direct'
        when '(unattributed)' then 'Unattributed'
        when '(baseline)' then 'Baseline'
        else channels.channel_name
    end as channel_name,
    shares.status,
    cast(shares.tests as bigint) as tests,
    shares.test_group,
    shares.started_on,
    shares.ended_on,
    shares.outcome,
    shares.match_basis,
    round(shares.matched_share, 6) as matched_share,
    round(shares.lift, 6) as lift,
    round(shares.lift_error, 6) as lift_error,
    round(shares.attributed, 6) as attributed,
    round(shares.ratio, 6) as ratio,
    round(shares.ratio_error, 6) as ratio_error,
    round(shares.ratio - {{ z }} * shares.ratio_error, 6) as ratio_lower,
    round(shares.ratio + {{ z }} * shares.ratio_error, 6) as ratio_upper,
    round(shares.applied_ratio, 6) as applied_ratio,
    cast(shares.uncalibrated_orders as decimal(18, 6)) as uncalibrated_orders,
    cast(shares.adjustment_orders as decimal(18, 6)) as adjustment_orders,
    cast(shares.taken_orders as decimal(18, 6)) as taken_orders,
    cast(shares.calibrated_orders as decimal(18, 6)) as calibrated_orders,
    cast(shares.calibrated_orders_lower as decimal(18, 6)) as calibrated_orders_lower,
    cast(shares.calibrated_orders_upper as decimal(18, 6)) as calibrated_orders_upper,
    case
        when shares.channel_id not like '(%'
            then round(shares.uncalibrated_orders / nullif(shares.channels_uncalibrated, 0), 6)
    end as uncalibrated_share,
    case
        when shares.channel_id not like '(%'
            then round(shares.calibrated_orders / nullif(shares.channels_calibrated, 0), 6)
    end as calibrated_share,
    cast(shares.uncalibrated_revenue as decimal(18, 2)) as uncalibrated_revenue,
    cast(shares.adjustment_revenue as decimal(18, 2)) as adjustment_revenue,
    cast(shares.taken_revenue as decimal(18, 2)) as taken_revenue,
    cast(shares.calibrated_revenue as decimal(18, 2)) as calibrated_revenue
from shares
left join channels
    on shares.channel_id = channels.channel_id
