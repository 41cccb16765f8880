{#- Which customers an identifier joins, and which it does not. Of those who share one,
    all who are alike are joined to the first of them, and the first of the others is
    told apart from the very first: as many edges as customers, however many share it.

    Who is alike has the same name (an initial stands for the only name that begins with
    it) and no other date of birth; who has no name is alike where all have the same
    one, unless it is only a telephone number that is shared. -#}
with identifiers as (

    select * from {{ ref('int_identity_identifiers') }}

),

names as (

    select * from {{ ref('int_identity_names') }}

),

customer_ids as (

    select * from {{ ref('stg_crm__customer_ids') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

counted as (

    select
        identifiers.customer_id,
        identifiers.identifier_kind,
        identifiers.identifier_number,
        identifiers.is_blocked,
        identifiers.first_seen_date,
        identifiers.known_on,
        names.surname_number,
        names.given_number,
        names.initial_number,
        names.is_initial,
        names.birth_number,
        count(*) over (
            partition by identifiers.identifier_kind, identifiers.identifier_number
        ) as shared_by
    from identifiers
    left join names
        on identifiers.customer_id = names.customer_id

),

shared as (

    select
        counted.*,
        case
            when identifier_kind in ('address', 'household_number') then 'household'
            else 'person'
        end as relation,
        case
            when is_blocked then 'blocklisted'
            when
                identifier_kind in ('address', 'household_number')
                and shared_by > {{ var('identity_household_max_customers') }}
                then 'shared_by_many'
            when
                identifier_kind not in ('address', 'household_number')
                and shared_by > {{ var('identity_shared_max_customers') }}
                then 'shared_by_many'
        end as group_reason
    from counted
    where shared_by > 1

),

given_names as (

    select
        shared.*,
        min(case when not is_initial then given_number end) over same_initial as first_given,
        max(case when not is_initial then given_number end) over same_initial as last_given
    from shared
    window same_initial as (
        partition by identifier_kind, identifier_number, surname_number, initial_number
    )

),

named as (

    select
        given_names.*,
        case
            when surname_number is not null
                then
                    concat(
                        surname_number,
                        ' ',
                        coalesce(
                            case
                                when is_initial and first_given = last_given then first_given
                                else given_number
                            end, 0
                        )
                    )
        end as own_name
    from given_names

),

sole_names as (

    select
        named.*,
        min(own_name) over identifier_group as least_name,
        max(own_name) over identifier_group as greatest_name
    from named
    window identifier_group as (partition by identifier_kind, identifier_number)

),

alike_names as (

    select
        sole_names.*,
        case
            when relation = 'household' or group_reason is not null then '-'
            when own_name is not null then own_name
            when identifier_kind = 'phone' then null
            when least_name is null then '-'
            when least_name = greatest_name then least_name
        end as name_key
    from sole_names

),

births as (

    select
        alike_names.*,
        min(birth_number) over same_name as least_birth,
        max(birth_number) over same_name as greatest_birth
    from alike_names
    window same_name as (partition by identifier_kind, identifier_number, name_key)

),

told as (

    select
        births.*,
        case
            when relation = 'household' or group_reason is not null then 0
            when least_birth is null or least_birth = greatest_birth then 0
            else birth_number
        end as birth_key
    from births

),

numbered as (

    select
        told.*,
        first_value(customer_id) over in_group as group_customer_id,
        first_value(known_on) over in_group as group_known_on,
        first_value(name_key) over in_group as group_name_key,
        first_value(customer_id) over alike as alike_customer_id,
        first_value(known_on) over alike as alike_known_on
    from told
    window
        in_group as (
            partition by identifier_kind, identifier_number
            order by first_seen_date nulls last, customer_id
        ),
        alike as (
            partition by identifier_kind, identifier_number, name_key, birth_key
            order by first_seen_date nulls last, customer_id
        )

),

by_identifier as (

    select
        relation,
        identifier_kind as rule,
        customer_id,
        alike_customer_id as earlier_customer_id,
        greatest(known_on, alike_known_on) as since_date,
        shared_by,
        group_reason as refusal_reason
    from numbered
    where
        name_key is not null
        and birth_key is not null
        and customer_id <> alike_customer_id

    union all

    select
        relation,
        identifier_kind as rule,
        customer_id,
        group_customer_id as earlier_customer_id,
        greatest(known_on, group_known_on) as since_date,
        shared_by,
        case
            when name_key is null or group_name_key is null then 'name_unknown'
            when name_key <> group_name_key then 'other_name'
            when birth_key is null then 'birth_date_unknown'
            else 'other_birth_date'
        end as refusal_reason
    from numbered
    where
        customer_id <> group_customer_id
        and (name_key is null or birth_key is null or customer_id = alike_customer_id)

),

-- A number that another system has is a customer only where customers are known by it.
alias_pairs as (

    select
        customer_ids.source_id,
        customer_ids.source_system,
        customer_ids.customer_id,
        customer_ids.linked_on,
        sources.is_known,
        sources.first_seen_date as source_seen_date,
        customers.first_seen_date,
        min(customer_ids.customer_id) over (partition by customer_ids.source_id)
        <> max(customer_ids.customer_id) over (partition by customer_ids.source_id) as is_ambiguous
    from customer_ids
    inner join customers
        on customer_ids.customer_id = customers.customer_id
    inner join customers as sources
        on customer_ids.source_id = sources.customer_id
    where customer_ids.source_id <> customer_ids.customer_id

),

ordered_pairs as (

    select
        alias_pairs.*,
        coalesce(
            first_seen_date < source_seen_date
            or (first_seen_date = source_seen_date and customer_id < source_id)
            or (
                source_seen_date is null
                and (first_seen_date is not null or customer_id < source_id)
            ), false
        ) as is_customer_first
    from alias_pairs

),

by_alias as (

    select
        'person' as relation,
        'alias' as rule,
        case when is_customer_first then source_id else customer_id end as customer_id,
        case when is_customer_first then customer_id else source_id end as earlier_customer_id,
        greatest(linked_on, first_seen_date, source_seen_date) as since_date,
        2 as shared_by,
        case
            when is_ambiguous then 'number_of_several'
            when
                is_known
                and coalesce(source_system, 'crm') not in (
                    {%- for system in var('identity_customer_number_systems') %}
                        '{{ system }}'{{ "," if not loop.last }}
                    {%- endfor %}
                )
                then 'number_of_another_system'
        end as refusal_reason
    from ordered_pairs

),

edges as (

    select * from by_identifier

    union all

    select * from by_alias

),

ranked as (

    select
        edges.*,
        row_number() over (
            partition by relation, rule, customer_id, earlier_customer_id
            order by
                case when refusal_reason is null then 0 else 1 end,
                since_date nulls last,
                shared_by,
                refusal_reason
        ) as edge_number
    from edges

)

select
    relation,
    rule,
    customer_id,
    earlier_customer_id,
    cast(since_date as date) as since_date,
    cast(shared_by as bigint) as shared_by,
    refusal_reason
from ranked
where edge_number = 1
