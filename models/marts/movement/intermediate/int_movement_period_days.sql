{#- Days of the periods of complete pairs. -#}
with pairs as (

    select * from {{ ref('int_movement_pairs') }}
    where is_complete

),

days as (

    select * from {{ ref('date_spine') }}

),

periods as (

    select
        period_grain,
        period_start,
        period_end
    from pairs

    union distinct

    select
        period_grain,
        base_start as period_start,
        base_end as period_end
    from pairs

)

select
    days.date_day,
    periods.period_grain,
    periods.period_start,
    periods.period_end
from periods
inner join days
    on
        periods.period_start <= days.date_day
        and periods.period_end > days.date_day
