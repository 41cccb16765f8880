{#- What a segment does with a channel, shrunk towards what all customers do with it, and how
    well the two fit by three principles: costly channels for valuable customers, channels that
    customers use, channels that work for them. A score of 0.5 is that of all customers. -#}
{%- set prior = var('channel_fit_prior_customers') -%}
{%- set least_coverage = var('clv_contribution_min_coverage') -%}
with customers as (

    select * from {{ ref('int_fit_customers') }}

),

customer_channels as (

    select * from {{ ref('int_fit_customer_channels') }}

),

channels as (

    select * from {{ ref('dim_channels') }}
    where channel_type in ('sales', 'marketing')

),

economics as (

    select * from {{ ref('int_channel_economics') }}
    where period_grain = 'twelve_months'

),

newest as (

    select max(period_start) as period_start
    from economics

),

segments as (

    select
        segment_kind,
        segment,
        count(*) as customers,
        count(preferred_channel_id) as stated_customers,
        cast(avg(clv_365d) as decimal(18, 2)) as segment_value
    from customers
    group by
        segment_kind,
        segment

),

segments_ranked as (

    select
        segment_kind,
        segment,
        percent_rank() over (partition by segment_kind order by segment_value) as value_rank
    from segments
    where segment_value is not null

),

kinds as (

    select
        segment_kind,
        sum(customers) as customers
    from segments
    group by segment_kind

),

used as (

    select
        customers.segment_kind,
        customers.segment,
        customer_channels.channel_id,
        count(*) as users,
        sum(customer_channels.contacts) as contacts,
        sum(customer_channels.responses) as responses,
        sum(customer_channels.response_base) as response_base,
        count(customer_channels.contribution) as costed_users,
        sum(customer_channels.contribution) as contribution
    from customers
    inner join customer_channels
        on customers.customer_id = customer_channels.customer_id
    group by
        customers.segment_kind,
        customers.segment,
        customer_channels.channel_id

),

margins as (

    select
        segment_kind,
        channel_id,
        sum(users) as users,
        sum(contacts) as contacts,
        sum(responses) as responses,
        sum(response_base) as response_base,
        sum(costed_users) as costed_users,
        sum(contribution) as contribution
    from used
    group by
        segment_kind,
        channel_id

),

stated as (

    select
        segment_kind,
        segment,
        preferred_channel_id as channel_id,
        count(*) as stated_customers
    from customers
    where preferred_channel_id is not null
    group by
        segment_kind,
        segment,
        preferred_channel_id

),

stated_margins as (

    select
        segment_kind,
        channel_id,
        sum(stated_customers) as stated_customers
    from stated
    group by
        segment_kind,
        channel_id

),

kind_stated as (

    select
        segment_kind,
        sum(stated_customers) as stated_customers
    from segments
    group by segment_kind

),

channel_costs as (

    select
        channels.channel_id,
        channels.channel_type,
        case channels.channel_type
            when 'sales' then cast(economics.cost_per_order as double)
            else
                case when economics.spend >= 0 then cast(economics.spend as double) end
                / nullif(cast(economics.contacts as double), 0)
        end as cost_per_contact
    from channels
    inner join economics
        on channels.channel_id = economics.channel_id
    inner join newest
        on economics.period_start = newest.period_start

),

costs_ranked as (

    select
        channel_id,
        cost_per_contact,
        percent_rank() over (partition by channel_type order by cost_per_contact) as cost_rank
    from channel_costs
    where cost_per_contact is not null

),

-- A channel that nobody used in the time says nothing of anybody.
cells as (

    select
        segments.segment_kind,
        segments.segment,
        segments.customers,
        segments.segment_value,
        segments_ranked.value_rank,
        channels.channel_id,
        channels.channel_name,
        channels.channel_type,
        costs_ranked.cost_per_contact,
        costs_ranked.cost_rank,
        coalesce(used.users, 0) as users,
        coalesce(used.contacts, 0) as contacts,
        cast(coalesce(used.responses, 0) as double) as responses,
        cast(coalesce(used.response_base, 0) as double) as response_base,
        case
            when margins.costed_users >= {{ least_coverage }} * margins.users
                then cast(coalesce(used.contribution, 0) as double)
        end as contribution,
        margins.users / cast(kinds.customers as double) as use_margin,
        cast(margins.responses as double) / nullif(cast(margins.response_base as double), 0)
            as response_margin,
        case
            when margins.costed_users >= {{ least_coverage }} * margins.users
                then
                    cast(margins.contribution as double)
                    / nullif(cast(margins.contacts as double), 0)
        end as contribution_margin,
        {{ prior }} * cast(margins.response_base as double) / cast(margins.users as double)
            as prior_base,
        {{ prior }} * cast(margins.contacts as double) / cast(margins.users as double)
            as prior_contacts,
        case
            when stated_margins.stated_customers is not null
                then
                    coalesce(stated.stated_customers, 0)
                    / cast(nullif(segments.stated_customers, 0) as double)
        end as stated_share,
        stated_margins.stated_customers / cast(nullif(kind_stated.stated_customers, 0) as double)
            as stated_margin,
        coalesce(stated.stated_customers, 0) as stated_by,
        segments.stated_customers,
        cast(margins.contacts as double)
        / ({{ var('channel_fit_days') }} * nullif(cast(channels.daily_capacity as double), 0))
            as capacity_load
    from segments
    cross join channels
    inner join kinds
        on segments.segment_kind = kinds.segment_kind
    inner join kind_stated
        on segments.segment_kind = kind_stated.segment_kind
    inner join margins
        on
            segments.segment_kind = margins.segment_kind
            and channels.channel_id = margins.channel_id
    left join segments_ranked
        on
            segments.segment_kind = segments_ranked.segment_kind
            and segments.segment = segments_ranked.segment
    left join costs_ranked
        on channels.channel_id = costs_ranked.channel_id
    left join used
        on
            segments.segment_kind = used.segment_kind
            and segments.segment = used.segment
            and channels.channel_id = used.channel_id
    left join stated
        on
            segments.segment_kind = stated.segment_kind
            and segments.segment = stated.segment
            and channels.channel_id = stated.channel_id
    left join stated_margins
        on
            segments.segment_kind = stated_margins.segment_kind
            and channels.channel_id = stated_margins.channel_id

),

shrunk as (

    select
        cells.*,
        (users + {{ prior }} * use_margin) / (customers + {{ prior }}) as use_shrunk,
        (responses + prior_base * response_margin) / (response_base + prior_base)
            as response_shrunk,
        (contribution + prior_contacts * contribution_margin) / (contacts + prior_contacts)
            as contribution_shrunk,
        (stated_by + {{ prior }} * stated_margin) / (stated_customers + {{ prior }})
            as stated_shrunk
    from cells

),

scored as (

    select
        shrunk.*,
        round(0.5 + 0.5 * (value_rank - cost_rank), 9) as value_score,
        round(
            case
                when stated_shrunk is null
                    then use_shrunk / nullif(use_shrunk + use_margin, 0)
                else
                    (
                        use_shrunk / nullif(use_shrunk + use_margin, 0)
                        + stated_shrunk / nullif(stated_shrunk + stated_margin, 0)
                    ) / 2
            end, 9
        ) as preference_score,
        -- More than a channel can take cannot be served by it, whoever would answer.
        round(
            response_shrunk / nullif(response_shrunk + response_margin, 0)
            * least(1.0, coalesce(1.0 / nullif(capacity_load, 0), 1.0)), 9
        ) as capability_score
    from shrunk

),

counted as (

    select
        scored.*,
        case when value_score is null then 0 else 1 end
        + case when preference_score is null then 0 else 1 end
        + case when capability_score is null then 0 else 1 end as known_principles
    from scored

),

fitted as (

    select
        counted.*,
        round(
            (
                coalesce(value_score, 0)
                + coalesce(preference_score, 0)
                + coalesce(capability_score, 0)
            ) / cast(nullif(known_principles, 0) as double), 9
        ) as fit_score,
        coalesce(value_score, 0.5) - 0.5 as value_lean,
        coalesce(preference_score, 0.5) - 0.5 as preference_lean,
        coalesce(capability_score, 0.5) - 0.5 as capability_lean
    from counted

),

recommended as (

    select
        fitted.*,
        case
            when customers < {{ var('channel_fit_min_customers') }} or fit_score is null
                then 'not_known'
            when fit_score >= {{ var('channel_fit_recommended_score') }} then 'recommended'
            when fit_score <= {{ var('channel_fit_avoided_score') }} then 'avoided'
            else 'possible'
        end as recommendation
    from fitted

)

select
    channel_id,
    segment_kind,
    segment,
    channel_name,
    channel_type,
    cast(customers as bigint) as customers,
    cast(users as bigint) as users,
    round(users / cast(nullif(customers, 0) as double), 9) as use_share,
    round(use_margin, 9) as use_share_all,
    round(use_shrunk, 9) as use_share_shrunk,
    cast(contacts as bigint) as contacts,
    round(responses, 6) as responses,
    round(responses / nullif(response_base, 0), 9) as response_rate,
    round(response_margin, 9) as response_rate_all,
    round(response_shrunk, 9) as response_rate_shrunk,
    cast(contribution / nullif(contacts, 0) as decimal(18, 4)) as contribution_per_contact,
    cast(contribution_margin as decimal(18, 4)) as contribution_per_contact_all,
    cast(contribution_shrunk as decimal(18, 4)) as contribution_per_contact_shrunk,
    cast(cost_per_contact as decimal(18, 4)) as cost_per_contact,
    segment_value,
    round(value_rank, 9) as value_rank,
    round(cost_rank, 9) as cost_rank,
    round(stated_share, 9) as stated_preference_share,
    round(capacity_load, 9) as capacity_load,
    value_score,
    preference_score,
    capability_score,
    cast(known_principles as bigint) as known_principles,
    fit_score,
    recommendation,
    case
        when recommendation = 'not_known' then 'too_few_customers'
        when recommendation = 'possible' then 'like_others'
        when recommendation = 'recommended'
            then case
                when value_lean >= preference_lean and value_lean >= capability_lean
                    then 'worth_its_cost'
                when preference_lean >= capability_lean then 'preferred'
                else 'works'
            end
        when value_lean <= preference_lean and value_lean <= capability_lean then 'too_costly'
        when preference_lean <= capability_lean then 'not_preferred'
        else 'does_not_work'
    end as reason
from recommended
