{#- What a customer who bought in both periods spent more on some categories and less on others is
    switched, as far as the two make up for each other. The rest, which is the change of the customer's
    total, is more or less, and lies with the categories that grew or shrank in proportion. Shares of
    customers are summed to a millionth and rounded to the cent by category, running over them, so that
    they add up to what all customers changed their total by. -#}
with pairs as (

    select * from {{ ref('int_movement_pairs') }}

),

spend as (

    select * from {{ ref('int_movement_category_customers') }}

),

pair_customers as (

    select * from {{ ref('int_movement_pair_customers') }}

),

changes as (

    select
        spend.pair_number,
        spend.customer_id,
        spend.category,
        spend.net_revenue,
        spend.net_revenue_base,
        spend.net_revenue - spend.net_revenue_base as revenue_change,
        case
            when spend.customer_id is null then 'anonymous'
            when pair_customers.customer_status in ('new', 'returned', 'lost')
                then pair_customers.customer_status
            else 'stayed'
        end as customer_status
    from spend
    left join pair_customers
        on
            spend.pair_number = pair_customers.pair_number
            and spend.customer_id = pair_customers.customer_id

),

customer_totals as (

    select
        pair_number,
        customer_id,
        sum(greatest(revenue_change, 0)) as gained,
        sum(greatest(-revenue_change, 0)) as lost
    from changes
    where customer_status = 'stayed'
    group by
        pair_number,
        customer_id

),

-- What the customer's total changed by, over what grew or shrank in that direction.
stayed as (

    select
        changes.pair_number,
        changes.category,
        case
            when changes.revenue_change > 0 and customer_totals.gained > customer_totals.lost
                then round(
                    cast(changes.revenue_change as double)
                    * cast(customer_totals.gained - customer_totals.lost as double)
                    / cast(customer_totals.gained as double), 6
                )
            else 0
        end as more,
        case
            when changes.revenue_change < 0 and customer_totals.gained < customer_totals.lost
                then round(
                    cast(changes.revenue_change as double)
                    * cast(customer_totals.lost - customer_totals.gained as double)
                    / cast(customer_totals.lost as double), 6
                )
            else 0
        end as less
    from changes
    inner join customer_totals
        on
            changes.pair_number = customer_totals.pair_number
            and changes.customer_id = customer_totals.customer_id
    where changes.customer_status = 'stayed'

),

stayed_categories as (

    select
        pair_number,
        category,
        sum(cast(more as decimal(18, 6))) as more,
        sum(cast(less as decimal(18, 6))) as less
    from stayed
    group by
        pair_number,
        category

),

pair_totals as (

    select
        pair_number,
        sum(greatest(gained - lost, 0)) as more,
        sum(least(gained - lost, 0)) as less
    from customer_totals
    group by pair_number

),

running as (

    select
        stayed_categories.pair_number,
        stayed_categories.category,
        sum(stayed_categories.more) over (
            partition by stayed_categories.pair_number
            order by stayed_categories.category
            rows between unbounded preceding and current row
        ) as more_so_far,
        sum(stayed_categories.less) over (
            partition by stayed_categories.pair_number
            order by stayed_categories.category
            rows between unbounded preceding and current row
        ) as less_so_far,
        row_number() over (
            partition by stayed_categories.pair_number order by stayed_categories.category desc
        ) as rank_from_last,
        pair_totals.more as total_more,
        pair_totals.less as total_less
    from stayed_categories
    inner join pair_totals
        on stayed_categories.pair_number = pair_totals.pair_number

),

rounded as (

    select
        pair_number,
        category,
        case when rank_from_last = 1 then total_more else round(more_so_far, 2) end as more_so_far,
        case when rank_from_last = 1 then total_less else round(less_so_far, 2) end as less_so_far
    from running

),

more_and_less as (

    select
        pair_number,
        category,
        more_so_far - coalesce(
            lag(more_so_far) over (partition by pair_number order by category), 0
        ) as more,
        less_so_far - coalesce(
            lag(less_so_far) over (partition by pair_number order by category), 0
        ) as less
    from rounded

),

categories as (

    select
        pair_number,
        category,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_base) as net_revenue_base,
        {% for status in ['new', 'returned', 'lost', 'anonymous'] %}
            sum(case when customer_status = '{{ status }}' then revenue_change else 0 end)
                as {{ status }}_change,
        {% endfor %}
        sum(case when customer_status = 'stayed' then greatest(revenue_change, 0) else 0 end)
            as gained,
        sum(case when customer_status = 'stayed' then least(revenue_change, 0) else 0 end) as lost,
        count(case when customer_id is not null and net_revenue > 0 then 1 end) as customers,
        count(case when customer_id is not null and net_revenue_base > 0 then 1 end)
            as customers_base
    from changes
    group by
        pair_number,
        category

)

select
    pairs.period_grain,
    pairs.comparison,
    pairs.period_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.period_end') }} as date) as period_last_day,
    pairs.base_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.base_end') }} as date) as base_last_day,
    pairs.is_left_censored,
    categories.category,
    cast(categories.net_revenue as decimal(18, 2)) as net_revenue,
    cast(categories.net_revenue_base as decimal(18, 2)) as net_revenue_base,
    cast(categories.net_revenue - categories.net_revenue_base as decimal(18, 2)) as revenue_change,
    cast(categories.new_change as decimal(18, 2)) as new_change,
    cast(categories.returned_change as decimal(18, 2)) as returned_change,
    cast(categories.lost_change as decimal(18, 2)) as lost_change,
    cast(coalesce(more_and_less.more, 0) as decimal(18, 2)) as more_change,
    cast(coalesce(more_and_less.less, 0) as decimal(18, 2)) as less_change,
    cast(categories.gained - coalesce(more_and_less.more, 0) as decimal(18, 2)) as switched_in,
    cast(categories.lost - coalesce(more_and_less.less, 0) as decimal(18, 2)) as switched_out,
    cast(
        categories.gained + categories.lost
        - coalesce(more_and_less.more, 0) - coalesce(more_and_less.less, 0) as decimal(18, 2)
    ) as switched_change,
    cast(categories.anonymous_change as decimal(18, 2)) as anonymous_change,
    cast(categories.customers as bigint) as customers,
    cast(categories.customers_base as bigint) as customers_base
from categories
inner join pairs
    on categories.pair_number = pairs.pair_number
left join more_and_less
    on
        categories.pair_number = more_and_less.pair_number
        and categories.category = more_and_less.category
