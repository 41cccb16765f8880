{#- The fit of this run against the one before it, or, in the first run, against the fit of its own
    back-test. A share of zero has no logarithm: every bin that either fit knows counts half a
    customer more. -#}
with distributions as (

    select * from {{ ref('stg_scores__score_distributions') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

fits as (

    select distinct
        kind,
        variable,
        as_of_date,
        cutoff_date,
        cutoff_date = cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date) as is_scoring_fit
    from distributions

),

current_fits as (

    select
        fits.kind,
        fits.variable,
        fits.as_of_date,
        fits.cutoff_date
    from fits
    inner join as_of
        on fits.as_of_date = as_of.as_of_date
    where fits.is_scoring_fit

),

reference_fits as (

    select
        current_fits.kind,
        current_fits.variable,
        fits.as_of_date,
        fits.cutoff_date,
        row_number() over (
            partition by current_fits.kind, current_fits.variable
            order by
                case when fits.is_scoring_fit then 0 else 1 end,
                fits.as_of_date desc,
                fits.cutoff_date desc
        ) as preference
    from current_fits
    inner join fits
        on
            current_fits.kind = fits.kind
            and current_fits.variable = fits.variable
            and (
                (fits.is_scoring_fit and current_fits.as_of_date > fits.as_of_date)
                or (not fits.is_scoring_fit and current_fits.as_of_date = fits.as_of_date)
            )

),

compared_fits as (

    select
        current_fits.kind,
        current_fits.variable,
        current_fits.as_of_date,
        current_fits.cutoff_date,
        reference_fits.as_of_date as reference_as_of_date,
        reference_fits.cutoff_date as reference_cutoff_date
    from current_fits
    left join reference_fits
        on
            current_fits.kind = reference_fits.kind
            and current_fits.variable = reference_fits.variable
            and reference_fits.preference = 1

),

bin_counts as (

    select
        compared_fits.kind,
        compared_fits.variable,
        distributions.bin,
        distributions.customers,
        0 as reference_customers
    from compared_fits
    inner join distributions
        on
            compared_fits.kind = distributions.kind
            and compared_fits.variable = distributions.variable
            and compared_fits.as_of_date = distributions.as_of_date
            and compared_fits.cutoff_date = distributions.cutoff_date

    union all

    select
        compared_fits.kind,
        compared_fits.variable,
        distributions.bin,
        0 as customers,
        distributions.customers as reference_customers
    from compared_fits
    inner join distributions
        on
            compared_fits.kind = distributions.kind
            and compared_fits.variable = distributions.variable
            and compared_fits.reference_as_of_date = distributions.as_of_date
            and compared_fits.reference_cutoff_date = distributions.cutoff_date

),

bins as (

    select
        kind,
        variable,
        bin,
        cast(sum(customers) as double) as customers,
        cast(sum(reference_customers) as double) as reference_customers
    from bin_counts
    group by
        kind,
        variable,
        bin

),

totals as (

    select
        kind,
        variable,
        count(*) as bin_count,
        sum(customers) as customers,
        sum(reference_customers) as reference_customers
    from bins
    group by
        kind,
        variable

),

shares as (

    select
        bins.kind,
        bins.variable,
        (bins.customers + 0.5) / (totals.customers + 0.5 * totals.bin_count) as share,
        (bins.reference_customers + 0.5)
        / (totals.reference_customers + 0.5 * totals.bin_count) as reference_share
    from bins
    inner join totals
        on
            bins.kind = totals.kind
            and bins.variable = totals.variable

),

indices as (

    select
        kind,
        variable,
        round(sum((share - reference_share) * ln(share / reference_share)), 6) as psi
    from shares
    group by
        kind,
        variable

),

judged as (

    select
        compared_fits.as_of_date,
        compared_fits.kind,
        compared_fits.variable,
        compared_fits.cutoff_date,
        compared_fits.reference_as_of_date,
        compared_fits.reference_cutoff_date,
        cast(totals.customers as bigint) as customers,
        case
            when compared_fits.reference_as_of_date is not null
                then cast(totals.reference_customers as bigint)
        end as reference_customers,
        case when totals.customers > 0 and totals.reference_customers > 0 then indices.psi end
            as psi
    from compared_fits
    inner join totals
        on
            compared_fits.kind = totals.kind
            and compared_fits.variable = totals.variable
    inner join indices
        on
            compared_fits.kind = indices.kind
            and compared_fits.variable = indices.variable

)

select
    as_of_date,
    kind,
    variable,
    cutoff_date,
    reference_as_of_date,
    reference_cutoff_date,
    customers,
    reference_customers,
    psi,
    case
        when psi is null then 'not_compared'
        when psi < {{ var('drift_psi_moderate') }} then 'stable'
        when psi <= {{ var('drift_psi_shifted') }} then 'moderate'
        else 'shifted'
    end as drift_status,
    case
        when reference_as_of_date is null then 'no earlier fit and no back-test to compare with'
        when psi is null then 'a fit without customers'
    end as reason
from judged
