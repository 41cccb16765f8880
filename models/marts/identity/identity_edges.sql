with edges as (

    select * from {{ ref('int_identity_edges') }}

),

refusals as (

    select * from {{ ref('stg_identity__refusals') }}

)

select
    edges.relation,
    edges.rule,
    edges.customer_id,
    edges.earlier_customer_id,
    edges.since_date,
    edges.shared_by,
    edges.refusal_reason is null and refusals.refusal_reason is null as is_accepted,
    coalesce(edges.refusal_reason, refusals.refusal_reason) as refusal_reason
from edges
left join refusals
    on
        edges.relation = refusals.relation
        and edges.rule = refusals.rule
        and edges.customer_id = refusals.customer_id
        and edges.earlier_customer_id = refusals.earlier_customer_id
