{#- The holdout is a range of buckets that moves on at the beginning of each quarter by less
    than its own width, so that some of it stays and nobody is left out for ever. -#}
{%- set width = (10000 * var('action_holdout_share') | float + 0.5) | int -%}
{%- set step = (width * (1 - var('action_holdout_overlap') | float) + 0.5) | int -%}
with buckets as (

    select * from {{ ref('int_customer_buckets') }}

),

as_of as (

    select
        as_of_date,
        cast({{ dbt.date_trunc('quarter', 'as_of_date') }} as date) as quarter_start_date,
        4 * extract(year from as_of_date) + extract(quarter from as_of_date) as quarter_number
    from {{ ref('as_of') }}

),

placed as (

    select
        buckets.customer_id,
        as_of.as_of_date,
        buckets.bucket,
        as_of.quarter_start_date,
        mod(buckets.bucket - mod({{ step }} * as_of.quarter_number, 10000) + 10000, 10000)
            as place,
        mod(buckets.bucket - mod({{ step }} * (as_of.quarter_number - 1), 10000) + 10000, 10000)
            as place_before
    from buckets
    cross join as_of

)

select
    customer_id,
    as_of_date,
    bucket,
    quarter_start_date,
    place < {{ width }} as is_holdout,
    place_before < {{ width }} as was_holdout_last_quarter
from placed
