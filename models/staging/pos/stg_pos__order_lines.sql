with accepted_rows as (

    select * from {{ ref('base_pos__order_lines') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        order_line_id,
        order_id,
        product_id,
        line_type,
        quantity,
        net_revenue,
        gross_amount,
        loyalty_discount,
        promotion_discount,
        coupon_match_discount,
        manufacturer_coupon_discount,
        amount_paid,
        tax_amount,
        cost_amount
    from accepted_rows

)

select * from cleaned
