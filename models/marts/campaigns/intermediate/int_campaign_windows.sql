{#- The days over which a campaign is measured, and what its data allow to compare. A campaign ends
    where the next one reaches at least half of its customers: from then on the two cannot be told
    apart. -#}
with campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

planned as (

    select
        campaigns.campaign_id,
        campaigns.start_date,
        least(
            coalesce(
                campaigns.end_date,
                cast(
                    {{ dbt.dateadd(
                        'day', var('campaign_default_days') ~ ' - 1', 'campaigns.start_date'
                    ) }} as date
                )
            ),
            cast({{ dbt.dateadd('day', -1, 'as_of.as_of_date') }} as date)
        ) as planned_until,
        campaigns.targeted_customers,
        campaigns.control_customers
    from campaigns
    cross join as_of

),

-- Pairs of campaigns of which the second starts in the days of the first, by customers of both.
shared as (

    select
        planned.campaign_id,
        later.campaign_id as later_campaign_id,
        later.start_date as later_start_date,
        count(*) as shared_customers,
        count(case when targets.is_control then 1 end) as shared_control,
        count(case when targets.is_control and not later_targets.is_control then 1 end)
            as treated_later_control,
        count(case when not targets.is_control and not later_targets.is_control then 1 end)
            as treated_later_treated
    from planned
    inner join planned as later
        on
            later.start_date between planned.start_date and planned.planned_until
            and planned.campaign_id <> later.campaign_id
    inner join targets
        on planned.campaign_id = targets.campaign_id
    inner join targets as later_targets
        on
            later.campaign_id = later_targets.campaign_id
            and targets.customer_id = later_targets.customer_id
    group by
        planned.campaign_id,
        later.campaign_id,
        later.start_date

),

-- A holdout from all campaigns: others run in its days and leave its control group alone. Where it
-- names nobody else, everybody else is what it is compared with.
programmes as (

    select
        planned.campaign_id,
        count(distinct later.campaign_id) >= {{ var('campaign_programme_min_campaigns') }}
        and planned.control_customers > 0
        and coalesce(sum(shared.treated_later_control), 0) * 100 <= planned.control_customers
        and (planned.targeted_customers = 0 or coalesce(sum(shared.treated_later_treated), 0) > 0)
            as is_global_holdout
    from planned
    inner join planned as later
        on
            later.start_date between planned.start_date and planned.planned_until
            and planned.campaign_id <> later.campaign_id
    left join shared
        on
            planned.campaign_id = shared.campaign_id
            and later.campaign_id = shared.later_campaign_id
    group by
        planned.campaign_id,
        planned.targeted_customers,
        planned.control_customers

),

cut_by_next as (

    select
        shared.campaign_id,
        min(shared.later_start_date) as next_start_date
    from shared
    inner join planned
        on shared.campaign_id = planned.campaign_id
    where
        shared.later_start_date > planned.start_date
        and 2 * shared.shared_customers >= planned.targeted_customers + planned.control_customers
    group by shared.campaign_id

),

target_weeks as (

    select
        targets.campaign_id,
        count(distinct {{ dbt.date_trunc('week', 'targets.targeted_on') }}) as target_weeks
    from targets
    where not targets.is_control
    group by targets.campaign_id

),

measured as (

    select
        planned.campaign_id,
        planned.start_date,
        planned.targeted_customers,
        planned.control_customers,
        coalesce(programmes.is_global_holdout, false) as is_global_holdout,
        coalesce(target_weeks.target_weeks, 0) as target_weeks,
        case
            when coalesce(programmes.is_global_holdout, false) then planned.planned_until
            else
                least(
                    planned.planned_until,
                    cast(
                        {{ dbt.dateadd(
                            'day', var('campaign_max_days') ~ ' - 1', 'planned.start_date'
                        ) }} as date
                    ),
                    coalesce(
                        cast({{ dbt.dateadd('day', -1, 'cut_by_next.next_start_date') }} as date),
                        planned.planned_until
                    )
                )
        end as measured_until
    from planned
    left join programmes
        on planned.campaign_id = programmes.campaign_id
    left join cut_by_next
        on planned.campaign_id = cut_by_next.campaign_id
    left join target_weeks
        on planned.campaign_id = target_weeks.campaign_id

)

select
    campaign_id,
    start_date,
    measured_until,
    cast({{ dbt.datediff('start_date', 'measured_until', 'day') }} as bigint) + 1 as measured_days,
    targeted_customers,
    control_customers,
    is_global_holdout,
    case
        when targeted_customers = 0 and not is_global_holdout then 'none'
        when control_customers > 0 then 'randomised'
        when target_weeks >= {{ var('campaign_staggered_min_weeks') }} then 'staggered'
        else 'observational'
    end as design
from measured
