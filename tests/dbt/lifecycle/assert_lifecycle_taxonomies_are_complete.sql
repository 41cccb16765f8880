-- Every taxonomy maps every canonical stage.
with stages as (

    select * from {{ ref('lifecycle_stages') }}

),

taxonomies as (

    select * from {{ ref('lifecycle_taxonomies') }}

),

names as (

    select distinct taxonomy
    from taxonomies

)

select
    names.taxonomy,
    stages.lifecycle_stage
from stages
cross join names
left join taxonomies
    on
        names.taxonomy = taxonomies.taxonomy
        and stages.lifecycle_stage = taxonomies.lifecycle_stage
where taxonomies.taxonomy_stage is null
