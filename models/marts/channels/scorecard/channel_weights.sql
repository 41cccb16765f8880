{#- Channels of a kind are set against each other: the best on a criterion has 1, the worst 0,
    and where all are alike, or one alone is known, it tells nothing: 0.5. Of the last twelve
    whole months. -#}
with kpis as (

    select * from {{ ref('int_channel_kpis') }}
    where period_grain = 'twelve_months'

),

rules as (

    select * from {{ ref('channel_kpis') }}

),

labels as (

    select * from {{ ref('channels_labels') }}
    where vocabulary = 'channel_kpi'

),

newest as (

    select max(period_start) as period_start
    from kpis

),

measured as (

    {% for kpi in channel_kpis() %}
        select
            '{{ kpi }}' as criterion,
            kpis.period_start,
            kpis.channel_id,
            kpis.channel_name,
            kpis.channel_type,
            cast(kpis.{{ kpi }} as double) as criterion_value
        from kpis
        inner join newest
            on kpis.period_start = newest.period_start
        {{ "union all" if not loop.last }}
    {% endfor %}

),

ruled as (

    select
        measured.*,
        rules.better,
        cast(rules.importance as double) as importance,
        min(measured.criterion_value) over (
            partition by measured.channel_type, measured.criterion
        ) as least_value,
        max(measured.criterion_value) over (
            partition by measured.channel_type, measured.criterion
        ) as largest_value
    from measured
    inner join rules
        on
            measured.criterion = rules.kpi
            and measured.channel_type = rules.channel_type

),

scored as (

    select
        ruled.*,
        ruled.importance
        / nullif(sum(ruled.importance) over (partition by ruled.channel_id), 0) as weight,
        case
            when ruled.criterion_value is null then null
            when ruled.largest_value = ruled.least_value then 0.5
            when ruled.better = 'higher'
                then
                    (ruled.criterion_value - ruled.least_value)
                    / (ruled.largest_value - ruled.least_value)
            else
                (ruled.largest_value - ruled.criterion_value)
                / (ruled.largest_value - ruled.least_value)
        end as score
    from ruled

),

totalled as (

    select
        scored.*,
        sum(case when scored.score is not null then scored.weight else 0 end) over (
            partition by scored.channel_id
        ) as known_weight,
        sum(scored.weight * scored.score) over (partition by scored.channel_id) as score_total
    from scored

),

rated as (

    select
        totalled.*,
        round(totalled.score_total / nullif(totalled.known_weight, 0), 9) as channel_score
    from totalled

),

channel_scores as (

    select
        channel_id,
        channel_type,
        max(channel_score) as channel_score
    from rated
    group by
        channel_id,
        channel_type

),

ranked as (

    select
        channel_id,
        rank() over (partition by channel_type order by channel_score desc) as channel_rank
    from channel_scores
    where channel_score is not null

)

select
    rated.channel_id,
    rated.criterion,
    rated.channel_name,
    rated.channel_type,
    rated.period_start,
    labels.sort_order as criterion_rank,
    rated.better,
    cast(rated.importance as double) as importance,
    round(rated.weight, 9) as weight,
    round(rated.criterion_value, 9) as criterion_value,
    rated.score is not null as is_known,
    round(rated.score, 9) as score,
    round(rated.weight * rated.score, 9) as weighted_score,
    round(rated.known_weight, 9) as known_weight,
    round(1 - rated.known_weight, 9) as unknown_weight,
    rated.channel_score,
    cast(ranked.channel_rank as bigint) as channel_rank
from rated
left join ranked
    on rated.channel_id = ranked.channel_id
left join labels
    on rated.criterion = labels.value
