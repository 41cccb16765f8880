{#- Rules of satisfaction, each in one place. -#}

{#- Content: the two best answers of a scale of five or more, the best one of a shorter scale. -#}
{% macro is_top_box(score, scale_max) -%}
    {{ score }} >= case when {{ scale_max }} >= 5 then {{ scale_max }} - 1 else {{ scale_max }} end
{%- endmacro %}

{% macro nps_group(score) -%}
    case
        when {{ score }} >= 9 then 'promoter'
        when {{ score }} >= 7 then 'passive'
        when {{ score }} >= 0 then 'detractor'
    end
{%- endmacro %}

{#- Years back from the month of the last day observed: 0 is the last twelve months. -#}
{% macro survey_year(month, as_of_date) -%}
    cast(floor({{ dbt.datediff(
        month,
        'cast(' ~ dbt.date_trunc('month', dbt.dateadd('day', -1, as_of_date)) ~ ' as date)',
        'month'
    ) }} / 12) as integer)
{%- endmacro %}

{#- Net promoter score from shares of promoters and detractors. -#}
{% macro nps(promoter_share, detractor_share) -%}
    round(100.0 * ({{ promoter_share }} - {{ detractor_share }}), 9)
{%- endmacro %}

{#- One end of its 95% interval, by the variance p + d - (p - d)^2 of one answer. Where all answer
    alike that is zero: then as far as the lower Wilson bound of their share is from one. -#}
{% macro nps_bound(promoter_share, detractor_share, sample_size, side) -%}
    {%- set spread -%}
        ({{ promoter_share }} + {{ detractor_share }}
        - ({{ promoter_share }} - {{ detractor_share }})
        * ({{ promoter_share }} - {{ detractor_share }}))
    {%- endset -%}
    round(
        {{ 'greatest(-100.0, ' if side == '-' else 'least(100.0, ' }}
        100.0 * (
            {{ promoter_share }} - {{ detractor_share }}
            {{ side }} case
                when {{ spread }} < 0.000000001
                    then 2 * (1 - {{ wilson_bound('1.0', sample_size, '-') }})
                else 1.959963984540054 * sqrt({{ spread }} / {{ sample_size }})
            end
        )), 9
    )
{%- endmacro %}

{#- Sums over questions, which add up over rows. -#}
{% macro satisfaction_counts(answers, weights) -%}
    count(*) as question_count,
    count(case when {{ answers }}.is_answered then 1 end) as answer_count,
    count(case when {{ answers }}.is_scored then 1 end) as scored_count,
    sum(case when {{ answers }}.is_scored then {{ answers }}.score else 0 end) as score_total,
    sum(case when {{ answers }}.is_scored then {{ answers }}.score * {{ answers }}.score else 0 end)
        as score_squared_total,
    count(case when {{ answers }}.is_top_box then 1 end) as top_box_count,
    count(case when {{ answers }}.is_promoter then 1 end) as promoter_count,
    count(case when {{ answers }}.is_detractor then 1 end) as detractor_count,
    count({{ weights }}.weight) as weighted_count,
    sum(coalesce({{ weights }}.weight, 0)) as weight_total,
    sum(coalesce({{ weights }}.weight * {{ weights }}.weight, 0)) as weight_squared_total,
    sum(case when {{ answers }}.is_top_box then coalesce({{ weights }}.weight, 0) else 0 end)
        as weighted_top_box_total,
    sum(case when {{ answers }}.is_promoter then coalesce({{ weights }}.weight, 0) else 0 end)
        as weighted_promoter_total,
    sum(case when {{ answers }}.is_detractor then coalesce({{ weights }}.weight, 0) else 0 end)
        as weighted_detractor_total
{%- endmacro %}

{#- Columns that follow from `satisfaction_counts`, survey_type, scale_max and
    is_nonresponse_known. Figures of fewer answers than can tell are none. -#}
{% macro satisfaction_columns() -%}
    {%- set least = var('satisfaction_min_answers') -%}
    {%- set is_csat = "survey_type = 'csat' and scored_count >= " ~ least -%}
    {%- set is_nps = "survey_type = 'nps' and scored_count >= " ~ least -%}
    {%- set is_csat_weighted = "survey_type = 'csat' and weighted_count >= " ~ least -%}
    {%- set is_nps_weighted = "survey_type = 'nps' and weighted_count >= " ~ least -%}
    {%- set top = "(top_box_count / cast(nullif(scored_count, 0) as double))" -%}
    {%- set p = "(promoter_count / cast(nullif(scored_count, 0) as double))" -%}
    {%- set d = "(detractor_count / cast(nullif(scored_count, 0) as double))" -%}
    {%- set weighted_top = "(weighted_top_box_total / nullif(weight_total, 0))" -%}
    {%- set weighted_p = "(weighted_promoter_total / nullif(weight_total, 0))" -%}
    {%- set weighted_d = "(weighted_detractor_total / nullif(weight_total, 0))" -%}
    {%- set effective = "(weight_total * weight_total / nullif(weight_squared_total, 0))" -%}
    cast(case when is_nonresponse_known then question_count end as bigint) as asked_count,
    cast(answer_count as bigint) as answer_count,
    cast(scored_count as bigint) as scored_count,
    cast(score_total as double) as score_total,
    cast(
        case
            when scale_max is not null and scored_count >= {{ least }}
                then round(score_total / cast(nullif(scored_count, 0) as double), 9)
        end as double
    ) as mean_score,
    cast(top_box_count as bigint) as top_box_count,
    cast(case when {{ is_csat }} then {{ top }} end as double) as csat,
    cast(case when {{ is_csat }} then {{ wilson_bound(top, 'scored_count', '-') }} end as double)
        as csat_low,
    cast(case when {{ is_csat }} then {{ wilson_bound(top, 'scored_count', '+') }} end as double)
        as csat_high,
    cast(promoter_count as bigint) as promoter_count,
    cast(
        case when survey_type = 'nps' then scored_count - promoter_count - detractor_count else 0 end
        as bigint
    ) as passive_count,
    cast(detractor_count as bigint) as detractor_count,
    cast(case when {{ is_nps }} then {{ nps(p, d) }} end as double) as nps,
    cast(case when {{ is_nps }} then {{ nps_bound(p, d, 'scored_count', '-') }} end as double)
        as nps_low,
    cast(case when {{ is_nps }} then {{ nps_bound(p, d, 'scored_count', '+') }} end as double)
        as nps_high,
    case
        when answer_count = 0 then 'no_answers'
        when scored_count = 0 then 'scale_not_known'
        when scored_count < {{ least }} then 'too_few_answers'
    end as satisfaction_reason,
    cast(weighted_count as bigint) as weighted_count,
    cast(round(weight_total, 6) as double) as weight_total,
    cast(round(weight_squared_total, 6) as double) as weight_squared_total,
    cast(round(weighted_top_box_total, 6) as double) as weighted_top_box_total,
    cast(round(weighted_promoter_total, 6) as double) as weighted_promoter_total,
    cast(round(weighted_detractor_total, 6) as double) as weighted_detractor_total,
    cast(case when {{ is_csat_weighted }} then round({{ weighted_top }}, 9) end as double)
        as csat_weighted,
    cast(
        case
            when {{ is_csat_weighted }}
                then {{ wilson_bound('least(1.0, ' ~ weighted_top ~ ')', effective, '-') }}
        end as double
    ) as csat_weighted_low,
    cast(
        case
            when {{ is_csat_weighted }}
                then {{ wilson_bound('least(1.0, ' ~ weighted_top ~ ')', effective, '+') }}
        end as double
    ) as csat_weighted_high,
    cast(case when {{ is_nps_weighted }} then {{ nps(weighted_p, weighted_d) }} end as double)
        as nps_weighted,
    cast(
        case
            when {{ is_nps_weighted }}
                then {{ nps_bound(weighted_p, weighted_d, effective, '-') }}
        end as double
    ) as nps_weighted_low,
    cast(
        case
            when {{ is_nps_weighted }}
                then {{ nps_bound(weighted_p, weighted_d, effective, '+') }}
        end as double
    ) as nps_weighted_high,
    case
        when answer_count = 0 then 'no_answers'
        when scored_count = 0 then 'scale_not_known'
        when weighted_count = 0 then 'nobody_of_the_base'
        when weighted_count < {{ least }} then 'too_few_answers'
    end as weighted_reason,
    cast(
        case when is_nonresponse_known then answer_count / cast(nullif(question_count, 0) as double) end
        as double
    ) as response_rate,
    cast(
        case
            when is_nonresponse_known and question_count > 0
                then {{ wilson_bound(
                    '(answer_count / cast(question_count as double))', 'question_count', '-'
                ) }}
        end as double
    ) as response_rate_low,
    cast(
        case
            when is_nonresponse_known and question_count > 0
                then {{ wilson_bound(
                    '(answer_count / cast(question_count as double))', 'question_count', '+'
                ) }}
        end as double
    ) as response_rate_high,
    case when not is_nonresponse_known then 'nonresponse_not_known' end as response_rate_reason
{%- endmacro %}

{#- What can be rated besides all of it. -#}
{% macro survey_dimensions() -%}
    {{ return(["product", "service", "price", "brand", "delivery", "store", "online"]) }}
{%- endmacro %}
