{#- Of campaigns that held nobody back: customers chosen and others, with what they bought in the
    weeks in which they are made alike, in those after that which are the baseline, and in the
    campaign's. Shift 1 is the same before the campaign, where nothing can be found. At most so many
    customers, sampled by hash. -#}
with windows as (

    select
        campaign_id,
        start_date,
        cast(greatest(floor(measured_days / 7.0e0), 1) as integer) as weeks
    from {{ ref('int_campaign_windows') }}
    where
        design = 'observational'
        and measured_days >= 7

),

targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}

),

customers as (

    select
        customer_id,
        first_order_date
    from {{ ref('dim_customers') }}
    where first_order_date is not null

),

sales as (

    select * from {{ ref('int_campaign_sales') }}

),

data_days as (

    select min(order_date) as first_date
    from sales

),

shifts as (

    select 0 as placebo_shift

    union all

    select 1 as placebo_shift

),

shifted as (

    select
        windows.campaign_id,
        shifts.placebo_shift,
        windows.weeks,
        windows.start_date,
        windows.weeks * shifts.placebo_shift + {{ var('campaign_baseline_weeks') }}
            as baseline_weeks,
        windows.weeks * (1 - shifts.placebo_shift) as end_weeks
    from windows
    cross join shifts

),

dated as (

    select
        campaign_id,
        placebo_shift,
        weeks,
        cast({{ dbt.dateadd('day', '-7 * baseline_weeks', 'start_date') }} as date)
            as baseline_date,
        cast({{ dbt.dateadd('day', '7 * end_weeks', 'start_date') }} as date) as end_date
    from shifted

),

studied as (

    select
        campaign_id,
        placebo_shift,
        weeks,
        cast(
            {{ dbt.dateadd(
                'day', '-7 * ' ~ var('campaign_matching_weeks'), 'baseline_date'
            ) }} as date
        ) as matching_date,
        baseline_date,
        end_date
    from dated

),

covered as (

    select studied.*
    from studied
    cross join data_days
    where studied.matching_date >= data_days.first_date

),

hashed as (

    select
        customer_id,
        first_order_date,
        row_number() over (order by {{ dbt.hash('customer_id') }}, customer_id) as draw
    from customers

),

chosen as (

    select
        targets.campaign_id,
        targets.customer_id,
        customers.first_order_date,
        row_number() over (
            partition by targets.campaign_id
            order by {{ dbt.hash('targets.customer_id') }}, targets.customer_id
        ) as draw
    from targets
    inner join windows
        on targets.campaign_id = windows.campaign_id
    inner join customers
        on targets.customer_id = customers.customer_id

),

others as (

    select
        windows.campaign_id,
        hashed.customer_id,
        hashed.first_order_date
    from windows
    cross join hashed
    left join targets
        on
            windows.campaign_id = targets.campaign_id
            and hashed.customer_id = targets.customer_id
    where
        targets.customer_id is null
        and hashed.draw <= {{ var('campaign_sample_customers') }}

),

compared as (

    select
        campaign_id,
        customer_id,
        first_order_date,
        true as is_treated
    from chosen
    where draw <= {{ var('campaign_sample_customers') }}

    union all

    select
        campaign_id,
        customer_id,
        first_order_date,
        false as is_treated
    from others

),

-- Who was not there before the baseline has none.
units as (

    select
        covered.campaign_id,
        covered.placebo_shift,
        covered.weeks,
        covered.matching_date,
        covered.baseline_date,
        covered.end_date,
        compared.customer_id,
        compared.is_treated
    from covered
    inner join compared
        on
            covered.campaign_id = compared.campaign_id
            and covered.baseline_date > compared.first_order_date

)

select
    units.campaign_id,
    units.placebo_shift,
    units.weeks,
    units.customer_id,
    units.is_treated,
    case
        when sales.order_date >= units.baseline_date
            then
                cast(
                    floor(
                        {{ dbt.datediff('units.baseline_date', 'sales.order_date', 'day') }} / 7.0e0
                    )
                    as integer
                )
        else -1
    end as week,
    coalesce(sum(sales.orders), 0) as orders,
    coalesce(round(sum(sales.revenue), 2), 0) as revenue,
    round(sum(sales.contribution), 2) as contribution
from units
left join sales
    on
        units.customer_id = sales.customer_id
        and units.matching_date <= sales.order_date
        and units.end_date > sales.order_date
group by
    units.campaign_id,
    units.placebo_shift,
    units.weeks,
    units.customer_id,
    units.is_treated,
    case
        when sales.order_date >= units.baseline_date
            then
                cast(
                    floor(
                        {{ dbt.datediff('units.baseline_date', 'sales.order_date', 'day') }} / 7.0e0
                    )
                    as integer
                )
        else -1
    end
