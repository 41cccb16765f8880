{#- How often those who left had an experience, against how often they would have had it if they
    were like those who stayed after the same number of orders in the same quarter; of few who
    stayed, in any quarter, or of all. Of those who left with the experience, 1 - 1 / ratio
    would not have had it. -#}
{%- set least_stayed = var('churn_reason_min_stayed') -%}
{%- set z = 1.959963984540054 -%}

with marks as (

    select * from {{ ref('int_window_marks') }}
    where window_of in ('left', 'stayed')

),

reasons as (

    select * from {{ ref('leaving_experience_reasons') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

strata as (

    select
        experience,
        quarter_start_date,
        promised_class,
        orders_class,
        count(case when window_of = 'left' then 1 end) as left_windows,
        count(case when window_of = 'left' and has_experience then 1 end) as left_with,
        count(case when window_of = 'stayed' then 1 end) as stayed_windows,
        count(case when window_of = 'stayed' and has_experience then 1 end) as stayed_with
    from marks
    group by
        experience,
        quarter_start_date,
        promised_class,
        orders_class

),

widened as (

    select
        strata.*,
        sum(stayed_windows) over (partition by experience, promised_class, orders_class)
            as like_windows,
        sum(stayed_with) over (partition by experience, promised_class, orders_class) as like_with,
        sum(stayed_windows) over (partition by experience) as all_windows,
        sum(stayed_with) over (partition by experience) as all_with
    from strata

),

expected as (

    select
        widened.*,
        cast(left_windows as double) * case
            when stayed_windows >= {{ least_stayed }}
                then cast(stayed_with as double) / nullif(stayed_windows, 0)
            when like_windows >= {{ least_stayed }}
                then cast(like_with as double) / nullif(like_windows, 0)
            else cast(all_with as double) / nullif(all_windows, 0)
        end as expected_with
    from widened

),

summed as (

    select
        experience,
        sum(left_windows) as left_customers,
        sum(left_with) as left_with,
        sum(stayed_windows) as stayed_visits,
        sum(stayed_with) as stayed_with,
        sum(expected_with) as expected_with
    from expected
    group by experience

),

-- Half a case where nobody who stayed had it: no ratio to nothing.
compared as (

    select
        summed.*,
        cast(left_with as double) / nullif(
            greatest(
                expected_with,
                0.5 * cast(left_customers as double) / nullif(cast(stayed_visits as double), 0)
            ), 0
        ) as experience_ratio,
        sqrt(1.0 / nullif(left_with, 0) + 1.0 / greatest(cast(stayed_with as double), 0.5))
            as log_error
    from summed

),

bounded as (

    select
        compared.*,
        experience_ratio * exp(-{{ z }} * log_error) as ratio_low,
        experience_ratio * exp({{ z }} * log_error) as ratio_high
    from compared

)

select
    reasons.experience,
    as_of.as_of_date,
    reasons.reason_category,
    reasons.sub_reason,
    cast(coalesce(bounded.left_customers, 0) as bigint) as left_customers,
    cast(coalesce(bounded.left_with, 0) as bigint) as left_with,
    round(cast(bounded.left_with as double) / nullif(bounded.left_customers, 0), 9) as left_rate,
    cast(coalesce(bounded.stayed_visits, 0) as bigint) as stayed_visits,
    cast(coalesce(bounded.stayed_with, 0) as bigint) as stayed_with,
    round(cast(bounded.stayed_with as double) / nullif(bounded.stayed_visits, 0), 9)
        as stayed_rate,
    round(bounded.expected_with / nullif(cast(bounded.left_customers as double), 0), 9)
        as expected_rate,
    round(bounded.experience_ratio, 6) as experience_ratio,
    round(bounded.ratio_low, 6) as experience_ratio_low,
    round(bounded.ratio_high, 6) as experience_ratio_high,
    case
        when
            bounded.experience_ratio is not null
            then round(1 - 1 / greatest(bounded.experience_ratio, 1), 6)
    end
        as excess_share,
    case
        when bounded.ratio_low is not null then round(1 - 1 / greatest(bounded.ratio_low, 1), 6)
    end
        as excess_share_low,
    case
        when
            coalesce(bounded.left_with, 0) < {{ var('churn_reason_min_left') }}
            or coalesce(bounded.stayed_visits, 0) < {{ least_stayed }}
            then 'cannot_tell'
        when
            bounded.ratio_low > 1
            and round(1 - 1 / nullif(bounded.experience_ratio, 0), 6)
            >= {{ var('churn_reason_min_excess') }}
            then 'reason'
        else 'no_reason'
    end as experience_finding
from reasons
left join bounded
    on reasons.experience = bounded.experience
cross join as_of
