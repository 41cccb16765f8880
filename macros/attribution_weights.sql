{#- Rule-based attribution: name of the model to the unnormalised weight of a touch, told from
    `touch_position` (1 is the first), `touch_count`, `days_before_end` and `is_before_visit` (a visit to
    a shop without a source came after it). A further rule is a further entry. -#}
{% macro attribution_weights() %}
    {{ return({
        'first_touch': first_touch_weight(),
        'last_touch': last_touch_weight(),
        'last_non_direct': last_non_direct_weight(),
        'linear': '1.0',
        'time_decay': time_decay_weight(),
        'position_based': position_based_weight()
    }) }}
{% endmacro %}

{#- Models whose weight of a channel a study tells. -#}
{% macro studied_attribution_models() %}
    {{ return(['markov_1', 'markov_2', 'markov_3', 'markov_4', 'shapley_subset']) }}
{% endmacro %}

{#- Weight of a touch under every model that divides an order among its touches: by a rule, or in proportion to
    what a study found of the channel, which all touches of it before the order have together. -#}
{% macro touch_weights() %}
    {%- set weights = attribution_weights() -%}
    {%- for attribution_model in studied_attribution_models() -%}
        {%- do weights.update({
            attribution_model: 'coalesce(' ~ attribution_model ~ '_share, 0.0) / channel_touches'
        }) -%}
    {%- endfor -%}
    {{ return(weights) }}
{% endmacro %}

{% macro first_touch_weight() -%}
    case when touch_position = 1 then 1.0 else 0.0 end
{%- endmacro %}

{% macro last_touch_weight() -%}
    case when touch_position = touch_count and not is_before_visit then 1.0 else 0.0 end
{%- endmacro %}

{% macro last_non_direct_weight() -%}
    case when touch_position = touch_count then 1.0 else 0.0 end
{%- endmacro %}

{% macro time_decay_weight() -%}
    power(2.0e0, -1.0e0 * days_before_end / {{ var('attribution_half_life_days') }})
{%- endmacro %}

{#- Two touches have no middle to give the rest to, so first and last share it in proportion. -#}
{% macro position_based_weight() -%}
    {%- set first = var('attribution_position_first') -%}
    {%- set last = var('attribution_position_last') -%}
    case
        when touch_count = 1 then 1.0
        when touch_position = 1 then {{ first }}
        when touch_position = touch_count then {{ last }}
        else (1.0 - {{ first }} - {{ last }}) / (touch_count - 2)
    end
{%- endmacro %}
