{#- A domain with names adds its seed here. -#}
{% set seeds = [
    'core_labels', 'customers_labels', 'profile_labels', 'identity_labels', 'service_labels', 'movement_labels',
    'targets_labels',
    'lifecycle_labels', 'rfm_labels', 'segments_labels', 'value_labels', 'churn_labels',
    'reasons_labels', 'channels_labels', 'baskets_labels', 'price_labels', 'campaigns_labels',
    'actions_labels', 'points_labels', 'tiers_labels', 'accounting_labels', 'report_card_labels'
] -%}

with listed as (

    {% for seed in seeds %}
        select
            vocabulary,
            value,
            sort_order,
            label_en,
            label_zh,
            meaning_en,
            meaning_zh
        from {{ ref(seed) }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

stages as (

    select * from {{ ref('lifecycle_stages') }}

),

taxonomies as (

    select * from {{ ref('lifecycle_taxonomies') }}

),

segments as (

    select * from {{ ref('rfm_segment_labels') }}

),

metrics as (

    select * from {{ ref('backtest_metrics') }}

),

-- A stage of a taxonomy stands for several canonical ones.
taxonomy_stages as (

    select
        concat(taxonomies.taxonomy, '_stage') as vocabulary,
        taxonomies.taxonomy_stage as value,
        min(stages.sort_order) as sort_order,
        min(taxonomies.label_en) as label_en,
        min(taxonomies.label_zh) as label_zh
    from taxonomies
    inner join stages
        on taxonomies.lifecycle_stage = stages.lifecycle_stage
    group by
        taxonomies.taxonomy,
        taxonomies.taxonomy_stage

),

named as (

    select * from listed

    union all

    select
        'lifecycle_stage' as vocabulary,
        lifecycle_stage as value,
        sort_order,
        label_en,
        label_zh,
        meaning as meaning_en,
        meaning_zh
    from stages

    union all

    select
        vocabulary,
        value,
        sort_order,
        label_en,
        label_zh,
        cast(null as {{ dbt.type_string() }}) as meaning_en,
        cast(null as {{ dbt.type_string() }}) as meaning_zh
    from taxonomy_stages

    union all

    select
        'rfm_segment' as vocabulary,
        segment as value,
        segment_rank as sort_order,
        label_en,
        label_zh,
        description as meaning_en,
        description_zh as meaning_zh
    from segments

    union all

    select
        'metric' as vocabulary,
        metric as value,
        sort_order,
        label_en,
        label_zh,
        meaning_en,
        meaning_zh
    from metrics

)

select
    vocabulary,
    value,
    cast(sort_order as bigint) as sort_order,
    label_en,
    label_zh,
    meaning_en,
    meaning_zh
from named
