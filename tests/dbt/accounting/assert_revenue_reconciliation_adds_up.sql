with steps as (

    select
        count(case when kind = 'landed' then 1 end) as landed_rows,
        count(case when kind = 'expected' then 1 end) as expected_rows,
        coalesce(sum(case when kind in ('landed', 'deduction') then net_revenue end), 0)
            as left_over,
        coalesce(sum(case when kind = 'expected' then net_revenue end), 0) as expected
    from {{ ref('revenue_reconciliation') }}

),

reports as (

    {% for report in [
        'fct_order_lines',
        'fct_orders',
        'fct_orders after returns, at the dates of the sales',
        'customer_value and anonymous orders'
    ] %}
        select '{{ report }}' as item
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

missing as (

    select count(*) as reports
    from reports
    left join {{ ref('revenue_reconciliation') }} as reported
        on
            reports.item = reported.item
            and reported.kind = 'reported'
    where reported.item is null

)

select
    steps.landed_rows,
    steps.expected_rows,
    steps.left_over,
    steps.expected,
    missing.reports
from steps
cross join missing
where
    steps.landed_rows <> 1
    or steps.expected_rows <> 1
    or steps.left_over <> steps.expected
    or missing.reports > 0
