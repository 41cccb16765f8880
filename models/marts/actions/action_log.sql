with logged as (

    select * from {{ ref('int_action_log') }}

)

select
    decision_id,
    action,
    customer_id,
    as_of_date,
    decided_on,
    outcome,
    arm,
    is_crossover,
    control_share,
    reason,
    log_source,
    action_owner,
    channel_id,
    cost_amount,
    window_days,
    window_ends_on,
    is_over
from logged
