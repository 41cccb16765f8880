{% set methods = ['referenced', 'product', 'amount', 'unmatched'] %}

with matches as (

    select * from {{ ref('int_return_matches') }}

),

methods as (

    {% for method in methods %}
        select
            {{ loop.index }} as match_rank,
            '{{ method }}' as return_match
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- What an order could not give back any more is unmatched.
pieces as (

    select
        return_match,
        order_line_id,
        matched_amount as amount
    from matches
    where return_match <> 'unmatched'

    union all

    select
        'unmatched' as return_match,
        case when return_match = 'unmatched' then order_line_id end as order_line_id,
        unmatched_amount as amount
    from matches

),

summed as (

    select
        return_match,
        count(order_line_id) as line_count,
        sum(amount) as amount
    from pieces
    group by return_match

),

totalled as (

    select
        methods.match_rank,
        methods.return_match,
        coalesce(summed.line_count, 0) as line_count,
        coalesce(summed.amount, 0) as amount
    from methods
    left join summed
        on methods.return_match = summed.return_match

)

select
    return_match,
    cast(match_rank as bigint) as match_rank,
    cast(line_count as bigint) as line_count,
    cast(amount as decimal(18, 2)) as returned_amount,
    round(cast(line_count as double) / nullif(sum(line_count) over (), 0), 6) as line_share,
    round(
        cast(amount as double) / nullif(cast(sum(amount) over () as double), 0), 6
    ) as amount_share
from totalled
