{#- Of every member who is one: until when the tier holds, what the window of the next review holds
    so far, and what it will hold if the customer buys as forecast. -#}
{%- set criteria = tier_criteria() -%}
{%- set review_months = var('tier_review_months') | int(12) -%}
{%- set window_months = var('tier_window_months') | int(12) -%}

with members as (

    select * from {{ ref('int_tier_members') }}
    where is_open

),

months as (

    select * from {{ ref('int_tier_months') }}

),

member_months as (

    select * from {{ ref('int_tier_member_months') }}

),

activity as (

    select * from {{ ref('int_tier_activity_months') }}

),

rules as (

    select * from {{ ref('int_tier_rules') }}
    where rule_problem is null

),

forecasts as (

    select * from {{ ref('customer_value') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

recorded as (

    select
        (
            select count(*) > 0 from {{ ref('stg_loyalty__points') }}
            where entry_type = 'earn'
        ) as has_points,
        (select count(*) > 0 from {{ ref('fct_orders') }}) as has_sales,
        (select count(*) > 0 from {{ ref('int_tier_engaged_days') }}) as has_engagement

),

clock as (

    select
        as_of_date,
        cast(
            {{ dbt.dateadd(
                'month',
                'cast(mod(' ~ review_months ~ ' - mod(cast(extract(month from as_of_date) as integer), '
                ~ review_months ~ '), ' ~ review_months ~ ') as integer)',
                dbt.date_trunc('month', 'as_of_date')
            ) }} as date
        ) as review_month
    from as_of

),

reviews as (

    select
        clock.as_of_date,
        clock.review_month,
        cast({{ dbt.dateadd('month', 1, 'clock.review_month') }} as date) as review_end,
        cast({{ dbt.dateadd('month', -1 * (window_months - 1), 'clock.review_month') }} as date)
            as window_start_date
    from clock

),

last_month as (

    select
        max(month_number) as last_month_number,
        max(month_start) as last_month_start
    from months

),

-- A review that gave a tier, and what it gives now and at the next review.
earned as (

    select
        member_months.customer_id,
        member_months.month_number,
        member_months.month_start,
        member_months.earned_rank,
        {{ tiers_lost('(last_month.last_month_number - member_months.month_number)') }}
            as lost_now,
        {{ tiers_lost(
            '(' ~ dbt.datediff('member_months.month_start', 'reviews.review_month', 'month') ~ ')'
        ) }} as lost_then
    from member_months
    cross join last_month
    cross join reviews
    where member_months.earned_rank is not null

),

current_months as (

    select
        member_months.customer_id,
        member_months.held_rank,
        member_months.window_rank,
        member_months.last_review_number
    from member_months
    inner join last_month
        on member_months.month_number = last_month.last_month_number

),

holding as (

    select
        earned.customer_id,
        max(earned.earned_rank - earned.lost_then) as held_then_rank,
        max(
            case
                when earned.earned_rank - earned.lost_now = current_months.held_rank
                    then
                        {{ dbt.dateadd(
                            'month',
                            'cast((earned.lost_now + 1) * ' ~ var('tier_valid_months')
                            ~ ' + 1 as integer)',
                            'earned.month_start'
                        ) }}
            end
        ) as expires_before
    from earned
    inner join current_months
        on earned.customer_id = current_months.customer_id
    group by earned.customer_id

),

so_far as (

    select
        activity.customer_id,
    {% for criterion in criteria %}
        sum(activity.{{ criterion }}) as {{ criterion }}{{ "," if not loop.last }}
    {% endfor %}
    from activity
    cross join reviews
    where activity.month_start >= reviews.window_start_date
    group by activity.customer_id

),

-- Engagement has no forecast: it goes on as in the days of the last window.
engaged as (

    select
        activity.customer_id,
        sum(activity.engaged_days) as engaged_days
    from activity
    cross join reviews
    where
        activity.month_start >= {{ dbt.dateadd(
            'month', -1 * window_months, dbt.date_trunc('month', 'reviews.as_of_date')
        ) }}
    group by activity.customer_id

),

-- Points that members earned for what they spent, all together.
earning as (

    select cast(sum(points) as double) / nullif(cast(sum(spend) as double), 0) as points_per_unit
    from activity

),

amounts as (

    select
        members.customer_id,
        reviews.window_start_date,
        cast({{ dbt.dateadd('day', -1, 'reviews.review_end') }} as date) as next_review_on,
        current_months.held_rank,
        current_months.window_rank,
        current_months.last_review_number,
        holding.held_then_rank,
        cast({{ dbt.dateadd('day', -1, 'holding.expires_before') }} as date) as expires_on,
        case when recorded.has_points then coalesce(so_far.points, 0) end as points,
        case when recorded.has_sales then coalesce(so_far.spend, 0) end as spend,
        case when recorded.has_sales then coalesce(so_far.orders, 0) end as orders,
        case when recorded.has_engagement then coalesce(so_far.engaged_days, 0) end
            as engaged_days,
        case when recorded.has_points then coalesce(so_far.points, 0) end
        + forecasts.expected_spend_365d * earning.points_per_unit
        * {{ dbt.datediff('reviews.as_of_date', 'reviews.review_end', 'day') }} / 365.0e0
            as projected_points,
        case when recorded.has_sales then coalesce(so_far.spend, 0) end
        + forecasts.expected_spend_365d
        * {{ dbt.datediff('reviews.as_of_date', 'reviews.review_end', 'day') }} / 365.0e0
            as projected_spend,
        case when recorded.has_sales then coalesce(so_far.orders, 0) end
        + forecasts.expected_purchases_365d
        * {{ dbt.datediff('reviews.as_of_date', 'reviews.review_end', 'day') }} / 365.0e0
            as projected_orders,
        case when recorded.has_engagement then coalesce(so_far.engaged_days, 0) end
        + coalesce(engaged.engaged_days, 0)
        * {{ dbt.datediff('reviews.as_of_date', 'reviews.review_end', 'day') }}
        / (365.0e0 * {{ window_months }} / 12)
            as projected_engaged_days
    from members
    cross join reviews
    cross join recorded
    cross join earning
    left join current_months
        on members.customer_id = current_months.customer_id
    left join holding
        on members.customer_id = holding.customer_id
    left join so_far
        on members.customer_id = so_far.customer_id
    left join engaged
        on members.customer_id = engaged.customer_id
    left join forecasts
        on members.customer_id = forecasts.customer_id

),

-- In the units published, so that a tier and the amount that gives it never disagree.
rounded as (

    select
        customer_id,
        window_start_date,
        next_review_on,
        held_rank,
        window_rank,
        last_review_number,
        held_then_rank,
        expires_on,
        points,
        spend,
        orders,
        engaged_days,
        cast(projected_points as decimal(18, 2)) as projected_points,
        cast(projected_spend as decimal(18, 2)) as projected_spend,
        round(cast(projected_orders as double), 2) as projected_orders,
        round(cast(projected_engaged_days as double), 2) as projected_engaged_days
    from amounts

),

projected as (

    select
        rounded.*,
    {% for criterion in criteria %}
        {{ criterion }}_rules.tier_rank as projected_{{ criterion }}_rank
        {{- "," if not loop.last }}
    {% endfor %}
    from rounded
    {% for criterion in criteria %}
        left join rules as {{ criterion }}_rules
            on
                {{ criterion }}_rules.criterion = '{{ criterion }}'
                and rounded.projected_{{ criterion }} >= {{ criterion }}_rules.from_amount
                and (
                    {{ criterion }}_rules.below_amount is null
                    or rounded.projected_{{ criterion }} < {{ criterion }}_rules.below_amount
                )
    {% endfor %}

)

select
    customer_id,
    window_start_date,
    next_review_on,
    held_rank,
    window_rank,
    last_review_number,
    case
        when held_rank > 1 {{ "and false" if var('tier_downgrade_policy') == 'none' }}
            then expires_on
    end as expires_on,
    points,
    spend,
    orders,
    engaged_days,
    projected_points,
    projected_spend,
    projected_orders,
    projected_engaged_days,
    case
        when {{ combined_tier_rank('projected_') }} is not null
            then greatest({{ combined_tier_rank('projected_') }}, coalesce(held_then_rank, 1), 1)
    end as projected_rank
from projected
