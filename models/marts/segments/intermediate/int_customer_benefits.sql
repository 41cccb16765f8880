{#- What each customer seeks more than others do: the rank of every customer by each benefit, and
    the benefit with the highest one. Shares are shrunk by the study, so that nobody ranks high on a
    few lines. -#}
{%- set benefits = ['private_label', 'discount', 'fresh', 'convenience', 'brand'] -%}

with shopping as (

    select * from {{ ref('stg_segments__customer_clusters') }}
    where
        reason is null
        or reason <> 'too_few_orders'

),

as_of as (

    select * from {{ ref('as_of') }}

),

base as (

    select coalesce(max(online_share) > min(online_share), false) as has_digital_channels
    from shopping

),

ranked as (

    select
        shopping.customer_id,
        case
            when shopping.private_label_share is not null
                then percent_rank() over (order by shopping.private_label_share nulls first)
        end as private_label,
        case
            when shopping.discount_share is not null
                then percent_rank() over (order by shopping.discount_share nulls first)
        end as discount,
        case
            when shopping.fresh_share is not null
                then percent_rank() over (order by shopping.fresh_share nulls first)
        end as fresh,
        -- Without digital channels what is left of convenience is the small basket.
        case
            when base.has_digital_channels
                then percent_rank() over (order by shopping.online_share nulls first)
            else percent_rank() over (order by shopping.basket_size desc nulls first)
        end as convenience,
        case
            when shopping.private_label_share is not null
                then percent_rank() over (order by shopping.private_label_share desc nulls first)
        end as brand
    from shopping
    inner join as_of
        on shopping.as_of_date = as_of.as_of_date
    cross join base

),

-- A feature in which all are alike ranks everybody 0.
highest as (

    select
        customer_id,
        {% for benefit in benefits -%}
            coalesce({{ benefit }}, 0) as {{ benefit }},
        {% endfor -%}
        greatest(
            {% for benefit in benefits -%}
                coalesce({{ benefit }}, 0){{ "," if not loop.last }}
            {% endfor -%}
        ) as highest_rank
    from ranked

)

select
    customer_id,
    case
        when highest_rank < 1 - {{ var('segment_benefit_share') }} then 'balanced'
        {% for benefit in benefits -%}
            when {{ benefit }} = highest_rank then '{{ benefit }}'
        {% endfor -%}
    end as benefit_segment
from highest
