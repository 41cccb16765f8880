with reference_groups as (

    select * from {{ ref('int_customer_reference_groups') }}

),

white_space as (

    select * from {{ ref('int_customer_white_space') }}

),

margins as (

    select * from {{ ref('int_customer_margins') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

gaps as (

    select
        reference_groups.*,
        case
            when reference_revenue > comparable_revenue then reference_revenue - comparable_revenue
            when reference_revenue is not null then 0
        end as potential_value
    from reference_groups

)

select
    gaps.customer_id,
    as_of.as_of_date,
    gaps.potential_reason,
    gaps.net_revenue_365d,
    gaps.comparable_revenue,
    gaps.reference_level,
    gaps.reference_group,
    gaps.reference_customers,
    gaps.reference_revenue,
    cast(gaps.potential_value as decimal(18, 2)) as potential_value,
    cast(
        cast(gaps.potential_value as double)
        * case when margins.contribution_margin < 0 then 0 else margins.contribution_margin end
        as decimal(18, 2)
    ) as potential_contribution,
    white_space.white_space_value
from gaps
cross join as_of
left join white_space
    on gaps.customer_id = white_space.customer_id
left join margins
    on gaps.customer_id = margins.customer_id
