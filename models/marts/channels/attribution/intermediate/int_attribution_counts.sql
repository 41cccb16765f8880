{#- Paths are counted once, with their last touches side by side: chains of lower order are sums of
    that. A touch costs the same wherever in a path it is, so that a path of thousands is no worse
    than as many short ones. -#}
{%- set orders = 4 -%}

with touches as (

    select * from {{ ref('int_journey_touches') }}

),

channels as (

    select
        count(distinct channel_key) as channels,
        max(channel_key) as highest_key
    from touches

),

-- What lies further back than the chain remembers is not looked at.
remembered as (

    select
        customer_group,
        customer_kind,
        is_conversion,
        net_revenue,
        touch_position = touch_count as is_last,
        channel_key as key_0,
    {%- for back in range(1, orders + 1) %}
        lag(channel_key, {{ back }}) over (partition by journey_id order by touch_position)
            as key_{{ back }}{{ "," if not loop.last }}
    {%- endfor %}
    from touches

),

steps as (

    select
        customer_group,
        customer_kind,
        is_conversion,
        is_last,
        {%- for back in range(orders + 1) %}
            key_{{ back }},
        {%- endfor %}
        count(*) as journeys,
        sum(case when is_last and is_conversion then net_revenue else 0 end) as net_revenue
    from remembered
    group by
        customer_group,
        customer_kind,
        is_conversion,
        is_last,
    {%- for back in range(orders + 1) %}
        key_{{ back }}{{ "," if not loop.last }}
    {%- endfor %}

),

transitions as (
    {% for markov_order in range(1, orders + 1) %}
        select
            customer_group,
            customer_kind,
            {{ markov_order }} as markov_order,
            coalesce({{ attribution_state(1, markov_order) }}, '(start)') as from_state,
            {{ attribution_state(0, markov_order - 1) }} as to_state,
            sum(journeys) as journeys,
            0 as conversions,
            0 as net_revenue
        from steps
        group by
            customer_group,
            customer_kind,
        {%- for back in range(markov_order + 1) %}
            key_{{ back }}{{ "," if not loop.last }}
        {%- endfor %}

        union all

        select
            customer_group,
            customer_kind,
            {{ markov_order }} as markov_order,
            {{ attribution_state(0, markov_order - 1) }} as from_state,
            case when is_conversion then '(conversion)' else '(null)' end as to_state,
            sum(journeys) as journeys,
            sum(case when is_conversion then journeys else 0 end) as conversions,
            sum(net_revenue) as net_revenue
        from steps
        where is_last
        group by
            customer_group,
            customer_kind,
            is_conversion,
        {%- for back in range(markov_order) %}
            key_{{ back }}{{ "," if not loop.last }}
        {%- endfor %}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
),

met as (

    select
        journey_id,
        customer_group,
        customer_kind,
        channel_key,
        is_conversion,
        max(net_revenue) as net_revenue
    from touches
    group by
        journey_id,
        customer_group,
        customer_kind,
        channel_key,
        is_conversion

),

sets as (

    select
        journey_id,
        customer_group,
        customer_kind,
        is_conversion,
        max(net_revenue) as net_revenue,
        {{ channel_bits(0) }} as first_channels,
        {{ channel_bits(1) }} as further_channels
    from met
    group by
        journey_id,
        customer_group,
        customer_kind,
        is_conversion

),

coalitions as (

    select
        customer_group,
        customer_kind,
        first_channels,
        further_channels,
        count(*) as journeys,
        sum(case when is_conversion then 1 else 0 end) as conversions,
        sum(case when is_conversion then net_revenue else 0 end) as net_revenue,
        min(journey_id) as journey_id
    from sets
    group by
        customer_group,
        customer_kind,
        first_channels,
        further_channels

),

-- One journey tells who is in a set.
examples as (

    select
        first_channels,
        further_channels,
        min(journey_id) as journey_id
    from coalitions
    group by
        first_channels,
        further_channels

),

members as (

    select
        examples.first_channels,
        examples.further_channels,
        {{ dbt.listagg("cast(met.channel_key as string)", "'>'", "order by met.channel_key") }}
            as from_state
    from examples
    inner join met
        on examples.journey_id = met.journey_id
    group by
        examples.first_channels,
        examples.further_channels

),

counted as (

    select
        'transition' as counted,
        transitions.customer_group,
        transitions.customer_kind,
        transitions.markov_order,
        transitions.from_state,
        transitions.to_state,
        transitions.journeys,
        transitions.conversions,
        transitions.net_revenue
    from transitions
    cross join channels
    where power(channels.channels, transitions.markov_order) <= {{ var('attribution_max_states') }}

    union all

    select
        'coalition' as counted,
        coalitions.customer_group,
        coalitions.customer_kind,
        0 as markov_order,
        members.from_state,
        cast(null as string) as to_state,
        coalitions.journeys,
        coalitions.conversions,
        coalitions.net_revenue
    from coalitions
    inner join members
        on
            coalitions.first_channels = members.first_channels
            and coalitions.further_channels = members.further_channels

)

select
    cast(counted.counted as string) as counted,
    cast(counted.customer_group as integer) as customer_group,
    cast(counted.customer_kind as string) as customer_kind,
    cast(counted.markov_order as integer) as markov_order,
    cast(counted.from_state as string) as from_state,
    cast(counted.to_state as string) as to_state,
    cast(counted.journeys as bigint) as journeys,
    cast(counted.conversions as bigint) as conversions,
    cast(counted.net_revenue as double) as value
from counted
cross join channels
where channels.highest_key <= 240
