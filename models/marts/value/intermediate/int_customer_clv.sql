{#- In cents, as published: what ranks customers and what is read of them is the same figure. -#}
with scores as (

    select * from {{ ref('int_customer_scores_resolved') }}

),

margins as (

    select * from {{ ref('int_customer_margins') }}

)

select
    scores.customer_id,
    case when scores.discounted_spend_365d is not null then margins.clv_basis end as clv_basis,
    case when scores.discounted_spend_365d is not null then margins.contribution_margin end
        as contribution_margin,
    cast(
        scores.discounted_spend_365d * coalesce(margins.contribution_margin, 1) as decimal(18, 2)
    ) as clv_365d,
    cast(
        scores.discounted_spend_lifetime * coalesce(margins.contribution_margin, 1)
        as decimal(18, 2)
    ) as clv_lifetime
from scores
left join margins
    on scores.customer_id = margins.customer_id
