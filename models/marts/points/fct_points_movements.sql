with movements as (

    select * from {{ ref('int_points_movements') }}

)

select
    movement_id,
    account_id,
    customer_id,
    lot_entry_id,
    lot_type,
    lot_points,
    lot_date,
    spendable_on,
    expires_on,
    lot_order_id,
    lot_external_id,
    points_state,
    points,
    entry_id,
    entry_type,
    entered_date,
    moved_date,
    is_booked,
    order_id,
    external_id,
    other_lot_entry_id,
    is_spent_after_expiry,
    cost_amount,
    movement_reason
from movements
