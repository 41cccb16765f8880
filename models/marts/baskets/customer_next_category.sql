{% set again = ['due_rhythm', 'recent_frequency', 'personal_frequency'] -%}
{% set new = ['item_cosine', 'cosine_and_popularity', 'popularity'] -%}

with customers as (

    select * from {{ ref('dim_customers') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

backtests as (

    select * from {{ ref('next_category_backtests') }}
    where is_used

),

categories as (

    select * from {{ ref('int_categories') }}

),

visits as (

    select * from {{ ref('int_customer_baskets') }}
    where cut_number = 0

),

rates as (

    select * from {{ ref('int_category_rates') }}
    where cut_number = 0

),

similarities as (

    select * from {{ ref('int_category_similarities') }}
    where cut_number = 0

),

main_categories as (

    select * from {{ ref('int_customer_main_categories') }}
    where cut_number = 0

),

again_scores as (

    select * from {{ ref('int_again_scores') }}
    where cut_number = 0

),

new_scores as (

    select * from {{ ref('int_new_scores') }}
    where cut_number = 0

),

-- Where no past day could be tried, the method that names a reason.
used as (

    select
        coalesce(max(case when kind = 'again' then method end), '{{ again[0] }}') as again_method,
        coalesce(max(case when kind = 'new' then method end), '{{ new[0] }}') as new_method
    from backtests

),

suggested as (

    select
        again_scores.customer_id,
        'again' as kind,
        used.again_method as method,
        again_scores.category_number,
        case used.again_method
            {% for method in again %}
                when '{{ method }}' then again_scores.{{ method }}
            {% endfor %}
        end as score,
        again_scores.days_since,
        again_scores.own_gap_days,
        again_scores.due_ratio
    from again_scores
    cross join used

    union all

    select
        new_scores.customer_id,
        'new' as kind,
        used.new_method as method,
        new_scores.category_number,
        case used.new_method
            {% for method in new %}
                when '{{ method }}' then new_scores.{{ method }}
            {% endfor %}
        end as score,
        cast(null as bigint) as days_since,
        cast(null as double) as own_gap_days,
        cast(null as double) as due_ratio
    from new_scores
    cross join used

    union all

    -- Of who has bought nothing yet, all that is known is what others buy.
    select
        customers.customer_id,
        'new' as kind,
        'popularity' as method,
        rates.category_number,
        rates.customer_share as score,
        cast(null as bigint) as days_since,
        cast(null as double) as own_gap_days,
        cast(null as double) as due_ratio
    from customers
    inner join rates
        on rates.customer_rank <= 3
    left join visits
        on customers.customer_id = visits.customer_id
    where visits.customer_id is null

),

ranked as (

    select
        suggested.*,
        row_number() over (
            partition by customer_id, kind
            order by score desc, category_number asc
        ) as suggestion_rank
    from suggested

),

chosen as (

    select * from ranked
    where suggestion_rank <= 3

),

speaking as (

    select
        chosen.customer_id,
        chosen.category_number,
        categories.category,
        row_number() over (
            partition by chosen.customer_id, chosen.category_number
            order by main_categories.weight * similarities.cosine desc, categories.category asc
        ) as place
    from chosen
    inner join main_categories
        on chosen.customer_id = main_categories.customer_id
    inner join similarities
        on
            main_categories.category_number = similarities.own_category_number
            and chosen.category_number = similarities.category_number
    inner join categories
        on main_categories.category_number = categories.category_number
    where
        chosen.kind = 'new'
        and chosen.method <> 'popularity'

),

led_by as (

    select
        customer_id,
        category_number,
        max(case when place = 1 then category end) as led_by_1,
        max(case when place = 2 then category end) as led_by_2
    from speaking
    where place <= 2
    group by
        customer_id,
        category_number

),

kinds as (

    select 'again' as kind

    union all

    select 'new' as kind

),

ranks as (

    {% for place in [1, 2, 3] %}
        select {{ place }} as suggestion_rank
        {{ "union all" if not loop.last }}
    {% endfor %}

),

places as (

    select
        customers.customer_id,
        kinds.kind,
        ranks.suggestion_rank
    from customers
    cross join kinds
    cross join ranks

),

known as (

    select count(*) as categories
    from rates

)

select
    places.customer_id,
    places.kind,
    cast(places.suggestion_rank as bigint) as suggestion_rank,
    as_of.as_of_date,
    categories.category,
    categories.category_level,
    chosen.method,
    chosen.score,
    chosen.days_since as days_since_last,
    round(chosen.own_gap_days, 1) as own_interval_days,
    cast({{ rounded_decimal('chosen.due_ratio', 4) }} as double) as due_ratio,
    chosen.due_ratio >= 1 as is_due,
    led_by.led_by_1,
    led_by.led_by_2,
    case
        when chosen.days_since is not null
            then
                concat(
                    'last bought ', cast(chosen.days_since as {{ dbt.type_string() }}),
                    case when chosen.days_since = 1 then ' day ago' else ' days ago' end,
                    case
                        when round(chosen.own_gap_days, 0) <= 1 then ', usually every day'
                        when chosen.own_gap_days is not null
                            then
                                concat(
                                    ', usually every ',
                                    cast(
                                        cast(round(chosen.own_gap_days, 0) as bigint)
                                        as {{ dbt.type_string() }}
                                    ),
                                    ' days'
                                )
                        else ''
                    end
                )
        when led_by.led_by_2 is not null
            then concat('goes with ', led_by.led_by_1, ' and ', led_by.led_by_2)
        when led_by.led_by_1 is not null then concat('goes with ', led_by.led_by_1)
        when chosen.category_number is not null
            then
                concat(
                    'bought by ',
                    cast(
                        cast(round(100 * rates.customer_share, 0) as bigint)
                        as {{ dbt.type_string() }}
                    ),
                    '% of the customers'
                )
    end as reason,
    case
        when chosen.category_number is not null then null
        when known.categories = 0 then 'no_category_known'
        when places.kind = 'new' then 'few_categories_left'
        when customers.first_order_date is null then 'no_purchase'
        when visits.customer_id is null then 'no_category_bought'
        else 'few_categories_bought'
    end as no_suggestion_reason
from places
cross join as_of
cross join known
inner join customers
    on places.customer_id = customers.customer_id
left join visits
    on places.customer_id = visits.customer_id
left join chosen
    on
        places.customer_id = chosen.customer_id
        and places.kind = chosen.kind
        and places.suggestion_rank = chosen.suggestion_rank
left join categories
    on chosen.category_number = categories.category_number
left join rates
    on chosen.category_number = rates.category_number
left join led_by
    on
        case when places.kind = 'new' then chosen.customer_id end = led_by.customer_id
        and chosen.category_number = led_by.category_number
