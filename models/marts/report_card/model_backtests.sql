with model_backtests as (

    select * from {{ ref('stg_scores__model_backtests') }}

),

metrics as (

    select * from {{ ref('backtest_metrics') }}

),

naive as (

    select
        cutoff_date,
        horizon_days,
        task,
        slice,
        metric,
        value
    from model_backtests
    where model = 'naive'

)

select
    model_backtests.as_of_date,
    model_backtests.cutoff_date,
    model_backtests.horizon_days,
    model_backtests.task,
    model_backtests.model,
    model_backtests.is_champion,
    model_backtests.slice,
    model_backtests.metric,
    model_backtests.value,
    model_backtests.value_low,
    model_backtests.value_high,
    model_backtests.customers,
    model_backtests.reason,
    metrics.better,
    case
        when model_backtests.model = 'naive' then null
        when model_backtests.value is null or naive.value is null then null
        when metrics.better = 'high' then model_backtests.value > naive.value
        when metrics.better = 'low' then model_backtests.value < naive.value
        when metrics.better = 'zero' then abs(model_backtests.value) < abs(naive.value)
    end as beats_naive
from model_backtests
left join metrics
    on model_backtests.metric = metrics.metric
left join naive
    on
        model_backtests.cutoff_date = naive.cutoff_date
        and model_backtests.horizon_days = naive.horizon_days
        and model_backtests.task = naive.task
        and model_backtests.slice = naive.slice
        and model_backtests.metric = naive.metric
