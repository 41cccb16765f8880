{#- Of a customer who is not the first of the cluster the edge that holds them in it:
    the oldest one. -#}
with customers as (

    select * from {{ ref('dim_customers') }}

),

clusters as (

    select * from {{ ref('stg_identity__clusters') }}

),

edges as (

    select * from {{ ref('identity_edges') }}
    where is_accepted

),

ends as (

    select
        relation,
        rule,
        customer_id,
        since_date,
        0 as end_rank
    from edges

    union all

    select
        relation,
        rule,
        earlier_customer_id as customer_id,
        since_date,
        1 as end_rank
    from edges

),

ranked as (

    select
        ends.*,
        row_number() over (
            partition by relation, customer_id
            order by since_date nulls last, end_rank, rule
        ) as edge_number
    from ends

),

first_edges as (

    select * from ranked
    where edge_number = 1

),

joined as (

    select
        customers.customer_id,
        customers.first_seen_date,
        coalesce(persons.cluster_id, customers.customer_id) as person_id,
        coalesce(households.cluster_id, customers.customer_id) as household_id,
        coalesce(persons.customers, 1) as person_customers,
        coalesce(households.customers, 1) as household_customers
    from customers
    left join clusters as persons
        on
            customers.customer_id = persons.customer_id
            and persons.relation = 'person'
    left join clusters as households
        on
            customers.customer_id = households.customer_id
            and households.relation = 'household'

)

select
    joined.customer_id,
    joined.person_id,
    joined.household_id,
    joined.first_seen_date,
    joined.person_id = joined.customer_id as is_first_of_person,
    case when joined.person_id <> joined.customer_id then person_edges.rule end as person_rule,
    case when joined.person_id <> joined.customer_id then person_edges.since_date end
        as person_since_date,
    case
        when joined.household_id <> joined.customer_id then household_edges.rule
    end as household_rule,
    case
        when joined.household_id <> joined.customer_id then household_edges.since_date
    end as household_since_date,
    cast(joined.person_customers as bigint) as person_customers,
    cast(joined.household_customers as bigint) as household_customers
from joined
left join first_edges as person_edges
    on
        joined.customer_id = person_edges.customer_id
        and person_edges.relation = 'person'
left join first_edges as household_edges
    on
        joined.customer_id = household_edges.customer_id
        and household_edges.relation = 'household'
