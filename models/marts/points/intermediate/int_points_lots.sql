{#- Points added, in the order in which an account got them and in the one in which they are used:
    those that expire first, of these the older ones. -#}
with entries as (

    select * from {{ ref('int_points_entries') }}
    where is_credit

),

laid_out as (

    select
        entries.*,
        coalesce(
            entries.available_on,
            cast(
                {{ dbt.dateadd('day', var('points_pending_days'), 'entries.entered_date') }} as date
            )
        ) as spendable_on,
        sum(entries.points) over (
            partition by entries.account_id
            order by entries.entry_number
            rows between unbounded preceding and current row
        ) - entries.points as points_before,
        max(coalesce(entries.expires_on, cast('9999-12-31' as date))) over (
            partition by entries.account_id
            order by entries.entry_number
            rows between unbounded preceding and 1 preceding
        ) as latest_expiry_before
    from entries

)

select
    entry_id as lot_entry_id,
    account_id,
    customer_id,
    entry_kind as lot_type,
    points,
    entered_at,
    entered_date,
    entry_number,
    order_id,
    external_id,
    spendable_on,
    expires_on,
    points_before,
    row_number() over (
        partition by account_id
        order by
            coalesce(expires_on, cast('9999-12-31' as date)),
            entry_number
    ) as use_rank,
    max(
        case
            when coalesce(expires_on, cast('9999-12-31' as date)) < latest_expiry_before then 1
            else 0
        end
    ) over (partition by account_id) = 1 as is_account_mixed
from laid_out
