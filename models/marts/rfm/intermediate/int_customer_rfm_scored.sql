{#- A score counts the cut points strictly below the value, so equal values get equal scores. -#}
{% set measures = {
    'recency': 'recency_days', 'frequency': 'frequency', 'monetary': 'monetary_value'
} %}

with measured as (

    select * from {{ ref('int_customer_rfm_measured') }}

),

cut_points as (

    select * from {{ ref('int_rfm_cut_points') }}

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

counted as (

    select
        {% for measure, column in measures.items() %}
            0
            {% for cut_point in [20, 40, 60, 80] %}
                + case
                    when measured.{{ column }} > {{ measure }}.cut_point_{{ cut_point }} then 1
                    else 0
                end
            {% endfor %}
                as {{ measure }}_cut_points_below,
        {% endfor %}
        measured.*
    from measured
    {% for measure in measures %}
        left join cut_points as {{ measure }}
            on
                measured.snapshot_date = {{ measure }}.snapshot_date
                and {{ measure }}.measure = '{{ measure }}'
    {% endfor %}

),

scored as (

    select
        counted.*,
        case when counted.is_in_window then 5 - counted.recency_cut_points_below else 1 end
            as r_score,
        case when counted.is_in_window then 1 + counted.frequency_cut_points_below else 1 end
            as f_score,
        case when counted.is_in_window then 1 + counted.monetary_cut_points_below else 1 end
            as m_score
    from counted

)

select
    scored.snapshot_date,
    scored.is_month_end,
    scored.is_current,
    scored.is_holdout,
    scored.customer_id,
    scored.last_purchase_date,
    scored.recency_days,
    scored.frequency,
    scored.monetary_value,
    scored.is_in_window,
    cast(scored.r_score as bigint) as r_score,
    cast(scored.f_score as bigint) as f_score,
    cast(scored.m_score as bigint) as m_score,
    segments.fm_score,
    segments.segment
from scored
left join segments
    on
        scored.r_score = segments.r_score
        and scored.f_score + scored.m_score = 2 * segments.fm_score
