{#- What customers did in the days of a campaign that held some back (_y), and before it (_x).
    Who was chosen counts, reached or not: only the choice was random. -#}
with windows as (

    select
        campaign_id,
        start_date,
        measured_until,
        measured_days,
        is_global_holdout and targeted_customers = 0 as is_against_everybody,
        cast({{ dbt.dateadd('day', -1 * var('campaign_before_days'), 'start_date') }} as date)
            as before_date
    from {{ ref('int_campaign_windows') }}
    where
        design = 'randomised'
        and measured_days > 0

),

targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}

),

sales as (

    select * from {{ ref('int_campaign_sales') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        touch_type = 'visit'
        and customer_id is not null

),

surveys as (

    select * from {{ ref('stg_service__surveys') }}
    where
        survey_type = 'csat'
        and coalesce(dimension, 'overall') = 'overall'
        and customer_id is not null
        and scale_max > 0

),

customers as (

    select * from {{ ref('dim_customers') }}

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

recorded as (

    select
        (select count(*) > 0 from touchpoints) as has_visits,
        (select count(contribution) > 0 from sales) as has_contribution,
        (select count(registered_date) > 0 from customers) as has_registrations

),

assigned_targets as (

    select
        targets.campaign_id,
        targets.customer_id,
        not targets.is_control as is_treated,
        case when targets.is_control then 'control' else coalesce(targets.variant, 'treated') end
            as arm,
        windows.start_date,
        windows.measured_until,
        windows.before_date
    from targets
    inner join windows
        on targets.campaign_id = windows.campaign_id

),

everybody_else as (

    select
        windows.campaign_id,
        customers.customer_id,
        true as is_treated,
        'treated' as arm,
        windows.start_date,
        windows.measured_until,
        windows.before_date
    from windows
    cross join customers
    left join targets
        on
            windows.campaign_id = targets.campaign_id
            and customers.customer_id = targets.customer_id
    where
        windows.is_against_everybody
        and customers.is_known
        and targets.customer_id is null

),

assigned as (

    select * from assigned_targets

    union all

    select * from everybody_else

),

bought as (

    select
        assigned.campaign_id,
        assigned.customer_id,
    {% for side, condition in [('y', '>='), ('x', '<')] %}
    {% for outcome in ['orders', 'revenue', 'contribution'] %}
        sum(
            case
                when sales.order_date {{ condition }} assigned.start_date then sales.{{ outcome }}
            end
        )
            as {{ outcome }}_{{ side }}{{ "," if not (loop.last and side == 'x') }}
    {% endfor %}
    {% endfor %}
    from assigned
    inner join sales
        on
            assigned.customer_id = sales.customer_id
            and sales.order_date between assigned.before_date and assigned.measured_until
    group by
        assigned.campaign_id,
        assigned.customer_id

),

visited as (

    select
        assigned.campaign_id,
        assigned.customer_id,
        max(case when touchpoints.touch_date >= assigned.start_date then 1 else 0 end) as visited_y,
        max(case when touchpoints.touch_date < assigned.start_date then 1 else 0 end) as visited_x
    from assigned
    inner join touchpoints
        on
            assigned.customer_id = touchpoints.customer_id
            and touchpoints.touch_date between assigned.before_date and assigned.measured_until
    group by
        assigned.campaign_id,
        assigned.customer_id

),

answered as (

    select
        assigned.campaign_id,
        assigned.customer_id,
        avg(cast(surveys.score as double) / surveys.scale_max) as satisfaction_y
    from assigned
    inner join surveys
        on
            assigned.customer_id = surveys.customer_id
            and cast(surveys.responded_at as date)
            between assigned.start_date and assigned.measured_until
    group by
        assigned.campaign_id,
        assigned.customer_id

),

enrolled as (

    select
        customer_id,
        min(enrolled_on) as enrolled_on
    from accounts
    group by customer_id

),

-- Who was registered before cannot register again.
registered as (

    select
        assigned.campaign_id,
        assigned.customer_id,
        case
            when
                coalesce(enrolled.enrolled_on, customers.registered_date)
                between assigned.start_date and assigned.measured_until
                then 1
            else 0
        end as registered_y
    from assigned
    left join customers
        on assigned.customer_id = customers.customer_id
    left join enrolled
        on assigned.customer_id = enrolled.customer_id
    cross join recorded
    where
        (recorded.has_registrations or enrolled.enrolled_on is not null)
        and coalesce(enrolled.enrolled_on, customers.registered_date, assigned.start_date)
        >= assigned.start_date

)

select
    assigned.campaign_id,
    assigned.customer_id,
    assigned.is_treated,
    assigned.arm,
    assigned.start_date,
    case when recorded.has_visits then cast(coalesce(visited.visited_y, 0) as double) end
        as visited_y,
    cast(coalesce(visited.visited_x, 0) as double) as visited_x,
    case when bought.orders_y > 0 then 1.0 else 0.0 end as bought_y,
    case when bought.orders_x > 0 then 1.0 else 0.0 end as bought_x,
    cast(coalesce(bought.orders_y, 0) as double) as orders_y,
    cast(coalesce(bought.orders_x, 0) as double) as orders_x,
    coalesce(bought.revenue_y, 0.0) as revenue_y,
    coalesce(bought.revenue_x, 0.0) as revenue_x,
    case when recorded.has_contribution then coalesce(bought.contribution_y, 0.0) end
        as contribution_y,
    coalesce(bought.contribution_x, 0.0) as contribution_x,
    answered.satisfaction_y,
    cast(0 as double) as satisfaction_x,
    cast(registered.registered_y as double) as registered_y,
    cast(0 as double) as registered_x
from assigned
cross join recorded
left join bought
    on
        assigned.campaign_id = bought.campaign_id
        and assigned.customer_id = bought.customer_id
left join visited
    on
        assigned.campaign_id = visited.campaign_id
        and assigned.customer_id = visited.customer_id
left join answered
    on
        assigned.campaign_id = answered.campaign_id
        and assigned.customer_id = answered.customer_id
left join registered
    on
        assigned.campaign_id = registered.campaign_id
        and assigned.customer_id = registered.customer_id
