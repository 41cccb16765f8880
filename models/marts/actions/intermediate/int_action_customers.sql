{#- What the rules of actions may ask of a customer, in one row. -#}
with lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

churn as (

    select * from {{ ref('customer_churn') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

),

points as (

    select * from {{ ref('customer_points') }}

),

tiers as (

    select * from {{ ref('loyalty_tiers') }}

),

satisfaction as (

    select * from {{ ref('customer_satisfaction') }}

),

win_back as (

    select * from {{ ref('win_back_candidates') }}

),

suggestions as (

    select * from {{ ref('customer_next_category') }}
    where category is not null

),

occasions as (

    select * from {{ ref('int_care_occasions') }}

),

suggested as (

    select
        customer_id,
        count(case when kind = 'again' and is_due then 1 end) as categories_due,
        min(case when kind = 'again' and is_due then suggestion_rank end) as due_rank,
        count(case when kind = 'new' then 1 end) as categories_to_offer
    from suggestions
    group by customer_id

),

care as (

    select
        customer_id,
        min(case when occasion = 'birthday_week' then care_date end) as birthday_care_date,
        min(case when occasion = 'holiday' then care_date end) as holiday_date
    from occasions
    group by customer_id

)

select
    lifecycle.customer_id,
    lifecycle.as_of_date,
    lifecycle.lifecycle_stage,
    coalesce(lifecycle.lost_source = 'account_closed', false) as is_closed,
    customer_values.value_tier,
    churn.churn_band,
    lifecycle.purchases_to_date as purchases,
    lifecycle.days_since_last_purchase as days_since_purchase,
    {{ dbt.datediff('customers.first_seen_date', 'lifecycle.as_of_date', 'day') }} as days_known,
    churn.gap_multiple,
    {{ dbt.datediff('lifecycle.as_of_date', 'care.birthday_care_date', 'day') }}
        as days_to_birthday,
    {{ dbt.datediff('lifecycle.as_of_date', 'care.holiday_date', 'day') }} as days_to_holiday,
    coalesce(suggested.categories_due, 0) as categories_due,
    coalesce(suggested.categories_to_offer, 0) as categories_to_offer,
    case
        when tiers.is_open and tiers.next_tier is not null
            then
                least(
                    {% for criterion in ['points', 'spend'] %}
                        coalesce(
                            1.0e0 * tiers.missing_{{ criterion }} / nullif(
                                tiers.missing_{{ criterion }} + tiers.qualifying_{{ criterion }}, 0
                            ),
                            1
                        ){{ "," if not loop.last }}
                    {% endfor %}
                )
    end as tier_gap_share,
    tiers.next_tier,
    points.expiring_soon_points as points_expiring,
    case when satisfaction.is_to_be_called then 1 else 0 end as is_to_be_called,
    case when win_back.win_back_action <> 'none' then 1 else 0 end as is_won_back_by_something,
    win_back.win_back_action,
    due.category as due_category,
    offered.category as offered_category,
    customers.has_marketing_consent,
    customers.preferred_channel_id
from lifecycle
inner join customers
    on lifecycle.customer_id = customers.customer_id
left join churn
    on lifecycle.customer_id = churn.customer_id
left join customer_values
    on lifecycle.customer_id = customer_values.customer_id
left join points
    on lifecycle.customer_id = points.customer_id
left join tiers
    on lifecycle.customer_id = tiers.customer_id
left join satisfaction
    on lifecycle.customer_id = satisfaction.customer_id
left join win_back
    on lifecycle.customer_id = win_back.customer_id
left join suggested
    on lifecycle.customer_id = suggested.customer_id
left join suggestions as due
    on
        lifecycle.customer_id = due.customer_id
        and due.kind = 'again'
        and suggested.due_rank = due.suggestion_rank
left join suggestions as offered
    on
        lifecycle.customer_id = offered.customer_id
        and offered.kind = 'new'
        and offered.suggestion_rank = 1
left join care
    on lifecycle.customer_id = care.customer_id
