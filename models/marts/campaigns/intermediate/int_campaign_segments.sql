{#- What customers of a campaign that held some back are told apart by: only what was so before
    it. -#}
{%- set attributes = ['region', 'city_tier', 'age_band', 'gender', 'income_band'] -%}
with outcomes as (

    select * from {{ ref('int_campaign_outcomes') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

departments as (

    select * from {{ ref('int_campaign_departments') }}

),

middles as (

    select
        campaign_id,
        {{ percentile('orders_x', 0.5) }} as middle_orders
    from outcomes
    where orders_x > 0
    group by campaign_id

),

named as (

    select
        outcomes.campaign_id,
        outcomes.customer_id,
        'bought_lately' as segment_kind,
        case
            when outcomes.orders_x = 0 then 'none'
            when outcomes.orders_x > middles.middle_orders then 'often'
            else 'seldom'
        end as segment
    from outcomes
    left join middles
        on outcomes.campaign_id = middles.campaign_id

    union all

    select
        outcomes.campaign_id,
        outcomes.customer_id,
        'former_buyers_of' as segment_kind,
        departments.department as segment
    from outcomes
    inner join departments
        on
            outcomes.customer_id = departments.customer_id
            and outcomes.start_date > departments.first_bought_date
    {% for attribute in attributes %}

        union all

        select
            outcomes.campaign_id,
            outcomes.customer_id,
            '{{ attribute }}' as segment_kind,
            customers.{{ attribute }} as segment
        from outcomes
        inner join customers
            on outcomes.customer_id = customers.customer_id
        where customers.{{ attribute }} is not null
    {% endfor %}

),

sized as (

    select
        campaign_id,
        segment_kind,
        segment,
        count(*) over (partition by campaign_id, segment_kind, segment) as customers
    from named

),

distinct_segments as (

    select distinct
        campaign_id,
        segment_kind,
        segment,
        customers
    from sized

),

ranked as (

    select
        campaign_id,
        segment_kind,
        segment,
        row_number() over (
            partition by campaign_id, segment_kind order by customers desc, segment asc
        ) as segment_rank,
        count(*) over (partition by campaign_id, segment_kind) as segments
    from distinct_segments

)

-- One segment alone is the whole.
select
    named.campaign_id,
    named.customer_id,
    named.segment_kind,
    named.segment
from named
inner join ranked
    on
        named.campaign_id = ranked.campaign_id
        and named.segment_kind = ranked.segment_kind
        and named.segment = ranked.segment
where
    ranked.segments > 1
    and ranked.segment_rank <= {{ var('campaign_segments_a_kind') }}
