{#- What customers can be told by. An identifier is a number that stands for it, the
    same for all who have it: what it stands for is compared here, where it is read, and
    goes no further. -#}
with {{ visible_rows('crm', 'customers') }},

record_versions as (

    select base_rows.*
    from {{ ref('base_crm__customers') }} as base_rows
    cross join as_of
    where
        base_rows.row_outcome in ('accepted', 'superseded')
        and (
            base_rows.updated_at is null or base_rows.updated_at < as_of.known_before_date
        )

),

first_versions as (

    select
        customer_id,
        min(updated_at) as first_updated_at
    from record_versions
    group by customer_id

),

cards as (

    select * from {{ ref('base_loyalty__accounts') }}
    where
        row_outcome = 'accepted'
        and card_number is not null

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

countries as (

    select * from {{ ref('identity_countries') }}

),

email_domains as (

    select * from {{ ref('identity_email_domains') }}

),

-- What dbt reads as nothing where it is written in a seed is added here.
blocklist as (

    select * from {{ ref('identity_blocklist') }}

    union

    select
        'email' as identifier_kind,
        'mailbox' as part,
        'null' as value

),

-- The record as it is, and since when it says so.
written as (

    select
        customer_id,
        household_id,
        full_name,
        email,
        phone,
        country,
        address,
        postal_code,
        true as is_current,
        cast(null as date) as changed_on
    from visible_rows

    union all

    select
        record_versions.customer_id,
        record_versions.household_id,
        record_versions.full_name,
        record_versions.email,
        record_versions.phone,
        record_versions.country,
        record_versions.address,
        record_versions.postal_code,
        false as is_current,
        case
            when record_versions.updated_at > first_versions.first_updated_at
                then cast(record_versions.updated_at as date)
        end as changed_on
    from record_versions
    inner join first_versions
        on record_versions.customer_id = first_versions.customer_id

),

plain as (

    select
        customer_id,
        household_id,
        is_current,
        changed_on,
        case
            when email like '_%@_%._%' and email not like '%@%@%'
                then {{ without_blanks('lower(email)') }}
        end as email,
        replace({{ without_blanks('phone') }}, '(0)', '') as phone,
        {{ only_digits("replace(" ~ without_blanks('phone') ~ ", '(0)', '')") }} as phone_digits,
        {% if var('identity_default_country') is none -%}
            upper(trim(country)) as country,
        {%- else -%}
            coalesce(upper(trim(country)), '{{ var("identity_default_country") }}') as country,
        {%- endif %}
        {{ surname_in(plain_name('full_name')) }} as surname,
        {{ without_blanks(plain_name('address')) }} as address,
        {{ without_blanks('lower(postal_code)') }} as postal_code
    from written

),

parted as (

    select
        plain.*,
        {{ dbt.split_part('plain.email', "'@'", 1) }} as mailbox,
        {{ dbt.split_part('plain.email', "'@'", 2) }} as email_domain,
        countries.dial_code,
        countries.trunk_prefix
    from plain
    left join countries
        on plain.country = countries.country

),

tagged as (

    select
        parted.*,
        coalesce(email_domains.same_as_domain, parted.email_domain) as mail_domain,
        coalesce(email_domains.ignores_dots, false) as ignores_dots,
        case
            when email_domains.ignores_tag
                then {{ dbt.split_part('parted.mailbox', "'+'", 1) }}
            else parted.mailbox
        end as untagged_mailbox
    from parted
    left join email_domains
        on parted.email_domain = email_domains.domain

),

identified as (

    select
        customer_id,
        'email' as identifier_kind,
        concat(
            case
                when ignores_dots then replace(untagged_mailbox, '.', '') else untagged_mailbox
            end,
            '@',
            mail_domain
        ) as identifier,
        mailbox as blocked_part,
        email_domain as blocked_domain,
        is_current,
        changed_on
    from tagged
    where email is not null

    union all

    select
        customer_id,
        'phone' as identifier_kind,
        {{ dialled_number('phone', 'phone_digits', 'dial_code', 'trunk_prefix') }} as identifier,
        phone_digits as blocked_part,
        case
            when replace(right(phone_digits, 7), right(phone_digits, 1), '') = '' then 'repeated'
        end as blocked_domain,
        is_current,
        changed_on
    from tagged
    where length(phone_digits) between 7 and 15

    union all

    select
        customer_id,
        'address' as identifier_kind,
        concat(surname, ' ', address, ' ', postal_code) as identifier,
        null as blocked_part,
        null as blocked_domain,
        is_current,
        changed_on
    from tagged
    where
        surname is not null
        and address <> ''
        and postal_code <> ''

    union all

    select
        customer_id,
        'household_number' as identifier_kind,
        household_id as identifier,
        null as blocked_part,
        null as blocked_domain,
        is_current,
        changed_on
    from tagged
    where household_id is not null

    union all

    select
        accounts.customer_id,
        'card' as identifier_kind,
        {{ without_blanks('lower(cards.card_number)') }} as identifier,
        null as blocked_part,
        null as blocked_domain,
        true as is_current,
        accounts.enrolled_on as changed_on
    from accounts
    inner join cards
        on accounts.account_id = cards.account_id

),

held as (

    select
        identified.customer_id,
        identified.identifier_kind,
        identified.identifier,
        max(
            case
                when blocked_parts.value is not null or blocked_domains.value is not null then 1
                when identified.blocked_domain = 'repeated' then 1
                else 0
            end
        ) as is_blocked,
        max(case when identified.is_current then 1 else 0 end) as is_current,
        -- A row of the record as it is has no date of its own.
        min(
            case
                when identified.is_current and identified.identifier_kind <> 'card' then null
                else coalesce(identified.changed_on, cast('0001-01-01' as date))
            end
        ) as changed_on
    from identified
    left join blocklist as blocked_parts
        on
            identified.identifier_kind = blocked_parts.identifier_kind
            and blocked_parts.part <> 'domain'
            and identified.blocked_part = blocked_parts.value
    left join blocklist as blocked_domains
        on
            identified.identifier_kind = blocked_domains.identifier_kind
            and blocked_domains.part = 'domain'
            and identified.blocked_domain = blocked_domains.value
    group by
        identified.customer_id,
        identified.identifier_kind,
        identified.identifier

)

select
    held.customer_id,
    held.identifier_kind,
    dense_rank() over (
        partition by held.identifier_kind order by {{ dbt.hash('held.identifier') }}
    ) as identifier_number,
    held.is_blocked = 1 as is_blocked,
    customers.first_seen_date,
    case
        when held.changed_on > customers.first_seen_date then held.changed_on
        else customers.first_seen_date
    end as known_on
from held
inner join customers
    on held.customer_id = customers.customer_id
where held.is_current = 1
