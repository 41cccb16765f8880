{#- What is wrong with rules that give tiers by an amount: a row per problem, none if on each
    criterion the tiers follow each other from 0 without a hole or an overlap. -#}
{% macro tier_rule_problems(rules) -%}
select
    criterion,
    tier,
    case
        when previous_tier is null and from_amount <> 0
            then concat(criterion, ': a hole below ', tier, ', which begins at ', from_amount)
        when previous_tier is not null and tier_rank <> previous_rank + 1
            then concat(criterion, ': a tier is missing between ', previous_tier, ' and ', tier)
        when previous_tier is not null and previous_below is null
            then
                concat(
                    criterion, ': an overlap, ', previous_tier, ' has no end and ', tier,
                    ' begins at ', from_amount
                )
        when from_amount > previous_below
            then
                concat(
                    criterion, ': a hole between ', previous_below, ' (end of ', previous_tier,
                    ') and ', from_amount, ' (begin of ', tier, ')'
                )
        when from_amount < previous_below
            then
                concat(
                    criterion, ': an overlap, ', tier, ' begins at ', from_amount, ' before ',
                    previous_tier, ' ends at ', previous_below
                )
        when below_amount <= from_amount
            then concat(criterion, ': ', tier, ' ends at ', below_amount, ' and never begins')
        when is_last and below_amount is not null
            then concat(criterion, ': a hole from ', below_amount, ' on, the end of ', tier)
        when is_last and tier_rank < highest_rank
            then concat(criterion, ': no rule for the tiers above ', tier)
        when tiers_of_rank > 1
            then concat('rank ', tier_rank, ' stands for several tiers, ', tier, ' among them')
    end as problem
from (
    select
        rules.*,
        lag(rules.tier) over by_rank as previous_tier,
        lag(rules.tier_rank) over by_rank as previous_rank,
        lag(rules.below_amount) over by_rank as previous_below,
        lead(rules.tier) over by_rank is null as is_last,
        max(rules.tier_rank) over () as highest_rank,
        ranks.tiers_of_rank
    from {{ rules }} as rules
    inner join (
        select
            tier_rank,
            count(distinct tier) as tiers_of_rank
        from {{ rules }}
        group by tier_rank
    ) as ranks
        on rules.tier_rank = ranks.tier_rank
    window by_rank as (partition by rules.criterion order by rules.tier_rank, rules.from_amount)
) as compared
{%- endmacro %}
