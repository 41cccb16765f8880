{#- The days in which something may have made a customer leave: those up to the last visit. Beside
    them the same days before visits after which customers stayed, one in each quarter of each
    customer, so that a bad season is not taken for a reason. Customers are sampled by hash. -#}
with lapsed as (

    select * from {{ ref('int_lapsed_customers') }}
    where last_purchase_date is not null

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

stages as (

    select * from {{ ref('dim_lifecycle_stages') }}

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}
    where valid_until is null

),

stayers as (

    select
        lifecycle.customer_id,
        lifecycle.dormant_after_days,
        row_number() over (order by {{ dbt.hash('lifecycle.customer_id') }}, lifecycle.customer_id)
            as sample_number
    from lifecycle
    inner join stages
        on lifecycle.lifecycle_stage = stages.lifecycle_stage
    where stages.is_active

),

visits as (

    select
        stayers.customer_id,
        stayers.dormant_after_days,
        purchase_days.purchase_date,
        cast({{ dbt.date_trunc('quarter', 'purchase_days.purchase_date') }} as date)
            as quarter_start_date,
        lead(purchase_days.purchase_date)
            over (partition by stayers.customer_id order by purchase_days.purchase_date)
            as next_purchase_date
    from stayers
    inner join purchase_days
        on stayers.customer_id = purchase_days.customer_id
    where stayers.sample_number <= {{ var('churn_reason_max_stayers') }}

),

stayed as (

    select
        customer_id,
        purchase_date,
        quarter_start_date,
        row_number() over (
            partition by customer_id, quarter_start_date
            order by
                {{ dbt.hash(dbt.concat(["customer_id", "purchase_date"])) }},
                purchase_date
        ) as visit_number
    from visits
    where
        next_purchase_date is not null
        and {{ dbt.datediff('purchase_date', 'next_purchase_date', 'day') }} < dormant_after_days

),

joined as (

    select
        customer_id,
        case lifecycle_stage when 'lost' then 'left' else 'silent' end as window_of,
        last_purchase_date as visit_date
    from lapsed

    union all

    select
        customer_id,
        'stayed' as window_of,
        purchase_date as visit_date
    from stayed
    where visit_number = 1

)

select
    customer_id,
    window_of,
    visit_date,
    cast({{ dbt.date_trunc('quarter', 'visit_date') }} as date) as quarter_start_date,
    cast(
        {{ dbt.dateadd('day', -1 * var('churn_reason_window_days'), 'visit_date') }} as date
    ) as from_date,
    cast(
        {{ dbt.dateadd('day', -1 * var('churn_reason_told_days'), 'visit_date') }} as date
    ) as told_from_date,
    cast({{ dbt.dateadd('day', var('churn_reason_told_days'), 'visit_date') }} as date)
        as told_until_date,
    cast(
        {{ dbt.dateadd('day', -1 * var('churn_reason_price_days'), 'visit_date') }} as date
    ) as priced_from_date
from joined
