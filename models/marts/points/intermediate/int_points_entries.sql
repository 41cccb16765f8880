{#- The ledger in the order in which it counts: at one moment what is added comes before what is
    taken away. A positive redemption, expiry or adjustment adds points, a negative opening is
    a debt. What is taken back may name a lot, or the order that earned it or that an order
    returned. -#}
with points as (

    select * from {{ ref('stg_loyalty__points') }}

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

entries as (

    select
        points.entry_id,
        points.account_id,
        accounts.customer_id,
        points.entry_type,
        abs(points.points) as points,
        points.points > 0 as is_credit,
        case
            when points.points > 0
                then
                    case points.entry_type
                        when 'earn' then 'earned'
                        when 'opening' then 'opening'
                        when 'redeem' then 'restored'
                        when 'expire' then 'restored'
                        else 'adjusted'
                    end
            when points.entry_type in ('redeem', 'expire') then points.entry_type
            when points.entry_type = 'opening' then 'debt'
            else 'reversal'
        end as entry_kind,
        points.entered_at,
        cast(points.entered_at as date) as entered_date,
        points.order_id,
        coalesce(orders.original_order_id, points.order_id) as original_order_id,
        points.available_on,
        points.expires_on,
        points.lot_entry_id,
        points.cost_amount,
        points.external_id
    from points
    inner join accounts
        on points.account_id = accounts.account_id
    left join orders
        on points.order_id = orders.order_id
    where points.points <> 0

),

lots_of_orders as (

    select
        account_id,
        order_id,
        min(entry_id) as entry_id
    from entries
    where
        entry_kind = 'earned'
        and order_id is not null
    group by
        account_id,
        order_id

),

numbered as (

    select
        entries.*,
        row_number() over (
            partition by entries.account_id
            order by
                entries.entered_at,
                case when entries.is_credit then 0 else 1 end,
                entries.entry_id
        ) as entry_number
    from entries

)

select
    numbered.entry_id,
    numbered.account_id,
    numbered.customer_id,
    numbered.entry_type,
    numbered.entry_kind,
    numbered.is_credit,
    numbered.points,
    numbered.entered_at,
    numbered.entered_date,
    numbered.entry_number,
    numbered.order_id,
    numbered.available_on,
    coalesce(
        numbered.expires_on,
        case when numbered.entry_kind = 'restored' then named.expires_on end
    ) as expires_on,
    numbered.cost_amount,
    numbered.external_id,
    case
        when
            not numbered.is_credit
            and named.is_credit
            and named.entry_number < numbered.entry_number
            then named.entry_id
    end as named_lot_entry_id
from numbered
left join lots_of_orders
    on
        numbered.account_id = lots_of_orders.account_id
        and case when numbered.entry_kind = 'reversal' then numbered.original_order_id end
        = lots_of_orders.order_id
left join numbered as named
    on
        numbered.account_id = named.account_id
        and coalesce(numbered.lot_entry_id, lots_of_orders.entry_id) = named.entry_id
