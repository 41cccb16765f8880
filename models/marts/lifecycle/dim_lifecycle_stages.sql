with stages as (

    select * from {{ ref('lifecycle_stages') }}

),

taxonomies as (

    select * from {{ ref('lifecycle_taxonomies') }}

),

named as (

    select
        lifecycle_stage,
    {% for taxonomy in ['retail', 'loyalty', 'retention', 'channel'] %}
        max(case when taxonomy = '{{ taxonomy }}' then taxonomy_stage end)
            as {{ taxonomy }}_stage,
        max(case when taxonomy = '{{ taxonomy }}' then label_zh end)
            as {{ taxonomy }}_stage_zh{{ "," if not loop.last }}
    {% endfor %}
    from taxonomies
    group by lifecycle_stage

)

select
    stages.lifecycle_stage,
    cast(stages.sort_order as bigint) as sort_order,
    stages.label_en,
    stages.label_zh,
    stages.meaning,
    stages.is_active,
    stages.management_step,
    named.retail_stage,
    named.retail_stage_zh,
    named.loyalty_stage,
    named.loyalty_stage_zh,
    named.retention_stage,
    named.retention_stage_zh,
    named.channel_stage,
    named.channel_stage_zh
from stages
inner join named
    on stages.lifecycle_stage = named.lifecycle_stage
