with identities as (

    select * from {{ ref('customer_identity') }}

),

edges as (

    select * from {{ ref('identity_edges') }}
    where
        is_accepted
        and relation = 'person'

),

rules as (

    select distinct
        identities.person_id,
        edges.rule
    from edges
    inner join identities
        on edges.customer_id = identities.customer_id

),

listed_rules as (

    select
        person_id,
        {{ dbt.listagg("rule", "', '", "order by rule") }} as rules
    from rules
    group by person_id

),

members as (

    select
        person_id,
        min(household_id) as household_id,
        min(first_seen_date) as first_seen_date,
        max(person_since_date) as last_joined_date,
        count(*) as customers
    from identities
    group by person_id

)

select
    members.person_id,
    members.household_id,
    members.first_seen_date,
    members.last_joined_date,
    cast(members.customers as bigint) as customers,
    listed_rules.rules
from members
left join listed_rules
    on members.person_id = listed_rules.person_id
