with given_back as (

    select
        -sum(
            case when order_type in ('return', 'exchange') and net_revenue < 0 then net_revenue end
        ) as on_documents,
        sum(case when order_type = 'sale' and net_revenue > 0 then returned_amount end) as on_sales
    from {{ ref('fct_orders') }}

),

matched as (

    select
        count(*) as ways,
        coalesce(sum(returned_amount), 0) as amount
    from {{ ref('return_matches') }}

)

select
    given_back.on_documents,
    given_back.on_sales,
    matched.amount
from given_back
cross join matched
where
    matched.ways != 4
    or coalesce(given_back.on_documents, 0) + coalesce(given_back.on_sales, 0) != matched.amount
