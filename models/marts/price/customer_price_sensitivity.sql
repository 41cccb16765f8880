{#- A share of few lines says more of the day than of the customer: it is drawn towards the base's
    as if so many lines of the base had been bought as well. How many follows by moments from how much
    customers differ: of n lines the squared deviation from the base is on average
    line variance / n + variance between customers, whatever n is. -#}
{% set measures = ['markdown_share', 'discount_share', 'private_label_share', 'price_index'] -%}
{% set most = var('price_sensitivity_max_prior_lines') -%}
{% set given = var('price_sensitivity_prior_lines') -%}

with customers as (

    select * from {{ ref('dim_customers') }}

),

measured as (

    select * from {{ ref('int_customer_price_measures') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

base as (

    select
    {% for measure in measures %}
            round(sum({{ measure }}_part) / nullif(sum({{ measure }}_whole), 0), 9)
                as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from measured

),

deviations as (

    select
    {% for measure in measures %}
            measured.{{ measure }}_part / nullif(measured.{{ measure }}_whole, 0)
            - base.{{ measure }} as {{ measure }},
            cast(nullif(measured.{{ measure }}_lines, 0) as double)
                as {{ measure }}_lines{{ "," if not loop.last }}
    {% endfor %}
    from measured
    cross join base

),

moments as (

    select
    {% for measure in measures %}
            avg({{ measure }}_lines * {{ measure }} * {{ measure }}) as {{ measure }}_by_lines,
            avg({{ measure }} * {{ measure }}) as {{ measure }}_by_customer,
            avg({{ measure }}_lines) as {{ measure }}_mean_lines,
            avg(1 / {{ measure }}_lines) as {{ measure }}_mean_inverse{{ "," if not loop.last }}
    {% endfor %}
    from deviations

),

between_customers as (

    select
    {% for measure in measures %}
            {{ measure }}_by_lines,
            {{ measure }}_mean_lines,
            ({{ measure }}_by_lines * {{ measure }}_mean_inverse - {{ measure }}_by_customer)
            / nullif(round({{ measure }}_mean_lines * {{ measure }}_mean_inverse - 1, 9), 0)
                as {{ measure }}_variance{{ "," if not loop.last }}
    {% endfor %}
    from moments

),

priors as (

    select
    {% for measure in measures %}
            coalesce(
                cast({{ given if given is not none else 'null' }} as double),
                case
                    when {{ measure }}_variance > 0
                        then
                            least(
                                {{ most }},
                                greatest(
                                    0.0,
                                    round(
                                        {{ measure }}_by_lines / {{ measure }}_variance
                                        - {{ measure }}_mean_lines, 6
                                    )
                                )
                            )
                    else {{ most }}
                end
            ) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from between_customers

),

shrunk as (

    select
        customers.customer_id,
        coalesce(measured.lines, 0) as lines,
    {% for measure in measures %}
        coalesce(measured.{{ measure }}_lines, 0) as {{ measure }}_lines,
        measured.{{ measure }}_part / nullif(measured.{{ measure }}_whole, 0)
            as {{ measure }}_raw,
        case
            when measured.{{ measure }}_whole > 0
                then
                    (
                        measured.{{ measure }}_lines * measured.{{ measure }}_part
                        / measured.{{ measure }}_whole
                        + priors.{{ measure }} * base.{{ measure }}
                    )
                    / (measured.{{ measure }}_lines + priors.{{ measure }})
        end as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from customers
    cross join base
    cross join priors
    left join measured
        on customers.customer_id = measured.customer_id

),

-- Of customers with enough lines; of equal ones none comes first.
ranked as (

    select
        customer_id,
        {% for measure, order in [
            ('markdown_share', 'asc'), ('private_label_share', 'asc'), ('price_index', 'desc')
        ] %}
        case
            when {{ measure }} is not null
                then
                    percent_rank() over (
                        partition by case when {{ measure }} is null then 0 else 1 end
                        order by {{ measure }} {{ order }}
                        )
        end as {{ measure }}_rank{{ "," if not loop.last }}
    {% endfor %}
    from shrunk
    where lines >= {{ var('price_sensitivity_min_lines') }}

),

scored as (

    select
        customer_id,
        round(
            (
                coalesce(markdown_share_rank, 0)
                + coalesce(private_label_share_rank, 0)
                + coalesce(price_index_rank, 0)
            )
            / nullif(
                case when markdown_share_rank is null then 0 else 1 end
                + case when private_label_share_rank is null then 0 else 1 end
                + case when price_index_rank is null then 0 else 1 end,
                0
            ),
            6
        ) as sensitivity_score
    from ranked

),

counted as (

    select
        customer_id,
        sensitivity_score,
        count(*) over (order by sensitivity_score desc) as customers_at_least,
        count(*) over (order by sensitivity_score asc) as customers_at_most,
        count(*) over () as scored_customers
    from scored
    where sensitivity_score is not null

)

select
    shrunk.customer_id,
    as_of.as_of_date,
    cast(shrunk.lines as bigint) as purchase_lines,
    {% for measure in measures %}
        round(shrunk.{{ measure }}_raw, 6) as {{ measure }}_raw,
        round(shrunk.{{ measure }}, 6) as {{ measure }},
        cast(shrunk.{{ measure }}_lines as bigint) as {{ measure }}_lines,
        case
            when shrunk.{{ measure }} is not null then null
            when shrunk.lines = 0 then 'no_purchase'
            else
                {% if measure in ('markdown_share', 'discount_share') %}
                    'no_gross_amount'
                {% elif measure == 'private_label_share' %}
                    'no_brand_type'
                {% else %}
                    'no_comparable_price'
                {% endif %}
        end as {{ measure }}_reason,
    {% endfor %}
    counted.sensitivity_score,
    case
        when counted.customer_id is null then null
        when
            counted.customers_at_least
            <= {{ var('price_sensitivity_band_share') }} * counted.scored_customers
            then 'high'
        when
            counted.customers_at_most
            <= {{ var('price_sensitivity_band_share') }} * counted.scored_customers
            then 'low'
        else 'medium'
    end as price_sensitivity_band,
    case
        when counted.customer_id is not null then null
        when shrunk.lines = 0 then 'no_purchase'
        when shrunk.lines < {{ var('price_sensitivity_min_lines') }} then 'few_purchases'
        else 'nothing_known'
    end as price_sensitivity_band_reason
from shrunk
cross join as_of
left join counted
    on shrunk.customer_id = counted.customer_id
