with deliveries as (

    select * from {{ ref('int_order_deliveries') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

counted as (

    select
        order_month,
        channel_id,
        store_id,
        count(case when is_promised then 1 end) as promised_count,
        count(case when is_promised and is_delivered then 1 end) as delivered_count,
        count(case when is_overdue then 1 end) as overdue_count,
        count(case when not is_promised then 1 end) as delivered_without_promise_count,
        count(case when is_late_by_clock then 1 end) as late_by_clock_count,
        count(case when is_late_by_day then 1 end) as late_by_day_count,
        sum(case when is_late_by_day then days_late else 0 end) as days_late_total,
        sum(coalesce(delivery_hours, 0)) as delivery_hours_total,
        {{ percentile('delivery_hours', 0.5) }} as delivery_hours_median,
        {{ percentile('delivery_hours', 0.9) }} as delivery_hours_p90
    from deliveries
    group by
        order_month,
        channel_id,
        store_id

),

shared as (

    select
        counted.*,
        late_by_clock_count / cast(nullif(delivered_count, 0) as double) as late_by_clock_share,
        late_by_day_count / cast(nullif(delivered_count, 0) as double) as late_by_day_share
    from counted

)

select
    shared.order_month,
    shared.channel_id,
    shared.store_id,
    as_of.as_of_date,
    cast(shared.promised_count as bigint) as promised_count,
    cast(shared.delivered_count as bigint) as delivered_count,
    cast(shared.overdue_count as bigint) as overdue_count,
    cast(shared.promised_count - shared.delivered_count - shared.overdue_count as bigint)
        as not_due_count,
    cast(shared.delivered_without_promise_count as bigint) as delivered_without_promise_count,
    cast(shared.late_by_clock_count as bigint) as late_by_clock_count,
    cast(shared.late_by_clock_share as double) as late_by_clock_share,
    cast({{ wilson_bound('shared.late_by_clock_share', 'shared.delivered_count', '-') }} as double)
        as late_by_clock_share_low,
    cast({{ wilson_bound('shared.late_by_clock_share', 'shared.delivered_count', '+') }} as double)
        as late_by_clock_share_high,
    cast(shared.late_by_day_count as bigint) as late_by_day_count,
    cast(shared.late_by_day_share as double) as late_by_day_share,
    cast({{ wilson_bound('shared.late_by_day_share', 'shared.delivered_count', '-') }} as double)
        as late_by_day_share_low,
    cast({{ wilson_bound('shared.late_by_day_share', 'shared.delivered_count', '+') }} as double)
        as late_by_day_share_high,
    cast(shared.days_late_total as bigint) as days_late_total,
    cast(shared.delivery_hours_total as bigint) as delivery_hours_total,
    cast(shared.delivery_hours_median as bigint) as delivery_hours_median,
    cast(shared.delivery_hours_p90 as bigint) as delivery_hours_p90,
    case
        when shared.promised_count = 0 then 'nothing_promised'
        when shared.delivered_count = 0 then 'nothing_delivered'
    end as on_time_reason
from shared
cross join as_of
