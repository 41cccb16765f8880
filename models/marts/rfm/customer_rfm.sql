with customers as (

    select * from {{ ref('dim_customers') }}

),

scored as (

    select * from {{ ref('int_customer_rfm_scored') }}
    where is_current

),

labels as (

    select * from {{ ref('rfm_segment_labels') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

joined as (

    select
        customers.customer_id,
        as_of.as_of_date,
        scored.last_purchase_date,
        scored.recency_days,
        scored.frequency,
        scored.monetary_value,
        scored.is_in_window,
        scored.r_score,
        scored.f_score,
        scored.m_score,
        scored.fm_score,
        case when scored.customer_id is null then 'prospects' else scored.segment end as segment
    from customers
    cross join as_of
    left join scored
        on customers.customer_id = scored.customer_id

)

select
    joined.customer_id,
    joined.as_of_date,
    joined.last_purchase_date,
    joined.recency_days,
    joined.frequency,
    joined.monetary_value,
    joined.is_in_window,
    joined.r_score,
    joined.f_score,
    joined.m_score,
    joined.fm_score,
    joined.segment,
    labels.segment_rank,
    labels.label_en as segment_label_en,
    labels.label_zh as segment_label_zh
from joined
left join labels
    on joined.segment = labels.segment
