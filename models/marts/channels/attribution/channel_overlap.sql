{#- Of the log of the lift the variance is told from what each customer moves of it, in the four
    cells of the pair; without a shared customer the upper end is what chance would miss one time in
    twenty. -#}
{%- set z = 1.644853627 -%}
{%- set none_upper = 2.995732274 -%}

with channel_customers as (

    select * from {{ ref('int_channel_customers') }}

),

channels as (

    select * from {{ ref('int_channel_keys') }}

),

base as (

    select cast(count(distinct customer_id) as double) as customers
    from channel_customers

),

sizes as (

    select
        channel_key,
        cast(count(*) as double) as customers
    from channel_customers
    group by channel_key

),

shared as (

    select
        channel_customers.channel_key as key_a,
        others.channel_key as key_b,
        cast(count(*) as double) as customers
    from channel_customers
    inner join channel_customers as others
        on
            channel_customers.customer_id = others.customer_id
            and channel_customers.channel_key < others.channel_key
    group by
        channel_customers.channel_key,
        others.channel_key

),

pairs as (

    select
        sizes.channel_key as key_a,
        sizes_b.channel_key as key_b,
        sizes.customers as customers_a,
        sizes_b.customers as customers_b,
        coalesce(shared.customers, 0) as customers_shared,
        base.customers
    from sizes
    inner join sizes as sizes_b
        on sizes.channel_key < sizes_b.channel_key
    cross join base
    left join shared
        on
            sizes.channel_key = shared.key_a
            and sizes_b.channel_key = shared.key_b

),

shares as (

    select
        pairs.*,
        pairs.customers_shared / pairs.customers as share_both,
        pairs.customers_a / pairs.customers as share_a,
        pairs.customers_b / pairs.customers as share_b,
        pairs.customers_shared * pairs.customers / (pairs.customers_a * pairs.customers_b) as lift
    from pairs

),

moved as (

    select
        shares.*,
        sqrt(
            (
                share_both * power(1 / nullif(share_both, 0) - 1 / share_a - 1 / share_b + 1, 2)
                + (share_a - share_both) * power(1 - 1 / share_a, 2)
                + (share_b - share_both) * power(1 - 1 / share_b, 2)
                + greatest(1 - share_a - share_b + share_both, 0)
            ) / customers
        ) as log_error
    from shares

)

select
    channels_a.channel_id as channel_a,
    channels_b.channel_id as channel_b,
    channels_a.channel_name as channel_name_a,
    channels_b.channel_name as channel_name_b,
    cast(moved.customers as bigint) as customers,
    cast(moved.customers_a as bigint) as customers_a,
    cast(moved.customers_b as bigint) as customers_b,
    cast(moved.customers_shared as bigint) as customers_shared,
    cast(moved.customers_a - moved.customers_shared as bigint) as incremental_reach_a,
    cast(moved.customers_b - moved.customers_shared as bigint) as incremental_reach_b,
    round(moved.customers_shared / moved.customers_a, 6) as shared_share_a,
    round(moved.customers_shared / moved.customers_b, 6) as shared_share_b,
    round(moved.lift, 6) as lift,
    round(
        case
            when moved.customers_shared = 0 then 0
            else moved.lift * exp(-{{ z }} * moved.log_error)
        end,
        6
    ) as lift_lower,
    round(
        case
            when moved.customers_shared = 0
                then {{ none_upper }} * moved.customers / (moved.customers_a * moved.customers_b)
            else moved.lift * exp({{ z }} * moved.log_error)
        end,
        6
    ) as lift_upper,
    case
        when moved.customers_shared = 0
            then
                case
                    when
                        {{ none_upper }} * moved.customers
                        / (moved.customers_a * moved.customers_b) < 1
                        then 'apart'
                    else 'independent'
                end
        when moved.lift * exp(-{{ z }} * moved.log_error) > 1 then 'together'
        when moved.lift * exp({{ z }} * moved.log_error) < 1 then 'apart'
        else 'independent'
    end as relation
from moved
inner join channels as channels_a
    on moved.key_a = channels_a.channel_key
inner join channels as channels_b
    on moved.key_b = channels_b.channel_key
