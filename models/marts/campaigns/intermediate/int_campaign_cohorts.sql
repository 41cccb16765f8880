{#- When customers were first chosen, by period, for effects over time: of campaigns that reach
    their customers one after another, week by week; and of all campaigns together, where no
    group was held back from them all, in periods of four weeks. At most so many customers,
    sampled by hash, who bought in the first periods. One row per campaign and customer. -#}
with windows as (

    select * from {{ ref('int_campaign_windows') }}

),

targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}
    where not is_control

),

customers as (

    select
        customer_id,
        first_order_date
    from {{ ref('dim_customers') }}
    where first_order_date is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

data_days as (

    select min(first_order_date) as first_date
    from customers

),

targeted as (

    select
        targets.campaign_id,
        targets.customer_id,
        coalesce(targets.targeted_on, windows.start_date) as targeted_on
    from targets
    inner join windows
        on targets.campaign_id = windows.campaign_id

),

programmes as (

    select
        count(*) as campaigns,
        count(case when is_global_holdout then 1 end) as holdouts
    from windows
    where design <> 'none'

),

spans as (

    select
        windows.campaign_id,
        7 as period_days,
        cast(
            {{ dbt.dateadd(
                'day', '-7 * ' ~ var('campaign_baseline_weeks'), 'windows.start_date'
            ) }} as date
        )
            as first_date,
        cast(
            floor(
                ({{ dbt.datediff('windows.start_date', 'windows.measured_until', 'day') }} + 1)
                / 7.0e0
            ) as integer
        )
        + {{ var('campaign_baseline_weeks') }} as periods
    from windows
    where windows.design = 'staggered'

    union all

    select
        'programme' as campaign_id,
        28 as period_days,
        data_days.first_date,
        cast(
            least(
                floor({{ dbt.datediff('data_days.first_date', 'as_of.as_of_date', 'day') }} / 28e0),
                {{ var('campaign_programme_periods') }}
            ) as integer
        ) as periods
    from data_days
    cross join as_of
    cross join programmes
    where
        programmes.holdouts = 0
        and programmes.campaigns >= {{ var('campaign_programme_min_campaigns') }}

),

dated as (

    select
        spans.campaign_id,
        spans.period_days,
        spans.periods,
        case
            when spans.campaign_id = 'programme'
                then
                    cast(
                        {{ dbt.dateadd('day', '-28 * spans.periods', 'as_of.as_of_date') }} as date
                    )
            else spans.first_date
        end as first_date
    from spans
    cross join as_of
    where spans.periods > 3

),

first_targets as (

    select
        campaign_id,
        customer_id,
        min(targeted_on) as targeted_on
    from targeted
    group by
        campaign_id,
        customer_id

    union all

    select
        'programme' as campaign_id,
        customer_id,
        min(targeted_on) as targeted_on
    from targeted
    group by customer_id

),

known as (

    select
        dated.campaign_id,
        dated.period_days,
        dated.periods,
        dated.first_date,
        customers.customer_id,
        first_targets.targeted_on,
        row_number() over (
            partition by dated.campaign_id
            order by {{ dbt.hash('customers.customer_id') }}, customers.customer_id
        ) as draw
    from dated
    inner join customers
        on
            customers.first_order_date
            < {{ dbt.dateadd('day', '3 * dated.period_days', 'dated.first_date') }}
    left join first_targets
        on
            dated.campaign_id = first_targets.campaign_id
            and customers.customer_id = first_targets.customer_id

)

select
    campaign_id,
    period_days,
    periods,
    first_date,
    customer_id,
    case
        when targeted_on is not null
            then
                cast(
                    greatest(
                        floor(
                            {{ dbt.datediff('first_date', 'targeted_on', 'day') }}
                            / (1.0e0 * period_days)
                        ),
                        0
                    ) as integer
                )
    end as cohort
from known
where draw <= {{ var('campaign_cohort_customers') }}
