{#- Rules that do not fit together say nothing: which tier a customer has would depend on which row
    is read first. -#}
with rules as (

    select * from {{ ref('tier_rules') }}

),

checked as (

    {{ tier_rule_problems('rules') }}

),

problems as (

    select {{ dbt.listagg('problem', "'; '", 'order by problem') }} as rule_problem
    from checked
    where problem is not null

)

select
    rules.tier,
    rules.tier_rank,
    rules.criterion,
    rules.from_amount,
    rules.below_amount,
    problems.rule_problem
from rules
cross join problems
