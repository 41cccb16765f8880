with channels as (

    select
        coalesce(sum(switches_away), 0) as switches_away,
        coalesce(sum(switches_in), 0) as switches_in
    from {{ ref('channel_integration') }}
    where channel_id <> '(all)'

),

whole as (

    select
        coalesce(sum(switches_away), 0) as switches_away,
        coalesce(sum(followed_orders), 0) as followed_orders
    from {{ ref('channel_integration') }}
    where channel_id = '(all)'

)

select
    channels.switches_away,
    channels.switches_in,
    whole.switches_away as all_switches
from channels
cross join whole
where
    channels.switches_away <> channels.switches_in
    or channels.switches_away <> whole.switches_away
    or whole.switches_away > whole.followed_orders
