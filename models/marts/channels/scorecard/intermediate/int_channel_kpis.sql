{#- All key figures of a channel and period side by side. A row for whatever is known of a
    channel: what was spent on it stays where nothing came of it. -#}
{%- set kinds = [
    'sales', 'economics', 'conversions', 'voices', 'retentions', 'operations', 'frictions',
    'reaches', 'coverages'
] -%}

with channels as (

    select * from {{ ref('dim_channels') }}

),

periods as (

    select distinct
        period_grain,
        period_start,
        next_period_start,
        is_complete
    from {{ ref('int_scorecard_periods') }}

),

{% for kind in kinds %}
    {{ kind }} as (

        select * from {{ ref('int_channel_' ~ kind) }}

    ),

{% endfor %}
keys as (

    {% for kind in kinds %}
        select
            period_grain,
            period_start,
            channel_id
        from {{ kind }}
        {{ "union" if not loop.last }}
    {% endfor %}

),

named as (

    select
        keys.period_grain,
        keys.period_start,
        periods.next_period_start,
        periods.is_complete,
        keys.channel_id,
        case when keys.channel_id = '(unknown)' then 'Unknown' else channels.channel_name end
            as channel_name,
        case when keys.channel_id = '(unknown)' then 'sales' else channels.channel_type end
            as channel_type,
        channels.is_online
    from keys
    inner join periods
        on
            keys.period_grain = periods.period_grain
            and keys.period_start = periods.period_start
    left join channels
        on keys.channel_id = channels.channel_id

)

select
    named.period_grain,
    named.period_start,
    named.next_period_start,
    named.is_complete,
    named.channel_id,
    named.channel_name,
    named.channel_type,
    named.is_online,
    sales.sales_basis,
    sales.net_revenue,
    sales.growth_previous,
    sales.growth_year_ago,
    sales.orders,
    sales.average_order_value,
    sales.contribution,
    conversions.contacted_customers,
    conversions.converted_customers,
    conversions.conversion_rate,
    conversions.conversion_rate_low,
    conversions.conversion_rate_high,
    sales.new_customers,
    economics.contacts,
    economics.spend,
    economics.spend_basis,
    economics.acquisition_spend,
    economics.cac,
    economics.payback_months,
    economics.payback_share,
    economics.roi_margin,
    economics.roas_margin,
    economics.clv_basis,
    economics.clv_365d_acquired,
    economics.lifetime_value_acquired,
    economics.lifetime_value_acquired_low,
    economics.ltv_to_cac,
    economics.ltv_to_cac_low,
    voices.csat_answers,
    voices.csat,
    voices.csat_low,
    voices.csat_high,
    voices.nps_answers,
    voices.nps,
    voices.nps_low,
    voices.nps_high,
    retentions.retention_customers,
    retentions.retention_rate,
    retentions.churn_rate,
    retentions.churn_rate_low,
    retentions.churn_rate_high,
    operations.processing_hours,
    operations.promised_orders,
    operations.on_time_share,
    economics.cost_per_order,
    operations.handled_tickets,
    operations.handling_minutes,
    operations.inventory_units,
    operations.inventory_value,
    coverages.coverage,
    coverages.reached_share,
    reaches.customers,
    reaches.penetration,
    voices.awareness_answers,
    voices.awareness,
    voices.awareness_low,
    voices.awareness_high,
    frictions.order_attempts,
    frictions.abandoned_orders,
    frictions.failed_orders,
    frictions.cancelled_orders,
    frictions.returned_orders,
    frictions.friction_rate,
    reaches.preference,
    reaches.cross_channel_share
from named
{% for kind in kinds %}
    left join {{ kind }}
        on
            named.period_grain = {{ kind }}.period_grain
            and named.period_start = {{ kind }}.period_start
            and named.channel_id = {{ kind }}.channel_id
{% endfor %}
where named.channel_type in ('sales', 'marketing')
