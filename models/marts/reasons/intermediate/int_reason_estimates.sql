{#- The share of each category among all who left. Those who said why stand for those who did not say and
    had the same kind of experience before they left: whoever had trouble with a delivery writes more
    often than whoever went to a competitor. Of a kind with few who said why, all who said stand for it. -#}
{%- set z = 1.959963984540054 -%}

with reasons as (

    select * from {{ ref('int_lapse_reasons') }}
    where lifecycle_stage = 'lost'

),

kinds as (

    select
        experience_category,
        count(*) as customers,
        count(case when reason_basis = 'stated' then 1 end) as stated
    from reasons
    group by experience_category

),

totals as (

    select
        sum(customers) as customers,
        sum(stated) as stated
    from kinds

),

stated_categories as (

    select
        reason_category,
        count(*) as stated
    from reasons
    where reason_basis = 'stated'
    group by reason_category

),

stated_in_kind as (

    select
        experience_category,
        reason_category,
        count(*) as stated
    from reasons
    where reason_basis = 'stated'
    group by
        experience_category,
        reason_category

),

cells as (

    select
        stated_categories.reason_category,
        cast(kinds.customers as double) / cast(totals.customers as double) as weight,
        cast(
            case
                when kinds.stated >= {{ var('churn_reason_min_left') }} then kinds.stated
                else totals.stated
            end as double
        ) as stated,
        cast(
            case
                when kinds.stated >= {{ var('churn_reason_min_left') }}
                    then coalesce(stated_in_kind.stated, 0)
                else stated_categories.stated
            end as double
        ) as stated_so
    from stated_categories
    cross join kinds
    cross join totals
    left join stated_in_kind
        on
            kinds.experience_category = stated_in_kind.experience_category
            and stated_categories.reason_category = stated_in_kind.reason_category

),

summed as (

    select
        reason_category,
        sum(weight * stated_so / stated) as estimated_share,
        -- Drawn to a half by one case of each: none of few is no certainty.
        sqrt(
            sum(
                weight * weight
                * (stated_so + 1) / (stated + 2) * (stated - stated_so + 1) / (stated + 2)
                / stated
            )
        ) as standard_error
    from cells
    group by reason_category

)

select
    reason_category,
    round(estimated_share, 9) as estimated_share,
    round(greatest(0.0, estimated_share - {{ z }} * standard_error), 9) as estimated_share_low,
    round(least(1.0, estimated_share + {{ z }} * standard_error), 9) as estimated_share_high
from summed
