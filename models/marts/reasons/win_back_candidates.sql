{#- Whom it is worth to ask back, and with what. What is expected is what those of the stage and
    rhythm brought back so far, times what a customer brings when back: it says nothing of what the action
    adds, which those held back are for. -#}
with reasons as (

    select * from {{ ref('int_lapse_reasons') }}
    where last_purchase_date is not null

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

quality as (

    select * from {{ ref('lifecycle_quality') }}

),

churn as (

    select * from {{ ref('customer_churn') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

touchpoints as (

    select
        customer_id,
        channel_id,
        touch_date,
        row_number() over (partition by customer_id order by touched_at desc, touchpoint_id desc)
            as touch_number
    from {{ ref('fct_touchpoints') }}
    where customer_id is not null

),

actions as (

    select * from {{ ref('win_back_actions') }}

),

joined as (

    select
        reasons.customer_id,
        reasons.as_of_date,
        reasons.lifecycle_stage,
        reasons.lost_source,
        reasons.last_purchase_date,
        reasons.reason_basis,
        reasons.reason_category,
        reasons.sub_reason,
        reasons.reason_strength,
        coalesce(actions.win_back_action, 'ask_why') as win_back_action,
        coalesce(of_rhythm.return_rate, of_stage.return_rate) as return_rate,
        coalesce(of_rhythm.horizon_days, of_stage.horizon_days) as return_horizon_days,
        churn.value_if_returning,
        touchpoints.touch_date as last_contact_date,
        touchpoints.channel_id as last_contact_channel_id,
        customers.preferred_channel_id,
        customers.has_marketing_consent,
        {{ dbt.datediff('touchpoints.touch_date', 'reasons.as_of_date', 'day') }}
            as days_since_contact
    from reasons
    inner join lifecycle
        on reasons.customer_id = lifecycle.customer_id
    inner join customers
        on reasons.customer_id = customers.customer_id
    left join churn
        on reasons.customer_id = churn.customer_id
    left join actions
        on
            reasons.reason_category = actions.reason_category
            and reasons.sub_reason = actions.sub_reason
    left join quality as of_rhythm
        on
            reasons.lifecycle_stage = of_rhythm.lifecycle_stage
            and lifecycle.rhythm_class = of_rhythm.rhythm_class
            and of_rhythm.entries >= {{ var('win_back_min_entries') }}
    left join quality as of_stage
        on
            reasons.lifecycle_stage = of_stage.lifecycle_stage
            and of_stage.rhythm_class = '(all)'
            and of_stage.entries >= {{ var('win_back_min_entries') }}
    left join touchpoints
        on
            reasons.customer_id = touchpoints.customer_id
            and touchpoints.touch_number = 1

),

valued as (

    select
        joined.*,
        cast(return_rate * value_if_returning as decimal(18, 2)) as expected_value
    from joined

),

judged as (

    select
        valued.*,
        case
            when lost_source = 'account_closed' then 'account_closed'
            when win_back_action = 'none' then 'left_for_good'
            when not has_marketing_consent then 'no_consent'
            when has_marketing_consent is null then 'consent_unknown'
            when days_since_contact < {{ var('win_back_contact_pause_days') }}
                then 'contacted_lately'
            when expected_value is null then 'value_unknown'
            when expected_value <= 0 then 'no_value'
        end as exclusion_reason
    from valued

),

ranked as (

    select
        customer_id,
        rank() over (order by expected_value desc) as win_back_rank
    from judged
    where exclusion_reason is null

)

select
    judged.customer_id,
    judged.as_of_date,
    judged.lifecycle_stage,
    judged.last_purchase_date,
    judged.reason_basis,
    judged.reason_category,
    judged.sub_reason,
    judged.reason_strength,
    judged.win_back_action,
    round(judged.return_rate, 9) as return_rate,
    cast(judged.return_horizon_days as bigint) as return_horizon_days,
    judged.value_if_returning,
    judged.expected_value,
    judged.last_contact_date,
    judged.last_contact_channel_id,
    judged.preferred_channel_id,
    judged.has_marketing_consent,
    judged.exclusion_reason is null as is_candidate,
    judged.exclusion_reason,
    cast(ranked.win_back_rank as bigint) as win_back_rank,
    case
        when judged.exclusion_reason is null
            then
                {{ hash_bucket("concat('win back ', judged.customer_id)") }}
                < '{{ "%03x" % (var("win_back_holdout_share") * 4096) | int }}'
    end as is_held_back
from judged
left join ranked
    on judged.customer_id = ranked.customer_id
