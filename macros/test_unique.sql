{#- dbt's own test of a key groups by it, which takes gigabytes where a text is unique in many millions of
    rows. Here only rows whose hash is there twice are grouped: none, as a rule. -#}
{% macro default__test_unique(model, column_name) %}

{%- set keys -%}
    (
        select {{ column_name }} as unique_field
        from {{ model }}
        where {{ column_name }} is not null
    ) as keys
{%- endset -%}

with repeated_hashes as (

    select {{ row_hash("keys", ["unique_field"]) }} as key_hash
    from {{ keys }}
    group by 1
    having count(*) > 1

)

select
    keys.unique_field,
    count(*) as n_records
from {{ keys }}
inner join repeated_hashes
    on {{ row_hash("keys", ["unique_field"]) }} = repeated_hashes.key_hash
group by keys.unique_field
having count(*) > 1

{% endmacro %}
