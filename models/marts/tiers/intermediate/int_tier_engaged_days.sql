{#- Days on which a customer did something besides buying. What is sent to a customer is no
    engagement, and several records of one day are one day engaged. -#}
with touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where customer_id is not null

),

activity as (

    select * from {{ ref('stg_crm__activity') }}
    where coalesce(activity_count, 1) > 0

),

surveys as (

    select * from {{ ref('stg_service__surveys') }}
    where
        customer_id is not null
        and score is not null

),

coupon_redemptions as (

    select * from {{ ref('stg_marketing__coupon_redemptions') }}

),

kinds as (

    select * from {{ ref('engagement_kinds') }}
    where engagement <> 'messages_sent'

)

select
    touchpoints.customer_id,
    touchpoints.touch_date as engaged_on
from touchpoints
inner join kinds
    on
        touchpoints.touch_type = kinds.kind
        and kinds.source = 'touchpoint'

union distinct

select
    customer_id,
    activity_date as engaged_on
from activity

union distinct

select
    customer_id,
    cast(responded_at as date) as engaged_on
from surveys

union distinct

select
    customer_id,
    redeemed_on as engaged_on
from coupon_redemptions
