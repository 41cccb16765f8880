{#- Small groups are told together, with the next larger one where they are only one or still too
    few: what is told together is never one group, nor is it what remains of the total when all others
    are taken off. Those of whom nothing is known are told apart, however few, and only go with the
    small groups where all known values together are too few. -#}
{%- set least = var('profile_min_customers') -%}
{%- set sums = [
    'customers', 'active_customers', 'orders', 'net_revenue', 'recent_orders', 'recent_net_revenue',
    'recent_categories', 'active_spend', 'active_spend_squared'
] -%}
{#- 99% and not 95%, because some forty groups are looked at together. -#}
{%- set z = 2.575829303548901 -%}

with profile_groups as (

    select * from {{ ref('int_profile_groups') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

ranked as (

    select
        profile_groups.*,
        row_number() over (
            partition by attribute
            order by case when value is null then 1 else 0 end, customers, value
        ) as size_rank,
        sum(customers) over (
            partition by attribute
            order by case when value is null then 1 else 0 end, customers, value
            rows between unbounded preceding and current row
        ) - customers as smaller_customers,
        sum(case when value is not null and customers < {{ least }} then 1 else 0 end)
            over (partition by attribute) as small_groups
    from profile_groups

),

judged as (

    select
        ranked.*,
        small_groups > 0
        and (
            (value is not null and customers < {{ least }})
            or size_rank <= 2
            or smaller_customers < {{ least }}
        ) as is_suppressed
    from ranked

),

labelled as (

    select
        judged.*,
        case
            when is_suppressed then 'suppressed'
            when value is null then 'unknown'
            else value
        end as told_value
    from judged

),

told as (

    select
        attribute,
        {% for column in sums %}
            sum({{ column }}) as {{ column }},
        {% endfor %}
        told_value as value
    from labelled
    group by
        attribute,
        told_value

    union all

    select
        attribute,
        {% for column in sums %}
            null as {{ column }},
        {% endfor %}
        'unknown' as value
    from labelled
    where
        value is null
        and is_suppressed

),

totals as (

    select
        attribute,
        sum(customers) as customers,
        sum(case when value <> 'unknown' then customers end) as known_customers,
        sum(net_revenue) as net_revenue,
        cast(sum(case when value <> 'unknown' then recent_net_revenue end) as double)
        / nullif(sum(case when value <> 'unknown' then active_customers end), 0) as known_spend,
        count(case when value = 'unknown' and customers is null then 1 end) as hidden_unknowns
    from told
    group by attribute

),

measured as (

    select
        told.*,
        totals.customers as all_customers,
        case
            when told.value <> 'unknown' and totals.hidden_unknowns = 0
                then totals.known_customers
        end as known_customers,
        totals.net_revenue as all_net_revenue,
        totals.known_spend,
        cast(told.recent_net_revenue as double) / nullif(told.active_customers, 0) as spend,
        case
            when told.active_customers > 1
                then
                    {{ z }} * sqrt(
                        greatest(
                            told.active_spend_squared
                            - told.active_spend * told.active_spend / told.active_customers,
                            0
                        ) / (told.active_customers - 1) / told.active_customers
                    )
        end as spend_margin
    from told
    inner join totals
        on told.attribute = totals.attribute

),

ordered as (

    select
        measured.*,
        case
            when measured.value in ('suppressed', 'unknown') then null
            when
                measured.attribute in (
                    'age_band', 'income_band', 'household_size', 'children_count', 'city_tier',
                    'registration_year'
                )
                then
                    {{ leading_number('measured.value') }}
                    - case
                        when
                            lower(measured.value) like 'under%'
                            or lower(measured.value) like 'less%'
                            or lower(measured.value) like 'below%'
                            or lower(measured.value) like 'up to%'
                            or measured.value like '<%'
                            or measured.value like '%以下%'
                            then 0.5
                        else 0
                    end
        end as value_number
    from measured

)

select
    ordered.attribute,
    ordered.value,
    coalesce(channels.channel_name, ordered.value) as value_name,
    cast(
        row_number() over (
            partition by ordered.attribute
            order by
                case ordered.value when 'unknown' then 2 when 'suppressed' then 1 else 0 end,
                ordered.value_number asc nulls last,
                ordered.customers desc,
                ordered.value asc
        ) as bigint
    ) as value_order,
    cast({{ var('profile_window_days') }} as bigint) as window_days,
    cast(ordered.customers as bigint) as customers,
    cast(ordered.customers as double) / nullif(ordered.all_customers, 0) as customer_share,
    cast(ordered.customers as double) / nullif(ordered.known_customers, 0) as known_share,
    cast(ordered.active_customers as bigint) as active_customers,
    cast(ordered.active_customers as double) / nullif(ordered.customers, 0) as active_share,
    cast(ordered.orders as bigint) as orders,
    cast(ordered.net_revenue as decimal(18, 2)) as net_revenue,
    case
        when ordered.all_net_revenue > 0
            then cast(ordered.net_revenue as double) / cast(ordered.all_net_revenue as double)
    end as revenue_share,
    cast(ordered.recent_orders as bigint) as recent_orders,
    cast(ordered.recent_net_revenue as decimal(18, 2)) as recent_net_revenue,
    {{ rounded_decimal(
        "cast(ordered.recent_net_revenue as double) "
        ~ "/ nullif(ordered.customers, 0)"
    ) }} as spend_per_customer,
    {{ rounded_decimal('ordered.spend') }} as spend_per_active_customer,
    {{ rounded_decimal('ordered.spend - ordered.spend_margin') }} as spend_per_active_customer_low,
    {{ rounded_decimal('ordered.spend + ordered.spend_margin') }} as spend_per_active_customer_high,
    case when ordered.known_spend > 0 then round(ordered.spend / ordered.known_spend, 6) end
        as spend_index,
    ordered.spend - ordered.spend_margin > ordered.known_spend
    or ordered.spend + ordered.spend_margin < ordered.known_spend as is_spend_apart,
    round(cast(ordered.recent_orders as double) / nullif(ordered.active_customers, 0), 6)
        as orders_per_active_customer,
    round(cast(ordered.recent_categories as double) / nullif(ordered.active_customers, 0), 6)
        as categories_per_active_customer
from ordered
left join channels
    on
        case
            when
                ordered.attribute in (
                    'acquisition_channel', 'preferred_channel', 'main_sales_channel'
                )
                then ordered.value
        end = channels.channel_id
