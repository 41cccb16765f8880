{%- set features = segment_features() -%}

with segments as (

    select * from {{ ref('int_customer_segments') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

),

churn as (

    select * from {{ ref('customer_churn') }}

),

categories as (

    select * from {{ ref('int_segment_categories') }}

),

channels as (

    select * from {{ ref('int_segment_channels') }}

),

clusters as (

    select clusters.*
    from {{ ref('stg_segments__segment_clusters') }} as clusters
    inner join {{ ref('as_of') }} as as_of
        on clusters.as_of_date = as_of.as_of_date
    where clusters.segment is not null

),

customers as (

    select
        segments.*,
        customer_values.net_revenue as net_revenue_to_date,
        customer_values.net_revenue_365d,
        customer_values.valid_order_count,
        customer_values.average_order_value * customer_values.valid_order_count
            as valid_order_revenue,
        customer_values.clv_365d,
        churn.p_churn
    from segments
    inner join customer_values
        on segments.customer_id = customer_values.customer_id
    inner join churn
        on segments.customer_id = churn.customer_id

),

summed as (

    {% for scheme, column in segment_schemes().items() %}
        select
            '{{ scheme }}' as scheme,
            {{ column }} as segment,
            as_of_date,
            count(*) as customers,
            sum(net_revenue_to_date) as net_revenue,
            sum(net_revenue_365d) as net_revenue_365d,
            sum(valid_order_count) as valid_orders,
            sum(valid_order_revenue) as valid_order_revenue,
            count(clv_365d) as valued_customers,
            sum(clv_365d) as clv_365d,
            count(p_churn) as churn_customers,
            avg(p_churn) as p_churn,
            {% for feature in features %}
                count({{ feature }}) as {{ feature }}_n,
                sum({{ feature }}) as {{ feature }}_sum,
                sum({{ feature }} * {{ feature }}) as {{ feature }}_squares,
            {% endfor %}
            sum(case when has_moved then 1 else 0 end) as moved_in
        from customers
        group by
            {{ column }},
            as_of_date
        {{ "union all" if not loop.last }}
    {% endfor %}

),

totals as (

    select
        scheme,
        sum(customers) as customers,
        sum(net_revenue) as net_revenue
    from summed
    group by scheme

),

by_feature as (

    {% for feature in features %}
        select
            scheme,
            segment,
            '{{ feature }}' as feature,
            {{ loop.index }} as feature_order,
            {{ feature }}_n as inside_n,
            {{ feature }}_sum as inside_sum,
            {{ feature }}_squares as inside_squares,
            sum({{ feature }}_n) over (partition by scheme) as all_n,
            sum({{ feature }}_sum) over (partition by scheme) as all_sum,
            sum({{ feature }}_squares) over (partition by scheme) as all_squares
        from summed
        {{ "union all" if not loop.last }}
    {% endfor %}

),

moments as (

    select
        scheme,
        segment,
        feature,
        feature_order,
        inside_n,
        all_n - inside_n as outside_n,
        inside_sum / nullif(inside_n, 0) as inside_mean,
        (all_sum - inside_sum) / nullif(all_n - inside_n, 0) as outside_mean,
        greatest(
            (inside_squares - inside_sum * inside_sum / nullif(inside_n, 0))
            / nullif(inside_n - 1, 0),
            0
        ) as inside_variance,
        greatest(
            (
                (all_squares - inside_squares)
                - (all_sum - inside_sum) * (all_sum - inside_sum) / nullif(all_n - inside_n, 0)
            )
            / nullif(all_n - inside_n - 1, 0),
            0
        ) as outside_variance,
        sqrt(greatest(
            (all_squares - all_sum * all_sum / nullif(all_n, 0)) / nullif(all_n - 1, 0), 0
        )) as deviation
    from by_feature

),

differences as (

    select
        *,
        inside_mean - outside_mean as difference,
        1.96 * sqrt(inside_variance / inside_n + outside_variance / outside_n) as margin,
        (inside_mean - outside_mean) / nullif(deviation, 0) as effect
    from moments
    where
        inside_n >= {{ var('segment_apart_customers') }}
        and outside_n >= {{ var('segment_apart_customers') }}

),

differing as (

    select distinct
        scheme,
        segment
    from differences

),

-- Sums of squares leave a trace of a spread where there is none.
apart as (

    select
        *,
        row_number() over (
            partition by scheme, segment
            order by abs(effect) desc, feature_order asc
        ) as effect_rank
    from differences
    where
        abs(difference) > margin
        and abs(effect) >= {{ var('segment_apart_effect') }}
        and deviation > 1e-6 * abs(outside_mean)

),

top_categories as (

    select
        scheme,
        segment,
    {% for rank in [1, 2, 3] -%}
        max(case when category_rank = {{ rank }} then category end)
            as top_category_{{ rank }}{{ "," if not loop.last }}
    {% endfor %}
    from categories
    where category_rank <= 3
    group by
        scheme,
        segment

),

leaning as (

    select
        scheme,
        segment,
        category,
        share_index,
        row_number() over (partition by scheme, segment order by share_index desc, category asc)
            as index_rank
    from categories
    where
        segment_share >= {{ var('segment_leaning_least_share') }}
        and share_index > 1

),

top_channels as (

    select
        scheme,
        segment,
        max(case when channel_rank = 1 then channel_id end) as top_channel_id,
        sum(case when channel_rank = 1 and channel_id is not null then orders end)
            as top_channel_orders,
        sum(case when channel_id is not null then orders end) as channel_orders,
        sum(case when is_online then orders else 0 end) as online_orders,
        sum(case when is_online is not null then orders end) as known_orders
    from channels
    group by
        scheme,
        segment

)

select
    summed.scheme,
    summed.segment,
    summed.as_of_date,
    cast(summed.customers as bigint) as customers,
    cast(summed.customers as double) / nullif(totals.customers, 0) as customer_share,
    cast(summed.net_revenue as decimal(18, 2)) as net_revenue,
    cast(summed.net_revenue as double) / nullif(cast(totals.net_revenue as double), 0)
        as revenue_share,
    cast(summed.net_revenue_365d as decimal(18, 2)) as net_revenue_365d,
    cast(summed.valid_orders as bigint) as valid_order_count,
    {{ rounded_decimal(
        "cast(summed.valid_order_revenue as double) "
        ~ "/ nullif(summed.valid_orders, 0)"
    ) }} as average_order_value,
    cast(summed.valued_customers as bigint) as valued_customers,
    cast(summed.clv_365d as decimal(18, 2)) as clv_365d,
    {{ rounded_decimal(
        "cast(summed.clv_365d as double) "
        ~ "/ nullif(summed.valued_customers, 0)"
    ) }} as average_clv_365d,
    round(cast(summed.p_churn as double), 9) as p_churn,
    case when summed.scheme = 'behavioural' then cast(summed.moved_in as bigint) end
        as moved_in_customers,
    top_channels.top_channel_id,
    cast(top_channels.top_channel_orders as double) / nullif(top_channels.channel_orders, 0)
        as top_channel_share,
    cast(top_channels.online_orders as double) / nullif(top_channels.known_orders, 0)
        as online_order_share,
    top_categories.top_category_1,
    top_categories.top_category_2,
    top_categories.top_category_3,
    leaning.category as leaning_category,
    cast(leaning.share_index as double) as leaning_index,
    apart.feature as apart_feature,
    round(cast(apart.inside_mean as double), 9) as apart_mean,
    round(cast(apart.outside_mean as double), 9) as apart_others_mean,
    round(cast(apart.difference as double), 9) as apart_difference,
    round(cast(apart.difference - apart.margin as double), 9) as apart_difference_low,
    round(cast(apart.difference + apart.margin as double), 9) as apart_difference_high,
    round(cast(apart.effect as double), 9) as apart_effect,
    case
        when apart.feature is not null then null
        when differing.segment is null then 'too_few_customers'
        else 'nothing_apart'
    end as apart_reason,
    clusters.driver_1,
    clusters.driver_2,
    clusters.driver_3,
    clusters.jaccard
from summed
inner join totals
    on summed.scheme = totals.scheme
left join top_channels
    on
        summed.scheme = top_channels.scheme
        and summed.segment = top_channels.segment
left join top_categories
    on
        summed.scheme = top_categories.scheme
        and summed.segment = top_categories.segment
left join leaning
    on
        summed.scheme = leaning.scheme
        and summed.segment = leaning.segment
        and leaning.index_rank = 1
left join apart
    on
        summed.scheme = apart.scheme
        and summed.segment = apart.segment
        and apart.effect_rank = 1
left join differing
    on
        summed.scheme = differing.scheme
        and summed.segment = differing.segment
left join clusters
    on
        case when summed.scheme = 'behavioural' then summed.segment end = clusters.segment
