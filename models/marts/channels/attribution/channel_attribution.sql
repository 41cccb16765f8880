{#- The variance of a share under a rule is told from what each group of customers moves of it; the
    interval is symmetric in log odds, with the quantile of as many groups (t by its first terms). -#}
{%- set z = 1.644853627 -%}

with credits as (

    select * from {{ ref('fct_attribution') }}

),

journeys as (

    select * from {{ ref('int_journeys') }}

),

journey_touches as (

    select * from {{ ref('int_journey_touches') }}

),

channels as (

    select * from {{ ref('int_channel_keys') }}

),

shares as (

    select * from {{ ref('stg_attribution__attribution_shares') }}

),

increments as (

    select * from {{ ref('stg_incrementality__channel_increments') }}

),

grouped as (

    select
        credits.attribution_model,
        credits.kind,
        credits.channel_id,
        credits.customer_kind,
        journeys.customer_group,
        sum(credits.order_credit) as conversions,
        sum(credits.revenue_credit) as revenue,
        sum(credits.contribution_credit) as contribution
    from credits
    left join journeys
        on credits.order_id = journeys.order_id
    group by
        credits.attribution_model,
        credits.kind,
        credits.channel_id,
        credits.customer_kind,
        journeys.customer_group

),

kinds as (

    select
        attribution_model,
        kind,
        channel_id,
        'all' as customer_kind,
        customer_group,
        sum(conversions) as conversions,
        sum(revenue) as revenue,
        sum(contribution) as contribution
    from grouped
    group by
        attribution_model,
        kind,
        channel_id,
        customer_group

    union all

    select
        attribution_model,
        kind,
        channel_id,
        customer_kind,
        customer_group,
        conversions,
        revenue,
        contribution
    from grouped
    where customer_kind is not null

),

summed as (

    select
        attribution_model,
        channel_id,
        customer_kind,
        sum(conversions) as conversions,
        sum(revenue) as revenue,
        sum(contribution) as contribution
    from kinds
    group by
        attribution_model,
        channel_id,
        customer_kind

),

-- What groups of customers have: the channel's part, and that of all channels.
moved as (

    select
        kinds.*,
        cast(kinds.conversions as double) as group_part,
        cast(
            sum(kinds.conversions) over (
                partition by kinds.attribution_model, kinds.customer_kind, kinds.customer_group
            ) as double
        ) as group_total
    from kinds
    where kinds.channel_id not like '(%'

),

group_totals as (

    select
        attribution_model,
        customer_kind,
        count(*) as customer_groups,
        sum(group_total) as total,
        sum(power(group_total, 2)) as squared_total
    from (
        select distinct
            attribution_model,
            customer_kind,
            customer_group,
            group_total
        from moved
    ) as totals
    group by
        attribution_model,
        customer_kind

),

rule_sums as (

    select
        attribution_model,
        customer_kind,
        channel_id,
        sum(group_part) as part,
        sum(power(group_part, 2)) as squared_part,
        sum(group_part * group_total) as crossed
    from moved
    group by
        attribution_model,
        customer_kind,
        channel_id

),

rule_shares as (

    select
        rule_sums.attribution_model,
        rule_sums.customer_kind,
        rule_sums.channel_id,
        group_totals.customer_groups,
        rule_sums.part / nullif(group_totals.total, 0) as share,
        sqrt(
            greatest(
                rule_sums.squared_part
                - 2 * rule_sums.part / nullif(group_totals.total, 0) * rule_sums.crossed
                + power(rule_sums.part / nullif(group_totals.total, 0), 2)
                * group_totals.squared_total,
                0
            )
            * group_totals.customer_groups / nullif(group_totals.customer_groups - 1, 0)
        ) / nullif(group_totals.total, 0) as share_error
    from rule_sums
    inner join group_totals
        on
            rule_sums.attribution_model = group_totals.attribution_model
            and rule_sums.customer_kind = group_totals.customer_kind

),

touched as (

    select
        'all' as customer_kind,
        channel_id,
        count(distinct journey_id) as journeys,
        count(distinct case when is_conversion then journey_id end) as converting_journeys,
        count(distinct case when is_conversion then customer_group end) as converting_groups
    from journey_touches
    group by channel_id

    union all

    select
        customer_kind,
        channel_id,
        count(distinct journey_id) as journeys,
        count(distinct case when is_conversion then journey_id end) as converting_journeys,
        count(distinct case when is_conversion then customer_group end) as converting_groups
    from journey_touches
    group by
        customer_kind,
        channel_id

),

touched_kinds as (

    select
        touched.*,
        count(*) over (partition by customer_kind) as kind_channels,
        sum(converting_journeys) over (partition by customer_kind) as kind_conversions
    from touched

),

rules as (

    {% for attribution_model in attribution_weights() %}
        select '{{ attribution_model }}' as attribution_model
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

judged as (

    select
        rules.attribution_model,
        touched_kinds.customer_kind,
        touched_kinds.channel_id,
        touched_kinds.journeys,
        touched_kinds.converting_journeys,
        rule_shares.customer_groups,
        coalesce(rule_shares.share, 0) as share,
        rule_shares.share_error,
        rule_shares.share_error / nullif(rule_shares.share, 0) as share_cv,
        case
            when touched_kinds.kind_conversions = 0 then 'no_conversions'
            when touched_kinds.kind_channels = 1 then 'only_channel'
            when
                touched_kinds.converting_journeys < {{ var('attribution_min_conversions') }}
                then 'few_conversions'
            when
                touched_kinds.converting_groups < {{ var('attribution_min_groups') }}
                then 'few_customers'
            when
                coalesce(
                    rule_shares.share_error / nullif(rule_shares.share, 0)
                    > {{ var('attribution_largest_cv') }},
                    true
                ) then 'share_varies'
        end as reason
    from touched_kinds
    cross join rules
    left join rule_shares
        on
            rules.attribution_model = rule_shares.attribution_model
            and touched_kinds.customer_kind = rule_shares.customer_kind
            and touched_kinds.channel_id = rule_shares.channel_id

),

estimates as (

    select
        attribution_model,
        customer_kind,
        channel_id,
        journeys,
        converting_journeys,
        cast(null as string) as removal_strategy,
        cast(null as double) as removal_effect,
        case when reason is null then share end as share,
        case
            when reason is null
                then {{ log_odds_bound('share', 'share_error', '-', z, 'customer_groups') }}
        end as share_lower,
        case
            when reason is null
                then {{ log_odds_bound('share', 'share_error', '+', z, 'customer_groups') }}
        end as share_upper,
        share_cv,
        case
            when reason is null then 'ok'
            when reason = 'only_channel' then 'not_identified'
            when reason = 'share_varies' then 'unstable'
            else 'too_little_data'
        end as status,
        reason
    from judged

    union all

    select
        shares.attribution_model,
        shares.customer_kind,
        channels.channel_id,
        shares.journeys,
        shares.converting_journeys,
        shares.removal_strategy,
        shares.removal_effect,
        shares.share,
        shares.share_lower,
        shares.share_upper,
        shares.share_cv,
        shares.status,
        shares.reason
    from shares
    inner join channels
        on shares.channel_key = channels.channel_key

    union all

    select
        'incremental' as attribution_model,
        customer_kind,
        channel_id,
        cast(null as bigint) as journeys,
        cast(null as bigint) as converting_journeys,
        cast(null as string) as removal_strategy,
        cast(null as double) as removal_effect,
        incremental_share as share,
        share_lower,
        share_upper,
        share_cv,
        status,
        reason
    from increments

),

completed as (

    select
        coalesce(estimates.channel_id, summed.channel_id) as channel_id,
        coalesce(estimates.attribution_model, summed.attribution_model) as attribution_model,
        coalesce(estimates.customer_kind, summed.customer_kind) as customer_kind,
        coalesce(summed.conversions, 0) as conversions,
        coalesce(summed.revenue, 0) as revenue,
        summed.contribution,
        estimates.journeys,
        estimates.converting_journeys,
        estimates.removal_strategy,
        estimates.removal_effect,
        estimates.share,
        estimates.share_lower,
        estimates.share_upper,
        estimates.share_cv,
        estimates.status,
        estimates.reason
    from estimates
    full outer join summed
        on
            estimates.channel_id = summed.channel_id
            and estimates.attribution_model = summed.attribution_model
            and estimates.customer_kind = summed.customer_kind

)

select
    completed.channel_id,
    completed.attribution_model,
    completed.customer_kind,
    case when completed.attribution_model = 'incremental' then 'incremental' else 'descriptive' end
        as kind,
    case completed.channel_id
        when '(direct)' then 'Direct'
        when '(unattributed)' then 'Unattributed'
        when '(baseline)' then 'Baseline'
        else channels.channel_name
    end as channel_name,
    cast(completed.conversions as decimal(18, 6)) as conversions,
    cast(completed.revenue as decimal(18, 2)) as revenue,
    cast(completed.contribution as decimal(18, 2)) as contribution,
    round(
        cast(completed.conversions as double) / nullif(
            cast(
                sum(completed.conversions) over (
                    partition by completed.attribution_model, completed.customer_kind
                ) as double
            ),
            0
        ),
        6
    ) as order_share,
    cast(completed.journeys as bigint) as journeys,
    cast(completed.converting_journeys as bigint) as converting_journeys,
    round(completed.share, 6) as share,
    round(completed.share_lower, 6) as share_lower,
    round(completed.share_upper, 6) as share_upper,
    round(completed.share_cv, 6) as share_cv,
    completed.removal_strategy,
    round(completed.removal_effect, 6) as removal_effect,
    completed.status,
    completed.reason
from completed
left join channels
    on completed.channel_id = channels.channel_id
