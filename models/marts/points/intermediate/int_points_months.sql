{#- Months from the first entry of the ledger to the last day observed, with what moved in each and
    what is there at its end. A debt is there from the entry that makes it until a lot pays it. -#}
{%- set month_of = "cast(" ~ dbt.date_trunc('month', '{0}') ~ " as date)" -%}
with movements as (

    select * from {{ ref('int_points_movements') }}

),

rates as (

    select * from {{ ref('stg_points__rates') }}

),

as_of as (

    select
        as_of_date,
        cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date) as last_day
    from {{ ref('as_of') }}

),

numbers as (

    select * from {{ ref('numbers') }}

),

waits as (

    select
        points,
        least(spendable_on, coalesce(moved_date, spendable_on)) as ended_on
    from movements
    where
        lot_entry_id is not null
        and spendable_on > lot_date

),

changes as (

    select
        {{ month_of.replace('{0}', 'lot_date') }} as month_start,
        case when lot_type = 'opening' then points else 0 end as opening_points,
        case when lot_type = 'earned' then points else 0 end as earned_points,
        case when lot_type = 'adjusted' then points else 0 end as adjusted_points,
        case when lot_type = 'restored' then points else 0 end as restored_points,
        0 as spent_points,
        0 as expired_points,
        0 as reversed_points,
        0 as redeemed_never_earned_points,
        0 as never_earned_points,
        0 as spent_after_expiry_points,
        0 as owed_points,
        case when spendable_on > lot_date then points else 0 end as pending_points,
        cast(0 as decimal(18, 2)) as redemption_cost,
        0 as redeemed_points_with_cost
    from movements
    where lot_entry_id is not null

    union all

    select
        {{ month_of.replace('{0}', 'moved_date') }} as month_start,
        0 as opening_points,
        0 as earned_points,
        0 as adjusted_points,
        0 as restored_points,
        case when points_state = 'spent' then points else 0 end as spent_points,
        case when points_state = 'expired' then points else 0 end as expired_points,
        case when points_state = 'reversed' then points else 0 end as reversed_points,
        case
            when points_state = 'never_earned' and entry_type = 'redeem' then points else 0
        end as redeemed_never_earned_points,
        case when points_state = 'never_earned' then points else 0 end as never_earned_points,
        case when is_spent_after_expiry then points else 0 end as spent_after_expiry_points,
        case when points_state = 'reversed' then -points else 0 end as owed_points,
        0 as pending_points,
        case
            when entry_type = 'redeem' then coalesce(cost_amount, 0) else 0
        end as redemption_cost,
        case
            when entry_type = 'redeem' and cost_amount is not null then points else 0
        end as redeemed_points_with_cost
    from movements
    where moved_date is not null

    union all

    select
        {{ month_of.replace('{0}', 'entered_date') }} as month_start,
        0 as opening_points,
        0 as earned_points,
        0 as adjusted_points,
        0 as restored_points,
        0 as spent_points,
        0 as expired_points,
        0 as reversed_points,
        0 as redeemed_never_earned_points,
        0 as never_earned_points,
        0 as spent_after_expiry_points,
        points as owed_points,
        0 as pending_points,
        cast(0 as decimal(18, 2)) as redemption_cost,
        0 as redeemed_points_with_cost
    from movements
    where points_state in ('reversed', 'owed')

    union all

    select
        {{ month_of.replace('{0}', 'waits.ended_on') }} as month_start,
        0 as opening_points,
        0 as earned_points,
        0 as adjusted_points,
        0 as restored_points,
        0 as spent_points,
        0 as expired_points,
        0 as reversed_points,
        0 as redeemed_never_earned_points,
        0 as never_earned_points,
        0 as spent_after_expiry_points,
        0 as owed_points,
        -waits.points as pending_points,
        cast(0 as decimal(18, 2)) as redemption_cost,
        0 as redeemed_points_with_cost
    from waits
    cross join as_of
    -- What becomes spendable later in the month that is not over is still pending.
    where waits.ended_on <= as_of.last_day

),

flows as (

    select
        month_start,
        sum(opening_points) as opening_points,
        sum(earned_points) as earned_points,
        sum(adjusted_points) as adjusted_points,
        sum(restored_points) as restored_points,
        sum(spent_points) as spent_points,
        sum(expired_points) as expired_points,
        sum(reversed_points) as reversed_points,
        sum(redeemed_never_earned_points) as redeemed_never_earned_points,
        sum(never_earned_points) as never_earned_points,
        sum(spent_after_expiry_points) as spent_after_expiry_points,
        sum(owed_points) as owed_points,
        sum(pending_points) as pending_points,
        sum(redemption_cost) as redemption_cost,
        sum(redeemed_points_with_cost) as redeemed_points_with_cost
    from changes
    group by month_start

),

first_month as (

    select min(month_start) as month_start
    from flows

),

months as (

    select
        cast({{ dbt.dateadd('month', 'numbers.number', 'first_month.month_start') }} as date)
            as month_start
    from first_month
    cross join numbers
    cross join as_of
    where
        numbers.number
        <= {{ dbt.datediff('first_month.month_start', 'as_of.last_day', 'month') }}

),

last_rate as (

    select max(evaluated_month) as evaluated_month
    from rates

),

running as (

    select
        months.month_start,
        coalesce(flows.opening_points, 0) as opening_points,
        coalesce(flows.earned_points, 0) as earned_points,
        coalesce(flows.adjusted_points, 0) as adjusted_points,
        coalesce(flows.restored_points, 0) as restored_points,
        coalesce(flows.spent_points, 0) as spent_points,
        coalesce(flows.expired_points, 0) as expired_points,
        coalesce(flows.reversed_points, 0) as reversed_points,
        coalesce(flows.redeemed_never_earned_points, 0) as redeemed_never_earned_points,
        coalesce(flows.never_earned_points, 0) as never_earned_points,
        coalesce(flows.spent_after_expiry_points, 0) as spent_after_expiry_points,
        coalesce(flows.redemption_cost, 0) as redemption_cost,
        coalesce(flows.redeemed_points_with_cost, 0) as redeemed_points_with_cost,
        sum(
            flows.opening_points + flows.earned_points + flows.adjusted_points
            + flows.restored_points - flows.spent_points - flows.expired_points
            - flows.reversed_points
        ) over course as outstanding_points,
        sum(flows.pending_points) over course as pending_points,
        sum(flows.owed_points) over course as owed_points,
        sum(flows.redemption_cost) over course as redemption_cost_to_date,
        sum(flows.redeemed_points_with_cost) over course as redeemed_points_with_cost_to_date
    from months
    left join flows
        on months.month_start = flows.month_start
    window course as (
        order by months.month_start
        rows between unbounded preceding and current row
    )

),

priced as (

    select
        running.*,
        {% if var('points_cost_per_point') is none %}
            cast(running.redemption_cost_to_date as double)
            / nullif(running.redeemed_points_with_cost_to_date, 0) as cost_per_point
        {% else %}
            cast({{ var('points_cost_per_point') }} as double) as cost_per_point
        {% endif %}
    from running

)

select
    priced.month_start,
    cast({{ dbt.dateadd('month', 1, 'priced.month_start') }} as date) <= as_of.as_of_date
        as is_complete,
    priced.opening_points,
    priced.earned_points,
    priced.adjusted_points,
    priced.restored_points,
    priced.spent_points,
    priced.expired_points,
    priced.reversed_points,
    priced.redeemed_never_earned_points,
    priced.never_earned_points,
    priced.spent_after_expiry_points,
    priced.redemption_cost,
    priced.redeemed_points_with_cost,
    coalesce(priced.outstanding_points, 0) as outstanding_points,
    coalesce(priced.pending_points, 0) as pending_points,
    coalesce(priced.owed_points, 0) as owed_points,
    priced.cost_per_point,
    {% if var('points_value_per_point') is none %}
        priced.cost_per_point as value_per_point,
    {% else %}
        cast({{ var('points_value_per_point') }} as double) as value_per_point,
    {% endif %}
    {% if var('points_redemption_rate') is none %}
        rates.redemption_rate,
        rates.redemption_rate_low,
        rates.redemption_rate_high,
        cast(null as {{ dbt.type_string() }}) as rate_basis,
        case
            when rates.redemption_rate is null then coalesce(rates.reason, 'too_few_months')
        end as rate_reason
    {% else %}
        cast({{ var('points_redemption_rate') }} as double) as redemption_rate,
        cast(null as double) as redemption_rate_low,
        cast(null as double) as redemption_rate_high,
        'given' as rate_basis,
        cast(null as {{ dbt.type_string() }}) as rate_reason
    {% endif %}
from priced
cross join as_of
cross join last_rate
left join rates
    on least(priced.month_start, last_rate.evaluated_month) = rates.evaluated_month
