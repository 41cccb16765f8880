{#- Small groups are told together, so that nobody is told of alone. -#}
{%- set least = var('profile_min_customers') -%}
{%- set attributes = {
    'region': 'customers.region',
    'age_band': 'customers.age_band',
    'acquisition_channel': 'customers.acquisition_channel_id',
    'main_sales_channel': 'main_channels.channel_id',
} -%}

with members as (

    select * from {{ ref('int_tier_members') }}
    where is_open

),

member_months as (

    select * from {{ ref('int_tier_member_months') }}

),

rules as (

    select distinct
        tier,
        tier_rank
    from {{ ref('int_tier_rules') }}
    where rule_problem is null

),

customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified
        and channel_id is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

last_month as (

    select max(month_number) as month_number
    from {{ ref('int_tier_months') }}

),

channel_orders as (

    select
        orders.customer_id,
        orders.channel_id,
        row_number() over (
            partition by orders.customer_id
            order by count(*) desc, orders.channel_id asc
        ) as channel_rank
    from orders
    inner join members
        on orders.customer_id = members.customer_id
    group by
        orders.customer_id,
        orders.channel_id

),

main_channels as (

    select
        customer_id,
        channel_id
    from channel_orders
    where channel_rank = 1

),

-- The window that ends now: who would get which tier if there were a review today.
standings as (

    select
        member_months.customer_id,
        {% for criterion in tier_criteria() %}
            member_months.{{ criterion }}_rank,
        {% endfor %}
        member_months.window_rank as programme_rank
    from member_months
    inner join last_month
        on member_months.month_number = last_month.month_number
    inner join members
        on member_months.customer_id = members.customer_id
    where member_months.is_covered

),

attributed as (

    select
        'all' as attribute,
        'all' as raw_value,
        standings.customer_id
    from standings

    {% for attribute, column in attributes.items() %}
        union all

        select
            '{{ attribute }}' as attribute,
            coalesce(nullif(trim({{ column }}), ''), 'unknown') as raw_value,
            standings.customer_id
        from standings
        inner join customers
            on standings.customer_id = customers.customer_id
        left join main_channels
            on standings.customer_id = main_channels.customer_id
    {% endfor %}
),

sized as (

    select
        attribute,
        raw_value,
        count(*) as members
    from attributed
    group by
        attribute,
        raw_value

),

-- The smallest go together until they are enough, and never one alone.
ranked as (

    select
        sized.*,
        row_number() over (partition by attribute order by members, raw_value) as size_rank,
        sum(members) over (
            partition by attribute
            order by members, raw_value
            rows between unbounded preceding and current row
        ) - members as smaller_members,
        min(members) over (partition by attribute) as smallest
    from sized

),

pooled as (

    select
        attribute,
        raw_value,
        case
            when
                attribute <> 'all'
                and smallest < {{ least }}
                and (size_rank <= 2 or smaller_members < {{ least }} or members < {{ least }})
                then 'suppressed'
            else raw_value
        end as attribute_value
    from ranked

),

grouped as (

    select
        attributed.attribute,
        pooled.attribute_value,
        {% for criterion in tier_criteria() + ['programme'] %}
            standings.{{ criterion }}_rank,
        {% endfor %}
        count(*) as members
    from attributed
    inner join pooled
        on
            attributed.attribute = pooled.attribute
            and attributed.raw_value = pooled.raw_value
    inner join standings
        on attributed.customer_id = standings.customer_id
    group by
        {% for criterion in tier_criteria() + ['programme'] %}
            standings.{{ criterion }}_rank,
        {% endfor %}
        attributed.attribute,
        pooled.attribute_value

),

counted as (

    {% for criterion in tier_criteria() + ['programme'] %}
        select
            '{{ criterion }}' as criterion,
            rules.tier,
            rules.tier_rank,
            grouped.attribute,
            grouped.attribute_value,
            sum(case when grouped.{{ criterion }}_rank is not null then grouped.members else 0 end)
                as members,
            sum(
                case
                    when grouped.{{ criterion }}_rank >= rules.tier_rank then grouped.members
                    else 0
                end
            ) as qualifying_members,
            sum(
                case
                    when
                        grouped.{{ criterion }}_rank >= rules.tier_rank
                        and grouped.programme_rank >= rules.tier_rank
                        then grouped.members
                    else 0
                end
            ) as also_by_programme_members
        from grouped
        cross join rules
        where rules.tier_rank > 1
        group by
            rules.tier,
            rules.tier_rank,
            grouped.attribute,
            grouped.attribute_value
        {{ "union all" if not loop.last }}
    {% endfor %}
),

compared as (

    select
        counted.*,
        cast(counted.qualifying_members as double)
        / nullif(cast(counted.members as double), 0) as qualifying_share,
        cast(
            sum(counted.qualifying_members) over (
                partition by counted.criterion, counted.tier_rank, counted.attribute
            ) as double
        )
        / nullif(
            cast(
                sum(counted.members) over (
                    partition by counted.criterion, counted.tier_rank, counted.attribute
                ) as double
            ),
            0
        ) as base_share
    from counted

)

select
    compared.criterion,
    compared.tier,
    compared.attribute,
    compared.attribute_value,
    as_of.as_of_date,
    compared.tier_rank,
    cast(compared.members as bigint) as members,
    cast(compared.qualifying_members as bigint) as qualifying_members,
    compared.qualifying_share,
    {{ wilson_bound('compared.qualifying_share', 'compared.members', '-') }}
        as qualifying_share_low,
    {{ wilson_bound('compared.qualifying_share', 'compared.members', '+') }}
        as qualifying_share_high,
    compared.base_share,
    compared.qualifying_share / nullif(compared.base_share, 0) as share_ratio,
    cast(compared.also_by_programme_members as bigint) as also_by_programme_members,
    case when compared.members = 0 then 'no_criterion_known' end as fairness_reason
from compared
cross join as_of
