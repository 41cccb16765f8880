{#- Prospects have no place among tenths of customers, nor has who gave everything back. -#}
{% set measures = ['clv_365d', 'net_revenue_365d'] -%}

with customers as (

    select * from {{ ref('customer_value') }}
    where
        valid_order_count > 0
        or clv_365d is not null

),

measured as (

    {% for measure in measures %}
        select
            customer_id,
            '{{ measure }}' as measure,
            {{ measure }} as amount
        from customers
        where {{ measure }} is not null
        {{ "union all" if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        measure,
        amount,
        row_number() over (partition by measure order by amount desc, customer_id asc) as position,
        count(*) over (partition by measure) as customers
    from measured

),

tenths as (

    select
        measure,
        cast(ceil(10.0 * position / customers) as bigint) as tenth,
        count(*) as customers,
        sum(amount) as amount
    from ranked
    group by
        measure,
        cast(ceil(10.0 * position / customers) as bigint)

)

select
    measure,
    tenth,
    cast(customers as bigint) as customers,
    cast(amount as decimal(18, 2)) as amount,
    cast(amount as double) / nullif(cast(sum(amount) over (partition by measure) as double), 0)
        as amount_share
from tenths
