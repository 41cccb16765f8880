{#- Rows of every landing table by what became of them. Of orders that are kept back, the money is
    that of the lines kept back with them. Where a table has not changed, its count is that of the
    build before, as long as it is one of what `counted_for` says; orders and lines depend on others and
    are always all_counted. -#}
{%- set holds = counted_before(this) -%}

with quarantined_orders as (

    select
        order_id,
        rejection_reasons
    from {{ ref('base_pos__orders') }}
    where row_outcome = 'quarantined'
    group by
        order_id,
        rejection_reasons

),

quarantined_lines as (

    select
        order_id,
        sum(net_revenue) as net_revenue,
        sum(abs(net_revenue)) as absolute_revenue
    from {{ ref('base_pos__order_lines') }}
    where row_outcome = 'quarantined'
    group by order_id

),

order_money as (

    select
        quarantined_orders.rejection_reasons,
        sum(quarantined_lines.net_revenue) as net_revenue,
        sum(quarantined_lines.absolute_revenue) as absolute_revenue
    from quarantined_orders
    inner join quarantined_lines
        on quarantined_orders.order_id = quarantined_lines.order_id
    group by quarantined_orders.rejection_reasons

),

counted as (

    {% for table_name, contract in landing_contract().items() if table_name not in holds %}
        select
            '{{ table_name }}' as table_name,
            row_outcome,
            rejection_reasons,
            count(*) as row_count,
            {%- set event = contract.event_column %}
            {%- set money = 'net_revenue' if 'net_revenue' in contract.columns else 'null' %}
            min(cast({{ event or 'null' }} as date)) as first_event_date,
            max(cast({{ event or 'null' }} as date)) as last_event_date,
            min({{ contract.key[0] }}) as example_key,
            sum(cast({{ money }} as decimal(18, 2))) as net_revenue,
            sum(abs(cast({{ money }} as decimal(18, 2)))) as absolute_revenue,
            {{ count_state(table_name) }} as counted_for
        from {{ ref('base_' ~ contract.system ~ '__' ~ contract.table) }}
        group by
            row_outcome,
            rejection_reasons
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

all_counted as (

    select * from counted
    {% if holds %}
        union all
        select
            table_name,
            row_outcome,
            rejection_reasons,
            row_count,
            first_event_date,
            last_event_date,
            example_key,
            net_revenue,
            absolute_revenue,
            counted_for
        from {{ this }}
        where table_name in ('{{ holds | join("', '") }}')  -- noqa: LT05
    {% endif %}

)

select
    all_counted.table_name,
    all_counted.row_outcome,
    all_counted.rejection_reasons,
    all_counted.row_count,
    all_counted.first_event_date,
    all_counted.last_event_date,
    all_counted.example_key,
    cast(
        coalesce(all_counted.net_revenue, order_money.net_revenue) as decimal(18, 2)
    ) as net_revenue,
    cast(
        coalesce(all_counted.absolute_revenue, order_money.absolute_revenue) as decimal(18, 2)
    ) as absolute_revenue,
    all_counted.counted_for
from all_counted
left join order_money
    on
        case
            when
                all_counted.table_name = 'pos.orders'
                and all_counted.row_outcome = 'quarantined'
                then all_counted.rejection_reasons
        end = order_money.rejection_reasons
