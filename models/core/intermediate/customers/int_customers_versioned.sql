{#- Profile versions with the span of days they hold for, of the profiles that the landing still
    has: a profile that is gone is gone with its history.

    Versions follow each other as they were seen. A profile's own clock dates a change only where it
    agrees with that: later than the version before, and not before the day on which that was still
    seen. Otherwise the change holds from the day it was seen. The first version holds from the
    beginning: what came before it is not known. -#}
{%- set attributes = "all_versions." ~ profile_attributes() | join(", all_versions.") -%}

with seen_versions as (

    select * from {{ ref('customers_snapshot') }}

),

landed_versions as (

    select * from {{ ref('base_crm__customers') }}
    where
        row_outcome = 'superseded'
        and updated_at is not null

),

profiles as (

    select * from {{ ref('int_profiles_landed') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- A version was closed when the next one was seen. Older warehouses dated by the profile's clock
-- and kept no day of landing.
sequenced as (

    select
        seen_versions.*,
        coalesce(landed_on, cast(dbt_valid_from as date)) as seen_on,
        cast(
            row_number() over (
                partition by customer_id
                order by dbt_valid_to nulls last, dbt_valid_from, dbt_updated_at
            ) as double
        ) as sequence_number
    from seen_versions

),

-- Older versions that landed together with their successors come before them.
never_seen as (

    select
        landed_versions.customer_id,
        landed_versions.updated_at,
        coalesce(
            min(
                case
                    when sequenced.updated_at > landed_versions.updated_at
                        then sequenced.sequence_number
                end
            ), 1
        ) - 0.5 as sequence_number
    from landed_versions
    inner join sequenced
        on landed_versions.customer_id = sequenced.customer_id
    group by
        landed_versions.customer_id,
        landed_versions.updated_at
    having count(case when sequenced.updated_at = landed_versions.updated_at then 1 end) = 0

),

all_versions as (

    select
        customer_id,
        {%- for attribute in profile_attributes() %}
            {{ attribute }},
        {%- endfor %}
        consent_changed_at,
        updated_at,
        seen_on,
        sequence_number
    from sequenced

    union all

    select
        landed_versions.customer_id,
        {%- for attribute in profile_attributes() %}
            landed_versions.{{ attribute }},
        {%- endfor %}
        landed_versions.consent_changed_at,
        landed_versions.updated_at,
        cast(landed_versions.updated_at as date) as seen_on,
        never_seen.sequence_number
    from landed_versions
    inner join never_seen
        on
            landed_versions.customer_id = never_seen.customer_id
            and landed_versions.updated_at = never_seen.updated_at

),

numbered as (

    select
        all_versions.*,
        row_number() over (
            partition by all_versions.customer_id
            order by all_versions.sequence_number, all_versions.updated_at, {{ attributes }}
        ) as version_number
    from all_versions
    inner join profiles
        on all_versions.customer_id = profiles.customer_id

),

compared as (

    select
        numbered.*,
        lag(updated_at) over (partition by customer_id order by version_number)
            as previous_updated_at,
        lag(seen_on) over (partition by customer_id order by version_number) as previous_seen_on
    from numbered

),

dated as (

    select
        compared.*,
        case
            when version_number = 1 then null
            when
                cast(updated_at as date) between previous_seen_on and seen_on
                and (previous_updated_at is null or updated_at > previous_updated_at)
                then cast(updated_at as date)
            else seen_on
        end as changed_on
    from compared

),

started as (

    select
        dated.*,
        max(changed_on) over (
            partition by customer_id
            order by version_number
            rows between unbounded preceding and current row
        ) as valid_from
    from dated

),

spans as (

    select
        started.*,
        lead(valid_from) over (partition by customer_id order by version_number) as valid_to
    from started

)

select
    spans.customer_id,
    spans.version_number,
    spans.valid_from,
    case when spans.valid_to < as_of.known_before_date then spans.valid_to end as valid_to,
    coalesce(spans.valid_to >= as_of.known_before_date, true) as is_current,
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
    case
        when spans.consent_changed_at is null or spans.consent_changed_at < as_of.known_before_date
            then spans.has_marketing_consent
    end as has_marketing_consent
from spans
cross join as_of
where
    (spans.valid_from is null or spans.valid_from < as_of.known_before_date)
    and (spans.registered_at is null or spans.registered_at < as_of.as_of_date)
