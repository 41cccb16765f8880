{#- Every value is one of a list of names that the mart `labels` has, or of one of several. Without a
    list it is that of the column's own name. -#}
{% test in_vocabulary(model, column_name=none, vocabulary=none, expression=none) %}

{%- set names = [vocabulary or column_name] if vocabulary is string or not vocabulary else vocabulary %}
with used as (

    select distinct {{ expression or column_name }} as value
    from {{ model }}

)

select used.value
from used
left join {{ ref('labels') }} as labels
    on
        used.value = labels.value
        and labels.vocabulary in ('{{ names | join("', '") }}')
where
    used.value is not null
    and labels.value is null

{% endtest %}
