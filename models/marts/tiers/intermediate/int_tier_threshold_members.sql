{#- Members on either side of each threshold at the last review after which enough time has passed,
    with what they bought from then on. Only those for whom the threshold decides: who held the tier
    anyway, or has it by another criterion, would be on both sides. And only up to the next threshold
    on either side, so that one tier is compared with the one below. -#}
{%- set used = var('tier_criteria') -%}
{%- set days = var('tier_effect_days') -%}

with member_months as (

    select * from {{ ref('int_tier_member_months') }}
    where is_review

),

rules as (

    select * from {{ ref('int_tier_rules') }}
    where rule_problem is null

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

as_of as (

    select * from {{ ref('as_of') }}

),

first_order as (

    select min(order_date) as first_order_date
    from {{ ref('fct_orders') }}

),

last_review as (

    select max(member_months.next_month_start) as from_date
    from member_months
    cross join as_of
    where
        member_months.earned_rank is not null
        and {{ dbt.dateadd('day', days, 'member_months.next_month_start') }} <= as_of.as_of_date

),

windows as (

    select
        last_review.from_date,
        {{ dbt.dateadd('day', days, 'last_review.from_date') }} as to_date,
        {{ dbt.dateadd('month', -1 * var('tier_window_months'), 'last_review.from_date') }}
            as window_date,
        {{ dbt.dateadd(
            'day',
            -1 * days,
            dbt.dateadd('month', -1 * var('tier_window_months'), 'last_review.from_date')
        ) }} as before_date,
        first_order.first_order_date
    from last_review
    cross join first_order

),

reviewed as (

    select
        member_months.customer_id,
        {% for criterion in tier_criteria() %}
            member_months.window_{{ criterion }},
            member_months.{{ criterion }}_rank,
        {% endfor %}
        member_months.held_before_rank
    from member_months
    inner join last_review
        on member_months.next_month_start = last_review.from_date
    where member_months.earned_rank is not null

),

outcomes as (

    select
        orders.customer_id,
        sum(
            case
                when orders.order_date >= windows.from_date then orders.net_revenue_after_returns
                else 0
            end
        ) as net_revenue,
        sum(case when orders.order_date >= windows.from_date then 1 else 0 end) as orders,
        sum(
            case
                when orders.order_date < windows.window_date then orders.net_revenue_after_returns
                else 0
            end
        ) as net_revenue_before
    from orders
    cross join windows
    where
        orders.order_date < windows.to_date
        and orders.order_date >= windows.before_date
        and (orders.order_date >= windows.from_date or orders.order_date < windows.window_date)
    group by orders.customer_id

),

sides as (

    {% for criterion in used %}
        select
            '{{ criterion }}' as criterion,
            rules.tier,
            rules.tier_rank,
            rules.from_amount as threshold,
            reviewed.customer_id,
            reviewed.window_{{ criterion }} as amount,
            reviewed.window_{{ criterion }} >= rules.from_amount as is_above
        from reviewed
        inner join rules
            on
                rules.criterion = '{{ criterion }}'
                and rules.tier_rank > 1
                and reviewed.{{ criterion }}_rank in (rules.tier_rank, rules.tier_rank - 1)
        where
            reviewed.window_{{ criterion }} > 0
            and reviewed.held_before_rank < rules.tier_rank
            and {{ is_decided_by(criterion) }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        sides.*,
        row_number() over (
            partition by sides.criterion, sides.tier_rank, sides.is_above
            order by abs(sides.amount - sides.threshold), sides.customer_id
        ) as distance_rank
    from sides

)

select
    ranked.customer_id,
    ranked.criterion,
    ranked.tier,
    cast({{ dbt.dateadd('day', -1, 'windows.from_date') }} as date) as reviewed_on,
    cast(ranked.threshold as double) as threshold,
    cast(ranked.amount as double) as amount,
    cast(coalesce(outcomes.net_revenue, 0) as double) as net_revenue,
    cast(coalesce(outcomes.orders, 0) as double) as orders,
    case
        when windows.before_date >= windows.first_order_date
            then cast(coalesce(outcomes.net_revenue_before, 0) as double)
    end as net_revenue_before
from ranked
cross join windows
left join outcomes
    on ranked.customer_id = outcomes.customer_id
where ranked.distance_rank <= {{ var('tier_effect_max_members') }}
