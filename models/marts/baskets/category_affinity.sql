with pairs as (

    select * from {{ ref('int_category_pairs') }}

),

categories as (

    select * from {{ ref('int_categories') }}

),

rates as (

    select * from {{ ref('int_category_rates') }}
    where cut_number = 0

),

similarities as (

    select * from {{ ref('int_category_similarities') }}
    where cut_number = 0

),

visits as (

    select * from {{ ref('int_customer_baskets') }}
    where cut_number = 0

),

sampled_customers as (

    select * from {{ ref('int_customers_sampled') }}

),

all_customers as (

    select count(*) as customers
    from visits
    inner join sampled_customers
        on visits.customer_id = sampled_customers.customer_id

),

measured as (

    select
        pairs.*,
        all_customers.customers,
        coalesce(one.customers, 0) as customers_a,
        coalesce(other.customers, 0) as customers_b,
        coalesce(similarities.customers_both, 0) as customers_both,
        (pairs.together - pairs.apart) / nullif(pairs.together + pairs.apart, 0) as yules_q,
        -- Half a basket of correction for counts, as none is a fraction.
        sign(pairs.observed - pairs.expected)
        * greatest(abs(pairs.observed - pairs.expected) - 0.5, 0)
        / nullif(sqrt(pairs.variance), 0) as z_score,
        pairs.expected >= {{ var('affinity_min_expected_baskets') }} as is_tested
    from pairs
    cross join all_customers
    left join rates as one
        on pairs.category_a_number = one.category_number
    left join rates as other
        on pairs.category_b_number = other.category_number
    left join similarities
        on
            pairs.category_a_number = similarities.own_category_number
            and pairs.category_b_number = similarities.category_number

),

tested as (

    select
        measured.*,
        case
            when is_tested and z_score is not null then {{ two_sided_p('z_score') }}
        end as p_value,
        cast(customers_both as double) * customers
        / nullif(cast(customers_a as double) * customers_b, 0) as customer_lift
    from measured

),

ranked as (

    select
        tested.*,
        count(p_value) over (
            order by p_value nulls last range between unbounded preceding and current row
        ) as p_rank,
        count(p_value) over () as tests
    from tested

),

-- The share of false ones if this pair and all more certain ones are told of.
controlled as (

    select
        ranked.*,
        case
            when p_value is not null
                then
                    min(p_value * tests / p_rank) over (
                        order by p_value desc nulls first
                        range between unbounded preceding and current row
                    )
        end as q_value
    from ranked

),

related as (

    select
        controlled.*,
        case
            when q_value is null then 'too_few'
            when
                q_value > {{ var('affinity_false_discovery_rate') }}
                or abs(yules_q) < {{ var('affinity_min_yules_q') }}
                then 'unrelated'
            when yules_q > 0 then 'complements'
            when customer_lift >= 1 then 'substitutes'
            else 'bought_apart'
        end as relation
    from controlled

)

select
    one.category as category_a,
    other.category as category_b,
    one.category_level,
    related.baskets,
    related.baskets_a,
    related.baskets_b,
    related.baskets_both,
    cast(related.baskets_both as double) / related.baskets as support,
    cast(related.baskets_both as double) / related.baskets_a as confidence_a_to_b,
    cast(related.baskets_both as double) / related.baskets_b as confidence_b_to_a,
    cast(related.baskets_both as double) * related.baskets
    / (cast(related.baskets_a as double) * related.baskets_b) as lift,
    related.observed as compared_baskets,
    related.expected as expected_baskets,
    round(related.together / nullif(related.apart, 0), 6) as odds_ratio,
    round(related.yules_q, 6) as yules_q,
    -- Plus zero, as rounding knows a negative one.
    round(related.z_score, 6) + 0 as z_score,
    round(related.p_value, 7) as p_value,
    round(related.q_value, 7) as q_value,
    cast(related.customers as bigint) as customers,
    related.customers_a,
    related.customers_b,
    related.customers_both,
    round(related.customer_lift, 6) as customer_lift,
    related.relation
from related
inner join categories as one
    on related.category_a_number = one.category_number
inner join categories as other
    on related.category_b_number = other.category_number
