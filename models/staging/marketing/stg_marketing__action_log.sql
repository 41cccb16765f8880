{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'action_log') }},

cleaned as (

    select
        decision_id,
        action,
        customer_id,
        decided_at,
        outcome,
        coalesce(is_control, false) as is_control,
        case
            when control_share < 0 or control_share > 1 then null
            else control_share
        end as control_share,
        reason,
        action_owner,
        channel_id,
        case
            when cost_amount < 0 then null
            else cost_amount
        end as cost_amount,
        case
            when window_days < 0 then null
            else window_days
        end as window_days
    from visible_rows

)

select * from cleaned
