{#- The channel to reach a customer through: the one that is wished for, if it can reach a
    person by itself, else the one that fits the segments the customer is in best. A channel can
    if it has sent something to a customer, or called one. -#}
with customers as (

    select * from {{ ref('int_action_customers') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        customer_id is not null
        and touch_type in ('sent', 'call')

),

segments as (

    select * from {{ ref('customer_segments') }}

),

fits as (

    select * from {{ ref('channel_segment_fit') }}
    where
        fit_score is not null
        and recommendation <> 'avoided'

),

reaching as (

    select distinct channel_id
    from touchpoints
    where channel_id is not null

),

memberships as (

    select
        customer_id,
        'lifecycle_stage' as segment_kind,
        lifecycle_stage as segment
    from customers

    union all

    select
        customer_id,
        'value_tier' as segment_kind,
        value_tier as segment
    from customers

    union all

    select
        customer_id,
        'behavioural_segment' as segment_kind,
        behavioural_segment as segment
    from segments

),

scored as (

    select
        memberships.customer_id,
        fits.channel_id,
        count(*) as segments,
        avg(fits.fit_score) as fit_score
    from memberships
    inner join fits
        on
            memberships.segment_kind = fits.segment_kind
            and memberships.segment = fits.segment
    inner join reaching
        on fits.channel_id = reaching.channel_id
    group by
        memberships.customer_id,
        fits.channel_id

),

ranked as (

    select
        customer_id,
        channel_id,
        row_number() over (
            partition by customer_id
            order by segments desc, fit_score desc, channel_id asc
        ) as channel_rank
    from scored

)

select
    customers.customer_id,
    coalesce(wished.channel_id, ranked.channel_id) as channel_id,
    case
        when wished.channel_id is not null then 'wished'
        when ranked.channel_id is not null then 'fit'
        else 'not_known'
    end as channel_basis
from customers
left join reaching as wished
    on customers.preferred_channel_id = wished.channel_id
left join ranked
    on
        customers.customer_id = ranked.customer_id
        and ranked.channel_rank = 1
