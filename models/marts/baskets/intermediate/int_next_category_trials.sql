{#- Suggestions made on days of the past, and how many of a customer's three came true. A method
    that has fewer to suggest misses the rest. -#}
{% set again = ['personal_frequency', 'recent_frequency', 'due_rhythm'] -%}
{% set new = ['popularity', 'item_cosine', 'cosine_and_popularity'] -%}

with cuts as (

    select * from {{ ref('int_next_category_cuts') }}
    where cut_number > 0

),

basket_categories as (

    select * from {{ ref('int_basket_categories') }}
    where customer_id is not null

),

customer_baskets as (

    select * from {{ ref('int_customer_baskets') }}

),

rates as (

    select * from {{ ref('int_category_rates') }}

),

again_scores as (

    select * from {{ ref('int_again_scores') }}
    where cut_number > 0

),

new_scores as (

    select * from {{ ref('int_new_scores') }}
    where cut_number > 0

),

future as (

    select
        cuts.cut_number,
        customer_baskets.customer_id,
        basket_categories.order_id,
        basket_categories.category_number,
        basket_categories.order_date
        < {{ dbt.dateadd('day', var('next_category_horizon_days'), 'cuts.cut_date') }}
            as is_within_horizon,
        dense_rank() over (
            partition by cuts.cut_number, customer_baskets.customer_id
            order by basket_categories.ordered_at, basket_categories.order_id
        ) as basket_position
    from cuts
    inner join customer_baskets
        on cuts.cut_number = customer_baskets.cut_number
    inner join basket_categories
        on
            customer_baskets.customer_id = basket_categories.customer_id
            and cuts.cut_date <= basket_categories.order_date

),

came_true as (

    select distinct
        'again' as kind,
        cut_number,
        customer_id,
        category_number
    from future
    where basket_position = 1

    union all

    select distinct
        'new' as kind,
        cut_number,
        customer_id,
        category_number
    from future
    where is_within_horizon

),

tried as (

    select distinct
        kind,
        cut_number,
        customer_id
    from came_true

),

scored as (

    {% for method in again %}
        select
            'again' as kind,
            '{{ method }}' as method,
            cut_number,
            customer_id,
            category_number,
            {{ method }} as score
        from again_scores

        union all
    {% endfor %}

    {% for method in new %}
        select
            'new' as kind,
            '{{ method }}' as method,
            cut_number,
            customer_id,
            category_number,
            {{ method }} as score
        from new_scores
        {{ "union all" if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        kind,
        method,
        cut_number,
        customer_id,
        category_number,
        row_number() over (
            partition by kind, method, cut_number, customer_id
            order by score desc, category_number asc
        ) as suggestion_rank
    from scored

),

suggested as (

    select
        kind,
        method,
        cut_number,
        customer_id,
        category_number
    from ranked
    where suggestion_rank <= 3

    union all

    -- The same three for everybody, whether or not they ever bought them.
    select
        'again' as kind,
        'popularity' as method,
        tried.cut_number,
        tried.customer_id,
        rates.category_number
    from tried
    inner join rates
        on
            tried.cut_number = rates.cut_number
            and rates.basket_rank <= 3
    where tried.kind = 'again'

),

methods as (

    {% for method in ['popularity'] + again %}
        select
            'again' as kind,
            '{{ method }}' as method
        union all
    {% endfor %}
    {% for method in new %}
        select
            'new' as kind,
            '{{ method }}' as method
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    tried.kind,
    methods.method,
    tried.cut_number,
    tried.customer_id,
    cast(count(suggested.category_number) as bigint) as suggestions,
    cast(count(came_true.category_number) as bigint) as hits
from tried
inner join methods
    on tried.kind = methods.kind
left join suggested
    on
        tried.kind = suggested.kind
        and methods.method = suggested.method
        and tried.cut_number = suggested.cut_number
        and tried.customer_id = suggested.customer_id
left join came_true
    on
        suggested.kind = came_true.kind
        and suggested.cut_number = came_true.cut_number
        and suggested.customer_id = came_true.customer_id
        and suggested.category_number = came_true.category_number
group by
    tried.kind,
    methods.method,
    tried.cut_number,
    tried.customer_id
