{#- Customers of campaigns that held nobody back, in cells of those who bought as much in the weeks
    before the baseline. One row per campaign, shift and customer. -#}
with units as (

    select * from {{ ref('int_campaign_units') }}

),

totals as (

    select
        campaign_id,
        placebo_shift,
        weeks,
        customer_id,
        is_treated,
        -- Ties are those of money, and not of the last digits of a sum of floats.
        round(sum(case when week = -1 then revenue else 0 end), 2) as matching_revenue,
    {% for outcome in ['orders', 'revenue', 'contribution'] %}
        round(
            sum(
                case
                    when
                        week >= 0 and week < {{ var('campaign_baseline_weeks') }}
                        then {{ outcome }} else
                        0
                end
            ),
            2
        )
        * weeks / (1.0e0 * {{ var('campaign_baseline_weeks') }}) as {{ outcome }}_x,
        round(
            sum(
                case when week >= {{ var('campaign_baseline_weeks') }} then {{ outcome }} else 0 end
            ),
            2
        )
            as {{ outcome }}_y{{ "," if not loop.last }}
    {% endfor %}
    from units
    group by
        campaign_id,
        placebo_shift,
        weeks,
        customer_id,
        is_treated

),

ranked as (

    select
        campaign_id,
        placebo_shift,
        customer_id,
        ntile({{ var('campaign_cells') }}) over (
            partition by campaign_id, placebo_shift order by matching_revenue, customer_id
        ) as matching_tile
    from totals
    where matching_revenue > 0

)

select
    totals.campaign_id,
    totals.placebo_shift,
    totals.weeks,
    totals.customer_id,
    totals.is_treated,
    coalesce(ranked.matching_tile, 0) as cell,
    {{ campaign_bucket('totals.customer_id', 20) }} as bucket,
{% for outcome in ['orders', 'revenue', 'contribution'] %}
    totals.{{ outcome }}_x,
    totals.{{ outcome }}_y{{ "," if not loop.last }}
{% endfor %}
from totals
left join ranked
    on
        totals.campaign_id = ranked.campaign_id
        and totals.placebo_shift = ranked.placebo_shift
        and totals.customer_id = ranked.customer_id
