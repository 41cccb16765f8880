with champions as (

    select
        'model_runs' as model_table,
        as_of_date as model_date,
        horizon_days,
        task,
        sum(case when is_champion then 1 else 0 end) as champions,
        1 as least
    from {{ ref('model_runs') }}
    group by
        as_of_date,
        horizon_days,
        task

    union all

    -- A champion with past windows of its own need not have been fitted at all of them.
    select
        'model_backtests' as model_table,
        cutoff_date as model_date,
        horizon_days,
        task,
        count(distinct case when is_champion then model end) as champions,
        0 as least
    from {{ ref('model_backtests') }}
    group by
        cutoff_date,
        horizon_days,
        task

)

select
    model_table,
    model_date,
    horizon_days,
    task,
    champions
from champions
where
    champions > 1
    or champions < least
