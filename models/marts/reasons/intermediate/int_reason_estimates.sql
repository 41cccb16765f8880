{#- The share of each category among all who left. Those who said why stand for those who did
    not say and had the same kind of experience before they left: whoever had trouble with a
    delivery writes more often than whoever went to a competitor. Kinds of which few said why
    are one with those who had no experience; where these are few as well, all are one kind.

    And its share among those whose reason is known: an experience that is inferred to be the
    reason was none of some, as often as of those who had it and said why. -#}
{%- set z = 1.959963984540054 -%}

with reasons as (

    select * from {{ ref('int_lapse_reasons') }}
    where lifecycle_stage = 'lost'

),

counted as (

    select
        reasons.*,
        sum(case when reason_basis = 'stated' then 1 else 0 end)
            over (partition by experience_category) as stated_in_category
    from reasons

),

grouped as (

    select
        counted.*,
        case
            when
                experience_category = 'none'
                or stated_in_category < {{ var('churn_reason_min_left') }}
                then 'none'
            else experience_category
        end as wide_kind
    from counted

),

with_rest as (

    select
        grouped.*,
        sum(case when reason_basis = 'stated' and wide_kind = 'none' then 1 else 0 end) over ()
            as stated_in_rest,
        sum(case when wide_kind = 'none' then 1 else 0 end) over () as rest_customers
    from grouped

),

kinded as (

    select
        reason_basis,
        reason_category,
        case when wide_kind <> 'none' then wide_kind end as own_kind,
        case
            when
                rest_customers > 0
                and stated_in_rest < {{ var('churn_reason_min_left') }}
                then 'none'
            else wide_kind
        end as kind
    from with_rest

),

kinds as (

    select
        kind,
        cast(count(*) as double) as customers,
        cast(count(case when reason_basis = 'stated' then 1 end) as double) as stated
    from kinded
    group by kind

),

stated_categories as (

    select distinct reason_category
    from kinded
    where reason_basis = 'stated'

),

stated_in_kind as (

    select
        kind,
        reason_category,
        cast(count(*) as double) as stated_so
    from kinded
    where reason_basis = 'stated'
    group by
        kind,
        reason_category

),

cells as (

    select
        stated_categories.reason_category,
        kinds.customers / sum(kinds.customers)
            over (partition by stated_categories.reason_category) as weight,
        kinds.stated,
        1 - kinds.stated / kinds.customers as not_stated,
        coalesce(stated_in_kind.stated_so, 0) as stated_so
    from stated_categories
    cross join kinds
    left join stated_in_kind
        on
            kinds.kind = stated_in_kind.kind
            and stated_categories.reason_category = stated_in_kind.reason_category

),

summed as (

    select
        reason_category,
        sum(weight * stated_so / stated) as estimated_share,
        -- Drawn to a half by one case of each: none of few is no certainty. Who said why is known.
        sqrt(
            sum(
                weight * weight * not_stated
                * (stated_so + 1) / (stated + 2) * (stated - stated_so + 1) / (stated + 2)
                / stated
            )
        ) as standard_error
    from cells
    group by reason_category

),

known as (

    select
        reason_basis,
        reason_category,
        own_kind,
        cast(count(*) as double) as customers
    from kinded
    where reason_basis <> 'unknown'
    group by
        reason_basis,
        reason_category,
        own_kind

),

said_in_kind as (

    select
        own_kind,
        reason_category,
        customers / sum(customers) over (partition by own_kind) as share_of_said
    from known
    where
        reason_basis = 'stated'
        and own_kind is not null

),

-- A kind of which few said why is taken at its word.
expected as (

    select
        coalesce(said_in_kind.reason_category, known.reason_category) as reason_category,
        sum(known.customers * coalesce(said_in_kind.share_of_said, 1)) as customers
    from known
    left join said_in_kind
        on
            case when known.reason_basis = 'inferred' then known.own_kind end
            = said_in_kind.own_kind
    group by coalesce(said_in_kind.reason_category, known.reason_category)

),

known_shares as (

    select
        reason_category,
        customers / sum(customers) over () as share_of_known
    from expected

)

select
    known_shares.reason_category,
    round(summed.estimated_share, 9) as estimated_share,
    round(greatest(0.0, summed.estimated_share - {{ z }} * summed.standard_error), 9)
        as estimated_share_low,
    round(least(1.0, summed.estimated_share + {{ z }} * summed.standard_error), 9)
        as estimated_share_high,
    round(known_shares.share_of_known, 9) as share_of_known
from known_shares
left join summed
    on known_shares.reason_category = summed.reason_category
