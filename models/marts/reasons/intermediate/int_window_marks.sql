{#- The experiences of each window, one below the other, and what windows are compared by: the
    quarter, how many orders could have gone wrong, and how many of them could have come late. -#}
with windows as (

    select
        customer_id,
        window_of,
        visit_date,
        quarter_start_date,
        least(promised_orders, 2) as promised_class,
        least(orders, 3) as orders_class,
    {% for name, condition in leaving_experiences().items() %}
        coalesce({{ condition }}, false) as {{ name }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_window_experiences') }}

)

{% for name in leaving_experiences() %}
    select
        customer_id,
        window_of,
        visit_date,
        quarter_start_date,
        promised_class,
        orders_class,
        '{{ name }}' as experience,
        {{ name }} as has_experience
    from windows
    {{ "union all" if not loop.last }}
{% endfor %}
