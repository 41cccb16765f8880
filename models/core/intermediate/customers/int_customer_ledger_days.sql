{#- Days on which something other than an order says that a customer bought: points earned or used,
    a coupon handed in. -#}
with points as (

    select * from {{ ref('stg_loyalty__points') }}
    where entry_type in ('earn', 'redeem')

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

coupon_redemptions as (

    select * from {{ ref('stg_marketing__coupon_redemptions') }}

)

select
    accounts.customer_id,
    cast(points.entered_at as date) as ledger_date,
    'points' as ledger_source
from points
inner join accounts
    on points.account_id = accounts.account_id
group by
    accounts.customer_id,
    cast(points.entered_at as date)

union all

select
    customer_id,
    redeemed_on as ledger_date,
    'coupon' as ledger_source
from coupon_redemptions
group by
    customer_id,
    redeemed_on
