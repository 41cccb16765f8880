{#- Segments of every customer by every scheme. Clusters of another as-of date know too much or too
    little: they count as missing. -#}
with customers as (

    select
        *,
        -- 45-54, 65+, under 25, <25: the first number, or else the one before the last.
        coalesce(
            {{ two_digit_number('substring(age_band, 1, 2)') }},
            {{ two_digit_number('substring(age_band, length(age_band) - 1, 2)') }} - 1
        ) as age,
        case
            when substring(children_count, 1, 1) between '1' and '9' then true
            when substring(children_count, 1, 1) = '0' then false
        end as has_children
    from {{ ref('dim_customers') }}

),

clusters as (

    select * from {{ ref('stg_segments__customer_clusters') }}

),

shopping as (

    select * from {{ ref('int_customer_shopping') }}
    where snapshot = 'current'

),

benefits as (

    select * from {{ ref('int_customer_benefits') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    customers.customer_id,
    as_of.as_of_date,
    coalesce(clusters.segment, 'none') as behavioural_segment,
    clusters.strength as behavioural_strength,
    case
        when clusters.segment is not null then null
        when shopping.customer_id is null then 'no_purchases'
        when clusters.customer_id is null then 'not_run'
        else clusters.reason
    end as behavioural_reason,
    clusters.earlier_segment as earlier_behavioural_segment,
    clusters.segment <> clusters.earlier_segment as has_moved,
    case
        when customers.age >= {{ var('segment_senior_from_age') }} and customers.age < 100
            then 'senior'
        when
            customers.age >= {{ var('segment_middle_from_age') }}
            and customers.age < {{ var('segment_senior_from_age') }}
            then case when customers.has_children then 'middle_family' else 'middle' end
        when customers.age >= 14 and customers.age < {{ var('segment_middle_from_age') }}
            then case when customers.has_children then 'young_family' else 'young' end
        when customers.has_children then 'family'
        else 'unknown'
    end as demographic_segment,
    coalesce(customer_values.value_tier, 'not_scored') as value_tier,
    coalesce(benefits.benefit_segment, 'none') as benefit_segment,
    case
        when lifecycle.lifecycle_stage in ('lost', 'dormant') then 'lapsed'
        when lifecycle.lifecycle_stage = 'declining' then 'wavering'
        when lifecycle.lifecycle_stage in ('new', 'reactivated') then 'new'
        when
            lifecycle.lifecycle_stage in ('growing', 'mature')
            and rfm.f_score >= {{ var('segment_loyal_f_score') }}
            then 'loyal'
        when lifecycle.lifecycle_stage in ('growing', 'mature') then 'regular'
        else 'prospect'
    end as loyalty_segment,
    coalesce(shopping.order_count, 0) as order_count,
    shopping.net_revenue,
{% for feature in segment_features() %}
    clusters.{{ feature }}{{ "," if not loop.last }}
{% endfor %}
from customers
cross join as_of
left join shopping
    on customers.customer_id = shopping.customer_id
left join clusters
    on
        customers.customer_id = clusters.customer_id
        and as_of.as_of_date = clusters.as_of_date
left join benefits
    on customers.customer_id = benefits.customer_id
left join customer_values
    on customers.customer_id = customer_values.customer_id
left join rfm
    on customers.customer_id = rfm.customer_id
left join lifecycle
    on customers.customer_id = lifecycle.customer_id
