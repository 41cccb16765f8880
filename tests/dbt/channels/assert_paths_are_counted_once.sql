-- Every journey begins once, ends once and met one set of channels, whatever a chain remembers.
{{ config(group="channels") }}

with counts as (

    select * from {{ ref('int_attribution_counts') }}

),

journeys as (

    select
        customer_group,
        customer_kind,
        count(*) as journeys,
        sum(case when is_conversion then 1 else 0 end) as conversions,
        sum(case when is_conversion then net_revenue else 0 end) as net_revenue
    from {{ ref('int_journeys') }}
    group by
        customer_group,
        customer_kind

),

counted as (

    select
        customer_group,
        customer_kind,
        markov_order,
        sum(case when markov_order = 0 or from_state = '(start)' then journeys else 0 end)
            as begun,
        sum(
            case
                when markov_order = 0 or to_state in ('(conversion)', '(null)') then journeys
                else 0
            end
        ) as ended,
        sum(conversions) as conversions,
        sum(value) as net_revenue
    from counts
    group by
        customer_group,
        customer_kind,
        markov_order

)

select
    counted.markov_order,
    journeys.customer_group,
    journeys.customer_kind
from journeys
left join counted
    on
        journeys.customer_group = counted.customer_group
        and journeys.customer_kind = counted.customer_kind
where
    (counted.begun is null and (select count(*) from counts) > 0)
    or counted.begun <> journeys.journeys
    or counted.ended <> journeys.journeys
    or counted.conversions <> journeys.conversions
    or abs(counted.net_revenue - journeys.net_revenue) > 0.005
