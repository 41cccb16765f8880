{{ config(contract={'enforced': true}) }}

{#- What became of the points earned in a month, by month; whole months only. -#}
with movements as (

    select * from {{ ref('int_points_movements') }}
    where lot_type = 'earned'

),

as_of as (

    select
        cast({{ dbt.date_trunc('month', 'as_of_date') }} as date) as first_open_month
    from {{ ref('as_of') }}

),

moved as (

    select
        cast({{ dbt.date_trunc('month', 'lot_date') }} as date) as cohort_month,
        cast({{ dbt.date_trunc('month', 'lot_date') }} as date) as movement_month,
        points as earned,
        0 as redeemed,
        0 as expired,
        0 as reversed
    from movements

    union all

    select
        cast({{ dbt.date_trunc('month', 'lot_date') }} as date) as cohort_month,
        cast({{ dbt.date_trunc('month', 'moved_date') }} as date) as movement_month,
        0 as earned,
        case when points_state = 'spent' then points else 0 end as redeemed,
        case when points_state = 'expired' then points else 0 end as expired,
        case when points_state = 'reversed' then points else 0 end as reversed
    from movements
    where moved_date is not null

),

lives as (

    select
        cast({{ dbt.date_trunc('month', 'lot_date') }} as date) as cohort_month,
        case
            when count(*) = count(expires_on)
                then cast(max({{ dbt.datediff('lot_date', 'expires_on', 'month') }}) as bigint)
        end as life_months
    from movements
    group by cast({{ dbt.date_trunc('month', 'lot_date') }} as date)

)

select
    moved.cohort_month,
    moved.movement_month,
    max(lives.life_months) as life_months,
    cast(sum(moved.earned) as double) as earned,
    cast(sum(moved.redeemed) as double) as redeemed,
    cast(sum(moved.expired) as double) as expired,
    cast(sum(moved.reversed) as double) as reversed
from moved
inner join lives
    on moved.cohort_month = lives.cohort_month
cross join as_of
where moved.movement_month < as_of.first_open_month
group by
    moved.cohort_month,
    moved.movement_month
