{#- The categories that a customer bought most often before a cut: what speaks for new ones. -#}
with customer_categories as (

    select * from {{ ref('int_customer_categories') }}

),

ranked as (

    select
        cut_number,
        customer_id,
        category_number,
        ln(1 + baskets) as weight,
        row_number() over (
            partition by cut_number, customer_id
            order by baskets desc, category_number asc
        ) as position
    from customer_categories

)

select
    cut_number,
    customer_id,
    category_number,
    weight
from ranked
where position <= {{ var('next_category_own_categories') }}
