{#- Categories by segment, what brings most first. Summed over the combinations of segments first,
    so that customers and their categories are read once for all schemes. -#}
with category_lines as (

    select * from {{ ref('int_customer_category_lines') }}
    where
        is_in_current
        and category is not null

),

customers as (

    select * from {{ ref('int_customer_segments') }}

),

combinations as (

    select
        {% for column in segment_schemes().values() -%}
            customers.{{ column }},
        {% endfor -%}
        category_lines.category,
        sum(category_lines.net_revenue) as net_revenue
    from category_lines
    inner join customers
        on category_lines.customer_id = customers.customer_id
    group by
        {% for column in segment_schemes().values() -%}
            customers.{{ column }},
        {% endfor -%}
        category_lines.category

),

by_scheme as (

    {% for scheme, column in segment_schemes().items() %}
        select
            '{{ scheme }}' as scheme,
            {{ column }} as segment,
            category,
            sum(net_revenue) as net_revenue
        from combinations
        group by
            {{ column }},
            category
        {{ "union all" if not loop.last }}
    {% endfor %}

),

with_shares as (

    select
        scheme,
        segment,
        category,
        net_revenue,
        cast(net_revenue as double)
        / nullif(cast(sum(net_revenue) over (partition by scheme, segment) as double), 0)
            as segment_share,
        cast(sum(net_revenue) over (partition by scheme, category) as double)
        / nullif(cast(sum(net_revenue) over (partition by scheme) as double), 0) as base_share
    from by_scheme

)

select
    scheme,
    segment,
    category,
    net_revenue,
    segment_share,
    segment_share / nullif(base_share, 0) as share_index,
    row_number() over (partition by scheme, segment order by net_revenue desc, category asc)
        as category_rank
from with_shares
