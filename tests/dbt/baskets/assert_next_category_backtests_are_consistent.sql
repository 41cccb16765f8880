with backtests as (

    select * from {{ ref('next_category_backtests') }}

),

by_day as (

    select
        kind,
        cut_date,
        min(customers) as fewest,
        max(customers) as most,
        count(*) as methods,
        sum(case when is_used then 1 else 0 end) as used
    from backtests
    group by
        kind,
        cut_date

)

select
    kind,
    cut_date
from by_day
where
    fewest <> most
    or used <> 1
    or methods <> case kind when 'again' then 4 else 3 end

union all

select
    kind,
    cut_date
from backtests
where
    hits > suggestions
    or suggestions > 3 * customers
    or abs(precision_at_3 - hits / (3.0 * customers)) > 1e-6
    or precision_at_3_low > precision_at_3
    or precision_at_3_high < precision_at_3
