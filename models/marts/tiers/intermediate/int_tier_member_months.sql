{#- Of every member and month what the window that ends with it holds, the tier that this gives if
    the month has a review, and the tier held. A tier earned at a review holds for so many months:
    under `balance_based` it then falls to what was earned since, under `one_down` by one tier for every
    such time that has passed, and under `none` never. So what is held is the highest over all reviews
    of the tier earned there less the steps that it has fallen since. -#}
{%- set criteria = tier_criteria() -%}
with members as (

    select * from {{ ref('int_tier_members') }}

),

months as (

    select * from {{ ref('int_tier_months') }}

),

activity as (

    select * from {{ ref('int_tier_activity_months') }}

),

rules as (

    select * from {{ ref('int_tier_rules') }}
    where rule_problem is null

),

engagement as (

    select count(*) > 0 as is_recorded
    from {{ ref('int_tier_engaged_days') }}

),

sales as (

    select count(*) > 0 as is_recorded
    from {{ ref('fct_orders') }}

),

points as (

    select count(*) > 0 as is_recorded
    from {{ ref('stg_loyalty__points') }}
    where entry_type = 'earn'

),

spine as (

    select
        members.customer_id,
        months.month_start,
        months.next_month_start,
        months.month_number,
        months.is_complete,
        months.is_review,
        members.closed_on < months.next_month_start as is_left,
        -- Who enrolled before the data begin bought before, too.
        months.month_number >= {{ var('tier_window_months') }}
        or coalesce(members.enrolled_on >= first_month.month_start, false) as is_covered
    from members
    cross join months
    inner join months as first_month
        on first_month.month_number = 1
    where
        members.enrolled_on is null
        or members.enrolled_on < months.next_month_start

),

summed as (

    select
        spine.customer_id,
        spine.month_start,
        spine.next_month_start,
        spine.month_number,
        spine.is_complete,
        spine.is_review,
        coalesce(spine.is_left, false) as is_left,
        spine.is_covered,
        points.is_recorded as has_points,
        sales.is_recorded as has_sales,
        engagement.is_recorded as has_engagement,
    {% for criterion in criteria %}
        sum(coalesce(activity.{{ criterion }}, 0)) over (
            partition by spine.customer_id
            order by spine.month_number
            rows between {{ (var('tier_window_months') | int(12)) - 1 }} preceding and current row
            ) as window_{{ criterion }}{{ "," if not loop.last }}
    {% endfor %}
    from spine
    cross join sales
    cross join points
    cross join engagement
    left join activity
        on
            spine.customer_id = activity.customer_id
            and spine.month_start = activity.month_start

),

ranked as (

    select
        summed.customer_id,
        summed.month_start,
        summed.next_month_start,
        summed.month_number,
        summed.is_complete,
        summed.is_review,
        summed.is_left,
        summed.is_covered,
        case when summed.has_points then summed.window_points end as window_points,
        case when summed.has_sales then summed.window_spend end as window_spend,
        case when summed.has_sales then summed.window_orders end as window_orders,
        case when summed.has_engagement then summed.window_engaged_days end
            as window_engaged_days,
    {% for criterion in criteria %}
        case
            when
                summed.{{ {
                        'engaged_days': 'has_engagement', 'points': 'has_points'
                    }.get(criterion, 'has_sales') }}
                then {{ criterion }}_rules.tier_rank
        end as {{ criterion }}_rank{{ "," if not loop.last }}
    {% endfor %}
    from summed
    {% for criterion in criteria %}
        left join rules as {{ criterion }}_rules
            on
                {{ criterion }}_rules.criterion = '{{ criterion }}'
                and summed.window_{{ criterion }} >= {{ criterion }}_rules.from_amount
                and (
                    {{ criterion }}_rules.below_amount is null
                    or summed.window_{{ criterion }} < {{ criterion }}_rules.below_amount
                )
    {% endfor %}

),

combined as (

    select
        *,
        {{ combined_tier_rank() }} as window_rank
    from ranked

),

earned as (

    select
        *,
        case when is_review and is_covered and not is_left then window_rank end as earned_rank
    from combined

),

held as (

    select
        *,
        {{ held_tier_rank(false) }} as held_before_rank,
        {{ held_tier_rank(true) }} as held_rank,
        max(case when earned_rank is not null then month_number end) over (
            partition by customer_id order by month_number
            rows between unbounded preceding and current row
        ) as last_review_number
    from earned

)

select
    customer_id,
    month_start,
    next_month_start,
    month_number,
    is_complete,
    is_review,
    is_left,
    is_covered,
    cast(window_points as decimal(18, 2)) as window_points,
    cast(window_spend as decimal(18, 2)) as window_spend,
    cast(window_orders as bigint) as window_orders,
    cast(window_engaged_days as bigint) as window_engaged_days,
    points_rank,
    spend_rank,
    orders_rank,
    engaged_days_rank,
    window_rank,
    earned_rank,
    -- Below the lowest tier nobody falls. Who is new has it until the first review.
    case
        when is_left or window_rank is null then null
        when last_review_number is null and not is_covered then null
        else greatest(coalesce(held_before_rank, 1), 1)
    end as held_before_rank,
    case
        when is_left or window_rank is null then null
        when last_review_number is null and not is_covered then null
        else greatest(coalesce(held_rank, 1), 1)
    end as held_rank,
    last_review_number
from held
