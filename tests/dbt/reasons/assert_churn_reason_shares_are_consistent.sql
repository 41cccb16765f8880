select
    period_grain,
    period_start,
    reason_category
from {{ ref('churn_reasons') }}
where
    category_share_of_known < category_share_if_none_unknown
    or category_share_if_none_unknown > category_share_if_all_unknown
    or category_share_of_stated
    not between category_share_of_stated_low - 1e-9 and category_share_of_stated_high + 1e-9
    or category_share_estimated
    not between category_share_estimated_low and category_share_estimated_high

union all

select
    period_grain,
    period_start,
    '(all)' as reason_category
from {{ ref('churn_reasons') }}
group by
    period_grain,
    period_start
having
    abs(sum(share_of_departed) - 1) > 1e-6
    or abs(coalesce(sum(share_of_known), 1) - 1) > 1e-6
    or sum(customers) <> max(departed_customers)

union all

select
    'all' as period_grain,
    cast(null as date) as period_start,
    '(known)' as reason_category
from (
    select distinct
        reason_category,
        category_share_of_known_estimated
    from {{ ref('churn_reasons') }}
    where period_grain = 'all'
) as known
having abs(coalesce(sum(category_share_of_known_estimated), 1) - 1) > 1e-6
