{#- Tiers lost when so many months have passed since one was earned; null when nothing is left of it. -#}
{% macro tiers_lost(months) -%}
    {%- set policy = var("tier_downgrade_policy") -%}
    {%- if policy == "none" -%}
        0
    {%- elif policy == "balance_based" -%}
        case when {{ months }} < {{ var("tier_valid_months") }} then 0 end
    {%- else -%}
        {%- if policy != "one_down" -%}
            {{ exceptions.raise_compiler_error(
                "tier_downgrade_policy is one_down, balance_based or none, and not '" ~ policy ~ "'"
            ) }}
        {%- endif -%}
        cast(floor({{ months }} * 1.0 / {{ var("tier_valid_months") }}) as bigint)
    {%- endif -%}
{%- endmacro %}

{#- The rank that the programme gives for those on each of its criteria: that on the first of them that
    is known, the highest or the lowest. What is not known decides nothing. -#}
{% macro combined_tier_rank(prefix="", suffix="_rank") -%}
    {%- set used = var("tier_criteria") -%}
    {%- if used | length == 1 -%}
        {{ prefix }}{{ used[0] }}{{ suffix }}
    {%- else -%}
        {{ {"first": "coalesce", "any": "greatest", "all": "least"}[var("tier_criteria_needed")] }}(
            {%- for criterion in used -%}
                {{ prefix }}{{ criterion }}{{ suffix }}{{ ", " if not loop.last }}
            {%- endfor -%}
        )
    {%- endif -%}
{%- endmacro %}

{#- What tiers are given by. -#}
{% macro tier_criteria() -%}
    {{ return(["points", "spend", "orders", "engaged_days"]) }}
{%- endmacro %}

{#- The highest of the tiers earned at reviews (earned_rank, a row per member and month), each less what
    is lost of it since; with the review of the month itself or without. Frames of as many months as a
    tier holds lie one before the other, and every one of them costs a tier. -#}
{% macro held_tier_rank(with_this_month) -%}
    {%- set policy = var("tier_downgrade_policy") -%}
    {%- set months = var("tier_valid_months") | int(12) -%}
    {%- set until = "current row" if with_this_month else "1 preceding" -%}
    {%- set highest = "max(earned_rank) over (partition by customer_id order by month_number rows between " -%}
    {%- set first = "cast(null as bigint)" if months == 1 and not with_this_month
        else highest ~ (months - 1) ~ " preceding and " ~ until ~ ")" -%}
    {%- if policy == "none" -%}
        {{ highest }}unbounded preceding and {{ until }})
    {%- elif policy == "balance_based" -%}
        {{ first }}
    {%- else -%}
        greatest(
            {{ first }}
            {%- for lost in range(1, 8) -%},
            {{ highest }}{{ (lost + 1) * months - 1 }} preceding
                and {{ lost * months }} preceding) - {{ lost }}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{#- Whether no other criterion gives a reviewed member the tier of a threshold of this one. -#}
{% macro is_decided_by(criterion) -%}
    {%- set used = var("tier_criteria") -%}
    {%- set needed = var("tier_criteria_needed") -%}
    true
    {%- for other in used if other != criterion -%}
        {%- if needed == "any" %}
            and coalesce(reviewed.{{ other }}_rank, 0) < rules.tier_rank
        {%- elif needed == "all" %}
            and coalesce(reviewed.{{ other }}_rank, rules.tier_rank) >= rules.tier_rank
        {%- elif used.index(other) < used.index(criterion) %}
            and reviewed.{{ other }}_rank is null
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
