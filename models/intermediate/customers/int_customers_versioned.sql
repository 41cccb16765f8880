{#- Profile versions with the span of days they hold for. The first version holds from the
    beginning: what came before it is not known. -#}
with versions as (

    select * from {{ ref('customers_snapshot') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

numbered as (

    select
        versions.*,
        row_number() over (
            partition by versions.customer_id
            order by versions.dbt_valid_from, versions.dbt_updated_at
        ) as version_number
    from versions

),

spans as (

    select
        numbered.*,
        case when numbered.version_number > 1 then cast(numbered.dbt_valid_from as date) end
            as valid_from,
        cast(numbered.dbt_valid_to as date) as valid_to
    from numbered

)

select
    spans.customer_id,
    spans.version_number,
    spans.valid_from,
    case when spans.valid_to < as_of.as_of_date then spans.valid_to end as valid_to,
    coalesce(spans.valid_to >= as_of.as_of_date, true) as is_current,
    spans.household_id,
    cast(spans.registered_at as date) as registered_date,
    spans.age_band,
    spans.gender,
    spans.income_band,
    spans.occupation,
    spans.marital_status,
    spans.home_ownership,
    spans.household_size,
    spans.household_composition,
    spans.children_count,
    spans.city,
    spans.city_tier,
    spans.region,
    spans.acquisition_channel_id,
    spans.preferred_channel_id,
    spans.referrer_customer_id,
    spans.has_marketing_consent
from spans
cross join as_of
where
    spans.valid_from is null
    or spans.valid_from < as_of.as_of_date
