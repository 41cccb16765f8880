{{ config(materialized='view') }}

{#- Profiles as the landing holds them, whatever the as-of date: the history is kept of what was
    seen, and a replay must not rewrite it. -#}
with profiles as (

    select * from {{ ref('base_crm__customers') }}
    where row_outcome = 'accepted'

),

manifest as (

    select * from {{ source('landing', 'manifest') }}
    where table_name = 'crm.customers'

)

select
    profiles.customer_id,
    {%- for attribute in profile_attributes() %}
        profiles.{{ attribute }},
    {%- endfor %}
    profiles.consent_changed_at,
    profiles.updated_at,
    manifest.landed_on
from profiles
cross join manifest
