with ranked as (

    select
        customer_id,
        count(case when is_next_action then 1 end) as next_actions,
        count(case when is_to_be_done then 1 end) as to_be_done,
        count(action_rank) as ranks,
        max(action_rank) as last_rank
    from {{ ref('customer_next_actions') }}
    group by customer_id

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

buckets as (

    select * from {{ ref('dim_customer_bucket') }}

)

select customer_id
from ranked
where
    next_actions <> case when ranks > 0 then 1 else 0 end
    or to_be_done > next_actions
    or coalesce(last_rank, 0) <> ranks

union all

select lifecycle.customer_id
from lifecycle
left join buckets
    on lifecycle.customer_id = buckets.customer_id
where buckets.customer_id is null

union all

select buckets.customer_id
from buckets
left join ranked
    on buckets.customer_id = ranked.customer_id
where ranked.customer_id is null
