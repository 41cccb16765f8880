{#- Of all who lapsed the reason that was stated, else the experience that is least frequent
    among those who stayed, else none and why. -#}
with lapsed as (

    select * from {{ ref('int_lapsed_customers') }}

),

stated as (

    select * from {{ ref('int_stated_reasons') }}

),

experiences as (

    select * from {{ ref('int_leaving_experiences') }}

),

experience_order as (

    select * from {{ ref('leaving_experience_reasons') }}

),

marks as (

    select * from {{ ref('int_window_marks') }}
    where
        window_of in ('left', 'silent')
        and has_experience

),

had as (

    select
        marks.customer_id,
        experiences.experience,
        experiences.reason_category,
        experiences.sub_reason,
        experiences.excess_share,
        experiences.excess_share_low,
        experiences.experience_finding,
        row_number() over (
            partition by marks.customer_id
            order by
                case experiences.experience_finding
                    when 'reason' then 1 when 'cannot_tell' then 2 else 3
                end,
                experiences.excess_share desc,
                experience_order.sort_order asc
        ) as experience_number
    from marks
    inner join experiences
        on marks.experience = experiences.experience
    inner join experience_order
        on marks.experience = experience_order.experience

),

strongest as (

    select * from had
    where experience_number = 1

),

decided as (

    select
        lapsed.customer_id,
        lapsed.as_of_date,
        lapsed.lifecycle_stage,
        lapsed.lost_source,
        lapsed.last_purchase_date,
        lapsed.departed_on,
        lapsed.revenue_lost,
        stated.reason_source,
        stated.recorded_on,
        stated.recorded_category,
        stated.recorded_reason,
        stated.reason_category as stated_category,
        stated.sub_reason as stated_sub_reason,
        strongest.experience,
        strongest.reason_category as inferred_category,
        strongest.sub_reason as inferred_sub_reason,
        strongest.excess_share,
        strongest.excess_share_low,
        strongest.experience_finding,
        case
            when stated.customer_id is not null then 'stated'
            when strongest.experience_finding = 'reason' then 'inferred'
            else 'unknown'
        end as reason_basis
    from lapsed
    left join stated
        on lapsed.customer_id = stated.customer_id
    left join strongest
        on lapsed.customer_id = strongest.customer_id

)

select
    customer_id,
    as_of_date,
    lifecycle_stage,
    lost_source,
    last_purchase_date,
    departed_on,
    revenue_lost,
    reason_basis,
    case reason_basis
        when 'stated' then stated_category
        when 'inferred' then inferred_category
        else 'unknown'
    end as reason_category,
    case reason_basis
        when 'stated' then stated_sub_reason
        when 'inferred' then inferred_sub_reason
        else 'unknown'
    end as sub_reason,
    case reason_basis when 'stated' then reason_source when 'inferred' then 'experience' end
        as reason_source,
    recorded_on,
    recorded_category,
    recorded_reason,
    experience,
    case when experience_finding = 'reason' then inferred_category else 'none' end
        as experience_category,
    excess_share,
    excess_share_low,
    case
        when reason_basis = 'stated' then 'stated'
        when reason_basis = 'unknown' then 'none'
        when excess_share >= {{ var('churn_reason_strong_excess') }} then 'strong'
        else 'moderate'
    end as reason_strength,
    case
        when reason_basis <> 'unknown' then null
        when last_purchase_date is null then 'no_purchase'
        when experience is null then 'no_experience'
        when experience_finding = 'cannot_tell' then 'cannot_tell'
        else 'as_frequent_among_stayed'
    end as unknown_reason_because
from decided
