with month_ends as (

    select * from {{ ref('int_customer_rfm_scored') }}
    where is_month_end

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

with_previous as (

    select
        month_ends.*,
        lag(month_ends.segment) over (
            partition by month_ends.customer_id order by month_ends.snapshot_date
        ) as previous_segment,
        lag(month_ends.r_score) over (
            partition by month_ends.customer_id order by month_ends.snapshot_date
        ) as previous_r_score,
        lag(month_ends.f_score) over (
            partition by month_ends.customer_id order by month_ends.snapshot_date
        ) as previous_f_score,
        lag(month_ends.m_score) over (
            partition by month_ends.customer_id order by month_ends.snapshot_date
        ) as previous_m_score
    from month_ends

),

-- The group the customer would be in had only one of the three scores changed.
with_alternatives as (

    select
        with_previous.*,
        with_previous.previous_segment is not null
        and with_previous.segment <> with_previous.previous_segment as is_segment_change,
        by_recency.segment as segment_by_recency,
        by_frequency.segment as segment_by_frequency,
        by_monetary.segment as segment_by_monetary
    from with_previous
    left join segments as by_recency
        on
            with_previous.r_score = by_recency.r_score
            and with_previous.previous_f_score + with_previous.previous_m_score
            = 2 * by_recency.fm_score
    left join segments as by_frequency
        on
            with_previous.previous_r_score = by_frequency.r_score
            and with_previous.f_score + with_previous.previous_m_score = 2 * by_frequency.fm_score
    left join segments as by_monetary
        on
            with_previous.previous_r_score = by_monetary.r_score
            and with_previous.previous_f_score + with_previous.m_score = 2 * by_monetary.fm_score

),

with_causes as (

    select
        with_alternatives.*,
        concat(
            case
                when with_alternatives.segment_by_recency = with_alternatives.segment
                    then 'recency '
                else ''
            end,
            case
                when with_alternatives.segment_by_frequency = with_alternatives.segment
                    then 'frequency '
                else ''
            end,
            case
                when with_alternatives.segment_by_monetary = with_alternatives.segment
                    then 'monetary'
                else ''
            end
        ) as sufficient_scores
    from with_alternatives

)

select
    customer_id,
    snapshot_date as month_end,
    last_purchase_date,
    recency_days,
    frequency,
    monetary_value,
    is_in_window,
    r_score,
    f_score,
    m_score,
    fm_score,
    segment,
    previous_segment,
    previous_r_score,
    previous_f_score,
    previous_m_score,
    is_segment_change,
    case
        when previous_segment is null then 'first_purchase'
        when not is_segment_change then null
        when sufficient_scores = '' then 'combined'
        else replace(trim(sufficient_scores), ' ', '_or_')
    end as movement_cause
from with_causes
