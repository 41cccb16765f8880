{#- Customers whom the retailer knew before the first sale of the data: what looks like their first
    purchase is not. Their profile, points and coupons say that they had bought, a registration or an
    account only that they may have: it must be older. -#}
with profiles as (

    select * from {{ ref('stg_crm__customers') }}

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

ledger_days as (

    select * from {{ ref('int_customer_ledger_days') }}

),

orders as (

    select * from {{ ref('int_orders_classified') }}

),

first_sale as (

    select min(order_date) as first_sale_date
    from orders
    where invalid_reason is null

),

records as (

    select
        customer_id,
        ledger_date as recorded_on,
        ledger_source as record_source,
        case ledger_source when 'points' then 1 else 2 end as source_rank,
        true as is_purchase
    from ledger_days

    union all

    -- Orders that have no date in the profile were before any that has landed.
    select
        profiles.customer_id,
        coalesce(
            profiles.first_order_date,
            profiles.prior_last_order_date,
            {{ dbt.dateadd('day', -1, 'first_sale.first_sale_date') }}
        ) as recorded_on,
        'profile' as record_source,
        0 as source_rank,
        true as is_purchase
    from profiles
    cross join first_sale
    where
        profiles.first_order_date is not null
        or profiles.prior_last_order_date is not null
        or profiles.prior_orders > 0

    union all

    select
        customer_id,
        enrolled_on as recorded_on,
        'loyalty_account' as record_source,
        3 as source_rank,
        false as is_purchase
    from accounts

    union all

    select
        customer_id,
        cast(registered_at as date) as recorded_on,
        'registration' as record_source,
        4 as source_rank,
        false as is_purchase
    from profiles

),

ranked as (

    select
        records.customer_id,
        records.record_source,
        records.is_purchase,
        first_sale.first_sale_date,
        row_number() over (partition by records.customer_id order by records.source_rank)
            as record_number
    from records
    cross join first_sale
    where
        records.recorded_on < first_sale.first_sale_date
        and (
            records.is_purchase
            or records.recorded_on
            < {{ dbt.dateadd('day', -1 * var('prior_history_days'), 'first_sale.first_sale_date') }}
        )

)

select
    customer_id,
    record_source as prior_history_source,
    is_purchase as is_prior_buyer,
    first_sale_date
from ranked
where record_number = 1
