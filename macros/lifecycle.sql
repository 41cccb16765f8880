{#- Rules of the lifecycle, each in one place. -#}

{#- The customer's own gap in days, shrunk towards the base's: the geometric mean over the recent gaps
    and as many gaps of the base as the prior weighs. -#}
{% macro expected_gap_days(log_gap_sum, gap_count, base_log_gap) -%}
    round(
        exp(
            ({{ log_gap_sum }} + {{ var('lifecycle_rhythm_prior_gaps') }} * {{ base_log_gap }})
            / ({{ gap_count }} + {{ var('lifecycle_rhythm_prior_gaps') }})
        ), 6
    )
{%- endmacro %}

{#- Days of silence after which a customer with this gap is overdue (never later than dormant), dormant
    or lost. -#}
{% macro declining_after_days(gap) -%}
    least(
        cast(ceil(greatest(
            {{ var('lifecycle_declining_multiple') }} * {{ gap }},
            {{ var('lifecycle_declining_min_days') }}
        )) as integer),
        {{ dormant_after_days(gap) }}
    )
{%- endmacro %}

{#- With one purchase there is no rhythm yet: the base's time to a second one stands in, where it is
    known. -#}
{% macro one_purchase_declining_after_days(second_purchase_days, gap) -%}
    case
        when {{ second_purchase_days }} is null then {{ declining_after_days(gap) }}
        else
            least(
                greatest({{ second_purchase_days }}, {{ var('lifecycle_declining_min_days') }}),
                {{ dormant_after_days(gap) }}
            )
    end
{%- endmacro %}

{% macro dormant_after_days(gap) -%}
    cast(ceil(least(
        greatest(
            {{ var('lifecycle_dormant_multiple') }} * {{ gap }}, {{ var('lifecycle_dormant_min_days') }}
        ),
        {{ var('lifecycle_dormant_max_days') }}
    )) as integer)
{%- endmacro %}

{% macro lost_after_days(gap) -%}
    cast(ceil(least(
        greatest(
            {{ var('lifecycle_lost_multiple') }} * {{ gap }}, {{ var('lifecycle_lost_min_days') }}
        ),
        {{ var('lifecycle_lost_max_days') }}
    )) as integer)
{%- endmacro %}

{#- How often a customer with this gap shops. -#}
{% macro rhythm_class(gap) -%}
    case
        {% for name in ['several_a_week', 'weekly', 'fortnightly', 'monthly'] -%}
            when {{ gap }} <= {{ var('lifecycle_rhythm_classes')[name] }} then '{{ name }}'
        {% endfor -%}
        else 'sparse'
    end
{%- endmacro %}

{#- Recent against earlier activity: the geometric mean of the ratios of purchase days and of revenue,
    each smoothed by one purchase so that small counts do not swing. -#}
{% macro purchase_trend(recent_purchases, earlier_purchases, recent_revenue, earlier_revenue) -%}
    sqrt(
        ({{ recent_purchases }} + 1.0) / ({{ earlier_purchases }} + 1.0)
        * (
            {{ recent_revenue }}
            + ({{ recent_revenue }} + {{ earlier_revenue }})
            / nullif({{ recent_purchases }} + {{ earlier_purchases }}, 0)
        )
        / (
            {{ earlier_revenue }}
            + ({{ recent_revenue }} + {{ earlier_revenue }})
            / nullif({{ recent_purchases }} + {{ earlier_purchases }}, 0)
        )
    )
{%- endmacro %}
