{#- The four taxonomies of the business side by side, per canonical stage. -#}
with taxonomies as (

    select * from {{ ref('lifecycle_taxonomies') }}

)

select
    lifecycle_stage,
    max(case when taxonomy = 'retail' then taxonomy_stage end) as retail_stage,
    max(case when taxonomy = 'loyalty' then taxonomy_stage end) as loyalty_stage,
    max(case when taxonomy = 'retention' then taxonomy_stage end) as retention_stage,
    max(case when taxonomy = 'channel' then taxonomy_stage end) as channel_stage
from taxonomies
group by lifecycle_stage
