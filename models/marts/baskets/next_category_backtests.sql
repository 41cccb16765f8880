with trials as (

    select * from {{ ref('int_next_category_trials') }}

),

cuts as (

    select * from {{ ref('int_next_category_cuts') }}

),

measured as (

    select
        trials.kind,
        trials.method,
        cuts.cut_date,
        count(*) as customers,
        sum(trials.suggestions) as suggestions,
        sum(trials.hits) as hits,
        round(avg(cast(trials.hits as double) / 3), 9) as precision_at_3,
        round(stddev_samp(cast(trials.hits as double) / 3), 9) as spread
    from trials
    inner join cuts
        on trials.cut_number = cuts.cut_number
    group by
        trials.kind,
        trials.method,
        cuts.cut_date

),

-- Popularity suggests again what a customer may never have bought: it is only compared with.
contest as (

    select
        kind,
        method,
        row_number() over (
            partition by kind
            order by sum(hits) desc, method asc
        ) as place
    from measured
    where
        kind = 'new'
        or method <> 'popularity'
    group by
        kind,
        method

),

benchmarks as (

    select
        kind,
        cut_date,
        precision_at_3
    from measured
    where method = 'popularity'

)

select
    measured.kind,
    measured.method,
    measured.cut_date,
    case
        when measured.kind = 'new' then cast({{ var('next_category_horizon_days') }} as bigint)
    end as horizon_days,
    cast(measured.customers as bigint) as customers,
    cast(measured.suggestions as bigint) as suggestions,
    cast(measured.hits as bigint) as hits,
    round(measured.precision_at_3, 6) as precision_at_3,
    -- Not of one customer, whose spread is not known: greatest would take the other value.
    {% for end, sign, bound, limit in [
        ('low', '-', 'greatest', 0), ('high', '+', 'least', 1)
    ] %}
        case
            when measured.spread is not null
                then
                    round(
                        {{ bound }}(
                            measured.precision_at_3
                            {{ sign }} 1.959963984540054 * measured.spread
                            / sqrt(measured.customers),
                            {{ limit }}
                        ),
                        6
                    )
        end as precision_at_3_{{ end }},
    {% endfor %}
    round(measured.precision_at_3 / nullif(benchmarks.precision_at_3, 0), 6) as times_popularity,
    coalesce(contest.place = 1, false) as is_used
from measured
left join contest
    on
        measured.kind = contest.kind
        and measured.method = contest.method
left join benchmarks
    on
        measured.kind = benchmarks.kind
        and measured.cut_date = benchmarks.cut_date
