{#- What identifiers and names are compared by: the same thing written in another way gives the same
    text. -#}

{#- A text in small letters, without accents and blanks around it. -#}
{% macro plain_letters(text) -%}
    translate(
        lower(trim({{ text }})),
        'àáâãäåāăąçćčďèéêëēęěìíîïīłñńňòóôõöøōőřśšşťùúûüūůűýÿźżžß',
        'aaaaaaaaacccdeeeeeeeiiiiilnnnoooooooorssstuuuuuuuyyzzzs'
    )
{%- endmacro %}

{#- A name with a blank for what stands between its words: points, hyphens, apostrophes. -#}
{% macro plain_name(text) -%}
    trim(translate({{ plain_letters(text) }}, '.-_/''’`´"', '         '))
{%- endmacro %}

{#- The last word of a name, or of what stands before its comma; of a plain name. -#}
{% macro surname_in(name) -%}
    case
        when {{ name }} like '%,%'
            then {{ outer_word("trim(" ~ dbt.split_part(name, "','", 1) ~ ")", "last") }}
        else {{ outer_word(name, "last") }}
    end
{%- endmacro %}

{#- The first word of a name, or of what stands behind its comma; null if the name is one word. -#}
{% macro given_name_in(name) -%}
    case
        when {{ name }} like '%,%'
            then {{ outer_word("trim(" ~ dbt.split_part(name, "','", 2) ~ ")", "first") }}
        when {{ name }} like '% %' then {{ outer_word(name, "first") }}
    end
{%- endmacro %}

{% macro only_digits(text) -%}
    {{ return(adapter.dispatch("only_digits", "customer_lifecycle")(text)) }}
{%- endmacro %}

{% macro default__only_digits(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '', 'g')
{%- endmacro %}

{% macro spark__only_digits(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '')
{%- endmacro %}

{% macro without_blanks(text) -%}
    {{ return(adapter.dispatch("without_blanks", "customer_lifecycle")(text)) }}
{%- endmacro %}

{% macro default__without_blanks(text) -%}
    regexp_replace({{ text }}, '\s', '', 'g')
{%- endmacro %}

{% macro spark__without_blanks(text) -%}
    regexp_replace({{ text }}, '\\s', '')
{%- endmacro %}

{#- The first or the last word of a text; null if it has none. -#}
{% macro outer_word(text, place) -%}
    {{ return(adapter.dispatch("outer_word", "customer_lifecycle")(text, place)) }}
{%- endmacro %}

{% macro default__outer_word(text, place) -%}
    nullif(regexp_extract({{ text }}, '{{ "^[^ ]+" if place == "first" else "[^ ]+$" }}', 0), '')
{%- endmacro %}

{% macro postgres__outer_word(text, place) -%}
    substring({{ text }} from '{{ "^[^ ]+" if place == "first" else "[^ ]+$" }}')
{%- endmacro %}

{#- Digits of a telephone number with the country's in front, from its digits and how it is written;
    without a known country the digits as they are, marked as such. -#}
{% macro dialled_number(written, digits, dial_code, trunk_prefix) -%}
    case
        when {{ written }} like '+%' then {{ digits }}
        when {{ digits }} like '00%' then substring({{ digits }}, 3)
        when {{ dial_code }} is null then concat('national ', {{ digits }})
        when {{ trunk_prefix }} is not null and {{ digits }} like concat({{ trunk_prefix }}, '%')
            then concat({{ dial_code }}, substring({{ digits }}, length({{ trunk_prefix }}) + 1))
        else concat({{ dial_code }}, {{ digits }})
    end
{%- endmacro %}
