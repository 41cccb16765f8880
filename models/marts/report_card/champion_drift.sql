{#- Whether the model in use did worse at the newest cutoff than it used to. -#}
with losses as (

    select * from {{ ref('model_backtests') }}
    where
        is_champion
        and metric = 'loss'
        and slice = 'all'

),

as_of as (

    select * from {{ ref('as_of') }}

),

ranked as (

    select
        losses.as_of_date,
        losses.horizon_days,
        losses.task,
        losses.model,
        losses.cutoff_date,
        losses.value,
        row_number() over (
            partition by losses.horizon_days, losses.task
            order by losses.cutoff_date desc
        ) as recency_rank
    from losses
    inner join as_of
        on losses.as_of_date = as_of.as_of_date

),

past as (

    select
        horizon_days,
        task,
        round(avg(value), 6) as past_loss,
        count(value) as past_windows
    from ranked
    where recency_rank > 1
    group by
        horizon_days,
        task

),

compared as (

    select
        ranked.as_of_date,
        ranked.horizon_days,
        ranked.task,
        ranked.model,
        ranked.cutoff_date as recent_cutoff_date,
        ranked.value as recent_loss,
        past.past_loss,
        cast(coalesce(past.past_windows, 0) as bigint) as past_windows,
        round(ranked.value / nullif(past.past_loss, 0), 6) as loss_ratio
    from ranked
    left join past
        on
            ranked.horizon_days = past.horizon_days
            and ranked.task = past.task
    where ranked.recency_rank = 1

)

select
    as_of_date,
    horizon_days,
    task,
    model,
    recent_cutoff_date,
    recent_loss,
    past_loss,
    past_windows,
    loss_ratio,
    case
        when loss_ratio is null then 'not_compared'
        when loss_ratio <= {{ var('drift_loss_ratio') }} then 'stable'
        else 'worse'
    end as drift_status,
    case
        when past_windows = 0 then 'no earlier window'
        when recent_loss is null then 'no loss at the newest cutoff'
        when loss_ratio is null then 'no loss at all in earlier windows'
    end as reason
from compared
