with identities as (

    select * from {{ ref('customer_identity') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

persons as (

    select * from {{ ref('dim_person') }}

),

effects as (

    select * from {{ ref('identity_effects') }}

),

edges as (

    select * from {{ ref('identity_edges') }}
    where is_accepted

),

customer_values as (

    select coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('customer_value') }}

),

split_persons as (

    select person_id
    from identities
    group by person_id
    having min(household_id) <> max(household_id)

),

split_edges as (

    select edges.customer_id
    from edges
    inner join identities as later_ones
        on edges.customer_id = later_ones.customer_id
    inner join identities as earlier_ones
        on edges.earlier_customer_id = earlier_ones.customer_id
    where
        (edges.relation = 'person' and later_ones.person_id <> earlier_ones.person_id)
        or later_ones.household_id <> earlier_ones.household_id

)

select
    'customers' as problem,
    count(*) as found
from identities
having count(*) <> (select count(*) from customers)

union all

select
    'persons' as problem,
    sum(customers) as found
from persons
having coalesce(sum(customers), 0) <> (select count(*) from customers)

union all

select
    'a person in two households' as problem,
    count(*) as found
from split_persons
having count(*) > 0

union all

select
    'an edge between two clusters' as problem,
    count(*) as found
from split_edges
having count(*) > 0

union all

select
    'revenue' as problem,
    count(*) as found
from effects
cross join customer_values
where effects.net_revenue <> customer_values.net_revenue
having count(*) > 0
