{#- The state of a journey in a Markov chain: the keys of its last touches, `first` steps back from the
    latest counted to `last` steps back, the latest last; null before the first touch. -#}
{% macro attribution_state(first, last) -%}
    {%- for place in range(last, first, -1) -%}
        coalesce(cast(key_{{ place }} as string) || '>', '') || {{ " " }}
    {%- endfor -%}
    cast(key_{{ first }} as string)
{%- endmacro %}

{#- Which of up to 120 channels a journey met, as one number with a bit for each: what strings of sorted
    keys say takes six times as long to make. -#}
{% macro channel_bits(part) -%}
    cast(
        sum(
            case
                when channel_key > {{ 120 * part }} and channel_key <= {{ 120 * (part + 1) }}
                    then cast(power(2.0, channel_key - {{ 120 * part + 1 }}) as decimal(38, 0))
                else 0
            end
        ) as decimal(38, 0)
    )
{%- endmacro %}
