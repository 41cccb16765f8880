{%- set credit_kpis = channel_credit_kpis() -%}
{#- Channels of a kind are set against each other: the best on a criterion has 1, the worst 0,
    and where all are alike, or one alone is known, it tells nothing: 0.5. Of the last twelve
    whole months. What was measured of one channel is not set against the most that another can
    have brought. -#}
with kpis as (

    select * from {{ ref('int_channel_kpis') }}
    where period_grain = 'twelve_months'

),

economics as (

    select * from {{ ref('channel_economics') }}

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
            {% if kpi in credit_kpis -%}
                {% set best, basis, status = credit_kpis[kpi] %}
                cast(economics.{{ best }} as double) as criterion_value,
                cast(economics.{{ basis }} as string) as credit_basis
            {%- else -%}
                cast(kpis.{{ kpi }} as double) as criterion_value,
                cast(null as string) as credit_basis
            {%- endif %}
        from kpis
        inner join newest
            on kpis.period_start = newest.period_start
        {% if kpi in credit_kpis -%}
            left join economics
                on
                    kpis.channel_id = economics.channel_id
                    and kpis.period_grain = economics.period_grain
                    and kpis.period_start = economics.period_start
        {%- endif %}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

ruled as (

    select
        measured.*,
        rules.better,
        cast(rules.importance as double) as importance,
        case
            when
                measured.credit_basis = 'descriptive'
                and max(
                    case
                        when measured.credit_basis in ('calibrated', 'incremental')
                            then measured.criterion_value
                    end
                ) over (partition by measured.channel_type, measured.criterion) is not null
                then null
            else measured.criterion_value
        end as compared_value
    from measured
    inner join rules
        on
            measured.criterion = rules.kpi
            and measured.channel_type = rules.channel_type

),

ranged as (

    select
        ruled.*,
        min(ruled.compared_value) over (partition by ruled.channel_type, ruled.criterion)
            as least_value,
        max(ruled.compared_value) over (partition by ruled.channel_type, ruled.criterion)
            as largest_value
    from ruled

),

scored as (

    select
        ranged.*,
        ranged.importance
        / nullif(sum(ranged.importance) over (partition by ranged.channel_id), 0) as weight,
        case
            when ranged.compared_value is null then null
            when ranged.largest_value = ranged.least_value then 0.5
            when ranged.better = 'higher'
                then
                    (ranged.compared_value - ranged.least_value)
                    / (ranged.largest_value - ranged.least_value)
            else
                (ranged.largest_value - ranged.compared_value)
                / (ranged.largest_value - ranged.least_value)
        end as score
    from ranged

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
    rated.credit_basis,
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
