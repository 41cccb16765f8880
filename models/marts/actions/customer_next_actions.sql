{#- What an action adds comes first, where a log with a group held back by lot tells it; actions
    that nobody has tried come in the order of the seed; then to leave alone. How likely a
    customer is to leave ranks nothing: it does not say whom an action keeps. -#}
with eligible as (

    select * from {{ ref('int_action_eligibility') }}

),

customers as (

    select * from {{ ref('int_action_customers') }}

),

actions as (

    select * from {{ ref('actions') }}

),

buckets as (

    select * from {{ ref('dim_customer_bucket') }}

),

channels as (

    select * from {{ ref('int_action_channels') }}

),

contacts as (

    select * from {{ ref('int_action_contacts') }}

),

uplifts as (

    select * from {{ ref('stg_actions__uplifts') }}

),

logged as (

    select * from {{ ref('int_action_log') }}
    where
        arm <> 'none'
        and not is_over

),

under_way as (

    select distinct
        customer_id,
        action
    from logged

),

joined as (

    select
        eligible.customer_id,
        customers.as_of_date,
        eligible.action,
        actions.rule_order,
        actions.eligible_reason,
        case eligible.action
            when 'win_back' then customers.win_back_action
            when 'replenishment' then customers.due_category
            when 'cross_sell' then customers.offered_category
            when 'tier_nudge' then customers.next_tier
        end as detail,
        actions.is_contact,
        actions.action_owner,
        cast(actions.cost_amount as decimal(18, 2)) as cost_amount,
        cast(actions.window_days as bigint) as window_days,
        cast(actions.control_share as double) as control_share,
        case when actions.is_contact then channels.channel_id end as channel_id,
        case when actions.is_contact then channels.channel_basis end as channel_basis,
        case
            when not actions.is_contact then 'reference'
            when uplifts.uplift is null then 'untested'
            else 'measured'
        end as basis,
        uplifts.value_basis,
        case when actions.is_contact then uplifts.uplift else 0 end as uplift,
        case when actions.is_contact then uplifts.uplift_low else 0 end as uplift_low,
        case when actions.is_contact then uplifts.uplift_high else 0 end as uplift_high,
        buckets.bucket,
        buckets.is_holdout,
        {{ hash_number("concat('control ', eligible.action, ' ', eligible.customer_id)", 10000) }}
        < actions.control_share * 10000 as is_control,
        contacts.last_contact_date,
        coalesce(contacts.recent_contact_days, 0) as recent_contact_days,
        case
            when not actions.is_contact then null
            when customers.is_closed then 'account_closed'
            when actions.needs_consent and not customers.has_marketing_consent then 'no_consent'
            {% if var('action_unknown_consent_is_none') %}
                when actions.needs_consent and customers.has_marketing_consent is null
                    then 'consent_unknown'
            {% endif %}
            when under_way.customer_id is not null then 'under_way'
            when
                {{ dbt.datediff('contacts.last_contact_date', 'customers.as_of_date', 'day') }}
                < {{ var('action_quiet_days') }}
                then 'contacted_lately'
            when contacts.recent_contact_days >= {{ var('action_contact_cap') }}
                then 'contacted_often'
            when uplifts.uplift <= actions.cost_amount then 'not_worth_it'
        end as suppressed_reason
    from eligible
    inner join customers
        on eligible.customer_id = customers.customer_id
    inner join actions
        on eligible.action = actions.action
    inner join buckets
        on eligible.customer_id = buckets.customer_id
    left join channels
        on eligible.customer_id = channels.customer_id
    left join contacts
        on eligible.customer_id = contacts.customer_id
    left join uplifts
        on
            eligible.customer_id = uplifts.customer_id
            and eligible.action = uplifts.action
    left join under_way
        on
            eligible.customer_id = under_way.customer_id
            and eligible.action = under_way.action

),

valued as (

    select
        joined.*,
        cast(uplift as decimal(18, 2)) as expected_incremental_contribution,
        cast(uplift_low as decimal(18, 2)) as expected_incremental_low,
        cast(uplift_high as decimal(18, 2)) as expected_incremental_high,
        cast(uplift as decimal(18, 2)) - cost_amount as expected_net
    from joined

),

ranked as (

    select
        customer_id,
        action,
        row_number() over (
            partition by customer_id
            order by
                case basis when 'measured' then 1 when 'untested' then 2 else 3 end,
                case when basis = 'measured' then expected_net end desc,
                rule_order
        ) as action_rank
    from valued
    where suppressed_reason is null

)

select
    valued.customer_id,
    valued.as_of_date,
    valued.action,
    cast(ranked.action_rank as bigint) as action_rank,
    coalesce(ranked.action_rank = 1, false) as is_next_action,
    valued.eligible_reason,
    valued.detail,
    valued.suppressed_reason,
    valued.basis,
    valued.value_basis,
    valued.expected_incremental_contribution,
    valued.expected_incremental_low,
    valued.expected_incremental_high,
    valued.cost_amount,
    cast(valued.expected_net as decimal(18, 2)) as expected_net,
    valued.channel_id,
    valued.channel_basis,
    valued.action_owner,
    valued.window_days,
    valued.last_contact_date,
    cast(valued.recent_contact_days as bigint) as recent_contact_days,
    valued.bucket,
    valued.is_holdout,
    valued.is_control,
    valued.control_share,
    coalesce(ranked.action_rank = 1, false)
    and valued.is_contact
    and not valued.is_holdout
    and not valued.is_control as is_to_be_done
from valued
left join ranked
    on
        valued.customer_id = ranked.customer_id
        and valued.action = ranked.action
