{#- Every value of an expression is one of a list of names that the mart `labels` has: what
    `valid_columns` does not hold of a whole column. -#}
{% test in_vocabulary(model, vocabulary, column_name=none, expression=none) %}

with used as (

    select distinct {{ expression or column_name }} as value
    from {{ model }}

)

select used.value
from used
left join {{ ref('labels') }} as labels
    on
        used.value = labels.value
        and labels.vocabulary = '{{ vocabulary }}'
where
    used.value is not null
    and labels.value is null

{% endtest %}
